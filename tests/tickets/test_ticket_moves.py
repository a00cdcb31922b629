"""What becomes of tickets after they were issued."""

import threading

import pytest
from django.db import connection

from tests.factories import NOW, make_contact, make_event, make_ticket
from tickets import ticket_moves, ticket_rows
from tickets.enums import TicketStatus
from tickets.issuing import IssueResult, issue_tickets, people_expected
from tickets.models import Ticket
from tickets.ticket_moves import (
    CannotMove,
    block_tickets,
    reissue_tickets,
    replace_ticket,
    transfer_ticket,
    unblock_tickets,
    void_tickets,
)

pytestmark = pytest.mark.django_db


def test_voiding_works_once():
    ticket = make_ticket()

    assert (void_tickets([ticket.pk]), void_tickets([ticket.pk])) == ([ticket], [])
    ticket.refresh_from_db()
    assert ticket.status == TicketStatus.VOIDED


def test_voiding_what_was_replaced_meanwhile_changes_nothing():
    ticket = make_ticket()
    Ticket.objects.filter(pk=ticket.pk).update(status=TicketStatus.REPLACED)

    assert void_tickets([ticket.pk]) == []
    ticket.refresh_from_db()
    assert ticket.status == TicketStatus.REPLACED


def test_whoever_was_voided_can_get_a_new_ticket():
    event, holder = make_event(), make_contact()
    issue_tickets(event, [holder])
    void_tickets([event.tickets.get().pk])

    assert issue_tickets(event, [holder]) == IssueResult(created=1, existing=0)


def test_a_replacement_has_new_secrets_and_the_same_right():
    old = make_ticket(type="VIP", number=2, companions=3, people_inside=1)

    new = replace_ticket(old)

    assert (new.event, new.holder, new.type, new.number) == (old.event, old.holder, "VIP", 2)
    assert (new.companions, new.people_inside, new.status) == (3, 1, TicketStatus.VALID)
    assert new.code != old.code
    assert new.token != old.token
    old.refresh_from_db()
    assert old.status == TicketStatus.REPLACED


def test_a_voided_ticket_is_not_replaced():
    assert replace_ticket(make_ticket(status=TicketStatus.VOIDED)) is None
    assert Ticket.objects.count() == 1


def _states():
    return list(Ticket.objects.order_by("pk").values_list("status", flat=True))


def test_a_move_says_when_and_why():
    ticket = make_ticket()
    block_tickets([ticket.pk], reason="Falta el pago", now=NOW)
    ticket.refresh_from_db()
    assert (ticket.status, ticket.status_reason, ticket.status_changed_at) == ("blocked", "Falta el pago", NOW)


@pytest.mark.parametrize(
    ("move", "sources", "to"),
    [
        (void_tickets, {"valid", "blocked"}, "voided"),
        (block_tickets, {"valid"}, "blocked"),
        (unblock_tickets, {"blocked"}, "valid"),
    ],
)
@pytest.mark.parametrize("status", TicketStatus.values)
def test_each_move_leads_from_its_own_states_only(move, sources, to, status):
    ticket = make_ticket(status=status)
    assert len(move([ticket.pk])) == (status in sources)
    assert _states() == [to if status in sources else status]


@pytest.mark.parametrize("status", ["blocked", "voided", "replaced"])
def test_only_a_valid_ticket_is_issued_anew_or_given_away(status):
    """A blocked one would be free again by a detour."""
    ticket = make_ticket(status=status)
    assert reissue_tickets([ticket.pk]) == []
    with pytest.raises(CannotMove):
        transfer_ticket(ticket, make_contact())
    assert _states() == [status]


def test_a_ticket_issued_anew_takes_everything_along():
    old = make_ticket(attributes={"mesa": "7"}, pin="hashed", people_inside=1, companions=2)
    new = replace_ticket(old, reason="Lo perdió")
    old.refresh_from_db()
    assert (new.attributes, new.pin, new.replaces, new.people_inside) == ({"mesa": "7"}, "hashed", old, 1)
    assert (old.status_reason, old.replaced_by) == ("Lo perdió", new)


def test_issuing_anew_twice_replaces_once():
    ticket = make_ticket()
    assert (len(reissue_tickets([ticket.pk])), len(reissue_tickets([ticket.pk]))) == (1, 0)
    assert _states() == ["replaced", "valid"]


def test_many_are_issued_anew_in_few_questions(django_assert_max_num_queries):
    event = make_event()
    tickets = [make_ticket(event=event) for _number in range(30)]
    with django_assert_max_num_queries(8):
        pairs = reissue_tickets([ticket.pk for ticket in tickets])
    assert [(old, new.holder_id) for old, new in pairs] == [(ticket, ticket.holder_id) for ticket in tickets]
    assert len({new.code for _old, new in pairs} | {ticket.code for ticket in tickets}) == 60


