"""Whoever's ticket has not arrived gets it on the other channel: once, and only then."""

import threading
from datetime import timedelta

import pytest
from django.db import connection, transaction
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from campaigns import lifecycle, second_channel
from campaigns.claims import claim
from campaigns.enums import CampaignStatus, DeliveryStatus, Origin, SkipReason
from campaigns.event_reach import reach
from campaigns.models import Campaign, Delivery, Installation, Lane
from campaigns.preparing import prepare
from campaigns.second_channel import send_due
from campaigns.stopping import StopPipe
from campaigns.tick import tick
from campaigns.views.event_missing import second_channel as shown_on_the_page
from campaigns.windows import sending
from tests.factories import (
    NOW,
    make_campaign,
    make_contact,
    make_delivery,
    make_event,
    make_lane,
    make_sender,
    make_ticket,
)
from tickets.models import HistoryEntry, Ticket
from whatsapp.models import Sender

pytestmark = pytest.mark.django_db

D = DeliveryStatus
HOURS = 6
LONG_AGO, JUST_NOW = NOW - timedelta(hours=HOURS + 1), NOW - timedelta(hours=HOURS - 1)
FIELDS = {"whatsapp": "phone", "email": "email"}
ARRIVED = {D.SENT, D.DELIVERED, D.READ}


def hoping_event(**fields):
    return make_event(**{"second_channel_hours": HOURS} | fields)


def message(ticket, status="failed", *, at=LONG_AGO, channel="whatsapp", campaign=None, **fields):
    """What became of the ticket on a channel, at that moment."""
    if campaign is None:
        ended = {"finished_at": at}
        campaign = make_campaign(kind="tickets", event=ticket.event, status="finished", **ended)
    times = {"sent_at": at} if status in ARRIVED else {"claimed_at": at} if status == D.CLAIMED else {}
    address = getattr(ticket.holder, FIELDS[channel]) or "–"
    values = {"ticket": ticket, "contact": ticket.holder, "dedupe_key": f"ticket:{ticket.pk}", "address": address}
    return make_delivery(
        campaign=campaign, channel=channel, status=status, status_changed_at=at, **values | times | fields
    )


def reporting_number():
    """It told what became of some message before all those of the tests."""
    return make_sender(last_receipt_at=LONG_AGO - timedelta(hours=1))


def due_tickets(event, now=NOW):
    """Those that the tick would send at that moment; nothing of it stays."""
    with transaction.atomic():
        before = [campaign.pk for campaign in made()]
        send_due(now=now)
        found = {pk for campaign in made() if campaign.pk not in before for pk in campaign.audience["tickets"]}
        transaction.set_rollback(True)
    return set(Ticket.objects.filter(pk__in=found, event=event))


def next_for(event, now):
    """What the page of the event says: of how many tickets, and from when on."""
    second = shown_on_the_page(event, reach(event, now), now)
    return second.number, second.at


def made():
    return list(Campaign.objects.filter(origin=Origin.SECOND_CHANNEL).order_by("pk"))


def write_list(campaign):
    prepare(campaign.pk, budget=60, stop=StopPipe(), clock=lambda: NOW)


@pytest.mark.parametrize(
    ("status", "fields"),
    [
        ("failed", {"error_kind": "not_on_whatsapp"}),
        ("uncertain", {}),
        ("skipped", {"error_kind": SkipReason.NO_PHONE}),
    ],
)
def test_what_did_not_arrive_by_whatsapp_goes_by_email_after_the_hours(status, fields):
    event = hoping_event()
    late, fresh = make_ticket(event=event), make_ticket(event=event)
    message(late, status, **fields)
    message(fresh, status, at=JUST_NOW, **fields)
    assert due_tickets(event) == {late}
    assert due_tickets(event, JUST_NOW + timedelta(hours=HOURS)) == {late, fresh}


