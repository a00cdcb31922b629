import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from campaigns.estimates import busiest_share, longest_wait, total_seconds, waiting_seconds
from whatsapp.pacing import Pace, gap_after


@pytest.mark.parametrize(
    ("messages", "seconds"),
    [(0, 0.0), (1, 0.0), (10, 18.0), (25, 57.0), (50, 146.0), (100, 390.0), (200, 890.0), (1000, 4890.0)],
)
def test_waiting_time_is_computed_from_the_rule(messages, seconds):
    assert waiting_seconds(messages, Pace()) == seconds


def test_a_run_under_way_goes_on_from_its_position():
    assert waiting_seconds(3, Pace(), start=60) == 10.0


def test_several_numbers_share_the_messages():
    assert (busiest_share(100, 3), busiest_share(99, 3), busiest_share(0, 3)) == (34, 33, 0)
    assert longest_wait(100, Pace(), senders=2) == 146.0


def test_gateway_time_is_added_for_each_message():
    assert total_seconds(50, Pace(), call_seconds=1.0) == 196.0


@settings(deadline=None)
@given(st.integers(0, 5000), st.integers(1, 20))
def test_more_numbers_never_take_longer(messages, senders):
    assert longest_wait(messages, Pace(), senders=senders + 1) <= longest_wait(messages, Pace(), senders=senders)


PACES = st.builds(
    Pace,
    base=st.sampled_from([0.0, 2.0, 2.001]),
    step=st.sampled_from([0.0, 0.5, 0.333]),
    every=st.integers(1, 12),
    maximum=st.sampled_from([1.0, 5.0, 60.0]),
    batch_size=st.integers(0, 7),
    batch_pause=st.sampled_from([0.0, 3.0, 60.0, 7200.0]),
)


@settings(deadline=None)
@given(st.integers(0, 300), st.integers(0, 100), PACES)
def test_levels_give_the_sum_over_all_messages(messages, start, pace):
    added_up = sum(gap_after(start + index, pace) for index in range(messages - 1))
    assert waiting_seconds(messages, pace, start=start) == pytest.approx(added_up, abs=0.002)
