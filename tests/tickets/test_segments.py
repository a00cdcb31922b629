"""Segments: each rule, all of them together, never everybody by mistake; the pages; tags for a whole segment."""

from datetime import timedelta

import pytest
from django.db import connection
from django.urls import reverse

from tests.campaigns.pages import said
from tests.factories import NOW, make_contact, make_event, make_tag, make_ticket
from tests.staff import sign_in, sign_in_owner
from tickets.models import Contact, HistoryEntry, Segment
from tickets.segment_words import SegmentWords
from tickets.segments import contacts_of, people_of

pytestmark = pytest.mark.django_db

ADD, LIST = "admin:tickets_segment_add", "admin:tickets_segment_changelist"


def segment(**rules):
    return Segment.objects.create(name=f"Segmento {Segment.objects.count()}", rules=rules)


def names(**rules):
    return sorted(contacts_of(segment(**rules)).values_list("name", flat=True))


@pytest.fixture
def owner(client):
    client.cookies["django_language"] = "en"
    sign_in_owner(client)
    return client


# --- rules --------------------------------------------------------------------------------------------------------


def test_tags():
    a, b = make_tag("A"), make_tag("B")
    for name, tags in (("a", (a,)), ("b", (b,)), ("both", (a, b)), ("none", ())):
        make_contact(name=name, tags=tags)
    assert names(any_tags=[a.pk, b.pk]) == ["a", "b", "both"]
    assert names(all_tags=[a.pk, b.pk]) == ["both"]
    assert names(no_tags=[a.pk]) == ["b", "none"]
    assert names(any_tags=[b.pk], no_tags=[a.pk]) == ["b"]


def test_addresses_and_wishes():
    make_contact(name="all")
    make_contact(name="no number", phone="")
    make_contact(name="no e-mail", email="")
    make_contact(name="no whatsapp", whatsapp_opt_out_at=NOW)
    make_contact(name="nothing", whatsapp_opt_out_at=NOW, email_opt_out_at=NOW, language="en")
    assert names(phone="no") == ["no number"]
    assert names(email="no") == ["no e-mail"]
    assert names(phone="yes", email="yes") == ["all", "no whatsapp", "nothing"]
    assert names(wants="whatsapp") == ["all", "no e-mail"]
    assert names(wants="email") == ["all", "no number", "no whatsapp"]
    assert names(wants="either") == ["all", "no e-mail", "no number", "no whatsapp"]
    assert names(language="en") == ["nothing"]


def test_tickets():
    event, other = make_event(), make_event()
    for name, fields in (
        ("inside", {"event": event, "people_inside": 1}),
        ("outside", {"event": event}),
        ("voided", {"event": event, "status": "voided"}),
        ("other", {"event": other}),
    ):
        make_ticket(holder=make_contact(name=name), **fields)
    make_contact(name="none")
    assert names(holds="ticket", event=event.pk) == ["inside", "outside"]
    assert names(holds="inside", event=event.pk) == ["inside"]
    assert names(holds="outside", event=event.pk) == ["outside"]
    assert names(holds="none", event=event.pk) == ["none", "other", "voided"]
    assert names(holds="ticket") == ["inside", "other", "outside"]
    assert names(holds="none") == ["none", "voided"]


def test_days_data_and_text():
    make_contact(name="Ana Prueba", nickname="Mona", phone="+573001230001", attributes={"mesa": "12", "Talla x": "M"})
    make_contact(name="Leo", birth_day=29, birth_month=2, attributes={"mesa": 12})
    old = make_contact(name="Eva")
    Contact.objects.filter(pk=old.pk).update(created_at=NOW - timedelta(days=900))
    assert names(since=(NOW - timedelta(days=800)).date().isoformat()) == ["Ana Prueba", "Leo"]
    assert names(datum=["mesa", "12"]) == ["Ana Prueba", "Leo"]
    assert names(datum=["Talla x", "m"]) == ["Ana Prueba"]
    assert names(datum=["mesa", "1"]) == []
    assert names(birth_month=2) == ["Leo"]
    assert names(text="prueba ana") == ["Ana Prueba"]
    assert names(text="mona") == ["Ana Prueba"]
    assert names(text="300 123") == ["Ana Prueba"]