def test_what_failed_by_email_goes_by_whatsapp():
    event = hoping_event()
    ticket = make_ticket(event=event)
    message(ticket, "failed", channel="email")
    assert send_due(now=NOW) == 1
    [campaign] = made()
    assert (campaign.channels, campaign.audience, campaign.status) == ("whatsapp", {"tickets": [ticket.pk]}, "sending")


@pytest.mark.parametrize("status", ["sent", "delivered", "read"])
def test_what_arrived_goes_nowhere(status):
    for channel in FIELDS:
        message(make_ticket(event=hoping_event()), status, channel=channel)
    assert send_due(now=NOW) == 0


def test_silence_says_something_only_after_the_first_report_of_a_number():
    event, sender = hoping_event(), make_sender(last_receipt_at=NOW)
    before, after, of_another = (make_ticket(event=event) for _ in range(3))
    receipt = {"sender": sender, "gateway_message_id": "X"}
    message(before, "sent", at=LONG_AGO - timedelta(minutes=2), **receipt)
    reported = LONG_AGO - timedelta(minutes=1)
    message(make_ticket(event=event), "delivered", at=LONG_AGO - timedelta(hours=1), delivered_at=reported, **receipt)
    message(after, "sent", **receipt)
    message(of_another, "sent", sender=make_sender(), gateway_message_id="Y")
    assert due_tickets(event) == {after}


def changed_number(at):
    """It reported, and got another gateway at that moment."""
    sender = make_sender(last_receipt_at=at)
    message(make_ticket(), "delivered", at=at - timedelta(days=9), delivered_at=at - timedelta(days=9), sender=sender)
    sender.gateway = "waha"
    sender.save(update_fields=["gateway"])
    Sender.objects.filter(pk=sender.pk).update(receipts_until=at)
    return sender


def test_what_a_gateway_sends_that_never_gave_a_receipt_has_arrived_whatever_the_one_before_it_gave():
    event, changed_at = hoping_event(), LONG_AGO - timedelta(hours=1)
    receipt = {"sender": changed_number(changed_at), "gateway_message_id": "X"}
    message(make_ticket(event=event), "sent", **receipt)
    before = make_ticket(event=event)  # maybe its silence is why somebody chose another gateway
    message(before, "sent", at=changed_at - timedelta(minutes=1), **receipt)
    assert due_tickets(event) == {before}
    assert set(reach(event, NOW).why_of()) == {before.pk}


def test_another_gateway_counts_as_reporting_from_its_own_first_report_on():
    event, changed_at = hoping_event(), LONG_AGO - timedelta(hours=2)
    receipt = {"sender": changed_number(changed_at), "gateway_message_id": "X"}
    reported = LONG_AGO - timedelta(minutes=30)
    message(make_ticket(event=event), "sent", at=changed_at, **receipt)
    message(make_ticket(event=event), "delivered", at=changed_at, delivered_at=reported, **receipt)
    after = make_ticket(event=event)
    message(after, "sent", at=reported, **receipt)
    Sender.objects.update(last_receipt_at=NOW)
    assert due_tickets(event) == {after}
    assert set(reach(event, NOW).why_of()) == {after.pk}


def test_what_was_sent_before_the_first_report_of_a_gateway_stays_arrived_when_it_makes_way_for_a_third():
    event, changed_at = hoping_event(), LONG_AGO - timedelta(hours=2)
    sender = changed_number(changed_at)
    receipt = {"sender": sender, "gateway_message_id": "X"}
    reported = LONG_AGO - timedelta(minutes=30)
    message(make_ticket(event=event), "sent", at=changed_at, **receipt)  # its reports were not set up yet
    message(make_ticket(event=event), "delivered", at=changed_at, delivered_at=reported, **receipt)
    silent, later = make_ticket(event=event), make_ticket(event=event)
    message(silent, "sent", at=reported, **receipt)
    Sender.objects.update(last_receipt_at=NOW)
    sender.base_url += "/"
    sender.save(update_fields=["base_url"])
    Sender.objects.update(receipts_until=LONG_AGO - timedelta(minutes=10))
    message(later, "sent", at=LONG_AGO - timedelta(minutes=5), **receipt)
    assert due_tickets(event) == {silent}
    assert set(reach(event, NOW).why_of()) == {silent.pk}


