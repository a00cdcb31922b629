"""What gateways said, in the language of whoever reads it."""

import pytest
from django.utils.translation import gettext, override

from whatsapp.gateways import cloud_errors, gowa_errors, meanings, waha_status, wppconnect_errors
from whatsapp.gateways.meanings import Meaning
from whatsapp.said import in_words

MODULES = (meanings, cloud_errors, gowa_errors, wppconnect_errors)
HINTS = sorted({one.hint for module in MODULES for one in vars(module).values() if isinstance(one, Meaning)} - {""})


@pytest.mark.parametrize("hint", HINTS)
def test_our_own_words_are_translated_wherever_they_stand(hint):
    with override("es"):
        said = in_words(f"HTTP 503: {hint}: Target closed")
    assert said.startswith("HTTP 503: ")
    assert said.endswith(": Target closed")
    assert hint not in said


@pytest.mark.parametrize("around", ["{}", "HTTP 422: {}", "{}: Target closed", "a: b: {}: c"])
@pytest.mark.parametrize("ours", [waha_status.LOCKED, waha_status.STATES["FAILED"][1]])
def test_also_those_that_hold_a_colon(around, ours):
    assert ": " in ours
    with override("es"):
        assert in_words(around.format(ours)) == around.format(gettext(ours))
        assert gettext(ours) != ours


@pytest.mark.parametrize("detail", ["", ": ", "HTTP 500: ", "ECONNRESET", "a: b: c", "100 %s: {nombre}"])
def test_those_of_the_gateway_stay_as_they_came(detail):
    with override("es"):
        assert in_words(detail) == detail