@pytest.mark.parametrize(
    "rules",
    [
        *({}, {"unknown": 1}, {"phone": "perhaps"}, {"since": "ayer"}, {"holds": ""}, {"event": 1}, {"any_tags": 3}),
        *({"any_tags": [999]}, {"all_tags": [999]}, {"text": " "}, {"datum": "mesa"}, {"language": "es", "wants": "x"}),
    ],
)
def test_what_is_no_rule_means_nobody(rules):
    make_contact()
    assert names(**rules) == []


def test_people_of_several_are_each_there_once():
    tag = make_tag()
    make_contact(name="Ana", language="en", tags=(tag,))
    make_contact(name="Leo", tags=(tag,))
    make_contact(name="Eva")
    segment(any_tags=[tag.pk]), segment(language="en")
    assert sorted(people_of(Segment.objects.all()).values_list("name", flat=True)) == ["Ana", "Leo"]
    assert not people_of(Segment.objects.none()).exists()


@pytest.mark.skipif(connection.vendor != "sqlite", reason="its plan is read here")
def test_no_rule_walks_through_another_table_for_each_person():
    rules = {"any_tags": [1], "all_tags": [1, 2], "no_tags": [3], "holds": "none", "event": 1}
    plan = contacts_of(segment(**rules)).order_by().explain()
    of_others = [line for line in plan.splitlines() if "SCAN" in line and "tickets_contact" not in line]
    assert of_others == []
    assert "tickets_ticket" in plan
    assert "holder_id=?" in plan


# --- the form -----------------------------------------------------------------------------------------------------


def typed(**fields):
    return {"name": "Voluntariado sin entrada"} | fields


def test_a_segment_is_saved_read_back_and_changed(owner):
    tag, event = make_tag("Coro"), make_event(name="Gala")
    form = typed(
        any_tags=[tag.pk], holds="none", event=event.pk, since="2026-01-31", birth_month="2", wants="either", text="ana"
    ) | {"datum_name": "mesa", "datum_value": "12", "language": "es", "phone": "yes"}
    assert owner.post(reverse(ADD), form).status_code == 302
    made = Segment.objects.get()
    rules = {
        "any_tags": [tag.pk],
        "language": "es",
        "phone": "yes",
        "wants": "either",
        "holds": "none",
        "text": "ana",
        "event": event.pk,
        "since": "2026-01-31",
        "birth_month": 2,
        "datum": ["mesa", "12"],
    }
    assert (made.rules, made.created_by.is_superuser) == (rules, True)
    address = reverse("admin:tickets_segment_change", args=[made.pk])
    page = owner.get(address).content.decode()
    for mark in ('value="2026-01-31"', 'value="mesa"', 'value="12"', 'value="ana"', f'value="{event.pk}" selected'):
        assert mark in page
    owner.post(address, form)
    assert [entry.action for entry in HistoryEntry.objects.all()] == ["added"]
    owner.post(address, form | {"datum_name": "", "datum_value": "", "text": "leo"})
    made.refresh_from_db()
    assert made.rules == {name: value for name, value in rules.items() if name != "datum"} | {"text": "leo"}
    entry = HistoryEntry.objects.get(action="changed")
    assert "name" not in entry.after
    assert "name or number contains “ana”" in entry.before["rules"]
    assert "name or number contains “leo”" in entry.after["rules"]


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({}, "Choose at least one rule. For everybody you need no segment."),
        ({"text": "  "}, "Choose at least one rule. For everybody you need no segment."),
        ({"datum_name": "mesa"}, "Give both: the name and the value."),
        ({"since": "3000-01-01"}, "This day has not come yet."),
        ({"phone": "perhaps"}, "Select a valid choice. perhaps is not one of the available choices."),
    ],
)
def test_bad_input_is_said_and_kept(owner, fields, sentence):
    answer = owner.post(reverse(ADD), typed(**fields))
    assert sentence in answer.content.decode()
    assert "Voluntariado sin entrada" in answer.content.decode()
    assert not Segment.objects.exists()