def test_what_a_person_counted_as_sent_and_what_no_report_can_reach_counts_as_arrived(django_user_model):
    event, number = hoping_event(), reporting_number()
    person = django_user_model.objects.create(username="decide")
    message(make_ticket(event=event), "sent", sender=number, gateway_message_id="X", settled_by=person)
    message(make_ticket(event=event), "sent", sender=number, gateway_message_id="")
    assert due_tickets(event) == set()


@pytest.mark.parametrize(
    "status", ["waiting", "pending", "claimed", "sent", "delivered", "uncertain", "failed", "cancelled"]
)
def test_who_was_tried_on_the_other_channel_too_is_not_tried_by_itself(status):
    event = hoping_event()
    ticket = make_ticket(event=event)
    message(ticket, "failed")
    message(ticket, status, channel="email")
    assert due_tickets(event) == set()


def test_who_had_no_address_there_then_and_has_one_now_was_not_tried_there():
    event = hoping_event()
    ticket = make_ticket(event=event)
    message(ticket, "failed")
    message(ticket, "skipped", channel="email", error_kind=SkipReason.NO_EMAIL)
    assert due_tickets(event) == {ticket}


def test_what_expired_on_the_other_channel_before_it_could_leave_was_not_tried_there():
    event = hoping_event()
    ticket = make_ticket(event=event)
    message(ticket, "failed")
    message(ticket, "expired", channel="email")
    assert (due_tickets(event), next_for(event, NOW)) == ({ticket}, (1, NOW))


@pytest.mark.parametrize("kind", [SkipReason.ALREADY_SENT, SkipReason.TICKET_NOT_VALID, SkipReason.MERGED])
def test_what_was_skipped_for_another_reason_than_an_address_is_no_failure(kind):
    event = hoping_event()
    message(make_ticket(event=event), "skipped", error_kind=kind)
    assert (due_tickets(event), next_for(event, NOW)) == (set(), (0, None))


@pytest.mark.parametrize("status", ["sent", "delivered", "read"])
def test_what_failed_and_arrived_when_it_was_sent_once_more_goes_nowhere(status):
    event = hoping_event()
    ticket = make_ticket(event=event)
    message(ticket, "failed")
    message(ticket, status)
    assert (due_tickets(event), next_for(event, NOW)) == (set(), (0, None))


def test_an_event_that_stops_asking_at_this_moment_sends_nothing(monkeypatch):
    event = hoping_event()
    message(make_ticket(event=event))

    def switched_off_meanwhile(_event):
        type(event).objects.update(second_channel_hours=None)
        return False

    monkeypatch.setattr(second_channel, "_is_being_written", switched_off_meanwhile)
    assert (send_due(now=NOW), made()) == (0, [])


def test_one_channel_does_not_wait_for_the_other():
    event = hoping_event()
    message(make_ticket(event=event))
    send_due(now=NOW)
    write_list(made()[0])
    message(make_ticket(event=event), channel="email")
    assert send_due(now=NOW + timedelta(minutes=1)) == 1


@pytest.mark.parametrize("status", ["waiting", "pending", "claimed"])
def test_nobody_is_due_who_waits_for_the_first_channel(status):
    event = hoping_event()
    ticket = make_ticket(event=event)
    message(ticket, "failed")
    message(ticket, status)
    assert due_tickets(event) == set()


def test_the_hours_count_from_the_last_try():
    event = hoping_event()
    ticket = make_ticket(event=event)
    message(ticket, "failed")
    message(ticket, "failed", at=JUST_NOW)
    assert due_tickets(event) == set()


