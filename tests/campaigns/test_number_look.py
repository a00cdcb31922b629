"""A number is asked about before the first message to it, and what was found out is kept."""

from datetime import timedelta
from importlib import import_module

import pytest
from django.apps import apps

from campaigns.models import Delivery, DeliveryAttempt, Lane
from tests.campaigns.asking import NO, PHONE, YES, Asked, Doubtful
from tests.campaigns.driving import run_until_idle
from tests.factories import NOW, make_campaign, make_contact, make_delivery, make_lane, make_sender
from tests.fakes import Clock
from whatsapp import identities, number_checks
from whatsapp.gateways.base import Capabilities, Connection, NotSent, NumberCheck, OutcomeUnknown, Throttled
from whatsapp.models import ChatIdentity
from whatsapp.models import NumberCheck as Row
from whatsapp.registry import gateways

pytestmark = pytest.mark.django_db


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
    number_checks.remember(PHONE, answer, Asked(), now=NOW - timedelta(days=days))
    one()
    assert run(Asked()).asked == ([PHONE] if is_asked_again else [])


def test_what_is_kept_decides_without_asking(lane):
    number_checks.remember(PHONE, NO, Asked(), now=NOW - timedelta(hours=1))
    refused, other = one(), one("+573000000001")
    gateway = run(Asked())
    assert gateway.asked == ["+573000000001"]
    assert state_of(refused) == ("failed", "not_on_whatsapp")
    assert state_of(other) == ("sent", "")


def test_a_newer_answer_takes_the_place_of_an_older_one(lane):
    number_checks.remember(PHONE, NO, Asked(), now=NOW - timedelta(days=2))
    one()
    run(Asked(YES))
    assert list(Row.objects.values_list("exists", "checked_at")) == [(True, NOW)]


# --- a "no" that may be wrong


@pytest.mark.parametrize(
    ("name", "only_for"), [("waha", ""), ("wppconnect", ""), ("gowa", "gowa"), ("evolution", "evolution")]
)
def test_which_gateways_are_not_believed_by_all(name, only_for):
    number_checks.remember(PHONE, NO, gateways()[name](Connection("http://localhost")), now=NOW)
    assert Row.objects.get().only_for == only_for


@pytest.mark.parametrize(("days", "asked", "state"), [(0.9, [], "failed"), (1.1, [PHONE], "sent")])
def test_it_holds_for_a_day_for_numbers_of_the_same_gateway(lane, days, asked, state):
    number_checks.remember(PHONE, NO, Doubtful(), now=NOW - timedelta(days=days))
    delivery = one()
    assert run(Doubtful()).asked == asked
    assert state_of(delivery)[0] == state


def test_a_number_of_another_gateway_asks_its_own(lane):
    number_checks.remember(PHONE, NO, Doubtful(), now=NOW - timedelta(hours=1))
    delivery = one()
    gateway = run(Asked(YES))
    assert (gateway.asked, state_of(delivery)) == ([PHONE], ("sent", ""))
    assert list(Row.objects.values_list("exists", "only_for")) == [(True, "")]


def test_the_no_of_that_other_gateway_counts_for_all(lane):
    number_checks.remember(PHONE, NO, Doubtful(), now=NOW - timedelta(hours=1))
    one()
    run(Asked(NO))
    later = one()
    assert run(Doubtful()).asked == []
    assert state_of(later) == ("failed", "not_on_whatsapp")


def test_a_yes_of_a_gateway_whose_no_may_be_wrong_counts_for_all(lane):
    number_checks.remember(PHONE, YES, Doubtful(), now=NOW - timedelta(days=29))
    one()
    gateway = run(Asked())
    assert (gateway.asked, [message.recipient_id for message in gateway.sent]) == ([], ["5215555550101"])


def test_a_no_from_before_it_was_known_whose_it_is_is_forgotten():
    number_checks.remember(PHONE, NO, Asked(), now=NOW)
    number_checks.remember("+573000000001", YES, Asked(), now=NOW)
    import_module("whatsapp.migrations.0012_whose_no_it_is").forget_each_no(apps, None)
    assert Row.objects.get().phone == "+573000000001"


# --- what is not kept, and who is not asked


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
    number_checks.remember(PHONE, YES, Asked(), now=NOW - timedelta(days=31))
    number_checks.remember("+573000000001", YES, Asked(), now=NOW - timedelta(days=29))
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
        number_checks.remember(contact.phone, YES, Asked(), now=NOW)
        identities.learn([(f"{contact.pk}00000@lid", contact.phone)], NOW)
    with django_capture_on_commit_callbacks(execute=True):
        person.delete()
    assert list(Row.objects.values_list("phone", flat=True)) == [other.phone]
    assert list(ChatIdentity.objects.values_list("phone", flat=True)) == [other.phone]
