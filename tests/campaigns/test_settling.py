"""What a person decided about an uncertain message stands, whatever comes later; the calls stay as they were."""

from datetime import timedelta

import pytest

from campaigns.attempts import Ended, RetryRule, close_attempt
from campaigns.evidence import evidence_of
from campaigns.models import Campaign, Delivery, DeliveryAttempt, Dispatcher, Lane
from campaigns.settling import Share, count_as_sent, send_again, shares
from tests.campaigns.doubts import CALLED, make_finished, make_uncertain, states, status_of
from tests.campaigns.driving import run_until_idle
from tests.factories import NOW, make_campaign, make_contact, make_delivery, make_lane, make_ticket, make_user
from tests.fakes import Clock, FakeGateway
from tickets.models import HistoryEntry
from whatsapp.gateways.base import Accepted, ErrorKind, GatewayError

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fixed_clock")]

EVERYTHING = Delivery.objects.all
LATER = NOW + timedelta(minutes=1)
REFUSED = GatewayError("no such number", kind=ErrorKind.INVALID_NUMBER)
ACCEPTED = Accepted(message_id="LATE", http_status=200)


def late_answer(delivery, *, accepted=None, error=None):
    attempt = delivery.attempts.get(number=1)
    ended = Ended(finished_at=LATER, latency_ms=99_000, accepted=accepted, error=error)
    close_attempt(attempt, delivery, ended, RetryRule(attempts=5, wait=1.0))


# --- count as sent -------------------------------------------------------------------------------------------------


def test_what_is_counted_left_when_its_last_call_began():
    user, delivery = make_user(), make_uncertain()
    assert count_as_sent(EVERYTHING(), user=user, now=NOW) == 1
    delivery.refresh_from_db()
    assert (delivery.status, delivery.sent_at, delivery.settled_by) == ("sent", CALLED, user)
    assert (delivery.error_kind, delivery.status_changed_at) == ("", NOW)


def test_of_several_calls_the_last_one_counts():
    delivery = make_uncertain(attempts_made=2)
    first = delivery.attempts.get()
    first.pk, first.number, first.started_at = None, 2, CALLED + timedelta(minutes=5)
    first.save()
    count_as_sent(EVERYTHING(), user=None, now=NOW)
    assert Delivery.objects.get().sent_at == CALLED + timedelta(minutes=5)


def test_without_a_call_on_record_it_left_now():
    make_delivery(status="uncertain")
    count_as_sent(EVERYTHING(), user=None, now=NOW)
    assert Delivery.objects.get().sent_at == NOW


def test_the_call_stays_on_record_as_it_ended():
    make_uncertain(detail="Read timed out")
    before = DeliveryAttempt.objects.values().get()
    count_as_sent(EVERYTHING(), user=make_user(), now=NOW)
    assert DeliveryAttempt.objects.values().get() == before


@pytest.mark.parametrize("status", ["pending", "failed", "sent", "skipped", "cancelled"])
def test_only_what_is_uncertain_is_counted(status):
    make_delivery(status=status, sent_at=CALLED if status == "sent" else None)
    assert count_as_sent(EVERYTHING(), user=None, now=NOW) == 0
    assert Delivery.objects.get().status == status


def test_only_what_was_chosen_is_counted():
    campaign = make_finished(2)
    assert count_as_sent(EVERYTHING().filter(pk=campaign.deliveries.first().pk), user=None, now=NOW) == 1
    assert states(campaign) == ["sent", "uncertain"]


@pytest.mark.parametrize("status", ["cancelled", "finished"])
def test_counting_leaves_the_campaign_as_it_is(status):
    campaign = make_campaign(status=status, finished_at=NOW)
    make_uncertain(campaign=campaign)
    count_as_sent(EVERYTHING(), user=None, now=NOW)
    assert (states(campaign), status_of(campaign)) == (["sent"], status)


def test_each_campaign_has_its_number_in_its_history():
    user, first, second, untouched = make_user(), make_finished(2), make_finished(1), make_finished()
    count_as_sent(EVERYTHING(), user=user, now=NOW)
    written = {entry.object_id: (entry.user, entry.action, entry.after) for entry in HistoryEntry.objects.all()}
    assert written == {
        str(first.pk): (user, "settled", {"uncertain": 2}),
        str(second.pk): (user, "settled", {"uncertain": 1}),
    }
    assert str(untouched.pk) not in written


def test_the_second_person_counts_nothing_and_writes_nothing():
    make_finished(1)
    count_as_sent(EVERYTHING(), user=make_user("ana"), now=NOW)
    assert count_as_sent(EVERYTHING(), user=make_user("beto"), now=LATER) == 0
    assert HistoryEntry.objects.get().user.username == "ana"
    assert Delivery.objects.get().status_changed_at == NOW


