"""Tickets, tags and scans in the admin."""

import threading

import pytest
from django.db import connection
from django.urls import reverse

from tests.factories import NOW, make_contact, make_event, make_tag, make_ticket
from tests.staff import sign_in, sign_in_owner
from tickets.admin import ticket_actions
from tickets.forms import TicketForm
from tickets.history import record_each
from tickets.issuing import issue_tickets
from tickets.models import CheckIn, Contact, HistoryEntry, Tag, Ticket
from tickets.qr import public_link

pytestmark = pytest.mark.django_db

LIST = "admin:tickets_ticket_changelist"
ADD = "admin:tickets_ticket_add"


@pytest.fixture(autouse=True)
def english(client):
    client.cookies["django_language"] = "en"


def _typed(event, holder, **fields):
    return {"event": event.pk, "holder": holder.pk, "type": "General", "companions": 0} | fields


def _found(client, **query):
    return list(client.get(reverse(LIST), query).context["cl"].result_list)


def _change(ticket):
    return reverse("admin:tickets_ticket_change", args=[ticket.pk])


def test_adding_a_ticket_issues_it(client):
    event, holder = make_event(), make_contact()
    sign_in_owner(client)
    answer = client.post(reverse(ADD), _typed(event, holder, companions=2, _continue="1"))
    ticket = Ticket.objects.get()
    assert (ticket.holder, ticket.companions, ticket.status) == (holder, 2, "valid")
    assert len(ticket.token) >= 22
    assert answer["Location"] == _change(ticket)


def test_a_second_ticket_of_the_same_type_is_refused_with_its_code(client):
    ticket = make_ticket()
    sign_in_owner(client)
    answer = client.post(reverse(ADD), _typed(ticket.event, ticket.holder))
    assert ticket.code in answer.context["adminform"].form.errors["__all__"][0]
    assert Ticket.objects.count() == 1


def test_another_type_is_another_ticket(client):
    ticket = make_ticket()
    sign_in_owner(client)
    client.post(reverse(ADD), _typed(ticket.event, ticket.holder, type="VIP"))
    assert Ticket.objects.count() == 2


def test_a_full_event_is_said_and_what_was_typed_stays(client):
    sign_in_owner(client)
    answer = client.post(reverse(ADD), _typed(make_event(capacity=2), make_contact(), companions=2, type="VIP"))
    form = answer.context["adminform"].form
    assert "0 places are taken and 3 more are needed" in form.errors["__all__"][0]
    assert (form["type"].value(), Ticket.objects.count()) == ("VIP", 0)


def test_an_event_that_fills_up_meanwhile_is_said_and_nothing_is_issued(client, monkeypatch):
    monkeypatch.setattr(TicketForm, "_refuse_too_many", lambda *args: None)
    sign_in_owner(client)
    answer = client.post(reverse(ADD), _typed(make_event(capacity=2), make_contact(), companions=2), follow=True)
    assert [message.level_tag for message in answer.context["messages"]] == ["error"]
    assert Ticket.objects.count() == 0


def test_an_issued_ticket_cannot_be_edited(client):
    ticket, other = make_ticket(companions=1), make_contact()
    sign_in_owner(client)
    client.post(_change(ticket), _typed(ticket.event, other, companions=9, status="voided", type="VIP"))
    same = Ticket.objects.get()
    assert (same.holder, same.companions, same.status, same.type) == (ticket.holder, 1, "valid", "General")


def test_the_page_of_a_ticket_leads_to_what_the_person_sees(client):
    ticket = make_ticket()
    sign_in_owner(client)
    assert f'href="{public_link(ticket)}"' in client.get(_change(ticket)).content.decode()


def _void(client, tickets):
    posted = {"action": "void_action", "_selected_action": [ticket.pk for ticket in tickets]}
    page = client.post(reverse(LIST), posted)
    sent = posted | {"step": page.context["step"], "expected": page.context["page"].fingerprint}
    return page, lambda: client.post(reverse(LIST), sent)


