"""What the start says of a configuration that would not hold."""

import pytest

from campaigns.checks import check_sqlite, check_tasks, check_times, sqlite_problems

GOOD = {"transaction_mode": "IMMEDIATE", "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"}


def ids(found):
    return sorted(message.id for message in found)


def test_the_settings_as_they_come_are_right(settings):
    assert ids(check_tasks(None)) == ids(check_times(None)) == ids(check_sqlite(None)) == []


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"timeout": 30}, ["campaigns.E001"]),
        ({"retry": 60}, ["campaigns.E002"]),
        ({"max_attempts": 0}, ["campaigns.E003"]),
        ({"ack_failures": False}, ["campaigns.E003"]),
        ({"catch_up": True}, ["campaigns.E003"]),
        ({"queue_limit": 16}, ["campaigns.E003"]),
        ({"workers": 1}, ["campaigns.E004"]),
    ],
)
def test_a_dangerous_task_setting_is_named(settings, change, expected):
    settings.Q_CLUSTER = settings.Q_CLUSTER | change
    assert ids(check_tasks(None)) == expected


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"transaction_mode": "DEFERRED"}, ["campaigns.E005"]),
        ({"init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;"}, ["campaigns.E006"]),
        ({}, []),
    ],
)
def test_a_dangerous_sqlite_setting_is_named(options, expected):
    database = {"ENGINE": "django.db.backends.sqlite3", "OPTIONS": GOOD | options}
    assert ids(sqlite_problems(database, email_lanes=1)) == expected


def test_two_email_lanes_on_sqlite_are_a_warning():
    database = {"ENGINE": "django.db.backends.sqlite3", "OPTIONS": GOOD}
    assert ids(sqlite_problems(database, email_lanes=2)) == ["campaigns.W001"]


def test_postgresql_is_not_asked():
    assert sqlite_problems({"ENGINE": "django.db.backends.postgresql"}, email_lanes=9) == []
