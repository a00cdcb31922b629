"""E-mail through Django's mail backend: reused connections, one message for each person, typed outcomes."""

import queue
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from email.utils import parseaddr

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.core.mail.message import sanitize_address

from campaigns.smtp_answers import HungUp
from campaigns.smtp_steps import Dropped, Parcel, deliver, drop, is_there, opened
from whatsapp.gateways.base import Accepted, Document, ErrorKind, Picture, Refused, Stopped

# A server may drop a connection that rests. After this long we ask before we hand over a message: not needed to be
# safe, but a question costs less than a message that has to start anew.
ASK_AFTER_SECONDS = 5.0


@dataclass(frozen=True)
class Letter:
    """What one person gets; frozen, so that a second try is the same message with the same id."""

    to: str
    subject: str
    text: str
    html: str
    message_id: str
    sender: str
    reply_to: str = ""
    picture: Picture | None = None
    document: Document | None = None
    headers: tuple[tuple[str, str], ...] = ()


@dataclass
class _Line:
    """An open connection."""

    backend: BaseEmailBackend
    messages: int = 0  # that went through it
    idle_since: float = 0.0


class MailServer:
    """Connections to one mail server, used by several threads, each by one at a time."""

    def __init__(self, connect: Callable[[], BaseEmailBackend] = get_connection):
        self._connect = connect
        self._idle: queue.LifoQueue[_Line] = queue.LifoQueue()
        self._closing = threading.Lock()
        self._is_closed = False

    def send(self, letter: Letter) -> Accepted:
        """Hand one letter to the server. Raises GatewayError."""
        parcel = packed(letter)
        line = self._take()
        try:
            self._deliver(line, parcel)
        except (Dropped, HungUp) as error:
            if not line.messages or getattr(error, "was_silent", False):
                raise
            # It had its fill of messages or of waiting, and took nothing of this one: once more, on a new connection.
            self._deliver(self._new_line(), parcel)
        return Accepted(message_id=letter.message_id)

    def look(self) -> None:
        """Connect, log in and hang up. Raises GatewayError."""
        drop(opened(self._connect()))

    def close(self) -> None:
        """What is under way ends as it may; its connection is closed then."""
        with self._closing:
            self._is_closed = True
        while True:
            try:
                drop(self._idle.get_nowait().backend)
            except queue.Empty:
                return

    def _deliver(self, line: _Line, parcel: Parcel) -> None:
        try:
            deliver(line.backend, parcel)
        except Refused:
            self._give_back(line)  # the server answered: the connection is as good as before
            raise
        except BaseException:
            drop(line.backend)
            raise
        self._give_back(line)

    def _take(self) -> _Line:
        try:
            line = self._idle.get_nowait()
        except queue.Empty:
            return self._new_line()
        if _is_fresh(line):
            return line
        drop(line.backend)
        return self._new_line()

    def _new_line(self) -> _Line:
        return _Line(opened(self._connect()))

    def _give_back(self, line: _Line) -> None:
        line.messages += 1
        line.idle_since = time.monotonic()
        with self._closing:
            if not self._is_closed:
                self._idle.put(line)
                return
        drop(line.backend)


def _is_fresh(line: _Line) -> bool:
    limit = settings.EMAIL_MESSAGES_PER_CONNECTION
    if limit and line.messages >= limit:
        return False
    return time.monotonic() - line.idle_since < ASK_AFTER_SECONDS or is_there(line.backend)


def packed(letter: Letter) -> Parcel:
    """Everything that can be wrong with a letter itself is found here, before any of it can have left."""
    try:
        sender = _whole(letter.sender)
    except ValueError as error:  # ours, not the person's: everybody would be refused
        raise Stopped(type(error).__name__, kind=ErrorKind.AUTH) from error
    recipient = _recipient(letter.to)
    message = build(letter)
    try:
        content = message.message().as_bytes(linesep="\r\n")  # type: ignore[call-arg]  # Django's own has it
    except ValueError as error:  # a line break in a header, a character without a code
        raise Refused(type(error).__name__) from error
    return Parcel(sender, recipient, message, content)


def _recipient(address: str) -> str:
    if not address.rpartition("@")[0].isascii():
        # It would take SMTPUTF8 on every server on the way; without it the message would go to another address.
        raise Refused("SMTPUTF8", kind=ErrorKind.INVALID_NUMBER)
    try:
        return _whole(address)
    except ValueError as error:
        raise Refused(type(error).__name__, kind=ErrorKind.INVALID_NUMBER) from error


def _whole(address: str) -> str:
    """As it goes into the envelope. Raises ValueError for none, half of one, or several."""
    written = sanitize_address(address, "utf-8")
    if "@" not in parseaddr(written)[1]:
        raise ValueError(address)
    return written


def build(letter: Letter) -> EmailMultiAlternatives:
    message = EmailMultiAlternatives(
        subject=letter.subject,
        body=letter.text,
        from_email=letter.sender,
        to=[letter.to],
        reply_to=[letter.reply_to] if letter.reply_to else None,
        headers={"Message-ID": letter.message_id, "Auto-Submitted": "auto-generated"} | dict(letter.headers),
    )
    message.attach_alternative(letter.html, "text/html")
    if letter.picture:
        message.attach(letter.picture.filename, letter.picture.content, letter.picture.mime)
    if letter.document:
        message.attach(letter.document.filename, letter.document.content, letter.document.mime)
    return message


def domain_of(address: str) -> str:
    """The part after the @ of “Name <box@example.org>”, for message ids."""
    _box, at, domain = parseaddr(address)[1].rpartition("@")
    return domain if at else "localhost"
