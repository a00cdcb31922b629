"""The chart of the home page: what became of the calls of fourteen days, counted once."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.utils import translation

from campaigns.views import home_days
from campaigns.views.home_days import DAYS, last_days
from tests.factories import NOW, make_campaign, make_delivery, make_lane

pytestmark = pytest.mark.django_db

# 10 in the morning in Bogotá, whose days are those of the tests' installation.
TODAY, YESTERDAY = DAYS - 1, DAYS - 2


@pytest.fixture(autouse=True)
def nothing_kept():
    cache.clear()
    with translation.override("en"):
        yield


@pytest.fixture
def lane():
    return make_lane()


def call(lane, at, outcome="accepted", of=None):
    finished = None if outcome == "started" else at
    delivery = make_delivery(campaign=of, status="claimed", claimed_at=at)
    return delivery.attempts.create(number=1, lane=lane, fence=1, started_at=at, finished_at=finished, outcome=outcome)


def values(now=NOW):
    return {series["label"]: series["values"] for series in last_days(now)["series"]}


def test_nothing_sent_is_no_chart():
    assert last_days(NOW) is None


def test_calls_stand_on_their_days_by_what_became_of_them(lane):
    for outcome in ("accepted", "accepted", "refused", "uncertain", "not_sent"):
        call(lane, NOW, outcome)
    call(lane, NOW - timedelta(days=1), "refused")
    call(lane, NOW - timedelta(days=DAYS - 1))
    shown = values()
    assert shown["Sent"] == [1, *[0] * 12, 2]
    assert shown["Failed"] == [*[0] * 12, 1, 1]
    assert (shown["Uncertain"][TODAY], shown["Did not leave, tried again"][TODAY]) == (1, 1)


def test_what_never_happened_has_no_place_in_the_legend(lane):
    call(lane, NOW)
    assert list(values()) == ["Sent"]


def test_a_call_under_way_is_no_result_yet(lane):
    call(lane, NOW)
    call(lane, NOW, "started")
    assert values() == {"Sent": [*[0] * 13, 1]}


def test_calls_for_tests_are_counted_nowhere(lane):
    campaign = make_campaign(status="finished", finished_at=NOW)
    trial = make_campaign(status="finished", finished_at=NOW, trial_of=campaign)
    for of in (campaign, trial, trial):
        call(lane, NOW, of=of)
    call(lane, NOW - timedelta(days=1), "refused", of=trial)
    assert values() == {"Sent": [*[0] * 13, 1]}


def test_only_tests_are_no_chart(lane):
    call(lane, NOW, of=make_campaign(status="finished", finished_at=NOW, trial_of=make_campaign()))
    assert last_days(NOW) is None


def test_a_test_that_is_sent_while_they_are_counted_is_taken_from_nothing(lane, monkeypatch):
    count_all = home_days._of_all

    def count_and_send_a_test(days):
        found = count_all(days)
        call(lane, NOW, of=make_campaign(status="finished", finished_at=NOW, trial_of=make_campaign()))
        return found

    monkeypatch.setattr(home_days, "_of_all", count_and_send_a_test)
    assert last_days(NOW) is None


def test_days_end_at_the_midnight_of_the_installation(lane):
    midnight = NOW.replace(hour=5)  # in Bogotá
    call(lane, midnight - timedelta(seconds=1))
    call(lane, midnight)
    assert values()["Sent"][YESTERDAY:] == [1, 1]


def test_what_is_older_is_left_out(lane):
    call(lane, NOW - timedelta(days=DAYS))
    call(lane, NOW)
    assert sum(values()["Sent"]) == 1


def test_every_day_has_its_label(lane):
    call(lane, NOW)
    labels = last_days(NOW)["labels"]
    assert (len(labels), labels[0], labels[-1]) == (DAYS, "12 Nov", "25 Nov")


def test_it_is_two_questions_and_then_none(lane, django_assert_num_queries):
    call(lane, NOW)
    with django_assert_num_queries(2):
        first = last_days(NOW)
    with django_assert_num_queries(0):
        assert last_days(NOW) == first


def test_the_first_message_of_a_day_is_seen_at_once(lane):
    assert last_days(NOW) is None
    call(lane, NOW)
    assert sum(values()["Sent"]) == 1


def test_days_that_are_over_are_not_counted_again(lane, django_assert_num_queries):
    """Of a later day only it and the one before are asked for: what is kept for long does not change any more."""
    old = call(lane, NOW - timedelta(days=5))
    call(lane, NOW)
    last_days(NOW)
    cache.delete_many(key for key in _kept() if "2026-11-25" in key)
    old.delete()
    call(lane, NOW)
    with django_assert_num_queries(2):
        shown = values()["Sent"]
    assert (shown[TODAY], shown[TODAY - 5]) == (2, 1)


def _kept():
    return [f"home-day-2026-11-{day}T00:00:00-05:00" for day in range(12, 26)]


def test_a_gap_in_what_is_kept_puts_no_call_on_a_wrong_day(lane):
    for back in range(DAYS):
        call(lane, NOW - timedelta(days=back))
    last_days(NOW)
    cache.delete_many([_kept()[2], _kept()[9]])
    assert values()["Sent"] == [1] * DAYS
