"""A gateway that says of one person after another that they have no WhatsApp, and may not have looked."""

from datetime import timedelta

import pytest
from django.utils import translation

from campaigns.lane_waits import rest_sentence
from campaigns.lanes import wake
from campaigns.models import Delivery, DeliveryAttempt, Lane
from tests.campaigns.asking import NO, YES, Asked, Doubtful
from tests.campaigns.driving import run_until_idle
from tests.factories import NOW, make_campaign, make_contact, make_delivery, make_lane, make_sender, make_settings
from tests.fakes import Clock
from whatsapp import number_checks
from whatsapp.gateways.base import ErrorKind, OutcomeUnknown, Refused, State, Status
from whatsapp.health import record_state
from whatsapp.models import NumberCheck, Restart

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]

REST = 300.0
ABSENT = Refused("no", kind=ErrorKind.NOT_ON_WHATSAPP)


@pytest.fixture(autouse=True)
def pace():
    make_settings(breaker_cooldown_seconds=REST)


@pytest.fixture
def lane():
    return make_lane(sender=make_sender(gateway="gowa"))


def queue(count):
    campaign = make_campaign(status="sending")
    return [make_delivery(campaign=campaign, contact=make_contact()) for _ in range(count)]


def run(gateway, seconds=60.0, clock=None):
    run_until_idle(gateway, clock or Clock(), budget=seconds)
    return gateway


def states():
    return list(Delivery.objects.order_by("slot").values_list("status", flat=True))


def reason(lane):
    lane.refresh_from_db()
    return lane.pause_reason


def test_five_in_a_row_rest_the_number_and_the_fifth_person_has_not_failed(lane):
    queue(7)
    gateway = run(Doubtful(*[NO] * 7))
    assert (len(gateway.asked), gateway.sent) == (5, [])
    assert states() == ["failed"] * 4 + ["pending"] * 3
    fifth = Delivery.objects.order_by("slot")[4]
    assert (fifth.error_kind, fifth.error_detail, fifth.tries_charged) == ("nobody_found", "not there", 0)
    assert DeliveryAttempt.objects.get(delivery=fifth).outcome == "not_sent"
    assert reason(lane) == "nobody_found"
    said_at = DeliveryAttempt.objects.get(delivery=fifth).finished_at
    assert (lane.is_stopped, lane.paused_until) == (False, said_at + timedelta(seconds=REST))
    with translation.override("en"):
        assert rest_sentence(lane).startswith(f"The number check of “{lane}” answers “no” for everybody")


def test_none_of_those_answers_is_kept(lane):
    number_checks.remember("+573000000001", NO, Asked(), now=NOW)
    number_checks.remember("+573000000002", YES, Doubtful(), now=NOW)
    queue(5)
    run(Doubtful(*[NO] * 5))
    assert set(NumberCheck.objects.values_list("phone", flat=True)) == {"+573000000001", "+573000000002"}


def test_after_the_rest_the_fifth_person_is_asked_about_again_and_all_goes_on(lane):
    queue(7)
    gateway = run(Doubtful(*[NO] * 5), seconds=600.0)
    assert states() == ["failed"] * 4 + ["sent"] * 3
    assert gateway.asked[4] == gateway.asked[5]
    assert (reason(lane), lane.noes_in_a_row) == ("", 0)


def test_a_list_of_wrong_numbers_alone_comes_to_its_end(lane):
    """A healthy gateway: two rests, and no restart."""
    queue(12)
    gateway = run(Doubtful(*[NO] * 20), seconds=3600.0)
    assert states() == ["failed"] * 12
    assert len(gateway.asked) == 14
    assert set(Delivery.objects.values_list("error_kind", flat=True)) == {"not_on_whatsapp"}
    assert not Restart.objects.exists()


def test_a_yes_in_between_begins_the_run_anew(lane):
    queue(9)
    run(Doubtful(*[NO] * 4, YES, *[NO] * 4))
    assert states() == ["failed"] * 4 + ["sent"] + ["failed"] * 4
    assert (reason(lane), lane.noes_in_a_row) == ("", 4)


def test_a_yes_counts_also_where_the_message_is_lost_afterwards(lane):
    queue(9)
    run(Doubtful(*[NO] * 4, YES, *[NO] * 4, answers=[OutcomeUnknown("lost")]))
    assert states() == ["failed"] * 4 + ["uncertain"] + ["failed"] * 4
    assert reason(lane) == ""


def test_what_was_kept_from_before_is_no_news_of_the_gateway(lane):
    for delivery in queue(9)[:8]:
        number_checks.remember(delivery.address, NO, Doubtful(), now=NOW)
    assert len(run(Doubtful()).asked) == 1
    assert (states(), reason(lane)) == (["failed"] * 8 + ["sent"], "")


def test_a_no_of_the_sending_itself_counts_too():
    lane = make_lane(sender=make_sender(gateway="evolution", asks_first=False))
    queue(6)
    run(Doubtful(answers=[ABSENT] * 5))
    assert states() == ["failed"] * 4 + ["pending"] * 2
    assert reason(lane) == "nobody_found"


def test_a_gateway_whose_no_is_certain_never_rests_for_it():
    lane = make_lane(sender=make_sender(gateway="waha"))
    queue(8)
    run(Asked(*[NO] * 8))
    assert (states(), reason(lane), lane.noes_in_a_row) == (["failed"] * 8, "", 0)


def test_another_number_takes_over_meanwhile(lane):
    other = make_lane(sender=make_sender(gateway="waha"))
    queue(20)
    blind, seeing = Doubtful(*[NO] * 20), Asked()
    run_until_idle(lambda sender: blind if sender == lane.sender else seeing, budget=120.0)
    assert (states().count("failed"), states().count("sent")) == (4, 16)
    assert (reason(lane), reason(other)) == ("nobody_found", "")


def test_a_person_who_wants_the_number_forgives_what_was_before(lane):
    Lane.objects.update(noes_in_a_row=4, pause_reason="nobody_found")
    assert wake(lane.sender_id, now=NOW)
    lane.refresh_from_db()
    assert (lane.noes_in_a_row, lane.pause_reason) == (0, "")


def test_a_gateway_that_is_ready_may_be_unable_to_look_numbers_up(lane):
    """So that a look, or a state that it posts, does not end the rest."""
    queue(7)
    clock = Clock()
    run(Doubtful(*[NO] * 5), clock=clock)
    record_state(lane.sender_id, Status(State.READY), now=clock.now)
    assert reason(lane) == "nobody_found"
    clock.tick(REST)
    record_state(lane.sender_id, Status(State.READY), now=clock.now)
    assert reason(lane) == ""
