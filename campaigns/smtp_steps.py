"""One message through an open connection, step by step, so that we know at every moment whether any of it has left.

Until the server has said 354 and the first byte of the content was written, nothing can have been delivered: a
connection that breaks there costs nobody anything. From then on only the server's answer counts.
"""

import contextlib
import re
import smtplib
from collections.abc import Iterator
from dataclasses import dataclass

from django.core.exceptions import ImproperlyConfigured
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

from campaigns.smtp_answers import HungUp, Stage, refusal, without_addresses
from whatsapp.gateways.base import ErrorKind, GatewayError, OutcomeUnknown, Refused, Stopped, Throttled, Unreachable

_LINE_WITH_DOT = re.compile(rb"(?m)^\.")
_GO_ON = 354


class Dropped(Unreachable):
    """The connection broke before the content was written: certainly nothing left."""

    def __init__(self, detail: str, *, was_silent: bool):
        super().__init__(detail)
        self.was_silent = was_silent  # a server that does not answer in time will not do so a second time


@dataclass(frozen=True)
class Parcel:
    """A finished message: what goes into the envelope, and what lies in it."""

    sender: str
    recipient: str
    message: EmailMessage
    content: bytes


def opened(backend: BaseEmailBackend) -> BaseEmailBackend:
    """Connect and log in now, while a failure still proves that nothing was handed over."""
    try:
        backend.open()
    except (OSError, ValueError, ImproperlyConfigured) as error:  # smtplib's errors are OSErrors
        drop(backend)
        raise _not_open(error) from error
    return backend


def _not_open(error: Exception) -> GatewayError:
    if isinstance(error, smtplib.SMTPResponseException):
        return _not_welcome(error)
    is_transport = isinstance(error, OSError) and type(error) is not smtplib.SMTPException
    if is_transport and not isinstance(error, smtplib.SMTPNotSupportedError):
        return Unreachable(words_of(error))
    # No way to log in that both sides know, no encryption, a password with letters that SMTP has no code for.
    return Stopped(words_of(error), kind=ErrorKind.AUTH)


def _not_welcome(error: smtplib.SMTPResponseException) -> GatewayError:
    said = refusal(Stage.GREETING, error.smtp_code, _text(error.smtp_error))
    if (
        isinstance(error, smtplib.SMTPAuthenticationError)
        and error.smtp_code >= 500
        and not isinstance(said, Throttled)
    ):
        return Stopped(said.detail, kind=ErrorKind.AUTH)
    return said


def is_there(backend: BaseEmailBackend) -> bool:
    connection = connection_of(backend)
    if connection is None:
        return True
    try:
        return connection.noop()[0] == 250
    except OSError:
        return False


def connection_of(backend: BaseEmailBackend) -> smtplib.SMTP | None:
    """None for a backend without connections: files, memory, the console."""
    connection = getattr(backend, "connection", None)
    return connection if isinstance(connection, smtplib.SMTP) else None


def drop(backend: BaseEmailBackend) -> None:
    with contextlib.suppress(OSError):  # it may be gone already
        backend.close()


def deliver(backend: BaseEmailBackend, parcel: Parcel) -> None:
    """Hand one message over. Raises GatewayError."""
    connection = connection_of(backend)
    if connection is not None:
        _hand_over(connection, parcel)
        return
    try:
        backend.send_messages([parcel.message])
    except OSError as error:
        raise OutcomeUnknown(words_of(error)) from error


def _hand_over(connection: smtplib.SMTP, parcel: Parcel) -> None:
    try:
        with _nothing_left_yet():
            connection.ehlo_or_helo_if_needed()
            _expect(Stage.SENDER, connection.mail(parcel.sender, _options(connection, parcel.content)))
            _expect(Stage.RECIPIENT, connection.rcpt(parcel.recipient))
            _expect(Stage.CONTENT, connection.docmd("DATA"), accepted=range(_GO_ON, _GO_ON + 1))
        _expect(Stage.CONTENT, _write(connection, parcel.content))
    except Refused:
        with contextlib.suppress(OSError):  # a connection that breaks now is found out about by the next message
            connection.rset()
        raise


def _options(connection: smtplib.SMTP, content: bytes) -> list[str]:
    options = [f"size={len(content)}"] if connection.has_extn("size") else []
    if connection.has_extn("8bitmime") and not content.isascii():
        options.append("body=8bitmime")
    return options


@contextlib.contextmanager
def _nothing_left_yet() -> Iterator[None]:
    try:
        yield
    except smtplib.SMTPHeloError as error:  # the other steps return their answers
        raise refusal(Stage.GREETING, error.smtp_code, _text(error.smtp_error)) from error
    except OSError as error:
        raise Dropped(words_of(error), was_silent=_timed_out(error)) from error
    except ValueError as error:  # a line break in an address: smtplib refuses to write it
        raise Refused(type(error).__name__, kind=ErrorKind.INVALID_NUMBER) from error


def _write(connection: smtplib.SMTP, content: bytes) -> tuple[int, bytes]:
    ending = b"" if content.endswith(b"\r\n") else b"\r\n"
    try:
        connection.send(_LINE_WITH_DOT.sub(b"..", content) + ending + b".\r\n")
        code, text = connection.getreply()
    except OSError as error:
        raise OutcomeUnknown(words_of(error)) from error
    if not (200 <= code < 300 or 400 <= code < 600):
        raise OutcomeUnknown(f"{code} {without_addresses(_text(text))}")
    return code, text


def _expect(stage: Stage, answer: tuple[int, bytes], *, accepted: range = range(200, 300)) -> None:
    code, text = answer
    if code in accepted:
        return
    if not 400 <= code < 600:  # no answer that SMTP knows: we and the server have lost each other
        raise Dropped(f"{code} {without_addresses(_text(text))}", was_silent=False)
    error = refusal(stage, code, _text(text))
    if isinstance(error, HungUp) and stage == Stage.CONTENT and accepted.start == 200:
        raise Throttled(error.detail)  # after the content: said no, and we do not try our luck at once
    raise error


def _timed_out(error: BaseException) -> bool:
    """smtplib turns a time-out into "disconnected" and keeps the cause as its context."""
    return isinstance(error, TimeoutError) or isinstance(error.__context__, TimeoutError)


def words_of(error: Exception) -> str:
    return without_addresses(f"{type(error).__name__}: {error}")


def _text(answer: bytes | str) -> str:
    return answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer
