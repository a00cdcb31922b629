"""What the product promises, end to end: worker and simulator in processes of their own, real HTTP between them."""

import subprocess
import sys
from collections import Counter
from datetime import timedelta
from itertools import pairwise

import pytest
from django.utils import timezone

from campaigns import lifecycle
from campaigns.audience import describe
from campaigns.drafts import draft_tickets
from campaigns.models import Campaign, DeliveryAttempt, Lane
from campaigns.progress import snapshot
from campaigns.scene import Scene
from tests.factories import make_campaign, make_contact, make_event, make_settings, make_ticket
from tests.processes.supervised import ROOT, environment, wait_until

pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]
# What a gateway does is the same on any database; the torture does it all on each of them.
of_the_gateway = pytest.mark.any_database


def people(count, **fields):
    return [make_contact(email="", **fields) for _ in range(count)]


def announce(contacts, **fields):
    campaign = make_campaign(status="draft", audience=describe(contacts=[c.pk for c in contacts]), **fields)
    lifecycle.launch(campaign)
    return campaign


def is_finished(*campaigns):
    return Campaign.objects.filter(pk__in=[c.pk for c in campaigns], status="finished").count() == len(campaigns)


def states(campaign):
    return Counter(campaign.deliveries.values_list("status", flat=True))


def gaps_at(simulator):
    return [b - a for a, b in pairwise(message["received_at"] for message in simulator.messages())]


# A fifth of the seed's numbers: the gaps are long enough to be told apart and short enough to be waited for.
SCALED = {"base_delay": "0.4", "step": "0.1", "every": 10, "maximum_delay": "1.0"}
SCALED_RULE = [0.4] * 10 + [0.5] * 10 + [0.6] * 4


@pytest.mark.alone
@pytest.mark.timeout(120)
def test_gaps_at_the_gateway_are_those_of_the_rule(worker, sender, simulator):
    make_settings(**SCALED)
    campaign = announce(people(25))
    with worker(DISPATCH_SECONDS="40"):
        wait_until(lambda: is_finished(campaign), what="the end of the campaign")
    errors = [gap - rule for gap, rule in zip(gaps_at(simulator), SCALED_RULE, strict=True)]
    assert max(abs(error) for error in errors) <= 0.15, errors


@pytest.mark.alone
@pytest.mark.timeout(120)
def test_two_campaigns_at_once_keep_the_pace_of_their_number(worker, sender, simulator):
    make_settings(**SCALED)
    first, second = announce(people(13)), announce(people(12))
    with worker(DISPATCH_SECONDS="40"):
        wait_until(lambda: is_finished(first, second), what="the end of both campaigns")
    errors = [gap - rule for gap, rule in zip(gaps_at(simulator), SCALED_RULE, strict=True)]
    assert max(abs(error) for error in errors) <= 0.15, errors


@of_the_gateway
@pytest.mark.timeout(120)
def test_not_ready_in_the_middle_fails_nobody_and_goes_on_alone(worker, sender, simulator):
    campaign = announce(people(20))
    make_settings(base_delay="0.2", maximum_delay="0.2")
    with worker():
        wait_until(lambda: len(simulator.messages()) >= 3, what="the first messages")
        simulator.profile("not-ready")
        wait_until(lambda: Lane.objects.filter(pause_reason="not_ready").exists(), what="the rest of the lane")
        waiting = snapshot(campaign_again(campaign), Scene(timezone.now())).waiting
        assert (waiting.reason, waiting.until is not None) == ("not_ready", True)
        assert states(campaign)["failed"] == 0
        simulator.profile("steady")
        wait_until(lambda: is_finished(campaign), what="the end of the campaign")
    assert states(campaign) == {"sent": 20}
    assert set(campaign.deliveries.values_list("tries_charged", flat=True)) == {0}
    assert Counter(m["phone"] for m in simulator.messages()).most_common(1)[0][1] == 1


def campaign_again(campaign):
    return Campaign.objects.get(pk=campaign.pk)


@of_the_gateway
@pytest.mark.timeout(180)
def test_accepted_then_silent_is_uncertain_and_only_a_person_sends_it_again(worker, sender, simulator):
    campaign = announce(people(3))
    simulator.profile("accept-then-timeout")
    with worker(GATEWAY_READ_SECONDS="1"):
        wait_until(lambda: states(campaign)["uncertain"] == 3, what="three uncertain messages")
        simulator.profile("steady")
        wait_until(lambda: is_finished(campaign), what="the end of the campaign")
        assert lifecycle.resend(campaign) == 0  # "resend failed" leaves them alone
    delivered = len(simulator.messages())
    with worker():  # neither a restart nor a tick sends them again
        before = timezone.now()
        from campaigns.models import Dispatcher

        wait_until(
            lambda: Dispatcher.objects.filter(slot=0, heartbeat_at__gt=before).exists(), what="a tick after the restart"
        )
        assert (len(simulator.messages()), states(campaign)) == (delivered, {"uncertain": 3})
        assert lifecycle.resend(campaign, uncertain=True) == 3
        wait_until(lambda: is_finished(campaign), what="the end of the resend")
    assert (len(simulator.messages()), states(campaign)) == (delivered + 3, {"sent": 3})


