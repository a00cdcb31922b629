"""Judging scans, counting people, taking entries back."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import translation

from tests.factories import NOW, make_event
from tests.history import told
from tests.tickets.door_scene import keeper_of, link, make_night, make_pass, nonce
from tickets import checkin as checkins
from tickets.checkin import (
    NonceTaken,
    Report,
    Scan,
    check_in,
    find_ticket,
    first_entry,
    take_back,
    why_not,
)
from tickets.models import CheckIn, Ticket
from tickets.ticket_moves import replace_ticket

pytestmark = pytest.mark.django_db


@pytest.fixture
def night():
    return make_night()


@pytest.fixture
def keeper(night):
    return keeper_of(night)


def scan(ticket, keeper, *, event=None, people=1, at=NOW, gate="Norte", report=None, number=None):
    """Through the text that a camera reads, as the door does it."""
    text = ticket if isinstance(ticket, str) else link(ticket)
    order = Scan(number or nonce(), text, at, people, gate, report)
    return check_in(event or keeper.access.event, find_ticket(text), order, keeper)


def inside(ticket):
    return Ticket.objects.get(pk=ticket.pk).people_inside


def outcome(verdict):
    return verdict.checkin.result, verdict.checkin.reason, verdict.checkin.admitted


def test_a_good_ticket_lets_one_person_in_and_is_on_record(night, keeper):
    ticket = make_pass(night)
    assert outcome(scan(ticket, keeper)) == ("good", "", 1)
    row = CheckIn.objects.get()
    assert (row.event, row.ticket, row.at, row.gate, row.access) == (night, ticket, NOW, "Norte", keeper.access)
    assert row.scanned == ticket.code  # and not the key to the ticket's page
    assert inside(ticket) == 1


@pytest.mark.parametrize("way", ["{token}", "http://otro.example/t/{token}/?x=1", "{code}", " {small} ", "{spaced}"])
def test_every_way_of_writing_a_ticket_is_read(night, keeper, way):
    ticket = make_pass(night)
    words = {"small": ticket.code.lower(), "spaced": ticket.code.replace("-", " ")}
    text = way.format(token=ticket.token, code=ticket.code, **words)
    assert outcome(scan(text, keeper)) == ("good", "", 1)


def test_companions_come_bit_by_bit(night, keeper):
    ticket = make_pass(night, companions=3)
    said = [outcome(scan(ticket, keeper, people=people)) for people in (1, 2, 2, 1, 1)]
    assert said == [
        ("good", "", 1),
        ("good", "", 2),
        ("refused", "too_many", 0),  # one is left, and nobody of the two comes in
        ("good", "", 1),
        ("refused", "already_inside", 0),
    ]
    assert (inside(ticket), CheckIn.objects.count()) == (4, 5)


@pytest.mark.parametrize("status", ["voided", "replaced", "blocked"])
def test_br_116_validity_comes_before_repetition(night, keeper, status):
    """A cancelled ticket that was scanned earlier is no harmless repeat."""
    ticket = make_pass(night)
    scan(ticket, keeper)
    Ticket.objects.update(status=status)
    assert outcome(scan(ticket, keeper)) == ("refused", status, 0)


def test_br_116_another_event_comes_before_everything_that_is_wrong_with_its_ticket(night, keeper):
    other = make_pass(make_event(), status="voided", people_inside=1)
    assert outcome(scan(other, keeper)) == ("refused", "other_event", 0)
    assert CheckIn.objects.get().event == night
    assert inside(other) == 1


@pytest.mark.parametrize("text", ["https://entradas.example.org/t/{}/", "{}"])
def test_the_key_to_another_events_ticket_is_not_on_record(keeper, text):
    """Nor is its code: what the camera read stays, but for the key in it."""
    other = make_pass(make_event())
    assert outcome(scan(text.format(other.token), keeper)) == ("refused", "other_event", 0)
    assert CheckIn.objects.get().scanned == text.format(f"{other.token[:4]}…")


def test_what_is_no_ticket_is_refused_and_on_record_on_one_line(keeper):
    assert outcome(scan("DNI\x00 12345678\n" + "z" * 300, keeper)) == ("refused", "unknown", 0)
    row = CheckIn.objects.get()
    assert (row.ticket, row.scanned, len(row.scanned)) == (None, "DNI 12345678 " + "z" * 107, 120)


def test_too_early_is_by_the_doors_and_comes_after_validity(night, keeper):
    ticket, opens = make_pass(night), night.doors_open
    assert outcome(scan(ticket, keeper, at=opens - timedelta(seconds=1))) == ("refused", "too_early", 0)
    assert outcome(scan(ticket, keeper, at=opens)) == ("good", "", 1)
    voided = make_pass(night, status="voided")
    assert outcome(scan(voided, keeper, at=opens - timedelta(days=1))) == ("refused", "voided", 0)


def test_the_same_nonce_answers_as_before_and_changes_nothing(night, keeper):
    ticket, number = make_pass(night, companions=1), nonce()
    first = scan(ticket, keeper, number=number)
    again = scan(ticket, keeper, number=number, people=2)
    assert (again.checkin.pk, outcome(again)) == (first.checkin.pk, ("good", "", 1))
    assert (inside(ticket), CheckIn.objects.count()) == (1, 1)


def blind_once(monkeypatch):
    real, calls = checkins._verdict_on, []

    def verdict_on(event, asked):
        calls.append(asked)
        return None if len(calls) == 1 else real(event, asked)

    monkeypatch.setattr(checkins, "_verdict_on", verdict_on)


def test_two_requests_with_one_nonce_at_the_same_moment_count_once(night, keeper, monkeypatch):
    """Both find no earlier scan; the second meets the constraint."""
    ticket, number = make_pass(night, companions=1), nonce()
    first = scan(ticket, keeper, number=number)
    blind_once(monkeypatch)
    found = find_ticket(ticket.code)
    again = check_in(night, found, Scan(number, ticket.code, NOW), keeper)
    assert (again.checkin.pk, inside(ticket), CheckIn.objects.count()) == (first.checkin.pk, 1, 1)
    assert found.people_inside == 1  # the next report of this ticket is judged by it


def test_a_report_that_arrives_while_its_scan_is_still_judged_is_not_lost(night, keeper, monkeypatch):
    """The phone had given the answer up and sent the person away."""
    ticket, number = make_pass(night), nonce()
    scan(ticket, keeper, number=number)
    blind_once(monkeypatch)
    scan(ticket, keeper, number=number, report=report(0))
    row = CheckIn.objects.get()
    assert (row.let_in_offline, row.undone_at is not None, inside(ticket)) == (0, True, 0)


def test_another_fault_of_the_database_is_not_taken_for_a_repetition(night, keeper, monkeypatch):
    ticket = make_pass(night)
    monkeypatch.setattr(checkins, "_admit", lambda ticket, people: Ticket.objects.update(people_inside=5))
    with pytest.raises(checkins.IntegrityError), transaction.atomic():
        scan(ticket, keeper)
    assert inside(ticket) == 0


def test_a_nonce_of_another_door_tells_nothing(night, keeper):
    number, other = nonce(), make_night()
    scan(make_pass(night), keeper, number=number)
    with pytest.raises(NonceTaken):
        scan(make_pass(other), keeper, event=other, number=number)


@pytest.mark.parametrize(
    ("change", "reason"),
    [({"people_inside": 2}, "too_many"), ({"status": "voided"}, "voided"), ({"companions": 0}, "too_many")],
)
def test_br_115_what_another_gate_did_meanwhile_decides(night, keeper, change, reason):
    """The ticket was read before; the conditional update notices."""
    ticket = make_pass(night, companions=2)
    stale = find_ticket(ticket.code)
    Ticket.objects.filter(pk=ticket.pk).update(**change)
    verdict = check_in(night, stale, Scan(nonce(), ticket.code, NOW, 2), keeper)
    assert outcome(verdict) == ("refused", reason, 0)
    assert inside(ticket) == change.get("people_inside", 0)


def test_who_is_inside_moves_along_when_a_ticket_is_issued_anew(night, keeper):
    ticket = make_pass(night, companions=1)
    entry = scan(ticket, keeper).checkin
    fresh = renewed(ticket)
    assert outcome(scan(ticket, keeper)) == ("refused", "replaced", 0)
    assert outcome(scan(fresh, keeper, people=2)) == ("refused", "too_many", 0)
    assert outcome(scan(fresh, keeper)) == ("good", "", 1)
    assert outcome(scan(fresh, keeper)) == ("refused", "already_inside", 0)
    assert first_entry(fresh) == entry


def test_the_first_entry_is_the_earliest_that_let_in_and_still_counts(night, keeper):
    ticket = make_pass(night, companions=2)
    scan(ticket, keeper, people=4)
    take_back(scan(ticket, keeper, at=NOW + timedelta(minutes=1)).checkin, reason="No", keeper=keeper, now=NOW)
    later = scan(ticket, keeper, at=NOW + timedelta(minutes=3)).checkin
    told_after = scan(ticket, keeper, at=NOW + timedelta(minutes=2), report=report(1)).checkin
    assert later.pk < told_after.pk
    assert first_entry(ticket) == told_after


def renewed(ticket):
    fresh = replace_ticket(ticket)
    assert fresh.replaces_id == ticket.pk
    return fresh


def test_why_not_says_nothing_when_all_is_well(night):
    assert why_not(make_pass(night, companions=1), night, people=2, at=NOW) == ""


# --- taking back ---


def test_an_entry_is_taken_back_once_with_exactly_its_people(night, keeper):
    ticket = make_pass(night, companions=3)
    scan(ticket, keeper)
    entry = scan(ticket, keeper, people=2).checkin
    assert take_back(entry, reason="Otra persona", keeper=keeper, now=NOW) is True
    assert take_back(entry, reason="Otra vez", keeper=keeper, now=NOW) is False
    assert inside(ticket) == 1
    entry.refresh_from_db()
    assert (entry.undone_at, entry.undone_by, entry.undo_reason) == (NOW, None, "Otra persona")
    with translation.override("en"):
        [(who, action, details)] = told()
    assert (who, action, set(details)) == ("Juan Prueba", "taken_back", {"People: 2", "Gate: Norte", "Otra persona"})


def test_a_refused_scan_cannot_be_taken_back(night, keeper):
    for text in (make_pass(night, status="voided"), "nada"):
        refused = scan(text, keeper).checkin
        assert take_back(refused, reason="No", keeper=keeper, now=NOW) is False


def test_an_entry_whose_people_nobody_counts_any_more_is_taken_back_all_the_same(night, keeper):
    """Nobody is fewer than outside."""
    ticket = make_pass(night)
    entry = scan(ticket, keeper).checkin
    Ticket.objects.update(people_inside=0)
    assert take_back(entry, reason="Por error", keeper=keeper, now=NOW) is True
    assert inside(ticket) == 0


@pytest.mark.parametrize("reason", ["", "x" * 201])
def test_taking_back_needs_a_reason(night, keeper, reason):
    entry = scan(make_pass(night), keeper).checkin
    with pytest.raises(ValueError, match="reason"):
        take_back(entry, reason=reason, keeper=keeper, now=NOW)


def test_whoever_was_taken_back_may_come_in_again(night, keeper):
    ticket = make_pass(night)
    take_back(scan(ticket, keeper).checkin, reason="Salió", keeper=keeper, now=NOW)
    assert outcome(scan(ticket, keeper)) == ("good", "", 1)


def test_an_entry_of_the_old_ticket_is_taken_off_the_one_that_counts_it_now(night, keeper):
    ticket = make_pass(night, companions=1)
    entry = scan(ticket, keeper).checkin
    newest = renewed(renewed(ticket))
    assert newest.people_inside == 1
    take_back(entry, reason="Por error", keeper=keeper, now=NOW)
    assert inside(newest) == 0
    assert outcome(scan(newest, keeper, people=2)) == ("good", "", 2)


def test_nothing_is_taken_back_that_is_not_in_the_history(night, keeper, monkeypatch):
    ticket = make_pass(night)
    entry = scan(ticket, keeper).checkin

    def fail(*args, **kwargs):
        raise RuntimeError("disk full")

    monkeypatch.setattr(checkins, "record", fail)
    with pytest.raises(RuntimeError):
        take_back(entry, reason="Por error", keeper=keeper, now=NOW)
    entry.refresh_from_db()
    assert (entry.undone_at, inside(ticket)) == (None, 1)


# --- told afterwards by a phone ---


def report(let_in):
    return Report(received_at=NOW + timedelta(minutes=9), let_in=let_in)


def test_a_report_counts_the_people_whom_the_phone_let_in(night, keeper):
    ticket = make_pass(night, companions=2)
    verdict = scan(ticket, keeper, people=1, report=report(2))
    assert (outcome(verdict), verdict.is_conflict, inside(ticket)) == (("good", "", 2), False, 2)
    assert (verdict.checkin.received_at, verdict.checkin.let_in_offline) == (NOW + timedelta(minutes=9), 2)


def test_a_phone_that_let_in_whom_nobody_should_is_a_conflict(night, keeper):
    ticket = make_pass(night)
    scan(ticket, keeper)
    verdict = scan(ticket, keeper, report=report(1))
    assert (outcome(verdict), verdict.is_conflict) == (("refused", "already_inside", 0), True)
    assert (inside(ticket), verdict.checkin.let_in_offline) == (1, 1)


def test_what_a_phone_refused_lets_nobody_in_afterwards(night, keeper):
    """Its list was older than the ticket; the person went away."""
    ticket = make_pass(night)
    verdict = scan(ticket, keeper, report=report(0))
    assert (outcome(verdict), verdict.is_conflict, inside(ticket)) == (("refused", "unknown", 0), False, 0)


@pytest.mark.parametrize(("fields", "reason"), [({"status": "voided"}, "voided"), ({"people_inside": 1}, "too_many")])
def test_what_a_phone_rightly_refused_keeps_its_reason(night, keeper, fields, reason):
    ticket = make_pass(night, companions=1, **fields)
    assert outcome(scan(ticket, keeper, people=2, report=report(0))) == ("refused", reason, 0)


def test_what_a_phone_told_once_stays_as_it_was_told(night, keeper):
    ticket, number = make_pass(night, companions=1), nonce()
    scan(ticket, keeper, number=number, report=report(1))
    scan(ticket, keeper, number=number, report=report(0))
    row = CheckIn.objects.get()
    assert (row.let_in_offline, row.undone_at, inside(ticket)) == (1, None, 1)


def test_a_phone_that_let_in_while_the_answer_no_got_lost_is_a_conflict(night, keeper):
    """The server refused, the answer came too late, and an older list said yes."""
    ticket, number = make_pass(night), nonce()
    scan(ticket, keeper)
    assert not scan(ticket, keeper, number=number).is_conflict
    told_twice = [scan(ticket, keeper, number=number, report=report(1)) for _ in range(2)]
    assert [verdict.is_conflict for verdict in told_twice] == [True, True]
    row = CheckIn.objects.get(nonce=number)
    assert (row.let_in_offline, row.received_at, inside(ticket)) == (1, NOW + timedelta(minutes=9), 1)


def test_whoever_was_sent_away_while_the_answer_yes_got_lost_may_come_again(night, keeper):
    ticket, number = make_pass(night), nonce()
    scan(ticket, keeper, number=number)
    for _ in range(2):
        verdict = scan(ticket, keeper, number=number, report=report(0))
        assert verdict.ticket.people_inside == 0
    assert (CheckIn.objects.get().undone_at, inside(ticket)) == (NOW + timedelta(minutes=9), 0)
    assert outcome(scan(ticket, keeper)) == ("good", "", 1)


def test_a_lost_answer_that_the_phone_agrees_with_counts_once(night, keeper):
    ticket, number = make_pass(night, companions=1), nonce()
    scan(ticket, keeper, number=number)
    for _ in range(2):
        verdict = scan(ticket, keeper, number=number, report=report(1))
        assert (outcome(verdict), verdict.is_conflict) == (("good", "", 1), False)
    assert inside(ticket) == 1