@pytest.mark.parametrize(
    "fields",
    [
        {"second_channel_hours": None},
        {"is_active": False},
        {"starts_at": NOW - timedelta(hours=4)},  # and lasts three
    ],
)
def test_only_events_that_ask_for_it_are_active_and_not_over(fields):
    event = hoping_event(**fields)
    message(make_ticket(event=event))
    assert (due_tickets(event), next_for(event, NOW), send_due(now=NOW)) == (set(), (0, None), 0)


@pytest.mark.parametrize("status", ["blocked", "voided", "replaced"])
def test_tickets_that_open_no_door_stay_here(status):
    message(make_ticket(event=hoping_event(), status=status))
    assert send_due(now=NOW) == 0


def test_who_has_no_address_there_is_not_due_and_an_opt_out_does_not_matter():
    event = hoping_event()
    message(make_ticket(event=event, holder=make_contact(email="")))
    out = make_ticket(event=event, holder=make_contact(email_opt_out_at=NOW))
    message(out)
    assert due_tickets(event) == {out}


def test_the_campaign_carries_the_message_of_the_event_and_says_why_it_is_there():
    event = hoping_event(ticket_text="Hola {nombre}: {enlace}", email_subject="Para {nombre}", name="Feria")
    message(make_ticket(event=event))
    send_due(now=NOW)
    [campaign] = made()
    assert (campaign.body, campaign.subject, campaign.channels) == ("Hola {nombre}: {enlace}", "Para {nombre}", "email")
    assert (campaign.priority, campaign.launched_by, campaign.name) == (10, None, "Segundo canal: Feria")
    entry = HistoryEntry.objects.get(object_id=str(campaign.pk))
    assert (entry.actor, entry.after) == ("", {"tickets": 1, "silent_hours": HOURS})


def test_two_ticks_make_it_once_before_and_after_its_list_is_written():
    ticket = make_ticket(event=hoping_event())
    message(ticket)
    tick(now=NOW)
    tick(now=NOW + timedelta(minutes=1))
    [campaign] = made()
    write_list(campaign)
    tick(now=NOW + timedelta(hours=2))
    assert made() == [campaign]
    assert Delivery.objects.filter(campaign=campaign).values_list("ticket", "status").get() == (ticket.pk, "pending")


def test_a_crash_between_making_and_launching_leaves_nothing_and_the_next_tick_makes_it(monkeypatch):
    event = hoping_event()
    message(make_ticket(event=event))

    class Killed(BaseException):
        pass

    def die(*args, **kwargs):
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(second_channel.lifecycle, "launch", die)
        with pytest.raises(Killed):
            send_due(now=NOW)
    assert made() == []
    assert send_due(now=NOW) == 1
    assert [campaign.status for campaign in made()] == ["sending"]


def test_one_that_was_stopped_before_its_list_was_written_is_not_made_again():
    event = hoping_event()
    message(make_ticket(event=event))
    send_due(now=NOW)
    lifecycle.cancel(made()[0], now=NOW)
    assert send_due(now=NOW + timedelta(hours=2)) == 0


def test_one_that_was_cancelled_is_not_made_again():
    message(make_ticket(event=hoping_event()))
    send_due(now=NOW)
    [campaign] = made()
    write_list(campaign)
    lifecycle.cancel(campaign, now=NOW)
    assert send_due(now=NOW + timedelta(hours=2)) == 0


def test_what_went_to_a_test_address_in_safe_mode_goes_there_once():
    ticket = make_ticket(event=hoping_event())
    message(ticket)
    message(ticket, "skipped", channel="email", error_kind=SkipReason.TEST_ONLY)
    assert send_due(now=NOW) == 0


def test_nothing_is_made_while_another_list_of_the_event_is_being_written():
    event = hoping_event()
    message(make_ticket(event=event))
    writing = make_campaign(kind="tickets", event=event, status="sending", prepared_at=None, channels="whatsapp")
    assert send_due(now=NOW) == 0
    Campaign.objects.filter(pk=writing.pk).update(prepared_at=NOW)
    assert send_due(now=NOW) == 1


