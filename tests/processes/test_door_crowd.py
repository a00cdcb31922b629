"""BR-115, two gates in the same second, and more: fifty at once, from ten processes, on either database."""

import json
import subprocess
import sys
from collections import Counter
from datetime import timedelta

import pytest
from django.utils import timezone

from tests.processes.supervised import ROOT, environment
from tests.tickets.door_scene import make_access, make_night, make_pass, nonce
from tickets.models import CheckIn, HistoryEntry, Ticket

pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]

GATES = 50


@pytest.mark.timeout(120)
def test_br_115_fifty_scans_at_once_let_in_four_and_all_are_on_record():
    """A ticket with three companions; then one scan that all tell, and one entry that all take back."""
    night = make_night(starts_at=timezone.now() + timedelta(hours=1))
    make_access(night)
    ticket, shared, number = make_pass(night, companions=3), make_pass(night, companions=3), nonce()
    told = crowd(ticket.token, shared.code, number)
    assert len(told) == GATES
    assert Counter((result, reason) for result, reason, _shared, _undone in told) == {
        ("good", ""): 4,
        ("refused", "already_inside"): GATES - 4,
    }
    assert Ticket.objects.get(pk=ticket.pk).people_inside == 4
    scans = CheckIn.objects.filter(ticket=ticket)
    assert Counter(scans.values_list("result", "admitted")) == {("good", 1): 4, ("refused", 0): GATES - 4}
    assert len(set(scans.values_list("nonce", flat=True))) == GATES
    entry = CheckIn.objects.get(ticket=shared)  # one, however often it was told
    assert {pk for _result, _reason, pk, _undone in told} == {entry.pk}
    assert sum(undone for *_, undone in told) == 1
    assert (entry.undo_reason, Ticket.objects.get(pk=shared.pk).people_inside) == ("A la vez", 0)
    assert HistoryEntry.objects.filter(action="taken_back").count() == 1


def crowd(*texts):
    """What every gate was told."""
    command = [sys.executable, "-W", "ignore", "-m", "tests.processes.door_crowd", *texts]
    done = subprocess.run(command, cwd=ROOT, env=environment(), capture_output=True, text=True, timeout=100)
    assert done.returncode == 0, done.stderr[-4000:]
    return [told for line in done.stdout.splitlines() for told in json.loads(line)]
