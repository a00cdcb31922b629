"""Gateways that are asked whether a number has WhatsApp, before the first message to it."""

from tests.fakes import FakeGateway
from whatsapp.gateways.base import Capabilities, NumberCheck

PHONE = "+525555550101"
YES = NumberCheck(True, recipient_id="5215555550101")
NO = NumberCheck(False, detail="not there")


class Asked(FakeGateway):
    """`checks`: what it says of a number, one after another; then yes."""

    capabilities = Capabilities(checks_numbers=True)

    def __init__(self, *checks, answers=()):
        super().__init__(*answers)
        self.checks, self.asked = list(checks), []

    def check_number(self, phone):
        self.asked.append(phone)
        return self.checks.pop(0) if self.checks else NumberCheck(True)


class Doubtful(Asked):
    """Its "no" may be wrong. Named like one of ours, for numbers that say so of themselves."""

    name = "gowa"
    capabilities = Capabilities(checks_numbers=True, no_may_be_wrong=True)
