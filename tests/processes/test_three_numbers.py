"""One campaign over three numbers behind three gateways, while one after another of them gets into trouble."""

from collections import Counter
from datetime import timedelta

import pytest

from campaigns.models import DeliveryAttempt
from tests.factories import make_settings
from tests.fake_gateway import FakeProcess
from tests.processes.launching import status_of
from tests.processes.three_numbers import MINUTE, known_to, number_at, once, people, reached, states

pytestmark = [pytest.mark.processes, pytest.mark.any_database, pytest.mark.django_db]

NOT_READY = (
    "WhatsApp is not ready on “Waha”. It goes on by itself when it is. Look at the page of the number: perhaps its QR "
    "code has to be scanned."
)
SLOWER = "“Evolution” was asked to go slower and waits."
SILENT = "“Gowa” does not answer. It is tried again by itself. Is its program running?"


@pytest.fixture(autouse=True)
def pace():
    """A message every two seconds from each number."""
    make_settings(base_delay=2, step=0, maximum_delay=2)


def troubles():
    """Every call that was not accepted: its number and what it ended in."""
    calls = DeliveryAttempt.objects.exclude(outcome="accepted").order_by("sender__name")
    return list(calls.values_list("sender__name", "outcome", "error_kind", "http_status"))


def ended(number):
    """When its one call that did not go well was over."""
    return DeliveryAttempt.objects.exclude(outcome="accepted").get(sender=number.sender).finished_at


def test_one_is_logged_out_one_has_to_wait_and_the_third_goes_on(engine, numbers):
    waha, evolution, gowa = three = numbers("waha", "evolution", "gowa")
    new, known = people(25), [known_to(number, 5, now=engine.now) for number in three]
    everybody = [*new, *(person for some in known for person in some)]
    campaign = engine.announce(everybody)
    engine.work(7)
    assert [len(number.phones()) for number in three] == [4, 4, 4]

    waha.fake.set(phase="logged_out")
    evolution.fake.set(limited="seconds", retry_after="300")
    engine.work(3)
    assert troubles() == [
        ("Evolution", "not_sent", "rate_limited", 429),
        ("Waha", "not_sent", "not_ready", 422),
    ]
    looked_at, over = ended(waha) + timedelta(seconds=15), ended(evolution) + timedelta(seconds=300)
    assert (waha.rest, evolution.rest, gowa.rest) == (("not_ready", looked_at), ("rate_limited", over), ("", None))
    html = engine.page(campaign)
    assert engine.waiting(campaign) is None  # messages leave
    assert engine.said(NOT_READY, "not_ready", looked_at, campaign) in html
    assert engine.said(SLOWER, "rate_limited", over, campaign) in html

    engine.work(MINUTE)
    assert states(campaign) == {"sent": 30, "pending": 10}  # only whom the two know
    engine.work((over - engine.now).total_seconds() - 1)
    assert states(campaign) == {"sent": 30, "pending": 10}
    evolution.fake.set(limited="")
    engine.work(30)
    assert states(campaign) == {"sent": 35, "pending": 5}
    looked_at = waha.lane.paused_until
    assert engine.now < looked_at <= engine.now + timedelta(minutes=1)
    assert engine.waiting(campaign) == ("not_ready", looked_at)
    assert engine.said(NOT_READY, "not_ready", looked_at, campaign) in engine.page(campaign)

    waha.fake.set(phase="ready")  # somebody linked the telephone anew
    engine.work((looked_at - engine.now).total_seconds() + 10)
    assert (states(campaign), status_of(campaign)) == ({"sent": 40}, "finished")
    assert reached(*three) == once(everybody)
    for number, own in zip(three, known, strict=True):
        assert {person.phone for person in own} <= set(number.phones())
    assert len(troubles()) == 2
    assert set(campaign.deliveries.values_list("tries_charged", flat=True)) == {0}
    assert [number.fake.state()["restarts"] for number in three] == [0, 0, 0]


def test_everybody_keeps_the_number_that_reached_them_last(engine, numbers):
    three = numbers("waha", "evolution", "gowa")
    first, *others = people(40)
    engine.announce([first, *others])
    engine.work(MINUTE)
    before = [number.phones() for number in three]
    again = engine.announce(others)  # in turns they would come from others now
    engine.work(MINUTE)
    assert states(again) == {"sent": 39}
    for number, own in zip(three, before, strict=True):
        assert sorted(number.phones()[len(own) :]) == sorted(set(own) - {first.phone})


def test_a_program_that_is_killed_loses_its_people_to_the_others_after_ten_minutes(engine, numbers):
    waha, evolution = numbers("waha", "evolution")
    with FakeProcess("gowa") as program:
        gowa = number_at(program, asks_first=False)  # so that it is a message that meets nobody
        everybody = [*people(35), *known_to(gowa, 5, now=engine.now)]
        campaign = engine.announce(everybody)
        engine.work(7)
        before = gowa.phones()
        assert len(before) == 4
        program.kill()
        engine.work(9 * MINUTE)
        assert troubles() == [("Gowa", "not_sent", "unreachable", None)]
        assert states(campaign) == {"sent": 35, "pending": 5}
        looked_at = gowa.lane.paused_until
        assert engine.waiting(campaign) == ("unreachable", looked_at)
        assert engine.said(SILENT, "unreachable", looked_at, campaign) in engine.page(campaign)
        engine.work(3 * MINUTE)
        assert (states(campaign), status_of(campaign)) == ({"sent": 40}, "finished")
        assert reached(waha, evolution) + Counter(before) == once(everybody)

        program.__enter__()  # somebody starts it again, and for hours nobody has work for it
        engine.clock.tick(5 * 3600)
        engine.work(MINUTE)
        assert program.state()["calls"] == {}
        own = [person for person in everybody if person.phone in before]
        engine.announce(own)  # the others have been reached from other numbers since
        engine.work(MINUTE)
        assert (reached(gowa), program.state()["restarts"]) == (once(own), 0)
