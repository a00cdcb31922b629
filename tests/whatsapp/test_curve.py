"""The delay rule as a curve, and the sets of numbers to begin from."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whatsapp.curve import MOST_POINTS, curve
from whatsapp.models import SendingSettings
from whatsapp.pacing import Pace, delay_after
from whatsapp.presets import PRESETS, presets_for, values_of

DEFAULT = Pace()


def test_the_curve_is_the_rule_and_ends_a_little_after_it_stops_growing():
    found = curve(DEFAULT, DEFAULT)
    assert found.now == tuple(delay_after(message - 1, DEFAULT) for message in found.messages)
    assert (found.now[0], found.now[-1]) == (2.0, 5.0)
    assert found.messages[-1] > 61
    assert (found.then, found.at_most) == ((), ())


def test_what_is_typed_stands_beside_what_is_saved():
    found = curve(DEFAULT, Pace(base=4, step=0, maximum=5))
    assert found.now[0] == 2.0
    assert set(found.then) == {4.0}


def test_chance_only_ever_adds():
    found = curve(DEFAULT, Pace(jitter=0.5))
    assert found.then == ()  # the pause itself is the same
    assert found.at_most == tuple(pause * 1.5 for pause in found.now)


def test_a_pause_between_batches_does_not_dwarf_the_curve():
    assert max(curve(DEFAULT, Pace(batch_size=5, batch_pause=600)).now) == 5.0


def test_a_number_of_lesser_weight_waits_longer():
    assert curve(DEFAULT, Pace(stretch=2)).then[0] == 4.0


@given(st.floats(0, 60), st.floats(0, 5), st.integers(1, 100_000), st.floats(0, 3600))
def test_there_are_never_more_points_than_a_page_can_show(base, step, every, more):
    found = curve(DEFAULT, Pace(base=base, step=step, every=every, maximum=base + more))
    assert 2 <= len(found.messages) <= MOST_POINTS
    assert list(found.now) == sorted(found.now)


def test_the_usual_preset_is_the_rule_that_the_settings_begin_with():
    assert [each["preset"].key for each in presets_for(SendingSettings()) if each["is_saved"]] == ["default"]


@pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset.key)
def test_every_preset_can_be_saved(preset):
    settings = SendingSettings(pk=1, **preset.values)
    settings.clean_fields(exclude=["window_timezone"])
    settings.clean()
    assert preset.is_in(settings)


def test_a_preset_that_does_not_exist_fills_in_nothing():
    assert values_of("turbo") == {}
