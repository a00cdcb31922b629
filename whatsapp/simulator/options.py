"""What can be set on the simulator."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from django.utils.translation import gettext as _

from whatsapp.simulator.checking import BadOption, checked
from whatsapp.simulator.loopback import Target

PROFILES = (
    "steady",
    "slow",
    "flaky",
    "collapsing",
    "not-ready",
    "asks-for-qr",
    "rate-limited",
    "bans",
    "accept-then-timeout",
    "reorders-receipts",
)
WAIT_FORMS = ("seconds", "date", "none")
RECEIPT_ORDERS = ("in-order", "shuffled", "duplicated", "late")
RECEIPT_WORDS = ("right", "seed")
CHOICES = {
    "profile": PROFILES,
    "retry_after": WAIT_FORMS,
    "receipts": RECEIPT_ORDERS,
    "receipts_words": RECEIPT_WORDS,
}


@dataclass(frozen=True)
class Options:
    profile: str = "steady"
    seed: int = 1
    latency_ms: float | None = None  # None: 0, and 3000 in `slow`
    jitter_ms: float = 0.0  # by chance, up to this much more
    unregistered: str = "0404"  # numbers that end like this are not on WhatsApp; empty: all are
    failure_percent: float = 30.0  # flaky
    max_calls: int = 8  # collapsing and rate-limited: more than these ...
    window_seconds: float = 10.0  # ... in this time bring it down, or are turned away
    fall_seconds: float = 1.0  # collapsing: how long it answers nonsense before it is down
    down_seconds: float = 20.0  # and then how long until it is back by itself
    restart_seconds: float = 2.0
    hold_seconds: float = 120.0  # accept-then-timeout: how long it keeps silent
    logout_after: int = 0  # asks-for-qr: messages after a scan until it is logged out; 0: it stays linked
    ban_after: int = 20  # bans: messages that it still takes
    lock_seconds: float = 0.0  # bans: a lock that ends by itself; 0: a ban for good
    retry_after: str = "seconds"  # how rate-limited and bans name the wait
    receipts_to: str = ""  # where receipts are posted; empty: none are
    receipts_header: str = ""  # such as "X-Webhook-Secret: words"
    receipts: str | None = None  # None: in order, and shuffled in `reorders-receipts`
    receipts_words: str = "right"
    receipts_delay_ms: float = 400.0  # from the answer to the first receipt, and from each to the next
    receipts_late_seconds: float = 30.0  # late: before the first
    receipts_fail: str = ""  # numbers that end like this are reported as failed; empty: none

    @property
    def latency(self) -> float:
        default = 3000.0 if self.profile == "slow" else 0.0
        return (default if self.latency_ms is None else self.latency_ms) / 1000

    @property
    def receipt_order(self) -> str:
        return self.receipts or ("shuffled" if self.profile == "reorders-receipts" else "in-order")

    @property
    def target(self) -> Target | None:
        return Target.of(self.receipts_to) if self.receipts_to else None

    def changed(self, values: Mapping[str, Any]) -> "Options":
        """These options with `values`; raises BadOption. A wrong name is an error too."""
        known = {field.name for field in fields(self)}
        if wrong := sorted(set(values) - known):
            words = {"name": wrong[0], "known": ", ".join(sorted(known))}
            raise BadOption(_("There is no option “%(name)s”. Known: %(known)s.") % words)
        return replace(self, **{name: checked(name, value, CHOICES.get(name)) for name, value in values.items()})

    def as_dict(self) -> dict[str, Any]:
        """To be shown: without the secrets of whoever receives the receipts."""
        target = self.target
        return asdict(self) | {
            "receipts_to": target.shown if target else "",
            "receipts_header": "…" if self.receipts_header else "",
        }
