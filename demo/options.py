"""What was said to the demo (`make demo PORT=8001 PACE=fast`), checked."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from django.utils.translation import gettext as _

from whatsapp.models.sending_settings import LONGEST_DELAY
from whatsapp.simulator.options import PROFILES


class BadOption(ValueError):
    """A sentence that says what is allowed."""


@dataclass(frozen=True)
class Options:
    port: int
    gateway_port: int
    profile: str
    is_fast: bool
    delay: Decimal | None  # always this many seconds, instead of the rule
    is_once: bool

    @classmethod
    def of(cls, said: Mapping[str, str]) -> "Options":
        """Raises BadOption."""
        options = cls(
            port=_port("PORT", said["PORT"]),
            gateway_port=_port("GATEWAY_PORT", said["GATEWAY_PORT"]),
            profile=_one_of("GATEWAY_PROFILE", said["GATEWAY_PROFILE"], PROFILES),
            is_fast=_one_of("PACE", said["PACE"], ("default", "fast")) == "fast",
            delay=_delay(said["DELAYS"]) if said["DELAYS"] else None,
            is_once=_one_of("ONCE", said["ONCE"] or "0", ("0", "1")) == "1",
        )
        if options.port == options.gateway_port:
            raise BadOption(_("PORT and GATEWAY_PORT must differ."))
        if options.is_fast and options.delay is not None:
            raise BadOption(_("Give PACE or DELAYS, not both."))
        return options


def _port(name: str, value: str) -> int:
    if value.isascii() and value.isdigit() and 0 < int(value) < 65536:
        return int(value)
    raise BadOption(_("%(name)s must be a number from 1 to 65535.") % {"name": name})


def _one_of(name: str, value: str, allowed: tuple[str, ...]) -> str:
    if value in allowed:
        return value
    raise BadOption(_("%(name)s must be one of: %(allowed)s.") % {"name": name, "allowed": ", ".join(allowed)})


def _delay(value: str) -> Decimal:
    try:
        seconds = Decimal(value).quantize(Decimal("0.001"))
        if 0 <= seconds <= LONGEST_DELAY:
            return seconds
    except InvalidOperation:
        pass
    raise BadOption(_("DELAYS must be a number of seconds from 0 to %(most)d.") % {"most": LONGEST_DELAY})