def test_a_code_that_exists_already_is_drawn_again_for_a_replacement(monkeypatch):
    taken, first, second = make_ticket(), make_ticket(), make_ticket()
    drawn = iter([taken.code, "AAAA-2222"])
    monkeypatch.setattr(ticket_rows, "new_code", lambda: next(drawn))
    monkeypatch.setattr(ticket_moves, "new_code", lambda: "AAAA-3333")
    pairs = reissue_tickets([first.pk, second.pk])
    assert {new.code for _old, new in pairs} == {"AAAA-2222", "AAAA-3333"}


# --- to somebody else -------------------------------------------------------------------------------------------


def test_a_ticket_given_away_belongs_to_the_other_person():
    old, luis = make_ticket(companions=2, attributes={"mesa": "7"}, pin="hashed", type="VIP"), make_contact()
    new = transfer_ticket(old, luis, reason="Lo cede")
    old.refresh_from_db()
    assert (new.holder, new.event, new.type, new.companions, new.attributes) == (
        luis,
        old.event,
        "VIP",
        2,
        {"mesa": "7"},
    )
    assert (new.pin, new.replaces, new.status) == ("", old, "valid")  # the PIN is that of whoever gave it away
    assert (old.status, old.status_reason, old.holder == luis) == ("replaced", "Lo cede", False)
    assert new.token != old.token


def test_whoever_has_that_ticket_already_gets_the_next_one():
    event, luis = make_event(), make_contact()
    issue_tickets(event, [luis], each=2)
    new = transfer_ticket(make_ticket(event=event), luis)
    assert new.number == 3
    assert issue_tickets(event, [luis], each=3) == IssueResult(existing=3)


def test_nobody_gives_away_a_ticket_with_which_somebody_came_in():
    ticket = make_ticket(companions=1, people_inside=1)
    with pytest.raises(CannotMove):
        transfer_ticket(ticket, make_contact())
    assert _states() == ["valid"]


def test_a_ticket_is_given_away_once():
    ticket, luis, eva = make_ticket(), make_contact(), make_contact()
    transfer_ticket(ticket, luis)
    with pytest.raises(CannotMove):
        transfer_ticket(ticket, eva)
    assert Ticket.objects.filter(status="valid").get().holder == luis


def test_nobody_gets_their_own_ticket_or_one_after_they_are_gone():
    ticket, gone = make_ticket(), make_contact()
    with pytest.raises(CannotMove):
        transfer_ticket(ticket, ticket.holder)
    type(gone).objects.filter(pk=gone.pk).delete()
    with pytest.raises(CannotMove):
        transfer_ticket(ticket, gone)
    assert _states() == ["valid"]


def test_a_ticket_given_away_takes_no_second_place():
    event = make_event(capacity=1)
    ticket = make_ticket(event=event)
    assert transfer_ticket(ticket, make_contact()).status == "valid"
    assert people_expected(event) == 1


# --- at the same time -------------------------------------------------------------------------------------------


def at_once(*moves):
    """Each in a thread of its own, let go together; what each one gave, or the error that it raised."""
    start, ended = threading.Barrier(len(moves)), []

    def run(move):
        start.wait()
        try:
            ended.append(move())
        except CannotMove as error:
            ended.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[move]) for move in moves]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return ended


@pytest.mark.skipif(connection.vendor == "sqlite", reason="there its writers are alone anyway")
@pytest.mark.django_db(transaction=True)
def test_two_who_move_the_same_ticket_at_once_move_it_once():
    ticket, people = make_ticket(), [make_contact(), make_contact()]
    reissued = at_once(*[lambda: reissue_tickets([ticket.pk])] * 3)
    assert sorted(map(len, reissued)) == [0, 0, 1]
    new = Ticket.objects.get(status="valid")
    given = at_once(*[lambda to=to: transfer_ticket(new, to) for to in people])
    assert sorted(isinstance(one, CannotMove) for one in given) == [False, True]
    assert Ticket.objects.filter(status="valid").count() == 1


@pytest.mark.skipif(connection.vendor == "sqlite", reason="there its writers are alone anyway")
@pytest.mark.django_db(transaction=True)
def test_two_who_give_the_same_person_a_ticket_at_once_both_do():
    event, luis = make_event(), make_contact()
    tickets = [make_ticket(event=event) for _number in range(3)]
    at_once(*[lambda one=one: transfer_ticket(one, luis) for one in tickets])
    assert sorted(event.tickets.filter(holder=luis).values_list("number", flat=True)) == [1, 2, 3]
