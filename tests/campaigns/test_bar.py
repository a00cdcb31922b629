"""The bar of a campaign: each state has its part, and the whole is never more than the bar."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.enums import DeliveryStatus
from campaigns.views.bar import LEAST, WIDTH, segments_of


def parts(**by_state):
    return [(one.state, one.x, one.width) for one in segments_of(by_state)]


def test_what_arrived_comes_first_and_what_is_to_come_is_the_rest():
    assert parts(pending=50, failed=10, sent=20, read=20) == [
        ("read", 0, 200),
        ("sent", 200, 200),
        ("failed", 400, 100),
    ]


def test_one_failed_of_a_million_is_to_be_seen():
    assert parts(sent=999_999, failed=1) == [("sent", 0, WIDTH - LEAST), ("failed", WIDTH - LEAST, LEAST)]


@pytest.mark.parametrize("by_state", [{}, {"pending": 7}])
def test_before_anything_left_there_is_nothing_to_draw(by_state):
    assert segments_of(by_state) == []


@given(st.dictionaries(st.sampled_from(DeliveryStatus.values), st.integers(1, 10**7)))
def test_parts_follow_each_other_and_fit(by_state):
    segments = segments_of(by_state)
    assert all(one.width >= LEAST for one in segments)
    assert [one.x for one in segments] == [sum(other.width for other in segments[:at]) for at in range(len(segments))]
    assert sum(one.width for one in segments) <= WIDTH