@pytest.mark.timeout(120)
def test_email_is_out_long_before_whatsapp_and_never_changed_by_it(worker, sender, simulator):
    make_settings(base_delay="0.3", maximum_delay="0.3")
    simulator.profile("steady")
    event = make_event(starts_at=timezone.now() + timedelta(days=30))
    for number in range(20):
        # One of them has a number that WhatsApp does not know.
        phone = "+573000000404" if number == 3 else f"+5730000009{number:02d}"
        make_ticket(event=event, holder=make_contact(phone=phone))
    campaign = draft_tickets(event, channels="both")
    lifecycle.launch(campaign)
    with worker():
        wait_until(lambda: is_finished(campaign), what="the end of the campaign")
    emails = campaign.deliveries.filter(channel="email")
    chats = campaign.deliveries.filter(channel="whatsapp")
    assert set(emails.values_list("status", flat=True)) == {"sent"}
    assert Counter(chats.values_list("status", "error_kind")) == {("sent", ""): 19, ("failed", "not_on_whatsapp"): 1}
    last_email = max(emails.values_list("sent_at", flat=True))
    before = chats.filter(sent_at__lt=last_email).count()
    assert before <= 5  # all e-mails were out while WhatsApp had hardly begun


@of_the_gateway
@pytest.mark.timeout(120)
def test_too_fast_collapses_the_gateway_and_the_pace_does_not(worker, sender, simulator):
    """The seed's headline, at a twentieth of its times: eight calls in half a second are too many."""
    too_many = {"max_calls": 8, "window_seconds": 0.5, "fall_seconds": 0.1, "down_seconds": 1.0}
    simulator.profile("collapsing", **too_many)
    make_settings(base_delay="0.1", step="0.025", every=10, maximum_delay="0.25")
    paced = announce(people(25))
    with worker():
        wait_until(lambda: is_finished(paced), what="the end of the paced campaign")
        assert (simulator.state()["collapses"], states(paced)) == (0, {"sent": 25})
        simulator.profile("collapsing", **too_many)
        make_settings(base_delay=0, step=0, maximum_delay=0)
        hurried = announce(people(25))
        wait_until(lambda: simulator.state()["collapses"] >= 1, what="the collapse")
        make_settings(base_delay="0.2", maximum_delay="0.2")  # and it recovers at a pace that is kept
        wait_until(lambda: is_finished(hurried), what="the end of the hurried campaign")
    assert states(hurried)["failed"] == 0
    assert states(hurried).total() == 25


@of_the_gateway
@pytest.mark.timeout(120)
def test_an_invalid_number_is_an_error_of_that_person_only(worker, sender, simulator):
    contacts = [*people(2), make_contact(phone="+573000000404", email=""), *people(2)]
    campaign = announce(contacts)
    with worker():
        wait_until(lambda: is_finished(campaign), what="the end of the campaign")
    assert states(campaign) == {"sent": 4, "failed": 1}
    assert campaign.deliveries.get(status="failed").contact == contacts[2]


@pytest.mark.timeout(120)
def test_two_processes_launch_once(worker, sender, simulator):
    people(5)
    campaign = make_campaign(status="draft", audience=describe(everybody=True))
    command = [sys.executable, "-W", "ignore", "manage.py", "launch_campaign", str(campaign.pk)]
    both = [
        subprocess.Popen(command, cwd=ROOT, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        for _ in range(2)
    ]
    endings = [process.communicate()[1].decode() for process in both]
    assert sorted(process.returncode == 0 for process in both) == [False, True]
    assert not any("Traceback" in ending for ending in endings)
    with worker():
        wait_until(lambda: is_finished(campaign), what="the end of the campaign")
    assert (campaign.deliveries.count(), len(simulator.messages())) == (5, 5)


@of_the_gateway
@pytest.mark.timeout(120)
def test_a_stopped_gateway_is_waited_for(worker, sender, simulator):
    """Nothing listens at the address at first; when it does, everybody is reached."""
    url = sender.base_url
    sender.base_url = "http://127.0.0.1:9"
    sender.save()
    make_settings(retry_base_seconds=1, retry_cap_seconds=1)
    campaign = announce(people(3))
    with worker():
        wait_until(lambda: Lane.objects.filter(pause_reason="unreachable").exists(), what="the rest of the lane")
        assert states(campaign) == {"pending": 3}
        sender.base_url = url
        sender.save()
        wait_until(lambda: is_finished(campaign), what="the end of the campaign")
    assert states(campaign) == {"sent": 3}
    assert DeliveryAttempt.objects.filter(outcome="not_sent").exists()
