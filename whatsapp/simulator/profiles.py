"""How the simulated gateway treats one message. Pure: the clock and the dice are given."""

from collections import deque
from random import Random

from whatsapp.simulator.accounts import account_of
from whatsapp.simulator.options import Options
from whatsapp.simulator.verdicts import CRASHED, DELIVERED, FLAWS, NOT_READY, NOT_REGISTERED, Verdict


class Session:
    """The simulated WhatsApp Web behind the gateway. Its owner sees to it that one thread at a time asks."""

    def __init__(self, options: Options):
        self.options = options
        self.collapses = 0
        self._account = account_of(options)
        self._dice = Random(options.seed)  # noqa: S311  # repeatable on purpose
        # Dice of their own, so that an option more does not change what happens to the messages.
        self._latency_dice = Random(f"{options.seed} latency")  # noqa: S311
        self._calls: deque[float] = deque()
        self._falls_until = 0.0
        self._down_until = 0.0

    @property
    def wants_scan(self) -> bool:
        return self._account.wants_scan

    def is_ready(self, now: float) -> bool:
        return bool(self.status(now)["ready"])

    def status(self, now: float) -> dict[str, object]:
        if self._is_down(now):
            return {"ready": False, "qr": None, "hasQR": False, "message": "Iniciando WhatsApp"}
        return self._account.status(now) or {
            "ready": True,
            "qr": None,
            "hasQR": False,
            "message": "WhatsApp está listo",
        }

    def restart(self, now: float) -> None:
        self._account.restart()
        self._falls_until = now
        self._down_until = now + self.options.restart_seconds
        self._calls.clear()

    def scan(self) -> None:
        """A phone is held before the QR code."""
        self._account.scan()

    def latency(self) -> float:
        return self.options.latency + self._latency_dice.random() * self.options.jitter_ms / 1000

    def judge(self, phone: str, now: float) -> Verdict:
        verdict = self._judge(phone, now)
        if verdict.is_delivered:
            self._account.note_accepted(now)
        return verdict

    def _judge(self, phone: str, now: float) -> Verdict:
        if self._is_down(now):
            return Verdict(503, NOT_READY)
        if refusal := self._account.refusal(now):
            return refusal
        if self._falls(now):
            return self._crash()
        if self._is_unregistered(phone):
            return Verdict(404, NOT_REGISTERED)
        return self._by_profile()

    def _is_down(self, now: float) -> bool:
        return self._falls_until <= now < self._down_until

    def _falls(self, now: float) -> bool:
        """In `collapsing`: notes the call, and says whether the service is falling over."""
        if self.options.profile != "collapsing":
            return False
        if now < self._falls_until:
            return True
        self._calls.append(now)
        while self._calls[0] <= now - self.options.window_seconds:
            self._calls.popleft()
        if len(self._calls) <= self.options.max_calls:
            return False
        self.collapses += 1
        self._calls.clear()
        self._falls_until = now + self.options.fall_seconds
        self._down_until = self._falls_until + self.options.down_seconds
        return True

    def _crash(self) -> Verdict:
        """Half of these have left already: that is what makes a crash hard to clean up."""
        return Verdict(500, CRASHED, is_delivered=self._dice.random() < 0.5, hangs_up=self._dice.random() < 0.5)

    def _is_unregistered(self, phone: str) -> bool:
        return bool(self.options.unregistered) and phone.endswith(self.options.unregistered)

    def _by_profile(self) -> Verdict:
        if self.options.profile == "flaky" and self._dice.random() * 100 < self.options.failure_percent:
            return self._dice.choice(FLAWS)
        if self.options.profile == "accept-then-timeout":
            return Verdict(is_delivered=True, hold=self.options.hold_seconds)
        return DELIVERED
