"""What a pace means in time; the numbers of mission.md, from the rule."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whatsapp.pacing import Pace
from whatsapp.preview import Step, duration, steps, totals, waiting

DEFAULT = Pace()


def test_the_default_rule_waits_exactly_as_long_as_the_old_system():
    assert [(total.messages, total.seconds) for total in totals(DEFAULT)] == [
        (10, 18.0),
        (25, 57.0),
        (50, 146.0),
        (100, 390.0),
        (200, 890.0),
        (1000, 4890.0),
    ]


@pytest.mark.parametrize("messages", [0, 1])
def test_nothing_is_waited_after_the_last_message(messages):
    assert waiting(DEFAULT, messages) == 0


def test_the_pause_grows_every_ten_messages_up_to_its_maximum():
    assert steps(DEFAULT) == [
        Step(1, 2.0),
        Step(11, 2.5),
        Step(21, 3.0),
        Step(31, 3.5),
        Step(41, 4.0),
        Step(51, 4.5),
        Step(61, 5.0),
    ]


def test_a_pause_that_does_not_grow_is_one_step():
    assert steps(Pace(base=3, step=0, maximum=3)) == [Step(1, 3.0)]


def test_steps_are_few_however_slowly_the_pause_grows():
    assert len(steps(Pace(base=0, step=0.001, every=1, maximum=3600))) == 8


def test_a_pause_between_batches_counts_and_the_one_after_the_last_does_not():
    pace = Pace(batch_size=50, batch_pause=600.0)
    assert waiting(pace, 50) == 146.0
    assert waiting(pace, 51) == 146.0 + 600.0
    assert waiting(pace, 100) == 390.0 - 4.0 + 600.0  # it replaces the 4.0 s after message 50


def test_chance_only_ever_adds():
    total = totals(Pace(jitter=0.5), [10])[0]
    assert (total.seconds, total.at_most) == (18.0, 27.0)


@given(st.integers(0, 300), st.floats(0, 10), st.floats(0, 2), st.integers(1, 50))
def test_more_messages_never_take_less(messages, base, step, every):
    pace = Pace(base=base, step=step, every=every, maximum=base + 5)
    assert waiting(pace, messages) <= waiting(pace, messages + 1) <= (base + 5) * messages + 0.001


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "0 s"), (18.0, "18 s"), (60, "1 min"), (146.0, "2 min 26 s"), (4890.0, "1 h 21 min 30 s"), (3600, "1 h")],
)
def test_seconds_in_words(seconds, words):
    assert duration(seconds) == words
