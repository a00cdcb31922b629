"""The history: what was done, by whom, with the values before and after, in the language of whoever reads it."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from io import StringIO
from time import process_time

import pytest
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import AnonymousUser
from django.core.management import call_command
from django.urls import reverse
from django.utils import translation

from tests.factories import NOW, make_contact, make_event, make_tag, make_user
from tests.history import told
from tests.staff import sign_in, sign_in_owner
from tickets.enums import Action
from tickets.history import HIDDEN, entries_of, record, without_secrets
from tickets.history_words import action_words, details_of, who
from tickets.models import Contact, HistoryEntry

pytestmark = pytest.mark.django_db

LIST = "admin:tickets_historyentry_changelist"


@pytest.fixture(autouse=True)
def english(client):
    client.cookies["django_language"] = "en"
    with translation.override("en"):
        yield


# --- writing ------------------------------------------------------------------------------------------------------


def test_who_did_what_to_what():
    user, event = make_user("ana"), make_event(name="Gala")
    record(user, event, Action.LAUNCHED, after={"messages": 12}, now=NOW)
    entry = HistoryEntry.objects.get()
    assert (entry.at, entry.user, entry.actor, entry.object_name) == (NOW, user, "ana", "Gala")
    assert list(entries_of(event)) == [entry]


def test_a_person_who_is_deleted_stays_in_the_history_by_name():
    user = make_user("ana")
    record(user, make_event(), Action.PAUSED)
    user.delete()
    entry = HistoryEntry.objects.get()
    assert (entry.user, who(entry)) == (None, "ana")


@pytest.mark.parametrize(
    ("user", "words"),
    [(None, "the system"), ("send_tickets", "manage.py send_tickets"), (AnonymousUser(), "the system")],
)
def test_what_nobody_did_says_what_did_it(user, words):
    assert who(record(user, None, Action.PAUSED)) == words


def test_a_class_stands_for_its_whole_list():
    entry = record(None, Contact, Action.EXPORTED, after={"rows": 3})
    assert (entry.content_type.model, entry.object_id) == ("contact", "")


def test_only_what_differs_is_kept():
    entry = record(None, None, Action.SETTINGS, before={"a": 1, "b": Decimal("2.50")}, after={"a": 1, "b": Decimal(3)})
    assert (entry.before, entry.after) == ({"b": "2.5"}, {"b": "3"})


@pytest.mark.parametrize("name", ["api_key", "new_password", "webhook_secret", "Token", "smtp_credentials"])
def test_a_secret_loses_its_value_and_keeps_its_change(name):
    entry = record(None, None, Action.CHANGED, before={name: "viejo"}, after={name: "nuevo", "more": {name: "x"}})
    assert (entry.before, entry.after) == ({name: HIDDEN}, {name: HIDDEN, "more": {name: HIDDEN}})


def test_a_secret_that_was_not_there_reads_as_nothing():
    entry = record(None, None, Action.CHANGED, before={"api_key": ""}, after={"api_key": "abc"})
    assert (entry.before, entry.after) == ({"api_key": ""}, {"api_key": HIDDEN})


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("http://ana:s3creto@gw.example.com:3010/x", f"http://{HIDDEN}@gw.example.com:3010/x"),
        ("smtp+tls://caja%40x:s3creto@mail.example.com", f"smtp+tls://{HIDDEN}@mail.example.com"),
        ("https://gw.example.com/send?apikey=s3creto&to=1", f"https://gw.example.com/send?apikey={HIDDEN}&to=1"),
        (
            "http://gw/a?b?x-api-key=s3creto&c=1 http://gw/?to=1&TOKEN=x",
            f"http://gw/a?b?x-api-key={HIDDEN}&c=1 http://gw/?to=1&TOKEN={HIDDEN}",
        ),
        ("¿key? ?key&token =x", "¿key? ?key&token =x"),
        ("Authorization: Bearer s3creto", f"Authorization: Bearer {HIDDEN}"),
        ("Mesa 12, puerta B", "Mesa 12, puerta B"),
        ("ana@example.com", "ana@example.com"),
    ],
)
def test_addresses_lose_their_passwords_and_keys(text, kept):
    entry = record(None, None, Action.CHANGED, after={"base_url": text}, sentence=text)
    assert (entry.after["base_url"], entry.sentence) == (kept, kept)


@pytest.mark.parametrize("text", ["?key" * 5000, "?" + "key" * 7000, "&pass" * 4000, "?" * 20_000, "://" * 7000])
def test_a_long_text_is_looked_through_in_no_time(text):
    begun = process_time()
    assert without_secrets(text) == text
    assert process_time() - begun < 2  # it was about an hour


def test_what_django_writes_down_is_in_it_too():
    user, event = make_user("ana"), make_event(name="Gala")
    message = [{"changed": {"fields": ["Name", "Venue"]}}]
    LogEntry.objects.log_actions(user.pk, [event], CHANGE, message)
    assert told() == [("ana", "changed", ["Changed Name and Venue."])]
    with translation.override("es"):
        assert "Modificado" in told()[0][2][0]


def test_a_password_in_a_line_of_django_is_hidden_too():
    LogEntry.objects.log_actions(make_user().pk, [make_event()], CHANGE, "Base URL: http://a:s3creto@gw")
    assert "s3creto" not in HistoryEntry.objects.get().sentence


# --- reading ------------------------------------------------------------------------------------------------------


def test_it_is_said_in_the_language_of_the_reader():
    event = make_event()
    entry = record(None, event, Action.CHANGED, before={"venue": ""}, after={"venue": "Teatro", "is_active": True})
    assert details_of(entry) == ["Venue: nothing → Teatro", "Active: yes"]
    with translation.override("es"):
        assert details_of(entry) == ["Lugar: nada → Teatro", "Activo: sí"]
        assert action_words(entry.action) == "Modificado"


def test_moments_and_choices_are_said_in_words():
    contact = make_contact()
    moment = datetime(2026, 11, 26, 20, 0, tzinfo=UTC)
    entry = record(None, contact, Action.CHANGED, before={"language": "es"}, after={"language": "en", "at": moment})
    assert details_of(entry)[0] == "Language: Español → English"
    assert "26 Nov 2026" in details_of(entry)[1]


def test_what_is_no_more_is_said_as_it_was():
    entry = record(None, make_contact(), Action.MERGED_AWAY, before={"name": "Ana"}, after={"_into": 3})
    assert details_of(entry) == ["Name: Ana"]


def test_words_that_nobody_knows_are_shown_as_they_are():
    entry = record(None, None, "teleported", after={"planet": "Marte"})
    assert (action_words(entry.action), details_of(entry)) == ("teleported", ["Planet: Marte"])


@pytest.mark.parametrize(
    "typed",
    [
        "[ya no responde",
        "[]",
        "[1, 2]",
        '["changed"]',
        "[[]]",
        '[{"changed": 5}]',
        '[{"added": {"name": 1}}, 2]',
        '[{"changed": {"fields": 7}}]',
        '[{"razón": "mesa"}]',
        "[{}]",
        "[" * 20_000,
        '[{"changed": ' + "[" * 20_000,
        "[" + "1" * 5000,
    ],
)
def test_a_reason_is_shown_as_it_was_typed(client, typed):
    entry = record(None, make_contact(), Action.OPTED_OUT, sentence=typed)
    assert details_of(entry) == [typed]
    sign_in_owner(client)
    assert client.get(reverse(LIST)).status_code == 200


@pytest.mark.parametrize(
    "typed", ["2026-13-45T10:00:00+00:00", "2026-01-01T99:99Z", "0001-01-01T00:00:00+00:00", "0000-01-01T00:00Z"]
)
def test_what_only_looks_like_a_moment_is_shown_as_it_was_typed(typed):
    entry = record(None, make_contact(), Action.CHANGED, after={"name": typed})
    assert details_of(entry) == [f"Name: {typed}"]


# --- the list -----------------------------------------------------------------------------------------------------


def _shown(client, **query):
    return [entry.object_name for entry in client.get(reverse(LIST), query).context["cl"].result_list]


def _some():
    ana, bea = make_user("ana"), make_user("bea")
    record(ana, make_event(name="Gala"), Action.LAUNCHED, now=NOW)
    record(bea, make_tag("Jurado"), Action.TAGGED, now=NOW - timedelta(days=1))
    record(None, make_event(name="Feria"), Action.LAUNCHED, now=NOW - timedelta(days=8))
    record("send_tickets", make_event(name="Baile"), Action.LAUNCHED, now=NOW - timedelta(days=40))
    return ana, bea


def test_the_newest_is_first(client):
    _some()
    sign_in_owner(client)
    assert _shown(client) == ["Gala", "Jurado", "Feria", "Baile"]


def test_it_is_filtered_by_person_action_and_kind(client):
    ana, _bea = _some()
    sign_in_owner(client)
    assert _shown(client, person=ana.pk) == ["Gala"]
    assert _shown(client, person="system") == ["Feria"]
    assert _shown(client, person="commands") == ["Baile"]
    assert _shown(client, person="nobody") == []
    assert _shown(client, action="tagged") == ["Jurado"]
    kind = HistoryEntry.objects.filter(object_name="Gala").values_list("content_type", flat=True).get()
    assert _shown(client, kind=kind) == ["Gala", "Feria", "Baile"]
    assert _shown(client, kind=kind, action="launched", person=ana.pk) == ["Gala"]


def test_it_is_filtered_by_day(client, time_machine):
    time_machine.move_to(NOW)
    _some()
    sign_in_owner(client)
    assert _shown(client, day="today") == ["Gala"]
    assert _shown(client, day="yesterday") == ["Jurado"]
    assert _shown(client, day="week") == ["Gala", "Jurado"]
    assert _shown(client, day="month") == ["Gala", "Jurado", "Feria"]
    day = (NOW - timedelta(days=40)).astimezone().date()
    assert _shown(client, day=day.isoformat()) == ["Baile"]


@pytest.mark.parametrize("day", ["2026-02-31", "mañana", "9999-12-31", "0001-01-01"])
def test_a_day_that_makes_no_sense_shows_nothing(client, day):
    _some()
    sign_in_owner(client)
    assert _shown(client, day=day) == []


def test_one_day_is_chosen_with_the_other_filters_kept(client):
    _some()
    sign_in_owner(client)
    html = client.get(reverse(LIST), {"action": "launched", "q": "Gala", "day": "2026-11-20"}).content.decode()
    form = html[html.index('class="p-filter-day"') :].partition("</form>")[0]
    assert 'name="action" value="launched"' in form
    assert 'name="q" value="Gala"' in form
    assert 'name="day" value="2026-11-20"' in form


def test_it_is_searched(client):
    _some()
    sign_in_owner(client)
    assert _shown(client, q="feria") == ["Feria"]
    assert _shown(client, q="send_tickets") == ["Baile"]


def test_it_has_its_own_permission(client):
    record(None, make_event(), Action.PAUSED)
    sign_in(client, "tickets.view_event")
    assert client.get(reverse(LIST)).status_code == 403
    sign_in(client, "tickets.view_historyentry")
    assert client.get(reverse(LIST)).status_code == 200


def test_nobody_writes_in_it(client):
    entry = record(None, make_event(), Action.PAUSED)
    sign_in_owner(client)
    for name, args in (("add", []), ("delete", [entry.pk])):
        assert client.post(reverse(f"admin:tickets_historyentry_{name}", args=args), {"post": "yes"}).status_code == 403
    client.post(reverse("admin:tickets_historyentry_change", args=[entry.pk]), {"actor": "otra"})
    assert HistoryEntry.objects.get().actor == ""


def test_the_menu_leads_to_it(client):
    sign_in_owner(client)
    assert reverse(LIST) in client.get(reverse("admin:index")).content.decode()


def test_an_entry_leads_to_its_object(client):
    event = make_event(name="Gala")
    record(None, event, Action.PAUSED)
    record(None, make_event(), Action.DELETED)
    sign_in_owner(client)
    html = client.get(reverse(LIST)).content.decode()
    assert reverse("admin:tickets_event_change", args=[event.pk]) in html
    assert html.count("/admin/tickets/event/") == 2  # the menu, and this one


def test_an_entry_leads_nowhere_for_whoever_may_not_open_its_object(client):
    entry = record(None, make_event(name="Gala"), Action.PAUSED)
    pages = [reverse(LIST), reverse("admin:tickets_historyentry_change", args=[entry.pk])]
    sign_in(client, "tickets.view_historyentry")
    for address in pages:
        html = client.get(address).content.decode()
        assert "Gala" in html
        assert "/admin/tickets/event/" not in html
    sign_in(client, "tickets.view_historyentry", "tickets.view_event")
    for address in pages:
        assert reverse("admin:tickets_event_change", args=[entry.object_id]) in client.get(address).content.decode()


def test_a_page_costs_the_same_with_many_entries(client, django_assert_max_num_queries):
    ana = make_user("ana")
    for number in range(60):
        record(ana, make_event(name=f"Gala {number}"), Action.LAUNCHED)
    sign_in_owner(client)
    with django_assert_max_num_queries(8):
        assert len(_shown(client)) == 50


# --- on the object ------------------------------------------------------------------------------------------------


def test_the_history_of_an_object_is_on_its_page(client):
    event, other = make_event(name="Gala"), make_event(name="Feria")
    record(make_user("ana"), event, Action.CHANGED, before={"venue": "Sala"}, after={"venue": "Teatro"})
    record(None, other, Action.PAUSED)
    sign_in_owner(client)
    html = client.get(reverse("admin:tickets_event_history", args=[event.pk])).content.decode()
    assert "Venue: Sala → Teatro" in html
    assert html.count('data-label="Action"') == 1
    assert reverse("admin:tickets_event_history", args=[event.pk]) in client.get(
        reverse("admin:tickets_event_change", args=[event.pk])
    ).content.decode().replace("../", f"/admin/tickets/event/{event.pk}/")


def test_an_object_without_history_says_so(client):
    sign_in_owner(client)
    html = client.get(reverse("admin:tickets_event_history", args=[make_event().pk])).content.decode()
    assert "from now on" in html


def test_what_is_written_in_it_is_inert(client):
    event = make_event(name="<script>alert(1)</script>")
    record(None, event, Action.CHANGED, after={"venue": "<b>x</b>"}, sentence="<i>y</i>")
    sign_in_owner(client)
    for address in (reverse(LIST), reverse("admin:tickets_event_history", args=[event.pk])):
        html = client.get(address).content.decode()
        assert "<b>x</b>" not in html
        assert "<i>y</i>" not in html
        assert "<script>alert" not in html


# --- commands -----------------------------------------------------------------------------------------------------


def test_an_import_by_command_is_on_record(tmp_path):
    file = tmp_path / "lista.csv"
    file.write_text("nombre,telefono\nAna Prueba,+573000000001\n,+573000000002\n")
    call_command("import_contacts", str(file), "--dry-run", stdout=StringIO())
    assert told() == []
    call_command("import_contacts", str(file), stdout=StringIO())
    [(actor, action, details)] = told()
    assert (actor, action) == ("manage.py import_contacts", "imported")
    assert {"New: 1", "File: lista.csv"} <= set(details)


def test_tickets_issued_by_command_are_on_record():
    make_contact()
    event = make_event()
    call_command("issue_tickets", "--event", event.slug, "--all", stdout=StringIO())
    assert told() == [("manage.py issue_tickets", "issued", ["Tickets: 1", "Had one already: 0"])]
