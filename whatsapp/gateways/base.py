"""The contract between the engine and a gateway. Pure: standard library only.

An adapter turns one provider's HTTP into these words. It never retries, never paces, never follows redirects and
never decides what happens to a message: it says what is known, and above all whether the request was written.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    from whatsapp.webhooks.base import Hook


def _(text: str) -> str:
    """Marks a sentence for translators; whoever shows it translates it."""
    return text


class ErrorKind(StrEnum):
    """Why a call did not end in "accepted". campaigns/outcomes.py says what follows from each."""

    INVALID_NUMBER = "invalid_number"
    NOT_ON_WHATSAPP = "not_on_whatsapp"
    REJECTED_CONTENT = "rejected_content"
    TEMPORARY = "temporary"  # this recipient, for now (SMTP 4xx)
    FREQUENCY = "frequency"  # this recipient gets no more advertising for now, says the provider
    OPTED_OUT = "unsubscribed"  # this recipient told the provider to stop us
    TEMPLATE = "template"  # the approved template is wrong, paused or gone: so it is for everybody
    NOT_READY = "not_ready"
    RATE_LIMITED = "rate_limited"
    NEW_CONTACTS = "new_contacts"  # this number may write to nobody whom it has not written with before
    BLOCKED = "blocked"
    AUTH = "auth"
    UNREACHABLE = "unreachable"
    NOBODY_FOUND = "nobody_found"  # our own: so many were said to have no WhatsApp that it is not believed
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
class Document:
    content: bytes
    mime: str = "application/pdf"
    filename: str = "entrada.pdf"


@dataclass(frozen=True)
class Parameter:
    """What stands in one place of a template. `name` where its places have names, `index` of a button (0 first)."""

    text: str
    name: str = ""
    index: int = 0


@dataclass(frozen=True)
class TemplateUse:
    """An approved template, filled in for one person. Its picture or document is that of the message."""

    name: str
    language: str  # as the provider writes it: es_CO
    header: tuple[Parameter, ...] = ()
    body: tuple[Parameter, ...] = ()
    buttons: tuple[Parameter, ...] = ()


@dataclass(frozen=True)
class Template:
    """One of the provider's approved templates. `parts` as the provider describes them (Meta: `components`)."""

    name: str
    language: str
    category: str = ""
    status: str = ""
    parts: tuple[Mapping[str, Any], ...] = ()
    has_named_parameters: bool = False


@dataclass(frozen=True)
class Message:
    """One of: a filled template, a document or a picture with `text` as its caption, or the text alone."""

    phone: str  # +E.164
    text: str  # also the caption when there is a picture or a document
    picture: Picture | None = None
    document: Document | None = None
    template: TemplateUse | None = None
    recipient_id: str = ""  # what the gateway's own check said to send to; empty: make it from the phone
    reference: str = ""  # ours; a gateway that can gives it back in its receipts


@dataclass(frozen=True)
class Accepted:
    """The gateway took the message. Without an id it cannot be followed, and still must not be repeated."""

    message_id: str = ""
    http_status: int | None = None


@dataclass(frozen=True)
class NumberCheck:
    """Whether a number has WhatsApp. None: nobody knows, and the question may be asked again."""

    exists: bool | None
    recipient_id: str = ""  # to be sent to; its digits may be others than those asked (Mexico, Argentina, Brazil)
    detail: str = ""
    error: GatewayError | None = None  # there was no answer to the question: the number is asleep, its gateway is gone


@dataclass(frozen=True)
class Status:
    state: State
    detail: str = ""
    qr_text: str = ""  # what the QR code to scan says, where the gateway gives text
    qr_image: bytes = b""  # or the finished PNG
    ends_in: float | None = None  # seconds until a restriction is lifted, where that is stated
    locked_for: float | None = None  # seconds for which a number that works may write to nobody new
    new_people_a_day: int | None = None  # how many new people the account may write to in 24 hours; 0: no limit


@dataclass(frozen=True)
class Connection:
    """Where and how to reach one number. Never printed: it holds the key."""

    base_url: str
    session_name: str = ""
    api_key: str = field(default="", repr=False)
    options: Mapping[str, str] = field(default_factory=dict)  # what only this gateway asks for (`Gateway.fields`)
    connect_seconds: float = 5.0
    read_seconds: float = 90.0


class Signing(StrEnum):
    """How a gateway proves that a report comes from it. The unguessable address is asked for in any case."""

    NONE = "none"
    BODY = "body"  # a HMAC over the raw body; without its secret nothing is taken
    HEADER = "header"  # a secret of ours in a header


@dataclass(frozen=True)
class Capabilities:
    """What a gateway can do. docs/gateways.md has a table made of these."""

    shows_qr: bool = True
    restarts: bool = True
    checks_numbers: bool = False
    no_may_be_wrong: bool = False  # said also when it could not look: it counts for its own numbers only
    sends_pictures: bool = True
    sends_documents: bool = False
    needs_templates: bool = False  # to people who have not written in the last 24 hours
    receipts: frozenset[str] = frozenset()  # of "sent", "delivered", "read", "failed"
    hears_replies: bool = False
    signing: Signing = Signing.NONE
    finds_phones: bool = False  # of people who write under an id that is no number


@dataclass(frozen=True)
class Field:
    """One thing to type in about a gateway; whoever shows its words translates them. `name`: a column of the number
    (`base_url`, `session_name`, `new_key`, `new_webhook_secret`), or an own option. Only the two new ones are encrypted
    and never shown again: no option can be a secret.
    """

    name: str
    label: str
    help: str = ""
    is_required: bool = False
    default: str = ""
    pattern: str = ""  # the whole value has to match, where it is given


class Gateway(ABC):
    """One provider. `name` is what the database stores, `label` what staff see."""

    name: ClassVar[str]
    label: ClassVar[str]
    default_url: ClassVar[str] = ""
    capabilities: ClassVar[Capabilities] = Capabilities()
    fields: ClassVar[tuple[Field, ...]] = (Field("base_url", _("address of the gateway"), is_required=True),)
    hook: ClassVar["type[Hook] | None"] = None  # reads what it posts to us; None: it posts nothing
    notice: ClassVar[str] = ""  # that whoever uses it has to be shown, by its licence

    def __init__(self, connection: Connection):
        self.connection = connection

    @abstractmethod
    def status(self) -> Status:
        """What the gateway says now. Never raises: no answer is a state too."""

    def probe(self) -> Status:
        """`status` for a program that looks by itself: never with a code whose making disturbs whoever scans one."""
        return self.status()

    @abstractmethod
    def restart(self) -> str:
        """Ask for a restart and return what was answered; raises GatewayError. Does not wait until it is ready."""

    @abstractmethod
    def send(self, message: Message) -> Accepted:
        """One message to one person, once. Raises GatewayError."""

    def check_number(self, phone: str) -> NumberCheck:
        """Asked before the first message to +E.164 `phone`, where `capabilities.checks_numbers`. Never raises."""
        return NumberCheck(None)

    def templates(self) -> list[Template]:
        """The approved templates, where `capabilities.needs_templates`; raises GatewayError."""
        return []

    def phone_of(self, chat_id: str) -> str:
        """+E.164 of somebody who writes under another id, where `capabilities.finds_phones`; empty: not known."""
        return ""
