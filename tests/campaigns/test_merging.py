"""Merging two contacts with messages: they move over, nobody gets an announcement twice, and a run goes on."""

import itertools
import threading
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from campaigns import lifecycle
from campaigns.audience import describe
from campaigns.drafts import draft_tickets
from campaigns.enums import DeliveryStatus
from campaigns.models import Campaign, Delivery
from campaigns.tick import tick
from tests.bug_reports.launching import LATER, announcement, prepared
from tests.campaigns.driving import run_until_idle
from tests.factories import NOW, make_campaign, make_contact, make_delivery, make_event, make_lane, make_ticket
from tests.fakes import Clock, FakeGateway
from tickets.merging import CannotMerge, merge, plan_merge
from tickets.models import Contact

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fixed_clock")]

D = DeliveryStatus
TAKEN = {D.CLAIMED, D.SENT, D.DELIVERED, D.READ, D.UNCERTAIN}
AGAIN = {D.WAITING, D.PENDING, D.FAILED}


def _merge(keep, gone, **chosen):
    expected = plan_merge(keep, gone).fingerprint
    return merge(keep, gone, chosen, expected=expected, user=None, now=NOW)


def _row(campaign, contact, status, **fields):
    times = {"claimed_at": NOW, "sent_at": NOW} if status not in AGAIN else {}
    values = {"dedupe_key": contact.phone, "address": contact.phone}
    return make_delivery(campaign=campaign, contact=contact, status=status, **values | times | fields)


def _states(campaign):
    return [(row.status, row.error_kind) for row in campaign.deliveries.order_by("pk")]


def test_messages_move_over_and_stay_as_they_were():
    keep, gone = make_contact(), make_contact()
    rows = [_row(make_campaign(status="sending"), gone, status) for status in ("sent", "failed", "pending")]
    assert "3 messages move over." in plan_merge(keep, gone).lines
    _merge(keep, gone)
    assert [(row.contact_id, row.status) for row in Delivery.objects.order_by("pk")] == [
        (keep.pk, row.status) for row in rows
    ]


@pytest.mark.any_database  # any pairs of them come on each database further down
@pytest.mark.parametrize("campaign_status", ["sending", "paused", "finished"])
@pytest.mark.parametrize(("mine", "theirs"), list(itertools.product(sorted(D.values), repeat=2)))
def test_nobody_can_get_an_announcement_twice_afterwards(campaign_status, mine, theirs):
    campaign = make_campaign(status=campaign_status, finished_at=NOW)
    keep, gone = make_contact(), make_contact()
    _row(campaign, keep, mine)
    _row(campaign, gone, theirs)
    _merge(keep, gone)
    states = list(campaign.deliveries.order_by("pk").values_list("status", flat=True))
    may_still_leave = [state for state in states if state in AGAIN]
    assert len(may_still_leave) + len(TAKEN & {mine}) + len(TAKEN & {theirs}) <= max(
        1, len(TAKEN & {mine}) + len(TAKEN & {theirs})
    )
    # Whoever has it, or is on the way to it, is left alone; and somebody who was to get it still does.
    assert [state for state in states if state in TAKEN] == [state for state in (mine, theirs) if state in TAKEN]
    if {mine, theirs} & AGAIN and not {mine, theirs} & TAKEN:
        assert len(may_still_leave) == 1


def test_of_two_that_wait_the_one_to_the_address_that_stays_is_sent():
    make_lane()
    keep = make_contact(phone="+573000000101", email="")
    gone = make_contact(phone="+573000000201", email="")
    campaign = prepared(announcement([keep, gone]))
    _merge(keep, gone, phone="gone")
    gateway = FakeGateway()
    run_until_idle(gateway, Clock(LATER))
    assert [message.phone for message in gateway.sent] == ["+573000000201"]
    assert sorted(_states(campaign)) == [("sent", ""), ("skipped", "merged")]
    tick(now=LATER + timedelta(hours=2))
    campaign.refresh_from_db()
    assert campaign.status == "finished"


