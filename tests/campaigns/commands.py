"""Runs commands of campaigns in this process, with an engine that works while a command sleeps."""

import io
from datetime import timedelta

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandError

from campaigns.management.following import FollowingCommand
from campaigns.models import Campaign
from campaigns.preparing import prepare
from campaigns.stopping import StopPipe
from campaigns.tick import tick
from tests.campaigns.driving import run_until_idle
from tests.factories import NOW
from tests.fakes import Clock, FakeGateway

LATER = NOW + timedelta(days=400)  # after everything that the factories date with the real clock


class Engine:
    """What a worker does in the seconds that somebody waits, on a clock that is moved. `answers` as in FakeGateway."""

    def __init__(self, *answers):
        self.clock = Clock(LATER)
        self.gateway = FakeGateway(*answers)
        self.sleeps = 0
        self.ticked_at = LATER
        tick(now=LATER)

    def sleep(self, seconds):
        self.sleeps += 1
        assert self.sleeps < 1000, "it does not end"
        ends = self.clock.now + timedelta(seconds=seconds)
        for campaign in Campaign.objects.filter(status="sending", prepared_at=None):
            prepare(campaign.pk, budget=60, stop=StopPipe(), clock=self.clock)
        run_until_idle(self.gateway, self.clock, budget=seconds)
        if self.clock.now - self.ticked_at >= timedelta(seconds=settings.TICK_SECONDS):
            self.ticked_at = self.clock.now
            tick(now=self.clock.now)
        self.clock.now = max(self.clock.now, ends)

    def use(self, monkeypatch):
        """Let the commands wait on this engine."""
        monkeypatch.setattr(FollowingCommand, "sleep", staticmethod(self.sleep))
        monkeypatch.setattr(FollowingCommand, "clock", staticmethod(self.clock))
        return self


class Outcome:
    """What a command said, and the status with which it would have ended."""

    def __init__(self, *arguments):
        out, errors = io.StringIO(), io.StringIO()
        self.status, self.refusal = 0, ""
        try:
            call_command(*map(str, arguments), stdout=out, stderr=errors)
        except CommandError as error:
            self.status, self.refusal = error.returncode, str(error)
        self.out, self.errors = out.getvalue(), errors.getvalue()
        self.lines = self.out.splitlines()


def run(*arguments):
    """What the command wrote; it must not refuse."""
    done = Outcome(*arguments)
    assert done.refusal == ""
    return done.lines


def refusal(*arguments):
    """The sentence with which the command refuses."""
    done = Outcome(*arguments)
    assert done.status == 1
    return done.refusal
