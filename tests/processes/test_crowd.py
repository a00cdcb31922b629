"""Many processes at once on one database: every message once, every lane at its pace, every tick's work once."""

import json
import os
import subprocess
import sys
from collections import Counter

import pytest
from django.db import connection
from django.utils import timezone

from campaigns import tasks
from campaigns.models import Campaign, Delivery, DeliveryAttempt, Lane
from tests.factories import make_campaign, make_delivery, make_lane, make_sender, make_settings
from tests.processes.judging import Evidence, Span, arrivals_of, judge
from tests.processes.launching import launch_everybody
from tests.processes.ordeal import records_of
from tests.processes.supervised import ROOT, environment
from tests.simulator import Simulator

pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]

PROCESSES, LANES = 20, 8
# PostgreSQL shares the two cores with twenty processes; CROWD=2000 asks for more on either.
MESSAGES = int(os.environ.get("CROWD", "1000" if connection.vendor == "sqlite" else "600"))
PACE = 0.04


def crowd(what, number, **env):
    """What each process answered, and what they complained about."""
    command = [sys.executable, "-W", "ignore", "-m", "tests.processes.crowd", what, str(number)]
    done = subprocess.run(command, cwd=ROOT, env=environment(**env), capture_output=True, text=True, timeout=270)
    assert done.returncode == 0, done.stderr[-4000:]
    return [json.loads(line) for line in done.stdout.splitlines()], done.stderr


@pytest.mark.timeout(300)
def test_twenty_processes_send_every_message_once_and_at_their_pace(tmp_path):
    journal = tmp_path / "arrived.jsonl"
    make_settings(base_delay=PACE, step=0, maximum_delay=PACE)
    with Simulator("--journal", str(journal)) as simulator:
        for _ in range(LANES):
            make_sender(base_url=simulator.url)
        campaign = launch_everybody(MESSAGES)
        tasks.prepare(campaign.pk)
        made, complaints = crowd("dispatch", PROCESSES, LEASE_SECONDS="20")
    evidence = Evidence(
        audience=MESSAGES,
        lanes=LANES,
        arrivals=arrivals_of(journal),
        records=records_of([campaign]),
        paces=[Span(0, float("inf"), "pace", PACE)],
    )
    verdict = judge(evidence)
    assert verdict.faults == []
    assert (verdict.sent, verdict.uncertain_arrived, verdict.uncertain_not_arrived) == (MESSAGES, 0, 0)
    assert (sum(made), len(made)) == (MESSAGES, PROCESSES)
    assert sum(1 for calls in made if calls) > 2
    holders = Lane.objects.filter(channel="whatsapp").values_list("fence", flat=True)
    assert (len(holders), min(holders) > 2) == (LANES, True)  # every lane went from hand to hand
    assert len({record.lane for record in evidence.records}) == LANES
    assert "Traceback" not in complaints


@pytest.mark.parametrize("lease", ["20", "0"], ids=["ordinary", "both believe that they hold the tick"])
def test_two_ticks_at_once_do_the_work_once(lease):
    now = timezone.now()
    for _ in range(5):
        make_campaign(status="scheduled", scheduled_at=now, audience={"everybody": True}, launched_at=None)
        lane = make_lane(fence=1, lease_owner="dead", lease_expires_at=now)
        delivery = make_delivery(status="claimed", claimed_at=now, attempts_made=1, created_at=now)
        DeliveryAttempt.objects.create(
            delivery=delivery, number=1, lane=lane, sender=lane.sender, fence=1, started_at=now, outcome="started"
        )
    answers, complaints = crowd("tick", 2, LEASE_SECONDS=lease)
    done = sum((Counter(answer) for answer in answers), Counter())
    assert (len(answers), done["started"], done["abandoned"]) == (2, 5, 5)
    assert Campaign.objects.filter(status="sending", scheduled_at=now).count() == 5
    assert Delivery.objects.filter(status="uncertain").count() == 5
    assert DeliveryAttempt.objects.filter(outcome="uncertain").count() == 5
    assert "Traceback" not in complaints
