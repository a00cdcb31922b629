"""What of a gateway's QR code is passed on."""

import pytest

from whatsapp.gateways.base import State, Status
from whatsapp.gateways.qr_images import code_text
from whatsapp.qr import link_picture


@pytest.mark.parametrize("value", [None, 7, "", "dos palabras", "<html>", "data:image/png;base64,AA", "ñ", "x" * 2901])
def test_what_is_no_code_is_not_drawn(value):
    assert code_text(value) == ""


def test_the_longest_code_can_be_drawn():
    text = code_text("x" * 2900)
    assert link_picture(Status(State.NEEDS_QR, qr_text=text)).startswith(b"\x89PNG")