@pytest.mark.parametrize("answer", [{"accepted": ACCEPTED}, {"error": REFUSED}], ids=["accepted", "refused"])
def test_an_answer_that_comes_after_the_decision_does_not_undo_it(answer):
    delivery = make_uncertain()
    count_as_sent(EVERYTHING(), user=None, now=NOW)
    late_answer(delivery, **answer)
    delivery.refresh_from_db()
    assert (delivery.status, delivery.sent_at, delivery.gateway_message_id) == ("sent", CALLED, "")


# --- send again ----------------------------------------------------------------------------------------------------


def test_what_is_sent_again_joins_the_queue_and_its_campaign_goes_on():
    campaign = make_finished(2)
    done = send_again(EVERYTHING(), user=make_user(), now=NOW)
    assert (done.queued, done.stayed) == (2, ())
    assert (states(campaign), status_of(campaign)) == (["pending", "pending"], "sending")
    assert Campaign.objects.get().finished_at is None
    entry = HistoryEntry.objects.get()
    assert (entry.action, entry.after) == ("resent", {"uncertain": 2})


def test_only_what_was_chosen_is_sent_again():
    campaign = make_finished(2)
    make_delivery(campaign=campaign, status="failed", error_kind="temporary")
    send_again(EVERYTHING().filter(pk=campaign.deliveries.last().pk), user=None, now=NOW)
    assert states(campaign) == ["failed", "pending", "uncertain"]


def test_somebody_is_asked_to_send_it():
    make_finished(1)
    Dispatcher.objects.update(kicked_at=None)
    send_again(EVERYTHING(), user=None, now=NOW)
    assert Dispatcher.objects.filter(kicked_at=NOW).exists()


@pytest.mark.parametrize("status", ["sending", "paused"])
def test_a_campaign_that_is_not_over_stays_where_it_is(status):
    campaign = make_campaign(status=status)
    make_uncertain(campaign=campaign)
    assert send_again(EVERYTHING(), user=None, now=NOW).queued == 1
    assert status_of(campaign) == status


def test_what_its_campaign_forbids_stays_with_the_reason_and_the_rest_goes():
    good, cancelled = make_finished(1), make_campaign(status="cancelled", name="Gira")
    late = make_finished(1, name="Aviso", not_after=NOW)
    for _ in range(2):
        make_uncertain(campaign=cancelled)
    done = send_again(EVERYTHING(), user=make_user(), now=NOW)
    assert done.queued == 1
    assert {share.campaign.pk: (share.number, share.why) for share in done.stayed} == {
        cancelled.pk: (2, "“Gira” is cancelled now, so this was not done."),
        late.pk: (1, "“Aviso” may not send any more: its “not later than” has passed."),
    }
    assert (states(cancelled), states(late)) == (["uncertain", "uncertain"], ["uncertain"])
    assert status_of(late) == "finished"
    assert [entry.object_id for entry in HistoryEntry.objects.all()] == [str(good.pk)]


def test_the_question_says_the_same_and_changes_nothing():
    good, cancelled = make_finished(2), make_campaign(status="cancelled", name="Gira")
    make_uncertain(campaign=cancelled)
    assert list(shares(EVERYTHING(), now=NOW)) == [
        Share(good, 2),
        Share(cancelled, 1, "“Gira” is cancelled now, so this was not done."),
    ]
    assert (states(good), states(cancelled)) == (["uncertain", "uncertain"], ["uncertain"])
    assert status_of(good) == "finished"


def test_a_second_press_sends_nothing_more():
    campaign = make_finished(1)
    send_again(EVERYTHING(), user=make_user(), now=NOW)
    again = send_again(EVERYTHING(), user=make_user(), now=NOW)
    assert (again.queued, again.stayed, states(campaign)) == (0, (), ["pending"])
    assert HistoryEntry.objects.count() == 1


@pytest.mark.parametrize("answer", [{"accepted": ACCEPTED}, {"error": REFUSED}], ids=["accepted", "refused"])
def test_the_answer_of_the_first_call_does_not_settle_the_second(answer):
    delivery = make_uncertain()
    send_again(EVERYTHING(), user=None, now=NOW)
    late_answer(delivery, **answer)
    assert Delivery.objects.get().status == "pending"
    Delivery.objects.update(status="claimed", claimed_at=NOW, attempts_made=2)
    late_answer(delivery, **answer)
    assert Delivery.objects.get().status == "claimed"


