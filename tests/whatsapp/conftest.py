"""Pages of numbers are tested on the same clock as those of campaigns."""

import pytest

from tests.campaigns.conftest import fixed_clock, staff
from whatsapp.gateways.base import State, Status
from whatsapp.gateways.rest import RestGateway

__all__ = ["fixed_clock", "staff"]


@pytest.fixture
def rest_is_ready(monkeypatch):
    """Forms try the connection before they save it; here every plain service answers."""
    monkeypatch.setattr(RestGateway, "status", lambda self: Status(State.READY))