def test_voiding_asks_first_and_is_in_the_history(client):
    ticket = make_ticket()
    user = sign_in_owner(client)
    _page, press = _void(client, [ticket])
    assert Ticket.objects.get().status == "valid"
    assert press().status_code == 302
    assert Ticket.objects.get().status == "voided"
    entry = HistoryEntry.objects.get()
    assert (entry.user, entry.action, entry.object_id) == (user, "voided", str(ticket.pk))


def test_no_ticket_is_void_without_a_line_in_the_history(client, monkeypatch):
    """Whatever happens to the request in the middle of many."""
    tickets = [make_ticket(), make_ticket()]
    sign_in_owner(client)
    _page, press = _void(client, tickets)
    written = []

    def write_once(*args, **kwargs):
        if written:
            raise RuntimeError("cut off")
        written.append(record_each(*args, **kwargs))

    monkeypatch.setattr(ticket_actions, "AT_ONCE", 1)
    monkeypatch.setattr(ticket_actions, "record_each", write_once)
    with pytest.raises(RuntimeError, match="cut off"):
        press()
    assert Ticket.objects.filter(status="voided").count() == HistoryEntry.objects.filter(action="voided").count() == 1


@pytest.mark.django_db(transaction=True)
def test_many_are_voided_while_others_write(client, monkeypatch):
    """More than a database hands over at once: SQLite would then refuse to write beside somebody else."""
    event = make_event()
    Contact.objects.bulk_create(Contact(name="Ana", phone=f"+57310{number:07d}") for number in range(2100))
    issue_tickets(event, Contact.objects.all())
    sign_in_owner(client)
    posted = {"action": "void_action", "_selected_action": [Ticket.objects.first().pk], "select_across": "1"}
    page = client.post(reverse(LIST), posted)
    calls, noting = [], ticket_actions._noting

    def noting_some(move, action):
        def void_some(user, ids, reason):
            calls.append(len(ids))
            if len(calls) == 2:
                other = threading.Thread(target=_write_elsewhere)
                other.start()
                other.join()
            return noting(move, action)(user, ids, reason)

        return void_some

    monkeypatch.setattr(ticket_actions, "_noting", noting_some)
    sent = posted | {"step": page.context["step"], "expected": page.context["page"].fingerprint}
    assert client.post(reverse(LIST), sent).status_code == 302
    assert (calls, Ticket.objects.filter(status="voided").count()) == ([1000, 1000, 100], 2100)


def _write_elsewhere():
    make_tag("Otra")
    connection.close()


def test_what_was_void_already_is_not_counted_or_logged(client):
    ticket = make_ticket(status="replaced")
    sign_in_owner(client)
    _page, press = _void(client, [ticket])
    press()
    assert (Ticket.objects.get().status, HistoryEntry.objects.count()) == ("replaced", 0)


def test_only_a_valid_ticket_offers_to_be_voided(client):
    valid, voided = make_ticket(), make_ticket(status="voided")
    sign_in_owner(client)
    assert 'value="void_action"' in client.get(_change(valid)).content.decode()
    assert 'value="void_action"' not in client.get(_change(voided)).content.decode()


def test_somebody_who_may_only_look_cannot_void_or_issue(client):
    ticket = make_ticket()
    sign_in(client, "tickets.view_ticket")
    assert 'value="void_action"' not in client.get(_change(ticket)).content.decode()
    client.post(reverse(LIST), {"action": "void_action", "_selected_action": [ticket.pk], "step": "confirmed"})
    assert Ticket.objects.get().status == "valid"
    assert client.get(reverse(ADD)).status_code == 403


@pytest.mark.parametrize("typed", ["K7MD-4QXT", "k7md4qxt", " k7md 4qxt ", "Lucía", "300 123 4567"])
def test_a_ticket_is_found_by_code_name_or_number(client, typed):
    ticket = make_ticket(code="K7MD-4QXT", holder=make_contact(name="Lucía Gómez", phone="+573001234567"))
    make_ticket()
    sign_in_owner(client)
    assert _found(client, q=typed) == [ticket]


