"""How the simulated gateway treats one message. Pure: the clock and the dice are given."""

from collections import deque
from dataclasses import dataclass
from random import Random

from whatsapp.simulator.options import Options

# What the simulated service says: the words of the service that it stands in for, which are Spanish everywhere.
NOT_READY = "El servicio de WhatsApp no está listo"
NOT_REGISTERED = "El número no está registrado en WhatsApp"
CRASHED = "Error al enviar mensaje: Protocol error (Runtime.callFunctionOn): Target closed."
FAILED = "Error al enviar mensaje: Evaluation failed"
QR_TEXT = "2@SimuladorDePregonero,EsteCodigoNoAbreNingunaSesion,0123456789abcdef=="


@dataclass(frozen=True)
class Verdict:
    """What becomes of one message and what its sender is told."""

    status: int = 200
    error: str = ""
    is_delivered: bool = False
    hangs_up: bool = False  # the connection is cut instead of an answer
    latency: float = 0.0  # seconds before anything happens
    hold: float = 0.0  # seconds of silence before the answer


DELIVERED = Verdict(is_delivered=True)


class Session:
    """The simulated WhatsApp Web behind the gateway. Its owner sees to it that one thread at a time asks."""

    def __init__(self, options: Options):
        self.options = options
        self.collapses = 0
        self._dice = Random(options.seed)  # noqa: S311  # repeatable on purpose
        self._calls: deque[float] = deque()
        self._falls_until = 0.0
        self._down_until = 0.0
        self._needs_qr = options.profile == "not-ready"

    def is_ready(self, now: float) -> bool:
        return not self._needs_qr and not self._is_down(now)

    def status(self, now: float) -> dict[str, object]:
        if self._needs_qr:
            return {"ready": False, "qr": QR_TEXT, "hasQR": True, "message": "Escanee el código QR"}
        if self._is_down(now):
            return {"ready": False, "qr": None, "hasQR": False, "message": "Iniciando WhatsApp"}
        return {"ready": True, "qr": None, "hasQR": False, "message": "WhatsApp está listo"}

    def restart(self, now: float) -> None:
        self._needs_qr = False
        self._falls_until = now
        self._down_until = now + self.options.restart_seconds
        self._calls.clear()

    def judge(self, phone: str, now: float) -> Verdict:
        if self._needs_qr or self._is_down(now):
            return Verdict(503, NOT_READY)
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
            return self._dice.choice(_FLAWS)
        if self.options.profile == "accept-then-timeout":
            return Verdict(is_delivered=True, hold=self.options.hold_seconds)
        return DELIVERED


_FLAWS = (
    Verdict(500, FAILED),
    Verdict(500, FAILED, is_delivered=True),
    Verdict(503, NOT_READY),
    Verdict(hangs_up=True),
    Verdict(is_delivered=True, hangs_up=True),
)
