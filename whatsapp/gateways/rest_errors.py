"""What an answer without success means.

Two questions decide: does the gateway itself say that it did not send, and if so, whose fault is it? Whatever
leaves a doubt is `OutcomeUnknown`, which no machine repeats.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from whatsapp.gateways import rest_words as words
from whatsapp.gateways.answers import error_text, retry_after
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
)
from whatsapp.gateways.http import Answer
from whatsapp.gateways.rest_ends import stated_end
from whatsapp.gateways.scrubbing import scrub, without

_QUOTE = 10  # characters of a message that are worth taking out before a gateway's words are judged


@dataclass(frozen=True)
class _Meaning:
    error: type[GatewayError]
    kind: ErrorKind
    hint: str = ""
    may_name_a_wait: bool = False


UNKNOWN = _Meaning(OutcomeUnknown, ErrorKind.UNCERTAIN)
BROWSER_DIED = _Meaning(OutcomeUnknown, ErrorKind.UNCERTAIN, "the gateway's browser died; restart it")
NOT_READY = _Meaning(NotSent, ErrorKind.NOT_READY, may_name_a_wait=True)
BLOCKED = _Meaning(Stopped, ErrorKind.BLOCKED)
THROTTLED = _Meaning(Throttled, ErrorKind.RATE_LIMITED, may_name_a_wait=True)
WRONG_KEY = _Meaning(Stopped, ErrorKind.AUTH)
WRONG_ADDRESS = _Meaning(Unreachable, ErrorKind.UNREACHABLE, "this is not the address of a gateway")
NOT_ON_WHATSAPP = _Meaning(Refused, ErrorKind.NOT_ON_WHATSAPP)
INVALID_NUMBER = _Meaning(Refused, ErrorKind.INVALID_NUMBER)
REJECTED = _Meaning(Refused, ErrorKind.REJECTED_CONTENT)


def error_in(answer: Answer, *, secrets: Iterable[str] = (), message: Message | None = None) -> GatewayError:
    """The error to raise for `answer`, with a detail that may be shown."""
    text = message.text if message else ""
    said = error_text(answer)
    # Judged without our own message, which some quote: "scan your QR" in it says nothing about the gateway.
    judged = _spaced(without(said, [text]) if len(text) >= _QUOTE else said)
    meaning = _meaning(answer, judged)
    detail = ": ".join(part for part in (f"HTTP {answer.status}", meaning.hint, said) if part)
    return meaning.error(
        scrub(detail, secrets=secrets, message=text),
        kind=meaning.kind,
        http_status=answer.status,
        retry_after=_wait(meaning, answer, judged),
    )


def _wait(meaning: _Meaning, answer: Answer, said: str) -> float | None:
    if meaning is BLOCKED:
        return stated_end(answer, said)
    return retry_after(answer) if meaning.may_name_a_wait else None


def _spaced(said: str) -> str:
    return said.replace("_", " ")  # session_not_connected


def _meaning(answer: Answer, said: str) -> _Meaning:
    # Before the status is asked: services wrap a lock into 403, 429, 500 or 503. A page that says such a thing is about
    # somebody's account at a web host.
    if words.BLOCKED.search(said) and not answer.is_html and not 300 <= answer.status < 400:
        return BLOCKED
    if answer.status >= 500:
        return _server_error(answer, said)
    if answer.status >= 400:
        return _client_error(answer, said)
    if answer.status >= 300:
        # "Moved": whoever answered is not the gateway and passed nothing on. 302 and 303 are also what some
        # answer when the work is done, so they stay in doubt.
        return WRONG_ADDRESS if answer.status in {301, 307, 308} else UNKNOWN
    return _failure_in_success(said) if isinstance(answer.json(), dict) else UNKNOWN


def _failure_in_success(said: str) -> _Meaning:
    """A 2xx around an error is believed where it gives a reason that excludes that the message left."""
    if words.NOT_READY.search(said):
        return NOT_READY
    if words.NOT_REGISTERED.search(said):
        return NOT_ON_WHATSAPP
    return INVALID_NUMBER if words.BAD_NUMBER.search(said) else UNKNOWN


def _server_error(answer: Answer, said: str) -> _Meaning:
    if answer.status == 503:
        # The gateway's own 503 is "not ready". A proxy's page may stand for a request that had been passed on.
        return UNKNOWN if answer.is_html and not words.NOT_READY.search(said) else NOT_READY
    if words.BROWSER_DIED.search(said):
        return BROWSER_DIED
    if words.NOT_REGISTERED.search(said):
        return NOT_ON_WHATSAPP
    return REJECTED if words.BAD_PICTURE.search(said) else UNKNOWN


def _client_error(answer: Answer, said: str) -> _Meaning:
    if answer.status == 429:
        return THROTTLED
    if answer.is_html:  # not the gateway, but a web server in its place
        return _PAGES.get(answer.status, UNKNOWN)
    if answer.status == 404 and answer.json() is None:
        return WRONG_ADDRESS
    if words.NOT_READY.search(said):
        return NOT_READY
    judge = {404: _not_found, 400: _bad_request, 422: _unprocessable}.get(answer.status)
    return judge(said) if judge else _PAGES.get(answer.status, UNKNOWN)


_PAGES = {400: WRONG_ADDRESS, 401: WRONG_KEY, 403: WRONG_KEY, 404: WRONG_ADDRESS, 405: WRONG_ADDRESS, 413: REJECTED}


def _not_found(said: str) -> _Meaning:
    if words.REGISTERED.search(said) or words.NOT_THERE.search(said):
        return NOT_ON_WHATSAPP
    return WRONG_ADDRESS if words.NO_ROUTE.search(said) else UNKNOWN


def _bad_request(said: str) -> _Meaning:
    if words.NOT_REGISTERED.search(said) or words.NOT_THERE.search(said):
        return NOT_ON_WHATSAPP
    if words.BAD_NUMBER.search(said):
        return INVALID_NUMBER
    is_number = words.ABOUT_NUMBER.search(said) and not words.ABOUT_CONTENT.search(said)
    return INVALID_NUMBER if is_number else REJECTED


def _unprocessable(said: str) -> _Meaning:
    return NOT_ON_WHATSAPP if words.REGISTERED.search(said) else _bad_request(said)
