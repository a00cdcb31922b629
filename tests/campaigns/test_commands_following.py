"""What `--wait` shows: plain lines where nobody watches, a bar on a terminal, and an end by Ctrl-C that stops nothing."""

import io
from datetime import timedelta

import pytest
from django.core.management.base import OutputWrapper
from django.db import OperationalError
from django.utils import translation

from campaigns import lifecycle
from campaigns.console import follow
from campaigns.models import Campaign
from campaigns.progress import snapshot
from tests.campaigns.commands import LATER, Engine, Outcome
from tests.factories import make_campaign, make_contact, make_delivery, make_lane, make_settings

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


@pytest.fixture
def engine(monkeypatch):
    return Engine().use(monkeypatch)


class Terminal(io.StringIO):
    def isatty(self):
        return True


def make_running(count, **fields):
    """A campaign under way, with a number to send from."""
    make_lane()
    campaign = make_campaign(status="sending", **fields)
    for _ in range(count):
        make_delivery(campaign=campaign, contact=make_contact())
    return campaign


def followed(campaign, engine, *, out=None, sleep=None):
    out = out or io.StringIO()
    seen = follow(campaign, out=OutputWrapper(out), sleep=sleep or engine.sleep, clock=engine.clock)
    return seen, out.getvalue()


def after(seconds, do, engine):
    """A sleep that works, and does something else when so many seconds have passed."""
    ends = LATER + timedelta(seconds=seconds)
    done = []

    def sleep(duration):
        engine.sleep(duration)
        if engine.clock.now >= ends and not done:
            done.append(do())

    return sleep


def test_the_numbers_are_told_every_ten_seconds_and_the_end_at_once(engine):
    campaign = make_running(15, zone="America/Bogota")
    seen, said = followed(campaign, engine)
    assert seen.is_over
    assert said.splitlines() == [
        "10:00:00 (Bogotá)  Sending  0 %  0 of 15",
        "10:00:10 (Bogotá)  Sending  33 %  5 of 15",
        "10:00:20 (Bogotá)  Sending  66 %  10 of 15",
        "10:00:30 (Bogotá)  Sending  93 %  14 of 15",
        "10:00:31 (Bogotá)  Finished  100 %  15 of 15",
    ]


def test_a_pause_and_its_reason_are_told_at_once(engine):
    campaign = make_running(5, zone="America/Bogota")

    def pause_and_resume():
        lifecycle.pause(Campaign.objects.get(), reason="Hold on", now=engine.clock.now)

    sleep = after(3, pause_and_resume, engine)
    resumed = after(6, lambda: lifecycle.resume(Campaign.objects.get(), now=engine.clock.now), engine)
    steps = iter([sleep] * 4 + [resumed] * 40)
    _seen, said = followed(campaign, engine, sleep=lambda seconds: next(steps)(seconds))
    assert said.splitlines()[1:3] == [
        "10:00:03 (Bogotá)  Paused  40 %  2 of 5  Hold on",
        "10:00:06 (Bogotá)  Sending  40 %  2 of 5",
    ]


def test_a_wait_is_told_with_its_end(engine):
    make_settings(daily_cap=2)
    campaign = make_running(3, zone="America/Bogota")

    def stop_looking():
        raise KeyboardInterrupt

    out = io.StringIO()
    with pytest.raises(KeyboardInterrupt):
        followed(campaign, engine, out=out, sleep=after(5, stop_looking, engine))
    assert out.getvalue().splitlines()[-1] == (
        "10:00:03 (Bogotá)  Sending  66 %  2 of 3  The messages allowed today have been sent. It goes on tomorrow. "
        "Until 31 Dec 2027, 00:00 (Bogotá)."
    )


def test_a_terminal_gets_one_bar_with_a_countdown_and_no_lines_left(engine, monkeypatch):
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "120")
    monkeypatch.delenv("NO_COLOR", raising=False)
    _seen, said = followed(make_running(2), engine, out=Terminal())
    assert "50 % 1 of 2" in said
    assert "Pause between two messages, so that WhatsApp does not limit the number. 1 s" in said
    # Each look draws its two lines over those of the look before, and the last ones are wiped.
    assert said.count("\n") == said.count(" of 2") + 1
    assert said.endswith("\x1b[1A\x1b[2K\x1b[1A\x1b[2K")


def test_a_name_is_never_taken_for_markup(engine, monkeypatch):
    monkeypatch.setenv("TERM", "xterm")
    campaign = make_running(1, zone="America/Bogota")
    lifecycle.pause(campaign, reason="[red]Alto[/red]", now=LATER)
    resumed = after(1, lambda: lifecycle.resume(Campaign.objects.get(), now=engine.clock.now), engine)
    _seen, said = followed(campaign, engine, out=Terminal(), sleep=resumed)
    assert "[red]Alto[/red]" in said


def test_a_terminal_that_cannot_move_its_cursor_gets_lines(engine, monkeypatch):
    monkeypatch.setenv("TERM", "dumb")
    _seen, said = followed(make_running(1), engine, out=Terminal())
    assert "\x1b" not in said
    assert len(said.splitlines()) == 2


def test_the_watching_outlives_a_restart_of_the_database(engine, monkeypatch):
    answers = [OperationalError("gone"), OperationalError("gone")]

    def look(campaign, scene):
        if answers:
            raise answers.pop()
        return snapshot(campaign, scene)

    closed = []
    monkeypatch.setattr("campaigns.console.snapshot", look)
    monkeypatch.setattr("campaigns.console.connection.close", lambda: closed.append(1))
    seen, said = followed(make_running(1), engine)
    assert (seen.is_over, len(closed)) == (True, 2)
    assert said.splitlines()[0] == "The database does not answer. It is asked again."
    assert said.count("database") == 1


def test_ctrl_c_leaves_the_campaign_running_and_says_so(engine, monkeypatch):
    make_lane()
    contact = make_contact()
    campaign = make_campaign(status="draft", launched_at=None, prepared_at=None, audience={"contacts": [contact.pk]})

    def interrupted(self, seconds):
        raise KeyboardInterrupt

    monkeypatch.setattr("campaigns.management.following.FollowingCommand.sleep", interrupted)
    done = Outcome("launch_campaign", campaign.pk, "--wait")
    campaign.refresh_from_db()
    assert (done.status, campaign.status) == (130, "sending")
    assert done.refusal == (
        f"No longer watching. The campaign goes on: see it with campaign_status {campaign.pk}, "
        f"stop it with pause_campaign {campaign.pk}."
    )


def test_a_campaign_that_is_cancelled_meanwhile_ends_the_wait_with_3(engine, monkeypatch):
    make_lane()
    people = [make_contact().pk for _ in range(3)]
    campaign = make_campaign(status="draft", launched_at=None, prepared_at=None, audience={"contacts": people})
    sleep = after(2, lambda: lifecycle.cancel(Campaign.objects.get(), now=engine.clock.now), engine)
    monkeypatch.setattr("campaigns.management.following.FollowingCommand.sleep", staticmethod(sleep))
    done = Outcome("launch_campaign", campaign.pk, "--wait")
    assert (done.status, done.refusal) == (3, "2 messages did not arrive, or may not have.")
    assert done.lines[-6:] == [
        "Sent       1",
        "Failed     0",
        "Uncertain  0",
        "Skipped    0",
        "Cancelled  2",
        "It took 2 s; the estimate was 4 s.",
    ]