def test_those_who_become_due_one_after_another_go_together_until_the_event_is_near():
    event = hoping_event()
    first, second = make_ticket(event=event), make_ticket(event=event)
    message(first)
    message(second, at=LONG_AGO + timedelta(hours=1, minutes=5))
    assert send_due(now=NOW) == 1
    write_list(made()[0])
    later = NOW + timedelta(minutes=10)
    assert (next_for(event, later), send_due(now=later)) == ((1, later), 0)
    assert send_due(now=NOW + timedelta(minutes=30)) == 1
    assert [campaign.audience["tickets"] for campaign in made()] == [[first.pk], [second.pk]]


def test_before_the_event_nobody_waits_for_others():
    event = hoping_event(starts_at=NOW + timedelta(hours=2))
    message(make_ticket(event=event))
    send_due(now=NOW)
    write_list(made()[0])
    message(make_ticket(event=event))
    assert send_due(now=NOW + timedelta(minutes=1)) == 1


def test_many_go_in_several_campaigns(monkeypatch):
    monkeypatch.setattr(second_channel, "MOST_AT_ONCE", 2)
    event = hoping_event()
    for _ in range(5):
        message(make_ticket(event=event))
    for minute in range(4):
        send_due(now=NOW + timedelta(minutes=minute))
        for campaign in made():
            write_list(campaign)
    assert [len(campaign.audience["tickets"]) for campaign in made()] == [2, 2, 1]


def test_the_page_of_the_event_can_say_how_many_and_when():
    event = hoping_event()
    assert next_for(event, NOW) == (0, None)
    for number, channel in enumerate(("whatsapp", "whatsapp", "email")):
        message(make_ticket(event=event), channel=channel, at=JUST_NOW + timedelta(minutes=number))
    assert next_for(event, NOW) == (3, JUST_NOW + timedelta(hours=HOURS))
    assert next_for(event, NOW + timedelta(hours=5)) == (3, NOW + timedelta(hours=5))


def test_what_was_due_before_a_database_was_put_back_is_left_to_people():
    """It may have gone out already, and this copy does not know."""
    event = hoping_event()
    message(make_ticket(event=event))
    Installation.objects.update_or_create(pk=1, defaults={"identity": "pruebas", "adopted_at": NOW})
    fresh = make_ticket(event=event)
    message(fresh, at=JUST_NOW)
    assert (due_tickets(event), next_for(event, NOW)[0]) == (set(), 1)
    assert due_tickets(event, NOW + timedelta(hours=HOURS)) == {fresh}


# --- at the moment of sending


def claimed_ways(campaign):
    Campaign.objects.filter(pk=campaign.pk).update(prepared_at=NOW)
    lane = Lane.objects.filter(channel="email", mailbox=None).first() or make_lane(channel="email", number=1)
    with transaction.atomic():
        claim(lane, [one for one in sending() if one.pk == campaign.pk], room=5, now=NOW)
    return list(Delivery.objects.filter(campaign=campaign).values_list("status", "error_kind"))


def planned(first_channels="whatsapp"):
    """A second message that waits, and the first one."""
    event = hoping_event()
    ticket = make_ticket(event=event)
    campaign = make_campaign(
        kind="tickets", event=event, status="finished", finished_at=LONG_AGO, channels=first_channels
    )
    first = message(ticket, "sent", campaign=campaign, sender=reporting_number(), gateway_message_id="X")
    send_due(now=NOW)
    [second] = made()
    write_list(second)
    return first, second


@pytest.mark.parametrize("first_channels", ["whatsapp", "whatsapp_first"])
def test_it_leaves_while_nothing_was_heard_of_the_first(first_channels):
    """Also where the first campaign promised one message to everybody: that one has not come."""
    _first, second = planned(first_channels)
    assert claimed_ways(second) == [("claimed", "")]


