"""`estimate`: the rule of the settings, in seconds for programs and in words for people."""

import json
from datetime import timedelta

import pytest
import time_machine
from django.utils import translation

from tests.campaigns.commands import Outcome, refusal, run
from tests.factories import NOW, make_call, make_lane, make_settings

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def at_ten():
    with translation.override("en"), time_machine.travel(NOW, tick=False):
        yield


def estimated(*arguments):
    return json.loads("\n".join(run("estimate", *arguments, "--json")))


@pytest.mark.parametrize(
    ("messages", "seconds"),
    [(0, 0.0), (1, 0.0), (10, 18.0), (25, 57.0), (50, 146.0), (100, 390.0), (200, 890.0), (1000, 4890.0)],
)
def test_the_defaults_give_the_times_of_the_rule(messages, seconds):
    assert estimated("--messages", messages) == {
        "messages": messages,
        "senders": 1,
        "waiting_seconds": seconds,
        "total_seconds": seconds,
        "gateway_seconds_per_message": 0.0,
        "finish_at": (NOW + timedelta(seconds=seconds)).isoformat(),
        "days": 1 if messages else 0,
    }


def test_the_time_of_the_gateway_is_added():
    make_call(make_lane(), 1500)
    found = estimated("--messages", 10)
    assert (found["waiting_seconds"], found["total_seconds"], found["gateway_seconds_per_message"]) == (18.0, 33.0, 1.5)


def test_several_numbers_share_the_messages():
    assert estimated("--messages", 100, "--senders", 2)["waiting_seconds"] == 146.0
    assert estimated("--messages", 3, "--senders", 5)["waiting_seconds"] == 0.0


def test_the_settings_are_obeyed():
    make_settings(base_delay="1.0", step="0", maximum_delay="1.0")
    assert estimated("--messages", 11)["waiting_seconds"] == 10.0


def test_people_get_minutes_and_the_hour():
    make_call(make_lane(), 1500)
    assert run("estimate", "--messages", "200", "--senders", "2") == [
        "Messages                 200",
        "Numbers                  2",
        "Pauses                   6 min 30 s",
        "Gateway                  1.50 s a message",
        "Together                 9 min",
        "Started now, it ends at  10:09 (Bogotá)",
    ]


def test_an_unknown_gateway_time_is_said():
    assert run("estimate", "--messages", "1")[3] == "Gateway                  not known yet: nothing was sent"


@pytest.mark.parametrize("typed", ["-1", "1000001", "1.5", "1.000", "1,000", "1_000", "1e3", "x", "", "１０", "9" * 30])
def test_a_count_that_is_none_is_refused(typed):
    assert refusal("estimate", f"--messages={typed}") == (
        f"--messages: “{typed}” does not do. Write a whole number from 0 to 1000000, without points or commas."
    )


@pytest.mark.parametrize("typed", ["0", "-1", "x", "1000001"])
def test_a_number_of_senders_that_is_none_is_refused(typed):
    done = Outcome("estimate", "--messages=10", f"--senders={typed}", "--json")
    assert (done.status, done.out) == (1, "")
    assert done.refusal == (
        f"--senders: “{typed}” does not do. Write a whole number from 1 to 1000000, without points or commas."
    )


def test_the_largest_agency_is_answered():
    assert estimated("--messages", 200_000)["waiting_seconds"] == 390.0 + 199_900 * 5.0


def test_a_daily_limit_that_makes_it_days_is_said():
    make_settings(daily_cap=100, window_timezone="America/Bogota")
    assert run("estimate", "--messages", "401", "--senders", "2")[-2:] == [
        "Started now, it ends at  27 Nov 2026, 00:00 (Bogotá)",
        "It needs 3 days because of the daily limit.",
    ]
    assert "days" not in run("estimate", "--messages", "200", "--senders", "2")[-1]


def test_the_sending_hours_are_obeyed():
    make_settings(window_from="08:00", window_to="10:01", window_timezone="America/Bogota")
    assert estimated("--messages", 26)["finish_at"] == "2026-11-26T13:00:00+00:00"
    assert run("estimate", "--messages", "26")[-1] == (
        "It needs 2 days because messages may leave only at certain hours."
    )


def test_what_would_take_more_than_a_year_has_no_end():
    make_settings(daily_cap=1)
    found = estimated("--messages", 400)
    assert (found["finish_at"], found["waiting_seconds"]) == (None, 390.0 + 300 * 5.0)
    assert run("estimate", "--messages", "400")[-1] == "With these limits it takes longer than a year."
