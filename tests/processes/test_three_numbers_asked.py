"""Three gateways that can tell whether a number has WhatsApp, and under which digits WhatsApp knows it."""

from collections import Counter

import pytest

from campaigns import lifecycle
from campaigns.models import DeliveryAttempt
from tests.factories import make_contact, make_settings
from tests.processes.three_numbers import MINUTE, once, people, reached, states, written_to
from whatsapp.models import NumberCheck

pytestmark = [pytest.mark.processes, pytest.mark.any_database, pytest.mark.django_db]

# As people write them, and as WhatsApp knows them.
VARIANTS = {
    "+525555550101": "5215555550101",  # Mexico
    "+5491155550102": "541155550102",  # Argentina
    "+5511955550103": "551155550103",  # Brazil
}


@pytest.fixture(autouse=True)
def pace():
    make_settings(base_delay=2, step=0, maximum_delay=2)


@pytest.fixture
def three(numbers):
    return numbers("waha", "evolution", "wppconnect")


def asked(*numbers):
    return sum(number.fake.calls("check") for number in numbers)


def test_a_number_without_whatsapp_is_asked_about_once_and_sent_nothing(engine, numbers):
    """By whichever of the two has its turn first; the other takes its word for a day."""
    two = numbers("waha", "wppconnect")
    everybody, absent = people(12), people(4)
    for number in two:
        number.fake.set(absent=[person.phone.removeprefix("+") for person in absent])
    for _ in range(2):
        campaign = engine.announce([*everybody, *absent])
        engine.work(MINUTE)
        assert states(campaign) == {"sent": 12, "failed": 4}
        failed = campaign.deliveries.filter(status="failed")
        assert {(row.contact, row.error_kind) for row in failed} == {(person, "not_on_whatsapp") for person in absent}
        assert asked(*two) == 16
    assert reached(*two) == once(everybody) + once(everybody)
    assert set(DeliveryAttempt.objects.exclude(outcome="accepted").values_list("outcome", "error_kind")) == {
        ("refused", "not_on_whatsapp")
    }
    assert {number.rest for number in two} == {("", None)}
    assert [number.lane.failures_in_a_row for number in two] == [0, 0]


def test_the_word_of_a_gateway_that_can_be_wrong_is_not_taken_by_the_others(engine, three):
    """Evolution finds nobody: of whom it refuses, its own number alone believes it for the day."""
    everybody = people(12)
    waha, evolution, _wppconnect = three
    evolution.fake.set(absent=[person.phone.removeprefix("+") for person in everybody])
    refused = states(_worked(engine, everybody))["failed"]
    assert 0 < refused < 5
    evolution.sender.is_enabled = False
    evolution.sender.save()
    assert states(_worked(engine, everybody)) == {"sent": 12}
    assert (evolution.fake.calls("check"), waha.fake.calls("check") > 0) == (refused, True)


def _worked(engine, persons):
    campaign = engine.announce(persons)
    engine.work(MINUTE)
    return campaign


def test_a_gateway_that_finds_nobody_for_a_while_uses_up_no_campaign(engine, numbers):
    """GOWA says "no" whenever its look-up fails. When it works again, everybody is reached."""
    [gowa] = numbers("gowa")
    everybody = people(8)
    gowa.fake.set(absent=[person.phone.removeprefix("+") for person in everybody])
    campaign = _worked(engine, everybody)
    assert (states(campaign), gowa.rest[0]) == ({"failed": 4, "pending": 4}, "nobody_found")
    gowa.fake.set(absent=[])
    engine.work(6 * MINUTE)
    assert (states(campaign), gowa.rest) == ({"failed": 4, "sent": 4}, ("", None))
    lifecycle.resend(campaign, now=engine.now)
    engine.work(MINUTE)
    assert reached(gowa) == once(everybody)


@pytest.mark.parametrize("place", range(3))
def test_it_is_sent_to_the_digits_under_which_whatsapp_knows_the_person(engine, three, place):
    """And also by a number that was told by another one's gateway."""
    number, others = three[place], three[:place] + three[place + 1 :]
    odd = [make_contact(phone=phone, email="") for phone in VARIANTS]
    written_to(number, odd, now=engine.now)
    for each in three:
        each.fake.set(variants={phone.removeprefix("+"): digits for phone, digits in VARIANTS.items()})
    right = Counter(f"+{digits}" for digits in VARIANTS.values())
    assert states(engine.announce(odd)) == {"pending": 3}
    engine.work(MINUTE)
    assert (reached(number), asked(number), asked(*others)) == (right, 3, 0)
    assert {row.phone: row.recipient_id[:13].partition("@")[0] for row in NumberCheck.objects.all()} == VARIANTS

    number.sender.is_enabled = False
    number.sender.save()
    engine.announce(odd)
    engine.work(MINUTE)
    assert (reached(*others), asked(*three)) == (right, 3)
