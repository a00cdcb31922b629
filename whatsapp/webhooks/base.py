"""The contract of what gateways post to us: is it genuine, and what does it say? Pure: standard library only.

A `Hook` turns one provider's words into ours. It never touches a row: news are announced by `whatsapp.signals`, and
whoever listens decides. Each item of a post is read by itself, so that one that nobody understands spoils no other.
"""

import hashlib
import hmac
import re
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, ClassVar

from whatsapp.gateways.base import State

TEXT_LENGTH = 1000  # characters of a reply that are kept
ID_LENGTH = 200


class ReceiptStatus(StrEnum):
    """What became of a message. Later ones imply the earlier; "failed" counts until it is known to have arrived."""

    SENT = "sent"
    FAILED = "failed"
    DELIVERED = "delivered"
    READ = "read"


@dataclass(frozen=True)
class Receipt:
    """A provider's report on one message of ours."""

    message_id: str  # bare, as `Accepted.message_id`
    status: ReceiptStatus
    at: datetime | None = None  # by the provider's clock, where it says
    error_kind: str = ""  # of ErrorKind, of a failed one
    detail: str = ""
    reference: str = ""  # what we gave with the message, where the provider gives it back
    chat_id: str = ""  # under which the provider knows the person; may be no number
    phone: str = ""  # +E.164, where it is one


@dataclass(frozen=True)
class Reply:
    """Somebody wrote to the number."""

    message_id: str
    chat_id: str
    phone: str  # +E.164; empty where the provider names the person by something else
    text: str
    at: datetime | None = None


@dataclass(frozen=True)
class OwnMessage:
    """A message that left from the number, whoever wrote it: proof for one whose answer was lost."""

    message_id: str
    chat_id: str
    phone: str
    text: str
    at: datetime | None = None


@dataclass(frozen=True)
class StateNews:
    """The gateway says by itself how the number is."""

    state: State
    detail: str = ""
    ends_at: datetime | None = None  # of a restriction
    locked_until: datetime | None = None  # a number that works may write to nobody new until then
    of_account: bool = False  # said of all numbers of the account, to the address of one of them
    at: datetime | None = None  # by the provider's clock; None where it does not say


@dataclass(frozen=True)
class Wish:
    """A person told the provider itself, and not us, to stop or to go on with advertising."""

    phone: str
    chat_id: str
    wants: bool
    at: datetime | None = None


@dataclass(frozen=True)
class TemplateNews:
    """An approved template was paused, disabled, rejected, or approved again."""

    name: str
    language: str
    status: str


News = Receipt | Reply | OwnMessage | StateNews | Wish | TemplateNews


@dataclass
class Reading:
    """What a post says. `faults`: items that nobody understands, in words for a log, without what people wrote."""

    news: list[News] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)


class Hook(ABC):
    """What one gateway posts. `secret` is the one that the number has stored for it, never empty."""

    most_bytes: ClassVar[int] = 64 * 1024  # of one post; longer ones are turned away
    # The same bytes again are the same post. Of a gateway that numbers nothing only within a minute: it says "logged
    # out" in the same bytes every time.
    marks_each_post: ClassVar[bool] = True

    def is_genuine(self, headers: Mapping[str, str], body: bytes, secret: str) -> bool:
        """Asked where `Capabilities.signing` is not NONE. Header names in small letters. Compares in constant time."""
        return False

    def without_keys(self, text: str) -> str:
        """The body of a post as it may be stored, where the provider puts keys into it. It must stay JSON."""
        return text

    def challenge(self, query: Mapping[str, str], secret: str) -> str | None:
        """What to answer to a GET with which a provider makes sure that the address is ours; None: nothing."""
        return None

    def verify_token(self, secret: str) -> str:
        """What to type into the provider's form, so that `challenge` knows its question; empty: it asks none."""
        return ""

    def items(self, body: Any) -> Iterable[Any]:
        """The parts of a post that are read one by one; the whole body unless a provider batches."""
        return [body]

    @abstractmethod
    def read_item(self, item: Any, options: Mapping[str, str]) -> Iterable[News]:
        """`options`: those of the number, with its `session_name` and `phone`, and the `other_phones` of its gateway.

        Phones are as staff typed them, the others a line each.

        Raises ValueError, KeyError, TypeError or AttributeError where it is none.
        """

    def read(self, body: Any, options: Mapping[str, str] | None = None) -> Reading:
        """Never raises for what a body is like."""
        reading = Reading()
        try:
            items = list(self.items(body))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            return Reading(faults=[type(error).__name__])
        for item in items:
            try:
                reading.news.extend(self.read_item(item, options or {}))
            except (ValueError, KeyError, TypeError, AttributeError) as error:
                reading.faults.append(type(error).__name__)
        return reading


class NoHook(Hook):
    """Of a gateway that posts nothing that we understand."""

    def read_item(self, item: Any, options: Mapping[str, str]) -> Iterator[News]:
        yield from ()


# --- for those who read ---------------------------------------------------------------------------------------------

_PHONE_ID = re.compile(r"(\d{7,15})(?::\d+)?@(?:c\.us|s\.whatsapp\.net)")


def phone_in(chat_id: object) -> str:
    """+E.164 of `573000000001@c.us`; empty for groups, channels and ids that are no number, such as `…@lid`."""
    found = _PHONE_ID.fullmatch(chat_id) if isinstance(chat_id, str) else None
    return f"+{found[1]}" if found else ""


def is_of_another(named: object, options: Mapping[str, str]) -> bool:
    """Whether a post is about another session than that of the number: one address may serve all of a gateway."""
    ours = options.get("session_name", "")
    return bool(ours) and isinstance(named, str) and named not in {"", ours}


def is_person(chat_id: object) -> bool:
    """Not a group, a channel or a status."""
    if not isinstance(chat_id, str) or not chat_id:
        return False
    return not chat_id.endswith(("@g.us", "@newsletter", "@broadcast"))


def moment(value: object) -> datetime | None:
    """From seconds or milliseconds since 1970, as a number or as text; None for anything else."""
    try:
        number = float(value)  # type: ignore[arg-type]
        return datetime.fromtimestamp(number / 1000 if number > 1e11 else number, UTC)
    except (TypeError, ValueError, OverflowError, OSError):
        return None


def hmac_matches(body: bytes, secret: str, claimed: str, algorithm: str) -> bool:
    """Whether `claimed`, in hexadecimal, is the HMAC of the raw body."""
    wanted = hmac.new(secret.encode(), body, getattr(hashlib, algorithm)).hexdigest()
    return same(wanted, claimed.strip().lower())


def same(wanted: str, given: str) -> bool:
    """In constant time, whatever characters somebody sends."""
    return hmac.compare_digest(wanted.encode(), given.encode("utf-8", "surrogatepass"))


def text_of(value: object) -> str:
    """A reply's text as it is kept: plain, and not longer than what matters."""
    text = value if isinstance(value, str) else ""
    return "".join(c if c.isprintable() or c == "\n" else " " for c in text[: 4 * TEXT_LENGTH])[:TEXT_LENGTH].strip()
