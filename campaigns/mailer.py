"""E-mail through Django's mail backend: reused connections, one message for each person, typed outcomes."""

import contextlib
import queue
import smtplib
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass
from email.utils import parseaddr

from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend

from whatsapp.gateways.base import (
    Accepted,
    ErrorKind,
    GatewayError,
    OutcomeUnknown,
    Picture,
    Refused,
    Stopped,
    Throttled,
    Unreachable,
)

# A server may drop a connection that rests. After this long we ask before we hand over a message: a drop that is
# noticed then is harmless, while one in the middle of a message leaves us not knowing.
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
    picture: Picture | None = None
    headers: tuple[tuple[str, str], ...] = ()


@dataclass
class _Idle:
    backend: BaseEmailBackend
    since: float


class MailServer:
    """Connections to one mail server, used by several threads, each by one at a time."""

    def __init__(self, connect: Callable[[], BaseEmailBackend] = get_connection):
        self._connect = connect
        self._idle: queue.LifoQueue[_Idle] = queue.LifoQueue()

    def send(self, letter: Letter) -> Accepted:
        """Hand one letter to the server. Raises GatewayError."""
        message = _finished(letter)
        backend = self._take()
        try:
            _deliver(backend, message)
        except Refused:
            self._give_back(backend)  # the server answered: the connection is as good as before
            raise
        except BaseException:
            _drop(backend)
            raise
        self._give_back(backend)
        return Accepted(message_id=letter.message_id)

    def close(self) -> None:
        while True:
            try:
                _drop(self._idle.get_nowait().backend)
            except queue.Empty:
                return

    def _take(self) -> BaseEmailBackend:
        try:
            idle = self._idle.get_nowait()
        except queue.Empty:
            return _opened(self._connect())
        if time.monotonic() - idle.since < ASK_AFTER_SECONDS or _still_there(idle.backend):
            return idle.backend
        _drop(idle.backend)
        return _opened(self._connect())

    def _give_back(self, backend: BaseEmailBackend) -> None:
        self._idle.put(_Idle(backend, time.monotonic()))


def _opened(backend: BaseEmailBackend) -> BaseEmailBackend:
    """Connect and log in now, while a failure still proves that nothing was handed over."""
    try:
        backend.open()
    except smtplib.SMTPAuthenticationError as error:
        raise Stopped(_reply(error), kind=ErrorKind.AUTH, http_status=None) from error
    except (OSError, smtplib.SMTPException, ssl.SSLError) as error:
        raise Unreachable(_reply(error)) from error
    return backend


def _still_there(backend: BaseEmailBackend) -> bool:
    connection = getattr(backend, "connection", None)
    if not isinstance(connection, smtplib.SMTP):
        return True  # a backend without connections: files, memory, the console
    try:
        return connection.noop()[0] == 250
    except (OSError, smtplib.SMTPException):
        return False


def _drop(backend: BaseEmailBackend) -> None:
    with contextlib.suppress(OSError, smtplib.SMTPException):  # it may be gone already
        backend.close()


def _finished(letter: Letter) -> EmailMultiAlternatives:
    """Everything that can be wrong with a letter itself is found here, before any of it can have left."""
    message = build(letter)
    try:
        message.message().as_bytes()
    except ValueError as error:  # a line break in a header, an address that is none, a character without a code
        raise Refused(f"{type(error).__name__}") from error
    return message


def _deliver(backend: BaseEmailBackend, message: EmailMultiAlternatives) -> None:
    try:
        backend.send_messages([message])
    except smtplib.SMTPRecipientsRefused as error:
        code, text = next(iter(error.recipients.values()), (550, b""))
        raise _refusal(code, text) from error
    except (smtplib.SMTPSenderRefused, smtplib.SMTPDataError) as error:
        raise _refusal(error.smtp_code, error.smtp_error) from error
    except (smtplib.SMTPServerDisconnected, OSError) as error:
        raise OutcomeUnknown(_reply(error)) from error
    except smtplib.SMTPResponseException as error:
        raise _refusal(error.smtp_code, error.smtp_error) from error


def _refusal(code: int, text: bytes | str) -> GatewayError:
    """The server's own answer to this letter: it did not take it. 4xx may pass later, 5xx will not."""
    detail = f"{code} {_readable(text)}"
    if code == 421:
        return Throttled(detail)
    if 400 <= code < 500:
        return Refused(detail, kind=ErrorKind.TEMPORARY)
    if code in (550, 551, 553):
        return Refused(detail, kind=ErrorKind.INVALID_NUMBER)
    return Refused(detail, kind=ErrorKind.REJECTED_CONTENT)


def _reply(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        return f"{error.smtp_code} {_readable(error.smtp_error)}"
    return f"{type(error).__name__}: {error}"[:300]


def _readable(text: bytes | str) -> str:
    """The server's words without addresses, so that they may stand in a list."""
    words = (text.decode("utf-8", "replace") if isinstance(text, bytes) else text).split()
    return " ".join("…" if "@" in word else word for word in words)[:200]


def build(letter: Letter) -> EmailMultiAlternatives:
    message = EmailMultiAlternatives(
        subject=letter.subject,
        body=letter.text,
        from_email=letter.sender,
        to=[letter.to],
        headers={"Message-ID": letter.message_id, "Auto-Submitted": "auto-generated"} | dict(letter.headers),
    )
    message.attach_alternative(letter.html, "text/html")
    if letter.picture:
        message.attach(letter.picture.filename, letter.picture.content, letter.picture.mime)
    return message


def domain_of(address: str) -> str:
    """The part after the @ of “Name <box@example.org>”, for message ids."""
    _box, at, domain = parseaddr(address)[1].rpartition("@")
    return domain if at else "localhost"
