"""A number that WhatsApp lets write to nobody new, and one whose messages reach nobody, beside two that work."""

from collections import Counter
from datetime import timedelta

import pytest
from django.urls import reverse

from campaigns.models import DeliveryAttempt
from tests.factories import make_settings
from tests.history import told
from tests.processes.launching import status_of
from tests.processes.three_numbers import MINUTE, known_to, once, people, reached, states

pytestmark = [pytest.mark.processes, pytest.mark.any_database, pytest.mark.django_db(transaction=True)]


def phones(persons):
    return {person.phone for person in persons}


@pytest.mark.parametrize("place", [0, 1])
def test_a_lock_for_new_people_leaves_it_those_whom_it_knows(engine, numbers, place):
    """Error 463, as WAHA and GOWA pass it on."""
    make_settings(base_delay=2, step=0, maximum_delay=2)
    three = numbers("waha", "gowa", "evolution")
    locked = three[place]
    others = [number for number in three if number is not locked]
    new, own = people(26), known_to(locked, 6, now=engine.now)
    theirs = [person for number in others for person in known_to(number, 4, now=engine.now)]
    everybody = [*new, *own, *theirs]
    locked.fake.set(lock="contact", strangers=[person.phone.removeprefix("+") for person in (*new, *theirs)])
    campaign = engine.announce(everybody)
    engine.work(5)
    assert (locked.rest, locked.lane.known_only_since) == (("", None), engine.now - timedelta(seconds=5))
    said = f"WhatsApp lets “{locked.sender}” write to nobody new for now."
    assert said in engine.page(campaign)
    assert said in engine.see(reverse("admin:whatsapp_sender_change", args=[locked.sender.pk]))
    engine.work(MINUTE)
    assert (states(campaign), status_of(campaign)) == ({"sent": 40}, "finished")
    assert reached(*three) == once(everybody)
    assert phones(own) == set(locked.phones())
    [refused] = DeliveryAttempt.objects.exclude(outcome="accepted")
    assert (refused.sender, refused.outcome, refused.error_kind) == (locked.sender, "not_sent", "new_contacts")
    assert "463" in refused.detail or "TIMELOCK" in refused.detail
    assert locked.fake.state()["restarts"] == 0

    later = engine.announce([*people(3), *own])  # what is launched meanwhile
    engine.work(MINUTE)
    assert states(later) == {"sent": 9}
    assert Counter(locked.phones()) == once(own) + once(own)
    locked.fake.set(lock="")
    engine.press(reverse("admin:campaigns_campaign_number_again", args=[locked.sender.pk]))
    engine.announce(people(9))
    engine.work(MINUTE)
    assert len(locked.phones()) == 12 + 3


def test_a_lock_of_the_whole_account_ends_when_it_was_said_to(engine, numbers):
    make_settings(base_delay=2, step=0, maximum_delay=2)
    _waha, _evolution, gowa = three = numbers("waha", "evolution", "gowa")
    everybody = [*known_to(gowa, 3, now=engine.now), *people(37)]
    gowa.fake.set(lock="account", retry_after="3600")
    campaign = engine.announce(everybody)
    engine.work(5)
    first, second = DeliveryAttempt.objects.exclude(outcome="accepted").order_by("pk")
    over = second.finished_at + timedelta(hours=1)  # then somebody whom it knows was refused as well
    assert (gowa.rest, gowa.lane.known_only_until) == (("blocked", over), first.finished_at + timedelta(hours=1))
    said = "WhatsApp locked “Gowa” for a time. Do not restart it; other numbers take over meanwhile."
    assert engine.said(said, "blocked", over, campaign) in engine.page(campaign)
    engine.work(MINUTE)
    assert (states(campaign), gowa.phones()) == ({"sent": 40}, [])
    assert reached(*three) == once(everybody)

    gowa.fake.set(lock="")
    engine.clock.tick(3600)
    engine.work(1)
    engine.announce(people(9))
    engine.work(MINUTE)
    assert (len(gowa.phones()), gowa.fake.state()["restarts"]) == (3, 0)


def test_a_number_whose_receipts_stop_takes_no_new_work_until_one_comes(engine, numbers, live_server):
    make_settings(base_delay=30, step=0, maximum_delay=30, silence_messages=3, silence_minutes=3)
    waha, *_others = three = numbers("waha", "evolution", "gowa")
    for number in three:
        number.reports_to(live_server.url)
        number.fake.set(receipts=["delivered"], is_early=True)
    everybody = people(45)
    campaign = engine.announce(everybody)
    engine.work(MINUTE + 1)
    assert states(campaign) == {"delivered": 9, "pending": 36}

    waha.fake.set(receipts=[])  # it says yes to everything, and nothing reaches anybody
    engine.work(4 * MINUTE)
    assert (waha.rest, len(waha.phones())) == (("", None), 11)
    engine.work(MINUTE)  # three of its messages have waited for three minutes
    assert (waha.rest, waha.lane.is_stopped, len(waha.phones())) == (("silent", None), True, 13)
    said = "“Waha” takes every message, and no receipt comes any more: perhaps nothing reaches anybody."
    assert said in engine.page(campaign)
    assert said in engine.see(reverse("admin:whatsapp_sender_change", args=[waha.sender.pk]))

    engine.work(2 * MINUTE)
    assert (states(campaign), status_of(campaign)) == ({"delivered": 35, "sent": 10}, "finished")
    assert reached(*three) == once(everybody)
    again = engine.announce(everybody)
    engine.work(MINUTE)
    assert (states(again)["delivered"], len(waha.phones())) == (4, 13)

    assert waha.fake.receipt(13, "delivered") == [200]
    engine.work(MINUTE)
    assert (waha.rest, waha.lane.is_stopped, len(waha.phones())) == (("", None), False, 15)
    assert [what for _who, what, _facts in told()] == ["silenced", "heard_again"]
