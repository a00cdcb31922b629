"""What happened with one person, the newest first, from several tables, a page at a time."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import translation

from tests.factories import NOW, make_contact, make_event, make_tag, make_ticket
from tests.staff import sign_in, sign_in_owner
from tickets.enums import Action
from tickets.history import record
from tickets.merging import merge, plan_merge
from tickets.models import CheckIn, Ticket
from tickets.optouts import opt_in, opt_out
from tickets.timeline import Place, Viewer, timeline

pytestmark = pytest.mark.django_db

EVERYTHING = Viewer(lambda _permission: True)


@pytest.fixture(autouse=True)
def english(client):
    client.cookies["django_language"] = "en"
    with translation.override("en"):
        yield


def _person(contact):
    return reverse("admin:tickets_contact_person", args=[contact.pk])


def _titles(contact, viewer=EVERYTHING, **options):
    return [str(entry.title) for entry in timeline(contact, viewer, **options).entries]


def _ticket(contact, days, **fields):
    ticket = make_ticket(holder=contact, **fields)
    Ticket.objects.filter(pk=ticket.pk).update(issued_at=NOW - timedelta(days=days))
    return ticket


def _scan(ticket, days, **fields):
    values = {"scanned": ticket.code, "result": "good", "admitted": 1}
    return CheckIn.objects.create(event=ticket.event, ticket=ticket, at=NOW - timedelta(days=days), **values | fields)


def test_the_newest_is_first_whatever_it_is():
    contact, event = make_contact(whatsapp_consent_at=NOW - timedelta(days=9)), make_event(name="Gala")
    ticket = _ticket(contact, 5, event=event)
    _scan(ticket, 2)
    _scan(ticket, 1, result="refused", admitted=0, reason="already_inside")
    opt_out(contact, "email", user=None, source="BAJA", at=NOW - timedelta(days=3), now=NOW - timedelta(days=3))
    contact.refresh_from_db()
    assert _titles(contact) == [
        "At the door of Gala",
        "At the door of Gala",
        "No more announcements",
        "Ticket for Gala",
        "Agreed to announcements: WhatsApp",
    ]


def test_others_are_not_in_it():
    contact, other = make_contact(), make_contact(whatsapp_opt_out_at=NOW)
    _scan(_ticket(other, 1), 1)
    record(None, other, Action.CHANGED, after={"name": "x"})
    assert _titles(contact) == []


def test_a_wish_from_elsewhere_is_shown_once_and_one_from_here_by_its_entry():
    contact = make_contact(whatsapp_opt_out_at=NOW, whatsapp_opt_out_source="BAJA")
    assert _titles(contact) == ["Wants no more announcements: WhatsApp"]
    opt_in(contact, "whatsapp", user=None, source="x", at=NOW, seen=NOW, now=NOW + timedelta(hours=1))
    opt_out(contact, "whatsapp", user=None, source="y", at=NOW + timedelta(days=1), now=NOW + timedelta(days=1))
    contact.refresh_from_db()
    assert _titles(contact) == [
        "No more announcements",
        "Announcements again",
        "Agreed to announcements: WhatsApp",
    ]


def test_pages_follow_each_other_without_gap_or_double():
    contact, event = make_contact(whatsapp_consent_at=NOW, email_opt_out_at=NOW), make_event()
    for number in range(7):
        ticket = _ticket(contact, number // 3, event=event, number=number + 1)  # several in the same moment
        _scan(ticket, number // 2)
        record(None, contact, Action.CHANGED, after={"name": str(number)}, now=NOW - timedelta(days=number // 3))
    seen, before = [], None
    for _page in range(20):
        page = timeline(contact, EVERYTHING, before=before, limit=4)
        seen += [entry.place for entry in page.entries]
        if not page.next:
            break
        before = Place.of(page.next)
    assert seen == sorted(seen, reverse=True)
    assert (len(seen), len(set(seen))) == (23, 23)


def test_the_history_of_a_merged_entry_is_in_it():
    keep, gone = make_contact(), make_contact()
    opt_out(gone, "email", user=None, source="BAJA", at=NOW, now=NOW)
    gone.refresh_from_db()
    merge(keep, gone, {}, expected=plan_merge(keep, gone).fingerprint, user=None, now=NOW + timedelta(days=1))
    keep.refresh_from_db()
    assert _titles(keep) == ["Merged with another entry", "Merged into another entry", "No more announcements"]


@pytest.mark.parametrize(
    "typed",
    ["", "x", "2026-11-26~tickets~1", "2026-11-26T10:00:00+00:00~tickets~-1", "9~~", "2026-11-26T10:00:00+00:00"],
)
def test_a_place_that_makes_no_sense_is_the_beginning(client, typed):
    sign_in_owner(client)
    contact = make_contact()
    _ticket(contact, 1)
    answer = client.get(_person(contact), {"before": typed})
    assert (len(answer.context["entries"]), answer.context["is_first_page"]) == (1, True)


def test_everybody_sees_what_they_may(client):
    contact = make_contact(whatsapp_opt_out_at=NOW)
    _scan(_ticket(contact, 2), 1)
    titles = {
        "tickets.view_ticket": "Ticket for",
        "tickets.view_checkin": "At the door of",
    }
    for permission, title in titles.items():
        sign_in(client, "tickets.view_contact", permission)
        shown = [str(entry.title) for entry in client.get(_person(contact)).context["entries"]]
        assert [words.startswith(title) for words in shown] == [False, True]
    sign_in(client, "tickets.view_ticket")
    assert client.get(_person(contact)).status_code == 403


def test_somebody_with_nothing_yet_has_a_sentence(client):
    sign_in_owner(client)
    html = client.get(_person(make_contact())).content.decode()
    assert "Nothing yet" in html
    assert "Gets them" in html


def test_the_list_leads_to_the_person_and_the_person_to_the_form(client):
    sign_in_owner(client)
    contact = make_contact(tags=(make_tag("VIP"),), attributes={"mesa": "<b>12</b>"})
    assert _person(contact) in client.get(reverse("admin:tickets_contact_changelist")).content.decode()
    html = client.get(_person(contact)).content.decode()
    assert reverse("admin:tickets_contact_change", args=[contact.pk]) in html
    assert reverse("admin:tickets_contact_history", args=[contact.pk]) in html
    assert "VIP" in html
    assert "&lt;b&gt;12&lt;/b&gt;" in html


@pytest.mark.parametrize("name", ["items", "keys", "values", "0"])
def test_other_data_may_have_any_name(client, name):
    sign_in_owner(client)
    contact = make_contact(attributes={name: "tres cajas", "mesa": "12"})
    html = client.get(_person(contact)).content.decode()
    assert f"<dt>{name.capitalize()}</dt><dd>tres cajas</dd>" in html
    assert "<dt>Mesa</dt><dd>12</dd>" in html


def test_after_saving_the_form_shows_the_person(client):
    sign_in_owner(client)
    contact = make_contact()
    change = reverse("admin:tickets_contact_change", args=[contact.pk])
    assert _person(contact) in client.get(change).content.decode()
    answer = client.post(change, {"name": "Nueva", "phone": contact.phone, "language": "es", "attributes": ""})
    assert answer.headers["Location"] == _person(contact)


def test_hours_are_those_of_the_event(client):
    sign_in_owner(client)
    contact = make_contact()
    _ticket(contact, 0, event=make_event(timezone="Europe/Madrid"))
    assert "(Madrid)" in client.get(_person(contact)).content.decode()