@pytest.mark.parametrize("status", ["delivered", "read", "pending"])
def test_a_receipt_that_came_meanwhile_or_a_new_try_keeps_the_second_back(status):
    first, second = planned()
    Delivery.objects.filter(pk=first.pk).update(status=status)
    assert claimed_ways(second) == [("skipped", SkipReason.ALREADY_SENT)]


def test_what_was_kept_back_for_a_new_try_that_failed_too_is_due_again():
    first, second = planned()
    Delivery.objects.filter(pk=first.pk).update(status="pending")
    claimed_ways(second)
    Delivery.objects.filter(pk=first.pk).update(status="failed", sent_at=None, status_changed_at=NOW)
    later = NOW + timedelta(hours=HOURS)
    assert send_due(now=later - timedelta(minutes=1)) == 0
    assert send_due(now=later) == 1


# --- whatever happens


states = st.sampled_from(
    [
        "waiting",
        "pending",
        "claimed",
        "sent",
        "delivered",
        "read",
        "failed",
        "uncertain",
        "skipped",
        "cancelled",
        "expired",
    ]
)
kinds = st.sampled_from(["", SkipReason.NO_PHONE, SkipReason.NO_EMAIL, SkipReason.ALREADY_SENT, SkipReason.TEST_ONLY])
pasts = st.lists(st.tuples(st.sampled_from(["whatsapp", "email"]), states, kinds, st.integers(0, 12)), max_size=4)


@hypothesis_settings(max_examples=15)
@given(people=st.lists(st.tuples(pasts, st.booleans(), st.booleans()).filter(lambda p: p[1] or p[2]), max_size=5))
def test_nobody_gets_a_ticket_twice_on_a_channel(people):
    with transaction.atomic():
        event, number = hoping_event(), reporting_number()
        for past, has_phone, has_email in people:
            without = {} if has_phone else {"phone": ""}
            holder = make_contact(**without | ({} if has_email else {"email": ""}))
            ticket = make_ticket(event=event, holder=holder)
            for channel, status, kind, hours in past:
                kind = kind if status == "skipped" else ""
                more = {"sender": number, "gateway_message_id": "X"} if channel == "whatsapp" else {}
                message(ticket, status, at=NOW - timedelta(hours=hours), channel=channel, error_kind=kind, **more)
        left_before = had_it(event)
        for hour in range(0, 20, 3):
            send_due(now=NOW + timedelta(hours=hour))
            for campaign in Campaign.objects.filter(origin=Origin.SECOND_CHANNEL, prepared_at=None):
                write_list(campaign)
                rows = Delivery.objects.filter(campaign=campaign, status="pending")
                assert not {(row.ticket_id, row.channel) for row in rows} & left_before
                left_before |= {(row.ticket_id, row.channel) for row in rows}
                rows.update(status="failed" if hour % 2 else "sent", sent_at=NOW, status_changed_at=NOW)
        transaction.set_rollback(True)


def had_it(event):
    """What may be with somebody already, or will be."""
    rows = Delivery.objects.filter(ticket__event=event, status__in=sorted(D.taken | {D.FAILED}))
    return set(rows.values_list("ticket", "channel"))


@pytest.mark.django_db(transaction=True)
def test_two_ticks_at_once_make_it_once():
    event = hoping_event()
    for _ in range(3):
        message(make_ticket(event=event))
    together = threading.Barrier(2, timeout=10)

    def look():
        try:
            together.wait()
            send_due(now=NOW)
        finally:
            connection.close()

    threads = [threading.Thread(target=look) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert [len(campaign.audience["tickets"]) for campaign in made()] == [3]
    assert made()[0].status == CampaignStatus.SENDING


def test_a_tick_asks_little_where_no_event_asks_for_it(django_assert_num_queries):
    message(make_ticket(event=make_event()))
    with django_assert_num_queries(1):
        send_due(now=NOW)
    message(make_ticket(event=hoping_event()), "sent")
    with django_assert_num_queries(14):
        send_due(now=NOW)
