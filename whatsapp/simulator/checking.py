"""Whether a value may be set on the simulator. Nothing is guessed: "5" is no number."""

import re
from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from whatsapp.simulator.loopback import BadTarget, Target


class BadOption(ValueError):
    """A sentence that says what is wrong and what is allowed."""


_BOUNDS = {
    "latency_ms": (0, 600_000),
    "jitter_ms": (0, 600_000),
    "failure_percent": (0, 100),
    "max_calls": (1, 100_000),
    "window_seconds": (0.01, 3600),
    "fall_seconds": (0, 3600),
    "down_seconds": (0, 3600),
    "restart_seconds": (0, 3600),
    "hold_seconds": (0, 3600),
    "logout_after": (0, 1_000_000),
    "ban_after": (1, 1_000_000),
    "lock_seconds": (0, 30 * 86_400),
    "receipts_delay_ms": (0, 600_000),
    "receipts_late_seconds": (0, 86_400),
}
_WHOLE = {"seed", "max_calls", "logout_after", "ban_after"}
_MAY_BE_NONE = {"latency_ms", "receipts"}
_ENDINGS = {"unregistered", "receipts_fail"}
_HEADER = re.compile(r"[A-Za-z0-9-]+: ?[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?")


def checked(name: str, value: Any, choices: Sequence[str] | None) -> Any:
    """`value`, where it may be set as `name`; raises BadOption."""
    if value is None and name in _MAY_BE_NONE:
        return None
    if choices is not None:
        return _choice(name, value, choices)
    if name in _ENDINGS:
        return _ending(name, value)
    if name in {"receipts_to", "receipts_header"}:
        return _address(value) if name == "receipts_to" else _header(value)
    return _number(name, value)


def _choice(name: str, value: Any, choices: Sequence[str]) -> str:
    if value in choices:
        return str(value)
    words = {"name": name, "value": value, "known": ", ".join(choices)}
    raise BadOption(_("%(name)s cannot be “%(value)s”. Known: %(known)s.") % words)


def _ending(name: str, value: Any) -> str:
    if isinstance(value, str) and (value == "" or (value.isascii() and value.isdigit())):
        return value
    raise BadOption(_("%(name)s must be the last digits of a number, or empty.") % {"name": name})


def _address(value: Any) -> str:
    if value == "":
        return ""
    try:
        Target.of(value)
    except BadTarget as error:
        raise BadOption(str(error)) from None
    return str(value)


def _header(value: Any) -> str:
    if value == "" or (isinstance(value, str) and _HEADER.fullmatch(value)):
        return str(value)
    raise BadOption(_("receipts_header must look like “X-Webhook-Secret: words”, or be empty."))


def _number(name: str, value: Any) -> float | int:
    whole = name in _WHOLE
    if isinstance(value, bool) or not isinstance(value, int if whole else int | float):
        sentence = _("%(name)s must be a whole number.") if whole else _("%(name)s must be a number.")
        raise BadOption(sentence % {"name": name})
    low, high = _BOUNDS.get(name, (0, 2**32))
    if not low <= value <= high:
        words = {"name": name, "low": low, "high": high}
        raise BadOption(_("%(name)s must be between %(low)s and %(high)s.") % words)
    return value
