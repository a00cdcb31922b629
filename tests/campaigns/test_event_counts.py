"""What the page of an event counts, and that its numbers agree with each other and with what a campaign would send."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from campaigns.arrivals import missing_tickets
from campaigns.audience import describe
from campaigns.enums import DeliveryStatus
from campaigns.event_counts import KEEP_SECONDS, door_counts, kept, ticket_counts
from campaigns.event_reach import NEVER, RANKS, Rank, ids_of, reach
from campaigns.headcount import RECIPIENT, headcount
from tests.factories import NOW, make_campaign, make_contact, make_delivery, make_event, make_sender, make_ticket
from tickets.models import CheckIn, Ticket
from tickets.ticket_moves import replace_ticket

pytestmark = pytest.mark.django_db


@pytest.fixture
def event(fixed_clock):
    return make_event()


def scan(ticket, people=1, *, at=NOW, gate="Norte", undone=False, **fields):
    """A good one, with its people inside unless it was taken back."""
    taken_back = {"undone_at": at, "undo_reason": "Se equivocó"} if undone else {}
    like = {"event": ticket.event, "ticket": ticket, "scanned": ticket.code, "at": at, "gate": gate}
    checkin = CheckIn.objects.create(**like, result="good", admitted=people, **taken_back, **fields)
    if not undone:
        ticket.people_inside += people
        ticket.save(update_fields=["people_inside"])
    return checkin


def refuse(event, reason="unknown", *, ticket=None, at=NOW, **fields):
    like = {"event": event, "ticket": ticket, "scanned": "ZZZZ-9999", "at": at, "reason": reason}
    return CheckIn.objects.create(**like, result="refused", **fields)


def sent(ticket, status, *, channel="whatsapp", campaign=None, **fields):
    campaign = campaign or make_campaign(kind="tickets", event=ticket.event, status="sending")
    left = {"sent_at": NOW} if status in DeliveryStatus.arrived else {}
    claimed = {"claimed_at": NOW} if status == "claimed" else {}
    person = {"contact": ticket.holder, "recipient": ticket.holder.name}
    fields = left | claimed | person | fields
    return make_delivery(campaign=campaign, ticket=ticket, channel=channel, status=status, **fields)


def test_places_are_people_with_a_right_and_blocked_tickets_keep_theirs(event):
    make_ticket(event=event, companions=2)
    make_ticket(event=event, companions=1, type="VIP", status="blocked")
    for status in ("voided", "replaced"):
        make_ticket(event=event, companions=4, status=status)
    make_ticket(companions=9)
    counts = ticket_counts(event, NOW)
    assert (counts.held, counts.expected, counts.total) == (5, 3, 4)
    assert counts.held_by_type() == {"General": 3, "VIP": 2}
    assert [counts.tickets(status) for status in ("valid", "blocked", "voided", "replaced")] == [1, 1, 1, 1]


def test_whoever_is_inside_on_a_ticket_that_was_voided_since_is_inside_and_not_expected(event):
    here, voided = make_ticket(event=event, companions=3), make_ticket(event=event)
    make_ticket(event=event)
    scan(here, 2)
    scan(voided)
    Ticket.objects.filter(pk=voided.pk).update(status="voided")
    counts = ticket_counts(event, NOW)
    assert (counts.inside, counts.expected, counts.to_come, counts.tickets_to_come) == (3, 5, 3, 1)


def test_whoever_is_inside_on_a_ticket_that_was_issued_anew_counts_once(event):
    """They stand on the old ticket and on the new one."""
    ticket = make_ticket(event=event, companions=2)
    scan(ticket, 2)
    replace_ticket(ticket)
    counts, door = ticket_counts(event, NOW), door_counts(event, NOW)
    assert (counts.inside, door.admitted, counts.to_come) == (2, 2, 1)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(0, 2), st.integers(1, 4), st.booleans(), st.integers(0, 400)), max_size=12))
def test_inside_by_tickets_is_inside_by_scans(event, moves):
    """Whatever was scanned and taken back, by whichever gate and when."""
    CheckIn.objects.filter(event=event).delete()
    Ticket.objects.filter(event=event).delete()
    tickets = [make_ticket(event=event, companions=companions) for companions in (0, 3, 10)]
    expected = 0
    for which, people, undone, minutes in moves:
        ticket, at = tickets[which], NOW + timedelta(minutes=minutes)
        if ticket.people_inside + people > ticket.people:
            refuse(event, "too_many", ticket=ticket, at=at)
            continue
        scan(ticket, people, at=at, gate=("Norte", "Sur", "")[which], undone=undone)
        expected += 0 if undone else people
    counts, door = ticket_counts(event, NOW), door_counts(event, NOW)
    assert counts.inside == door.admitted == expected
    assert counts.inside + counts.to_come == counts.expected


def test_arrivals_stand_in_their_minute_and_gate(event):
    ticket = make_ticket(event=event, companions=10)
    scan(ticket, 2, at=NOW + timedelta(seconds=1))
    scan(ticket, 3, at=NOW + timedelta(seconds=59))
    scan(ticket, at=NOW + timedelta(seconds=60), gate="Sur")
    found = door_counts(event, NOW).arrivals
    assert [(one.at, one.gate, one.people, one.scans) for one in found] == [
        (NOW, "Norte", 5, 2),
        (NOW + timedelta(minutes=1), "Sur", 1, 1),
    ]


def test_refusals_by_reason_and_conflicts(event):
    refuse(event)
    refuse(event, "already_inside")
    refuse(event, "already_inside", let_in_offline=2)
    refuse(event, "voided", let_in_offline=0)
    refuse(make_event())
    door = door_counts(event, NOW)
    assert door.refusals == {"unknown": 1, "already_inside": 2, "voided": 1}
    assert (door.refused, door.conflicts, door.admitted) == (4, 1, 0)


def test_every_state_of_a_message_has_its_rank():
    assert set(RANKS) == set(DeliveryStatus)


@pytest.mark.parametrize("status", list(DeliveryStatus))
def test_a_ticket_counts_by_the_state_of_its_message(event, status):
    sent(make_ticket(event=event), status)
    found = reach(event, NOW)
    assert found.by_channel("whatsapp") == {RANKS[status]: 1}
    assert found.by_channel("email") == {Rank.NEVER: 1}
    assert found.lost == (status not in DeliveryStatus.arrived)


def test_of_several_messages_the_best_counts_on_each_channel(event):
    ticket = make_ticket(event=event)
    for status in ("failed", "read", "uncertain"):
        sent(ticket, status)
    sent(ticket, "skipped", channel="email", error_kind="no_email")
    found = reach(event, NOW)
    assert found.by_channel("whatsapp") == {Rank.CONFIRMED: 1}
    assert found.by_channel("email") == {Rank.SKIPPED: 1}
    assert (found.total, found.lost, found.missing()) == (1, 0, [])


def test_only_valid_tickets_of_this_event_are_asked_about(event):
    make_ticket()
    for status in ("blocked", "voided", "replaced"):
        make_ticket(event=event, status=status)
    ticket = make_ticket(event=event)
    (group,) = reach(event, NOW).missing()
    assert (group.fate.key, list(group.ids)) == (NEVER, [ticket.pk])


def test_those_without_a_ticket_stand_together_by_what_happened(event):
    first, second, third, fourth = (make_ticket(event=event) for _ in range(4))
    campaign = make_campaign(kind="tickets", event=event, status="sending")
    sent(first, "failed", error_kind="not_on_whatsapp")
    sent(second, "failed", error_kind="not_on_whatsapp")
    sent(second, "skipped", channel="email", error_kind="no_email")
    sent(third, "pending", campaign=campaign)
    sent(third, "failed", channel="email", error_kind="invalid_number")
    sent(fourth, "uncertain", error_kind="uncertain")
    told = {group.fate.key: (list(group.ids), group.channels) for group in reach(event, NOW).missing()}
    assert told == {
        f"open-{campaign.pk}": ([third.pk], {"whatsapp"}),
        "uncertain-": ([fourth.pk], {"whatsapp"}),
        "failed-not_on_whatsapp": ([first.pk, second.pk], {"whatsapp"}),
    }


def test_whoever_is_without_a_ticket_is_whom_the_audience_means(event):
    """A campaign for tickets that have not arrived sends to those of them that nobody is sending already."""
    statuses = [*DeliveryStatus, None]
    tickets = {status: make_ticket(event=event) for status in statuses}
    for status, ticket in tickets.items():
        if status:
            sent(ticket, status)
    found = reach(event, NOW).missing()
    lost = {pk for group in found for pk in group.ids}
    assert lost == {ticket.pk for status, ticket in tickets.items() if status not in DeliveryStatus.arrived}
    audience = describe(event_tickets=True, ticket_state="undelivered")
    count = headcount(make_campaign(kind="tickets", event=event, audience=audience))
    would_go = {pk for group, ids in count.groups.items() if group.kind == RECIPIENT for pk in ids}
    nobody_sends = ids_of(group for group in found if group.fate.rank >= Rank.FAILED)
    assert would_go == set(nobody_sends)


def test_a_look_is_shared_for_some_seconds(event):
    first = kept("tickets", event, ticket_counts, NOW)
    make_ticket(event=event, holder=make_contact())
    again = kept("tickets", event, ticket_counts, NOW + timedelta(seconds=KEEP_SECONDS - 1))
    later = kept("tickets", event, ticket_counts, NOW + timedelta(seconds=KEEP_SECONDS + 1))
    assert (first.total, again.total, later.total) == (0, 0, 1)


@pytest.mark.parametrize("reports", [True, False])
def test_the_page_and_the_reminder_agree_about_who_is_without_a_ticket(reports):
    """Sent by a number that reports, and nothing heard of it: nobody says of these that they arrived."""
    event = make_event()
    heard = {"last_receipt_at": NOW - timedelta(hours=9)} if reports else {}
    number = make_sender(**heard)
    sent_at = {"status": "sent", "sent_at": NOW, "sender": number}
    for fields in (
        [sent_at | {"gateway_message_id": "A"}],
        [sent_at | {"gateway_message_id": "B"}, {"channel": "email", "status": "sent", "sent_at": NOW}],
        [sent_at | {"gateway_message_id": "C"}, {"status": "delivered", "sent_at": NOW}],
        [sent_at | {"gateway_message_id": "D"}, {"channel": "email", "status": "failed"}],
        [sent_at | {"gateway_message_id": ""}],
        [sent_at | {"gateway_message_id": "E", "sent_at": NOW - timedelta(days=1)}],
        [{"status": "failed"}],
    ):
        ticket = make_ticket(event=event)
        for message in fields:
            campaign = make_campaign(kind="tickets", event=event, status="finished", finished_at=NOW)
            make_delivery(campaign=campaign, ticket=ticket, contact=ticket.holder, **message)
    found = reach(event, NOW)
    missing = set(missing_tickets(event).values_list("pk", flat=True))
    assert set(found.why_of()) == missing
    assert (found.lost, len(missing)) == ((3, 3) if reports else (1, 1))
    assert sum(group.number for group in found.missing() if group.fate.rank == Rank.SILENT) == (2 if reports else 0)
