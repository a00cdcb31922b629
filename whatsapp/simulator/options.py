"""What can be set on the simulator, with its bounds. Pure."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

PROFILES = ("steady", "slow", "flaky", "collapsing", "not-ready", "accept-then-timeout")


class BadOption(ValueError):
    """A sentence that says what is wrong and what is allowed."""


@dataclass(frozen=True)
class Options:
    profile: str = "steady"
    seed: int = 1
    latency_ms: float | None = None  # None: 0, and 3000 in `slow`
    unregistered: str = "0404"  # numbers that end like this are not on WhatsApp; empty: all are
    failure_percent: float = 30.0  # flaky
    max_calls: int = 8  # collapsing: more than these ...
    window_seconds: float = 10.0  # ... in this time bring it down
    fall_seconds: float = 1.0  # how long it answers nonsense before it is down
    down_seconds: float = 20.0  # and then how long until it is back by itself
    restart_seconds: float = 2.0
    hold_seconds: float = 120.0  # accept-then-timeout: how long it keeps silent

    @property
    def latency(self) -> float:
        default = 3000.0 if self.profile == "slow" else 0.0
        return (default if self.latency_ms is None else self.latency_ms) / 1000

    def changed(self, values: Mapping[str, Any]) -> "Options":
        """These options with `values`; raises BadOption. Nothing is guessed: a wrong name is an error."""
        known = {field.name for field in fields(self)}
        if wrong := sorted(set(values) - known):
            raise BadOption(f"Unknown option {wrong[0]!r}. Known: {', '.join(sorted(known))}.")
        return replace(self, **{name: _checked(name, value) for name, value in values.items()})

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


_BOUNDS = {
    "latency_ms": (0, 600_000),
    "failure_percent": (0, 100),
    "max_calls": (1, 100_000),
    "window_seconds": (0.01, 3600),
    "fall_seconds": (0, 3600),
    "down_seconds": (0, 3600),
    "restart_seconds": (0, 3600),
    "hold_seconds": (0, 3600),
}


def _checked(name: str, value: Any) -> Any:
    if name == "profile":
        if value not in PROFILES:
            raise BadOption(f"Unknown profile {value!r}. Known: {', '.join(PROFILES)}.")
        return value
    if name == "unregistered":
        if not isinstance(value, str) or not (value == "" or (value.isascii() and value.isdigit())):
            raise BadOption("unregistered must be the last digits of a number, or empty.")
        return value
    return _number(name, value)


def _number(name: str, value: Any) -> float | int | None:
    if name == "latency_ms" and value is None:
        return None
    whole = name in {"seed", "max_calls"}
    if isinstance(value, bool) or not isinstance(value, int if whole else int | float):
        raise BadOption(f"{name} must be a {'whole ' if whole else ''}number.")
    low, high = _BOUNDS.get(name, (0, 2**32))
    if not low <= value <= high:
        raise BadOption(f"{name} must be between {low} and {high}.")
    return value
