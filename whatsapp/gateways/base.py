"""The contract between the engine and a gateway. Pure: standard library only.

An adapter turns one provider's HTTP into these words. It never retries, never paces, never follows redirects and
never decides what happens to a message: it says what is known, and above all whether the request was written.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from enum import StrEnum
from typing import ClassVar


class ErrorKind(StrEnum):
    """Why a call did not end in "accepted". campaigns/outcomes.py says what follows from each."""

    INVALID_NUMBER = "invalid_number"
    NOT_ON_WHATSAPP = "not_on_whatsapp"
    REJECTED_CONTENT = "rejected_content"
    TEMPORARY = "temporary"  # this recipient, for now (SMTP 4xx)
    NOT_READY = "not_ready"
    RATE_LIMITED = "rate_limited"
    BLOCKED = "blocked"
    AUTH = "auth"
    UNREACHABLE = "unreachable"
    OVERTAKEN = "overtaken"  # our own: the process stood still, and its turn is over
    UNCERTAIN = "uncertain"


class State(StrEnum):
    """What a gateway says of the number behind it."""

    UNKNOWN = "unknown"
    READY = "ready"
    STARTING = "starting"
    NEEDS_QR = "needs_qr"
    LOGGED_OUT = "logged_out"
    FAILED = "failed"
    RESTRICTED = "restricted"
    AUTH_ERROR = "auth_error"
    UNREACHABLE = "unreachable"


class GatewayError(Exception):
    """A call that was not accepted. `detail` holds no key, no phone and no text, and may be shown to staff."""

    kind: ClassVar[ErrorKind] = ErrorKind.UNCERTAIN

    def __init__(
        self,
        detail: str,
        *,
        kind: ErrorKind | None = None,
        http_status: int | None = None,
        retry_after: float | None = None,
    ):
        super().__init__(detail)
        self.detail = detail
        self.http_status = http_status
        self.retry_after = retry_after  # seconds, where the provider names them
        if kind is not None:
            self.kind = kind  # type: ignore[misc]  # a finer word than the class has


class Refused(GatewayError):
    """Will never go through to this recipient, or not with this text."""

    kind = ErrorKind.REJECTED_CONTENT


class NotSent(GatewayError):
    """Certainly nothing left; safe to try later. The number or its gateway is at fault, not the recipient."""

    kind = ErrorKind.NOT_READY


class Unreachable(NotSent):
    """Not even connected: refused, unknown host, connect time-out, TLS failure."""

    kind = ErrorKind.UNREACHABLE


class Overtaken(NotSent):
    """The call was not made: its turn had passed before it could leave. Nobody's fault."""

    kind = ErrorKind.OVERTAKEN


class Throttled(NotSent):
    """As above, and slow down."""

    kind = ErrorKind.RATE_LIMITED


class Stopped(NotSent):
    """Nothing will leave through this number until a person acts: banned, locked, or a wrong key."""

    kind = ErrorKind.BLOCKED


class OutcomeUnknown(GatewayError):
    """The request was written and no clear answer came. Never repeated by machine."""

    kind = ErrorKind.UNCERTAIN


@dataclass(frozen=True)
class Picture:
    content: bytes
    mime: str = "image/png"
    filename: str = "entrada.png"


@dataclass(frozen=True)
class Message:
    phone: str  # +E.164
    text: str  # also the caption when there is a picture
    picture: Picture | None = None


@dataclass(frozen=True)
class Accepted:
    """The gateway took the message. Without an id it cannot be followed, and still must not be repeated."""

    message_id: str = ""
    http_status: int | None = None


@dataclass(frozen=True)
class Status:
    state: State
    detail: str = ""
    qr_text: str = ""  # what the QR code to scan says, where the gateway gives text
    qr_image: bytes = b""  # or the finished PNG


@dataclass(frozen=True)
class Connection:
    """Where and how to reach one number. Never printed: it holds the key."""

    base_url: str
    session_name: str = ""
    api_key: str = field(default="", repr=False)
    connect_seconds: float = 5.0
    read_seconds: float = 90.0


class Gateway(ABC):
    """One provider. `name` is what the database stores, `label` what staff see."""

    name: ClassVar[str]
    label: ClassVar[str]
    can_restart: ClassVar[bool] = True
    can_show_qr: ClassVar[bool] = True
    default_url: ClassVar[str] = ""

    def __init__(self, connection: Connection):
        self.connection = connection

    @abstractmethod
    def status(self) -> Status:
        """What the gateway says now. Never raises: no answer is a state too."""

    @abstractmethod
    def restart(self) -> str:
        """Ask for a restart and return what was answered; raises GatewayError. Does not wait until it is ready."""

    @abstractmethod
    def send(self, message: Message) -> Accepted:
        """One message to one person, once. Raises GatewayError."""