def test_an_event_without_a_word_about_tickets_is_asked_about(owner):
    answer = owner.post(reverse(ADD), typed(event=make_event().pk))
    assert "Say what people have, or have not, of this event." in answer.content.decode()


def test_the_count_follows_the_form_and_saves_nothing(owner):
    make_contact(name="Ana", language="en")
    make_contact(name="Leo")
    count = reverse("admin:tickets_segment_count")
    assert "<strong>1</strong> person" in owner.post(count, {"language": "en"}).content.decode()
    assert "<strong>0</strong> people" in owner.post(count, {"text": "zzz"}).content.decode()
    assert "Choose at least one rule" in owner.post(count, {}).content.decode()
    assert not Segment.objects.exists()


def test_the_filters_of_the_list_become_rules(owner):
    tag = make_tag("Coro")
    make_contact(name="Ana", tags=(tag,))
    page = owner.get(reverse("admin:tickets_contact_changelist"), {"tags__id__exact": tag.pk, "q": "an"})
    link = f"{reverse(ADD)}?any_tags={tag.pk}&amp;text=an"
    assert link in page.content.decode()
    form = owner.get(link.replace("&amp;", "&")).content.decode()
    assert f'value="{tag.pk}" id="id_any_tags_0" checked' in form.replace(' class="vTextField"', "")
    assert 'value="an"' in form


# --- lists --------------------------------------------------------------------------------------------------------


def test_the_list_says_the_rules_and_counts_each_row_apart(owner, django_assert_max_num_queries):
    tag, event = make_tag("Coro"), make_event(name="Gala")
    make_contact(name="Ana", tags=(tag,))
    for _ in range(12):
        one = segment(any_tags=[tag.pk], holds="none", event=event.pk)
    with django_assert_max_num_queries(10):
        page = owner.get(reverse(LIST)).content.decode()
    assert "with one of the tags “Coro”" in page
    assert "has no valid ticket: “Gala”" in page
    number = reverse("admin:tickets_segment_number", args=[one.pk])
    assert number in page
    assert ">1 <" in owner.get(number).content.decode()


def test_several_are_people_in_spanish_too(owner):
    owner.cookies["django_language"] = "es"
    make_contact(language="en")
    make_contact(language="en")
    shown = owner.post(reverse("admin:tickets_segment_count"), {"language": "en"}).content.decode()
    assert "<strong>2</strong> personas" in shown


def test_its_people_in_the_list_of_contacts(owner):
    make_contact(name="Ana", language="en")
    make_contact(name="Leo")
    one = segment(language="en")
    answer = owner.get(reverse("admin:tickets_contact_changelist"), {"segment": one.pk})
    assert [contact.name for contact in answer.context["cl"].result_list] == ["Ana"]
    for nonsense in ("x", "9" * 30, "0"):
        answer = owner.get(reverse("admin:tickets_contact_changelist"), {"segment": nonsense})
        assert list(answer.context["cl"].result_list) == []


def test_words_of_every_rule(owner):
    rules = {
        "language": "en",
        "phone": "no",
        "email": "yes",
        "wants": "email",
        "holds": "inside",
        "since": "2026-01-31",
    }
    words = SegmentWords([]).of(rules | {"birth_month": 2, "text": "ana", "datum": ["mesa", "12"], "no_tags": [9]})
    assert len(words) == 10
    assert not [line for line in words if "%(" in line]


def test_without_a_ticket_of_an_event_that_is_gone_is_nobody():
    make_contact(name="Ana")
    event = make_event()
    rules = {"event": event.pk, "holds": "none"}
    assert names(**rules) == ["Ana"]
    event.delete()
    assert names(**rules) == []


