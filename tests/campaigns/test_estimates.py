import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.estimates import longest_wait, shares, total_seconds, waiting_seconds
from whatsapp.pacing import Pace


@pytest.mark.parametrize(
    ("messages", "seconds"),
    [(0, 0.0), (1, 0.0), (10, 18.0), (25, 57.0), (50, 146.0), (100, 390.0), (200, 890.0), (1000, 4890.0)],
)
def test_waiting_time_is_computed_from_the_rule(messages, seconds):
    assert waiting_seconds(messages, Pace()) == seconds


def test_a_run_under_way_goes_on_from_its_position():
    assert waiting_seconds(3, Pace(), start=60) == 10.0


def test_several_numbers_share_the_messages():
    assert shares(100, 3) == [34, 33, 33]
    assert longest_wait(100, Pace(), senders=2) == 146.0


def test_gateway_time_is_added_for_each_message():
    assert total_seconds(50, Pace(), call_seconds=1.0) == 196.0


@given(st.integers(0, 5000), st.integers(1, 20))
def test_more_numbers_never_take_longer(messages, senders):
    assert longest_wait(messages, Pace(), senders=senders + 1) <= longest_wait(messages, Pace(), senders=senders)
