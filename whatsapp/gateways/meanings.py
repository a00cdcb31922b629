"""What an answer without success can mean, and the error that says so. Each adapter decides which one it is."""

from collections.abc import Iterable
from dataclasses import dataclass

from whatsapp.gateways.answers import retry_after
from whatsapp.gateways.base import (
    ErrorKind,
    GatewayError,
    Message,
    NotSent,
    OutcomeUnknown,
    Refused,
    Stopped,
    Throttled,
    Unreachable,
    _,
)
from whatsapp.gateways.ends import stated_end
from whatsapp.gateways.http import Answer
from whatsapp.gateways.scrubbing import scrub, without

_QUOTE = 10  # characters of a message that are worth taking out before a gateway's words are judged


@dataclass(frozen=True)
class Meaning:
    error: type[GatewayError]
    kind: ErrorKind
    hint: str = ""
    may_name_a_wait: bool = False


UNKNOWN = Meaning(OutcomeUnknown, ErrorKind.UNCERTAIN)
BROWSER_DIED = Meaning(OutcomeUnknown, ErrorKind.UNCERTAIN, _("the gateway's browser died; restart it"))
NOT_READY = Meaning(NotSent, ErrorKind.NOT_READY, may_name_a_wait=True)
BLOCKED = Meaning(Stopped, ErrorKind.BLOCKED)
NEW_CONTACTS = Meaning(Stopped, ErrorKind.NEW_CONTACTS)
THROTTLED = Meaning(Throttled, ErrorKind.RATE_LIMITED, may_name_a_wait=True)
WRONG_KEY = Meaning(Stopped, ErrorKind.AUTH)
WRONG_ADDRESS = Meaning(Unreachable, ErrorKind.UNREACHABLE, _("this is not the address of a gateway"))
NOT_ON_WHATSAPP = Meaning(Refused, ErrorKind.NOT_ON_WHATSAPP)
INVALID_NUMBER = Meaning(Refused, ErrorKind.INVALID_NUMBER)
REJECTED = Meaning(Refused, ErrorKind.REJECTED_CONTENT)
TEMPORARY = Meaning(NotSent, ErrorKind.TEMPORARY, may_name_a_wait=True)
FREQUENCY = Meaning(Refused, ErrorKind.FREQUENCY)
OPTED_OUT = Meaning(Refused, ErrorKind.OPTED_OUT)
BAD_TEMPLATE = Meaning(Refused, ErrorKind.TEMPLATE)


def to_judge(said: str, message: Message | None) -> str:
    """A gateway's words without our own message, which some quote: "scan your QR" in it says nothing about the gateway.

    Underscores are blanks: session_not_connected.
    """
    text = message.text if message else ""
    return (without(said, [text]) if len(text) >= _QUOTE else said).replace("_", " ")


def error_for(
    meaning: Meaning, answer: Answer, said: str, *, secrets: Iterable[str] = (), message: Message | None = None
) -> GatewayError:
    """The error to raise for `answer`, with a detail that may be shown."""
    detail = ": ".join(part for part in (f"HTTP {answer.status}", meaning.hint, said) if part)
    return meaning.error(
        scrub(detail, secrets=secrets, message=message.text if message else ""),
        kind=meaning.kind,
        http_status=answer.status,
        retry_after=_wait(meaning, answer, to_judge(said, message)),
    )


def _wait(meaning: Meaning, answer: Answer, said: str) -> float | None:
    if meaning.error is Stopped and meaning is not WRONG_KEY:
        return stated_end(answer, said)
    return retry_after(answer) if meaning.may_name_a_wait else None