def test_other_data_has_any_name():
    other = {"2026": "Sí", "0": "cero", 'talla "XL"': 12, "a.b[0]": "x%", "vacía": None}
    make_contact(name="Ana", attributes=other)
    make_contact(name="Leo", attributes={"2026": "no", "a.b[0]": "xy"})
    make_contact(name="Eva")
    for datum in (["2026", "sÍ"], ["0", "CERO"], ['talla "XL"', "12"], ["a.b[0]", "X%"]):
        if connection.vendor == "postgresql" or datum[1].isascii():
            assert names(datum=datum) == ["Ana"], datum
    assert names(datum=["2026", "Sí"]) == ["Ana"]
    assert names(datum=["vacía", "None"]) == names(datum=["falta", "x"]) == []


# --- rights, tags, deletion ---------------------------------------------------------------------------------------


def test_whoever_may_only_look_reads_the_rules(client):
    client.cookies["django_language"] = "en"
    sign_in(client, "tickets.view_segment")
    one = segment(language="en")
    page = client.get(reverse("admin:tickets_segment_change", args=[one.pk])).content.decode()
    assert "language: English" in page
    assert 'name="_save"' not in page
    assert client.post(reverse("admin:tickets_segment_count"), {}).status_code == 403
    make_contact(name="Secreta", language="en")
    page = client.get(reverse("admin:tickets_segment_change", args=[one.pk])).content.decode()
    assert ("<strong>1</strong>" in page, "Secreta" in page, "Nobody is in it" in page) == (True, False, False)
    sign_in(client, "tickets.view_segment", "tickets.add_segment")
    assert client.post(reverse("admin:tickets_segment_count"), typed(language="en")).status_code == 403
    sign_in(client, "tickets.view_segment")
    assert client.post(reverse(ADD), typed(language="en")).status_code == 403
    assert Segment.objects.count() == 1


def press(client, action, tag, chosen):
    ticked = {"action": action, "_selected_action": [one.pk for one in chosen], "tag": tag.pk}
    for _page in range(3):
        answer = client.post(reverse(LIST), ticked)
        if answer.status_code == 302:
            return said(answer)
        page = answer.context
        ticked |= {name: page[name] for name in ("step", "showing")} | {"expected": page["page"].fingerprint}
    raise AssertionError("it asks for ever")


def test_a_tag_for_everybody_of_a_segment_and_back(owner):
    tag = make_tag("Nueva")
    make_contact(name="Ana", language="en", tags=(tag,))
    make_contact(name="Leo", language="en")
    make_contact(name="Eva")
    one = segment(language="en")
    assert press(owner, "tag_people_action", tag, [one]) == ["1 person got the tag “Nueva”."]
    assert tag.contacts.count() == 2
    assert press(owner, "untag_people_action", tag, [one])[-1] == "2 people lost the tag “Nueva”."
    assert not tag.contacts.exists()
    assert [entry.action for entry in HistoryEntry.objects.order_by("pk")] == ["tagged", "untagged"]


def test_as_many_segments_as_may_be_chosen_at_once_are_one_question():
    make_contact(name="Ana Prueba")
    tag = make_tag()
    for number in range(100):
        rules = {"text": f"prueba {number}", "no_tags": [tag.pk], "wants": "either", "holds": "none"}
        Segment.objects.create(name=f"Segmento {number}", rules=rules | {"phone": "yes", "since": "2020-01-01"})
    assert not people_of(Segment.objects.all()).exists()
    segment(text="prueba")
    assert people_of(Segment.objects.all()).get().name == "Ana Prueba"


def test_a_tag_that_a_segment_uses_is_not_deleted(owner):
    tag = make_tag("Coro")
    one = segment(no_tags=[tag.pk])
    address = reverse("admin:tickets_tag_delete", args=[tag.pk])
    assert f"The segment “{one}” uses it." in owner.get(address).content.decode()
    owner.post(address, {"post": "yes"})
    tag.refresh_from_db()


def test_an_unused_segment_is_deleted(owner):
    one = segment(language="en")
    owner.post(reverse("admin:tickets_segment_delete", args=[one.pk]), {"post": "yes"})
    assert not Segment.objects.exists()