def test_a_word_that_looks_like_a_code_still_finds_a_name(client):
    ticket = make_ticket(holder=make_contact(name="Fernanda"))
    sign_in_owner(client)
    assert _found(client, q="Fernanda") == [ticket]


def test_tickets_are_filtered_by_event_and_status(client):
    ticket = make_ticket()
    make_ticket(event=ticket.event, status="voided")
    make_ticket()
    sign_in_owner(client)
    assert _found(client, event__id__exact=ticket.event_id, status__exact="valid") == [ticket]


def test_the_list_needs_no_query_for_each_ticket(client, django_assert_num_queries):
    for _number in range(3):
        make_ticket()
    sign_in_owner(client)
    with django_assert_num_queries(6):  # session, user, installation, events of the filter, count, tickets
        client.get(reverse(LIST))


def test_nobody_deletes_tickets(client):
    ticket = make_ticket()
    sign_in_owner(client)
    address = reverse("admin:tickets_ticket_delete", args=[ticket.pk])
    assert client.post(address, {"post": "yes"}).status_code == 403


# --- tags ---------------------------------------------------------------------------------------------------------


def test_tickets_are_issued_for_everybody_with_a_tag_once(client):
    event, red, blue = make_event(), make_tag(), make_tag()
    both, one, _none = make_contact(tags=(red, blue)), make_contact(tags=(red,)), make_contact()
    sign_in_owner(client)
    address = reverse("admin:tickets_tag_changelist")
    posted = {"action": "issue_action", "_selected_action": [red.pk, blue.pk]}
    posted |= {"event": event.pk, "type": "General", "companions": 0}
    page = client.post(address, posted | {"step": "chosen"})
    assert any(line.startswith("2 new tickets") for line in page.context["page"].lines)
    client.post(address, posted | {"step": "confirmed", "expected": page.context["page"].fingerprint})
    assert set(Ticket.objects.values_list("holder", flat=True)) == {both.pk, one.pk}


def test_deleting_a_tag_counts_its_people_and_keeps_them(client):
    tag = make_tag("Voluntarios")
    contact = make_contact(tags=(tag,))
    sign_in_owner(client)
    address = reverse("admin:tickets_tag_delete", args=[tag.pk])
    assert client.get(address).context["deleted_objects"] == ["Voluntarios", "1 person has it, and stays."]
    client.post(address, {"post": "yes"})
    contact.refresh_from_db()
    assert Tag.objects.count() == 0


def test_deleting_a_tag_needs_its_permission(client):
    tag = make_tag()
    sign_in(client, "tickets.view_tag", "tickets.change_tag")
    assert client.post(reverse("admin:tickets_tag_delete", args=[tag.pk]), {"post": "yes"}).status_code == 403


# --- scans --------------------------------------------------------------------------------------------------------


def _scan():
    ticket = make_ticket(event=make_event(timezone="Europe/Madrid"))
    return CheckIn.objects.create(
        event=ticket.event, ticket=ticket, scanned=ticket.code, at=NOW, result="good", admitted=1
    )


def test_scans_are_shown_at_the_hour_of_the_event(client):
    _scan()
    sign_in(client, "tickets.view_checkin")
    page = client.get(reverse("admin:tickets_checkin_changelist")).content.decode()
    assert "16:00 (Madrid)" in page


@pytest.mark.parametrize("page", ["add", "change", "delete"])
def test_nobody_writes_scans_by_hand(client, page):
    scan = _scan()
    sign_in_owner(client)
    args = [] if page == "add" else [scan.pk]
    answer = client.post(reverse(f"admin:tickets_checkin_{page}", args=args), {"post": "yes"})
    assert answer.status_code == 403