def test_merging_between_two_messages_of_a_run_lets_the_second_not_leave():
    make_lane()
    keep, gone = make_contact(email=""), make_contact(email="")
    prepared(announcement([keep, gone]))
    gateway = FakeGateway()
    run_until_idle(gateway, Clock(LATER), budget=1.0)
    assert len(gateway.sent) == 1
    _merge(keep, gone)
    run_until_idle(gateway, Clock(LATER + timedelta(minutes=5)))
    assert len(gateway.sent) == 1
    assert sorted(_states(Campaign.objects.get())) == [("sent", ""), ("skipped", "merged")]


def test_merging_while_a_message_is_leaving_neither_stops_it_nor_lets_the_other_follow():
    make_lane()
    keep, gone = make_contact(email=""), make_contact(email="")
    campaign = prepared(announcement([keep, gone]))

    class MergingClock(Clock):
        """Somebody presses the button as soon as the first message is taken from the queue."""

        is_merged = False

        def __call__(self):
            is_dispatcher = threading.current_thread() is threading.main_thread()  # calls have no database
            if is_dispatcher and not self.is_merged and Delivery.objects.filter(status="claimed").exists():
                self.is_merged = True
                _merge(keep, gone)
            return super().__call__()

    clock, gateway = MergingClock(LATER), FakeGateway()
    run_until_idle(gateway, clock)
    assert (clock.is_merged, len(gateway.sent)) == (True, 1)
    assert sorted(_states(campaign)) == [("sent", ""), ("skipped", "merged")]
    assert set(campaign.deliveries.values_list("contact", flat=True)) == {keep.pk}


def test_a_failed_double_is_not_sent_again_by_resending():
    campaign = make_campaign(status="finished", finished_at=NOW)
    keep, gone = make_contact(), make_contact()
    _row(campaign, keep, "sent")
    _row(campaign, gone, "failed", error_kind="temporary")
    _merge(keep, gone)
    assert lifecycle.resend(campaign, now=NOW) == 0


def test_of_two_that_failed_the_one_that_can_be_sent_again_stays():
    campaign = make_campaign(status="finished", finished_at=NOW)
    keep, gone = make_contact(), make_contact()
    _row(campaign, keep, "failed", error_kind="too_long")
    _row(campaign, gone, "failed", error_kind="temporary")
    _merge(keep, gone)
    assert _states(campaign) == [("skipped", "merged"), ("failed", "temporary")]
    assert lifecycle.resend(campaign, now=NOW) == 1


def test_with_email_for_whoever_has_no_number_one_message_is_enough():
    campaign = make_campaign(status="sending", channels="whatsapp_first")
    keep, gone = make_contact(email=""), make_contact(phone="")
    _row(campaign, keep, "sent")
    _row(campaign, gone, "pending", channel="email", address=gone.email, dedupe_key=gone.email)
    _merge(keep, gone)
    assert _states(campaign) == [("sent", ""), ("skipped", "merged")]


def test_with_both_channels_each_channel_stays_one():
    campaign = make_campaign(status="sending", channels="both")
    keep, gone = make_contact(), make_contact()
    for contact in (keep, gone):
        _row(campaign, contact, "pending")
        _row(campaign, contact, "pending", channel="email", address=contact.email, dedupe_key=contact.email)
    assert any(line.startswith("2 messages of announcements are left out") for line in plan_merge(keep, gone).lines)
    _merge(keep, gone)
    assert _states(campaign) == [("pending", ""), ("pending", ""), ("skipped", "merged"), ("skipped", "merged")]


def test_two_tickets_are_two_messages():
    make_lane()
    event = make_event(starts_at=LATER + timedelta(days=9), attach_qr=False)
    keep, gone = make_contact(email=""), make_contact(email="")
    for contact in (keep, gone):
        make_ticket(event=event, holder=contact)
    campaign = prepared(draft_tickets(event))
    _merge(keep, gone)
    gateway = FakeGateway()
    run_until_idle(gateway, Clock(LATER))
    assert (len(gateway.sent), _states(campaign)) == (2, [("sent", ""), ("sent", "")])


