"""A number is asked about before the first message to it, and what was found out is kept."""

from datetime import timedelta

import pytest

from campaigns.models import Delivery, DeliveryAttempt, Lane
from tests.campaigns.driving import run_until_idle
from tests.factories import NOW, make_campaign, make_contact, make_delivery, make_lane, make_sender
from tests.fakes import Clock, FakeGateway
from whatsapp import identities, number_checks
from whatsapp.gateways.base import Capabilities, NotSent, NumberCheck, OutcomeUnknown, Throttled
from whatsapp.models import ChatIdentity
from whatsapp.models import NumberCheck as Row

pytestmark = pytest.mark.django_db

PHONE = "+525555550101"
YES = NumberCheck(True, recipient_id="5215555550101")
NO = NumberCheck(False, detail="not there")


class Asked(FakeGateway):
    """`checks`: what it says of a number, one after another; then yes."""

    capabilities = Capabilities(checks_numbers=True)

    def __init__(self, *checks, answers=()):
        super().__init__(*answers)
        self.checks, self.asked = list(checks), []

    def check_number(self, phone):
        self.asked.append(phone)
        return self.checks.pop(0) if self.checks else NumberCheck(True)


@pytest.fixture
def lane():
    return make_lane()


def one(phone=PHONE, **fields):
    campaign = fields.pop("campaign", None) or make_campaign(status="sending")
    return make_delivery(campaign=campaign, address=phone, contact=make_contact(), **fields)


def run(gateway, now=NOW):
    run_until_idle(gateway, Clock(now), budget=30)
    return gateway


def state_of(delivery):
    delivery.refresh_from_db()
    return delivery.status, delivery.error_kind


def test_the_message_goes_to_whom_the_gateway_says(lane):
    delivery = one()
    gateway = run(Asked(YES))
    assert [(message.phone, message.recipient_id) for message in gateway.sent] == [(PHONE, "5215555550101")]
    assert state_of(delivery) == ("sent", "")
    row = Row.objects.get()
    assert (row.phone, row.exists, row.recipient_id, row.checked_at) == (PHONE, True, "5215555550101", NOW)


def test_a_number_without_whatsapp_gets_nothing_and_is_not_charged_to_the_number(lane):
    delivery = one()
    gateway = run(Asked(NO))
    assert gateway.sent == []
    assert state_of(delivery) == ("failed", "not_on_whatsapp")
    assert DeliveryAttempt.objects.get().outcome == "refused"
    assert Lane.objects.get(pk=lane.pk).failures_in_a_row == 0


@pytest.mark.parametrize(
    ("answer", "days", "is_asked_again"), [(YES, 29.9, False), (YES, 30.1, True), (NO, 0.9, False), (NO, 1.1, True)]
)
def test_yes_holds_for_thirty_days_and_no_for_one(lane, answer, days, is_asked_again):
    number_checks.remember(PHONE, answer, now=NOW - timedelta(days=days))
    one()
    assert run(Asked()).asked == ([PHONE] if is_asked_again else [])


def test_what_is_kept_decides_without_asking(lane):
    number_checks.remember(PHONE, NO, now=NOW - timedelta(hours=1))
    refused, other = one(), one("+573000000001")
    gateway = run(Asked())
    assert gateway.asked == ["+573000000001"]
    assert state_of(refused) == ("failed", "not_on_whatsapp")
    assert state_of(other) == ("sent", "")


def test_a_newer_answer_takes_the_place_of_an_older_one(lane):
    number_checks.remember(PHONE, NO, now=NOW - timedelta(days=2))
    one()
    run(Asked(YES))
    assert list(Row.objects.values_list("exists", "checked_at")) == [(True, NOW)]


def test_that_nobody_knows_is_not_kept_and_stops_nobody(lane):
    delivery = one()
    gateway = run(Asked(NumberCheck(None, detail="HTTP 500")))
    assert [message.recipient_id for message in gateway.sent] == [""]
    assert state_of(delivery) == ("sent", "")
    assert not Row.objects.exists()


@pytest.mark.parametrize(
    ("error", "kind", "pause"),
    [
        (NotSent("asleep"), "not_ready", "not_ready"),
        (Throttled("slower", retry_after=120.0), "rate_limited", "rate_limited"),
        (OutcomeUnknown("no complete answer within 15 s"), "unreachable", "unreachable"),
    ],
)
def test_a_question_without_an_answer_leaves_no_doubt_about_the_message(lane, error, kind, pause):
    delivery = one()
    gateway = Asked(*[NumberCheck(None, error=error)] * 9)
    run_until_idle(gateway, Clock(), budget=0.5)
    assert gateway.sent == []
    assert state_of(delivery) == ("pending", kind)
    assert Lane.objects.get(pk=lane.pk).pause_reason == pause
    assert not Row.objects.exists()


def test_nobody_is_asked_where_somebody_switched_that_off():
    make_lane(sender=make_sender(asks_first=False))
    one()
    gateway = run(Asked(NO))
    assert (gateway.asked, len(gateway.sent)) == ([], 1)


def test_a_gateway_that_cannot_tell_is_not_asked(lane):
    one()
    gateway = Asked(NO)
    gateway.capabilities = Capabilities()
    assert (run(gateway).asked, len(gateway.sent)) == ([], 1)


def test_two_messages_to_one_number_ask_once(lane):
    one()
    one()
    gateway = run(Asked(YES))
    assert (gateway.asked, len(gateway.sent)) == ([PHONE], 2)


def test_old_answers_are_forgotten(lane):
    number_checks.remember(PHONE, YES, now=NOW - timedelta(days=31))
    number_checks.remember("+573000000001", YES, now=NOW - timedelta(days=29))
    assert number_checks.forget_old(NOW) == 1
    assert Row.objects.get().phone == "+573000000001"


def test_in_safe_mode_the_test_address_is_asked_about(lane, settings):
    settings.OVERRIDE_RECIPIENTS = ["+573000000099"]
    one()
    assert run(Asked()).asked == ["+573000000099"]
    assert not Delivery.objects.exclude(status="skipped").exists()


def test_what_is_known_of_a_number_goes_with_its_person(django_capture_on_commit_callbacks):
    person, other = make_contact(phone=PHONE), make_contact(phone="+573000000001")
    for contact in (person, other):
        number_checks.remember(contact.phone, YES, now=NOW)
        identities.learn([(f"{contact.pk}00000@lid", contact.phone)], NOW)
    with django_capture_on_commit_callbacks(execute=True):
        person.delete()
    assert list(Row.objects.values_list("phone", flat=True)) == [other.phone]
    assert list(ChatIdentity.objects.values_list("phone", flat=True)) == [other.phone]
