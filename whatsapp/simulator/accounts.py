"""What WhatsApp itself makes of the number behind the gateway. Pure: the clock is given."""

import math
from collections import deque

from whatsapp.simulator.options import Options
from whatsapp.simulator.verdicts import BANNED, LOCKED, NOT_READY, RESTRICTED, TOO_MANY, Verdict

QR_TEXT = "2@SimuladorDePregonero,EsteCodigoNoAbreNingunaSesion,0123456789abcdef=="


class Account:
    """One in good order."""

    wants_scan = False

    def __init__(self, options: Options):
        self.options = options

    def refusal(self, now: float) -> Verdict | None:
        """The answer to a message that it does not let through; asked once for each message."""

    def note_accepted(self, now: float) -> None:
        pass

    def status(self, now: float) -> dict[str, object] | None:
        """What GET /status says; None where it is ready."""

    def restart(self) -> None:
        pass

    def scan(self) -> None:
        pass


class Unlinked(Account):
    """Wants its QR code scanned."""

    wants_scan = True
    _said = "Escanee el código QR"
    _taken = 0  # since the scan

    def refusal(self, now: float) -> Verdict | None:
        return Verdict(503, NOT_READY) if self.wants_scan else None

    def note_accepted(self, now: float) -> None:
        self._taken += 1
        if self.options.logout_after and self._taken >= self.options.logout_after:
            self.wants_scan = True
            self._said = "La sesión se cerró desde el teléfono. Escanee el código QR"

    def status(self, now: float) -> dict[str, object] | None:
        return {"ready": False, "qr": QR_TEXT, "hasQR": True, "message": self._said} if self.wants_scan else None

    def restart(self) -> None:
        """The session is gone for good: it asks again."""
        self.wants_scan = True

    def scan(self) -> None:
        self.wants_scan = False
        self._taken = 0


class Forgetful(Unlinked):
    """Needs no scan if it is only restarted, as sessions that hang do."""

    def restart(self) -> None:
        self.scan()


class Limited(Account):
    """Takes so many messages in so much time, and no more."""

    def __init__(self, options: Options):
        super().__init__(options)
        self._taken: deque[float] = deque()

    def refusal(self, now: float) -> Verdict | None:
        while self._taken and self._taken[0] <= now - self.options.window_seconds:
            self._taken.popleft()
        if len(self._taken) < self.options.max_calls:
            self._taken.append(now)
            return None
        return named_wait(self.options, 429, TOO_MANY, self._taken[0] + self.options.window_seconds - now)


class Banned(Account):
    """After some messages WhatsApp bans the number, for good or for a stated time. A restart does not help."""

    _taken = 0
    _until = -math.inf

    def refusal(self, now: float) -> Verdict | None:
        if now >= self._until:
            return None
        if not self.options.lock_seconds:
            return Verdict(403, BANNED)
        return named_wait(self.options, 500, LOCKED, self._until - now)

    def note_accepted(self, now: float) -> None:
        self._taken += 1
        if self._taken >= self.options.ban_after:
            self._taken = 0
            self._until = now + (self.options.lock_seconds or math.inf)

    def status(self, now: float) -> dict[str, object] | None:
        if now >= self._until:
            return None
        state, said = ("RESTRICTED", RESTRICTED) if self.options.lock_seconds else ("BANNED", BANNED)
        return {"ready": False, "qr": None, "hasQR": False, "state": state, "message": said}


def named_wait(options: Options, status: int, error: str, seconds: float) -> Verdict:
    wait = None if options.retry_after == "none" else seconds
    return Verdict(status, error, retry_after=wait, is_dated=options.retry_after == "date")


_KINDS: dict[str, type[Account]] = {
    "not-ready": Forgetful,
    "asks-for-qr": Unlinked,
    "rate-limited": Limited,
    "bans": Banned,
}


def account_of(options: Options) -> Account:
    return _KINDS.get(options.profile, Account)(options)