def test_an_opt_out_of_either_keeps_the_open_announcement_from_leaving():
    make_lane()
    keep, gone = make_contact(email=""), make_contact(email="", whatsapp_opt_out_at=NOW)
    campaign, other = prepared(announcement([keep])), prepared(announcement([make_contact(email="")]))
    _merge(keep, gone)
    assert (_states(campaign), _states(other)) == ([("skipped", "opted_out")], [("pending", "")])  # said at once
    gateway = FakeGateway()
    run_until_idle(gateway, Clock(LATER))
    assert (len(gateway.sent), _states(campaign)) == (1, [("skipped", "opted_out")])


@pytest.mark.parametrize("status", ["draft", "scheduled", "overdue"])
def test_who_was_chosen_by_name_for_a_later_campaign_stays_chosen(status):
    keep, gone, other = make_contact(), make_contact(), make_contact()
    chosen = describe(contacts=[gone.pk, other.pk])
    at = {"scheduled_at": LATER} if status != "draft" else {}
    campaign = make_campaign(status=status, prepared_at=None, audience=chosen, **at)
    both = make_campaign(audience=describe(contacts=[keep.pk, gone.pk]))
    _merge(keep, gone)
    assert Campaign.objects.get(pk=campaign.pk).audience == {"contacts": [keep.pk, other.pk]}
    assert Campaign.objects.get(pk=both.pk).audience == {"contacts": [keep.pk]}


@pytest.mark.parametrize("status", ["sending", "paused"])
def test_a_list_that_is_being_written_comes_first(status):
    keep, gone = make_contact(), make_contact()
    make_campaign(status=status, prepared_at=None, name="Feria")
    with pytest.raises(CannotMerge, match="Feria"):
        _merge(keep, gone)
    assert Contact.objects.count() == 2


def test_a_test_of_a_message_is_in_nobodys_way():
    """It is for nobody on record, also while it is paused because its text is wrong."""
    keep, gone = make_contact(), make_contact()
    make_campaign(status="paused", prepared_at=None, trial_of=make_campaign(status="draft"))
    assert _merge(keep, gone) == keep


def test_rows_that_share_a_key_with_nobody_do_not_stand_in_the_way():
    """`delivery_is_made_once` is about addresses, and these move with their people."""
    campaign = make_campaign(status="finished", finished_at=NOW)
    keep, gone = make_contact(email=""), make_contact(email="")
    _row(campaign, keep, "sent")
    _row(campaign, gone, "sent")
    _row(campaign, gone, "skipped", channel="email", address="", dedupe_key=f"contact:{gone.pk}")
    _merge(keep, gone)
    assert set(campaign.deliveries.values_list("contact", flat=True)) == {keep.pk}


@hypothesis_settings(max_examples=25, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(sorted(D.values)), st.sampled_from(sorted(D.values))), min_size=1, max_size=4)
)
def test_whatever_their_messages_are_no_campaign_reaches_them_twice(pairs):
    keep, gone = make_contact(), make_contact()
    for mine, theirs in pairs:
        campaign = make_campaign(status="sending")
        _row(campaign, keep, mine)
        _row(campaign, gone, theirs)
    merged = _merge(keep, gone)
    for campaign in Campaign.objects.filter(deliveries__contact=merged).distinct():
        states = list(campaign.deliveries.values_list("status", flat=True))
        assert sum(state in AGAIN for state in states) <= (0 if TAKEN & set(states) else 1)


def test_ten_thousand_messages_move_with_few_statements(django_assert_max_num_queries):
    keep, gone, campaign = make_contact(), make_contact(), make_campaign(status="finished", finished_at=NOW)
    Delivery.objects.bulk_create(
        [
            Delivery(
                campaign=campaign,
                contact=gone,
                channel="whatsapp",
                dedupe_key=str(number),
                recipient="x",
                address="+573000000001",
                status="sent",
                sent_at=NOW,
            )
            for number in range(10_000)
        ],
        batch_size=500,
    )
    expected = plan_merge(keep, gone).fingerprint
    with django_assert_max_num_queries(50):
        merge(keep, gone, {}, expected=expected, user=None, now=NOW)
    assert keep.deliveries.count() == 10_000