def test_it_leaves_once_more_and_only_once():
    campaign = make_finished(1)
    Lane.objects.update(next_send_at=None)
    send_again(EVERYTHING(), user=None, now=NOW)
    gateway = FakeGateway()
    run_until_idle(gateway, Clock(NOW))
    delivery = campaign.deliveries.get()
    assert [message.phone for message in gateway.sent] == [delivery.address]
    assert (delivery.status, delivery.attempts_made) == ("sent", 2)
    assert list(delivery.attempts.order_by("number").values_list("outcome", flat=True)) == ["uncertain", "accepted"]


# --- what is known -------------------------------------------------------------------------------------------------


def known(delivery):
    (found,) = evidence_of([Delivery.objects.select_related("campaign", "sender").get(pk=delivery.pk)])
    return found


def signs(delivery):
    return list(known(delivery).signs(lambda moment: f"{moment:%H:%M}"))


def test_the_call_its_place_its_length_and_what_was_answered():
    lane = make_lane()
    found = known(make_uncertain(lane=lane, latency_ms=15_340, http_status=502, detail="Bad Gateway"))
    assert (found.started_at, found.seconds, found.place) == (CALLED, 15.3, lane.sender.name)
    assert found.answer == "HTTP 502 · Bad Gateway"
    assert "It very likely arrived" in found.advice


def test_a_call_whose_end_nobody_saw_says_so():
    delivery = make_uncertain(latency_ms=None)
    assert known(delivery).seconds is None
    assert signs(delivery) == ["The program or its computer stopped during the call, so no answer was recorded."]


@pytest.mark.parametrize(
    ("other", "sentence"),
    [
        ({"status": "sent"}, "Another message to this address left without trouble: 14:58."),
        ({"status": "read"}, "Another message reached this address: 14:58."),
        (
            {"status": "failed", "error_kind": "not_on_whatsapp"},
            "Another message to this address failed, 14:58: The number has no WhatsApp.",
        ),
    ],
)
def test_what_became_of_another_message_at_that_time(other, sentence):
    delivery = make_uncertain()
    moment = {"sent_at": NOW - timedelta(minutes=2), "status_changed_at": NOW - timedelta(minutes=2)}
    same = {"contact": delivery.contact, "address": delivery.address}
    make_delivery(**same, **moment, **other)
    make_delivery(**same, status="sent", sent_at=NOW + timedelta(hours=5))  # further away
    assert signs(delivery) == [sentence]


def test_a_number_that_did_not_work_is_asked_about_first():
    delivery = make_uncertain()
    make_delivery(
        contact=delivery.contact,
        address=delivery.address,
        status="failed",
        error_kind="invalid_number",
        status_changed_at=NOW,
    )
    assert known(delivery).advice == "This address did not work for another message. Ask the person before you decide."


@pytest.mark.parametrize("what", ["another person", "another address", "long ago", "still open"])
def test_other_messages_that_say_nothing(what):
    delivery = make_uncertain()
    values = {"contact": delivery.contact, "address": delivery.address, "status": "sent", "sent_at": CALLED}
    values |= {
        "another person": {"contact": make_contact()},
        "another address": {"address": "+573009999999"},
        "long ago": {"sent_at": CALLED - timedelta(days=2)},
        "still open": {"status": "pending", "sent_at": None},
    }[what]
    make_delivery(**values)
    assert signs(delivery) == []


def test_the_same_ticket_by_another_channel_is_known():
    ticket = make_ticket()
    delivery = make_uncertain(ticket=ticket, contact=ticket.holder)
    make_delivery(channel="email", ticket=ticket, status="sent", sent_at=NOW)
    assert signs(delivery) == ["The same ticket left by E-mail: 15:00."]
    assert known(delivery).advice == "The person was sent it another time. Count this one as sent."


@pytest.mark.parametrize(("minutes", "number"), [(-20, 0), (5, 1)])
def test_the_same_ticket_by_the_same_way_counts_when_it_came_later(minutes, number):
    ticket = make_ticket()
    delivery = make_uncertain(ticket=ticket, contact=ticket.holder)
    make_delivery(ticket=ticket, status="sent", sent_at=CALLED + timedelta(minutes=minutes))
    assert sum("same ticket" in sign for sign in signs(delivery)) == number


def test_an_announcement_that_came_by_e_mail_too_is_known():
    delivery = make_uncertain()
    make_delivery(
        campaign=delivery.campaign, contact=delivery.contact, channel="email", status="delivered", sent_at=CALLED
    )
    assert signs(delivery) == ["The same message left by E-mail: 14:50."]


def test_of_a_cancelled_campaign_only_one_way_is_left():
    delivery = make_uncertain(campaign=make_campaign(status="cancelled"))
    assert known(delivery).advice == "Its campaign is cancelled, so it cannot be sent again. Count it as sent."
