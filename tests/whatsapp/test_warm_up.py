"""The first days of a new number."""

import pytest
from django.core.exceptions import ValidationError

from tests.factories import make_settings
from whatsapp.warm_up import BadSteps, cap_on, steps_of


def test_steps_are_read_as_people_write_them():
    assert steps_of(" 20, 40 ;80") == (20, 40, 80)
    assert steps_of("  ") == ()


@pytest.mark.parametrize("text", ["20, mucho", "0", "-5", "20,,40", "1.5", "1000001", "٢٠", ",".join("1" * 61)])
def test_anything_else_is_refused(text):
    with pytest.raises(BadSteps):
        steps_of(text)


def test_after_the_last_step_nothing_limits_it():
    assert [cap_on(day, (20, 40)) for day in (0, 1, 2, 3, 99)] == [20, 20, 40, 0, 0]


@pytest.mark.django_db
def test_the_settings_refuse_bad_steps_with_a_sentence():
    settings = make_settings()
    settings.warm_up_steps = "20, mucho"
    with pytest.raises(ValidationError) as refused:
        settings.full_clean()
    assert list(refused.value.message_dict) == ["warm_up_steps"]
