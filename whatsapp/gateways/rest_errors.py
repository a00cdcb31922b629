"""What an answer without success means.

Two questions decide: does the gateway itself say that it did not send, and if so, whose fault is it? Whatever
leaves a doubt is `OutcomeUnknown`, which no machine repeats.
"""

from collections.abc import Iterable

from whatsapp.gateways import rest_words as words
from whatsapp.gateways.answers import error_text
from whatsapp.gateways.base import GatewayError, Message
from whatsapp.gateways.http import Answer
from whatsapp.gateways.meanings import (
    BLOCKED,
    BROWSER_DIED,
    INVALID_NUMBER,
    NEW_CONTACTS,
    NOT_ON_WHATSAPP,
    NOT_READY,
    REJECTED,
    THROTTLED,
    UNKNOWN,
    WRONG_ADDRESS,
    WRONG_KEY,
    Meaning,
    error_for,
    to_judge,
)
from whatsapp.gateways.rest_success import says_no


def error_in(answer: Answer, *, secrets: Iterable[str] = (), message: Message | None = None) -> GatewayError:
    """The error to raise for `answer`, with a detail that may be shown."""
    said = error_text(answer)
    meaning = _meaning(answer, to_judge(said, message))
    return error_for(meaning, answer, said, secrets=secrets, message=message)


def _meaning(answer: Answer, said: str) -> Meaning:
    if 300 <= answer.status < 400:
        # "Moved": whoever answered is not the gateway and passed nothing on. 302 and 303 are also what some
        # answer when the work is done, so they stay in doubt.
        return WRONG_ADDRESS if answer.status in {301, 307, 308} else UNKNOWN
    # Before the status is asked: services wrap a lock into 403, 429, 500 or 503. A page that says such a thing is about
    # somebody's account at a web host.
    if not answer.is_html:
        if words.NEW_CONTACTS.search(said):
            return NEW_CONTACTS
        if words.BLOCKED.search(said):
            return BLOCKED
    if broken := _broken(answer, said):
        return broken
    if answer.status >= 500:
        return _server_error(answer, said)
    if answer.status >= 400:
        return _client_error(answer, said)
    return _failure_in_success(said) if isinstance(answer.json(), dict) else UNKNOWN


def _broken(answer: Answer, said: str) -> Meaning | None:
    """What broke or took too long may have sent the message first, whatever status is put around it."""
    if words.BROWSER_DIED.search(said):
        return BROWSER_DIED
    if words.THREW.search(said):
        return UNKNOWN
    if answer.status >= 400 and words.ASLEEP.search(said) and not words.SENDING.search(said):
        return None  # "not connected (connection closed)": a session that was asked before, and says why
    if words.BROKE_OFF.search(said):
        return UNKNOWN
    # Limiters name a time-out that one has to wait for, and a page to log in on says that the visit timed out.
    is_about_this = answer.status != 429 and not answer.is_html
    return UNKNOWN if is_about_this and words.TIMED_OUT.search(said) else None


def _failure_in_success(said: str) -> Meaning:
    """A 2xx around an error is believed where it gives a reason that excludes that the message left."""
    if words.ASLEEP.search(said):
        return NOT_READY
    if words.NOT_REGISTERED.search(said):
        return NOT_ON_WHATSAPP
    return INVALID_NUMBER if words.BAD_NUMBER.search(said) else UNKNOWN


def _server_error(answer: Answer, said: str) -> Meaning:
    if answer.status == 503:
        # The gateway's own 503 is "not ready", and says so. What stands before it says 503 of a request that it had
        # passed on, too: with a page, in words of its own, or in a JSON that calls nothing an error.
        is_own = not answer.is_html and (words.SCAN.search(said) or says_no(answer.json()))
        return NOT_READY if is_own or words.ASLEEP.search(said) else UNKNOWN
    if words.NOT_REGISTERED.search(said):
        return NOT_ON_WHATSAPP
    return REJECTED if words.BAD_PICTURE.search(said) else UNKNOWN


def _client_error(answer: Answer, said: str) -> Meaning:
    if answer.status == 429:
        return THROTTLED
    if answer.is_html:  # not the gateway, but a web server in its place
        return _PAGES.get(answer.status, UNKNOWN)
    if answer.status == 404 and answer.json() is None:
        return WRONG_ADDRESS
    if words.ASLEEP.search(said) or words.SCAN.search(said):
        return NOT_READY
    if words.DISCONNECTED.search(said):  # before the sending, or in the middle of it
        return UNKNOWN
    judge = {404: _not_found, 400: _bad_request, 422: _unprocessable}.get(answer.status)
    return judge(said) if judge else _PAGES.get(answer.status, UNKNOWN)


_PAGES = {400: WRONG_ADDRESS, 401: WRONG_KEY, 403: WRONG_KEY, 404: WRONG_ADDRESS, 405: WRONG_ADDRESS, 413: REJECTED}


def _not_found(said: str) -> Meaning:
    if words.REGISTERED.search(said) or words.NOT_THERE.search(said):
        return NOT_ON_WHATSAPP
    return WRONG_ADDRESS if words.NO_ROUTE.search(said) else UNKNOWN


def _bad_request(said: str) -> Meaning:
    if words.NOT_REGISTERED.search(said) or words.NOT_THERE.search(said):
        return NOT_ON_WHATSAPP
    if words.BAD_NUMBER.search(said):
        return INVALID_NUMBER
    is_content = words.ABOUT_CONTENT.search(said)
    if words.ABOUT_NUMBER.search(said) and not is_content:
        return INVALID_NUMBER
    # "Failed to send the message", and nothing about what is wrong with it: it was tried.
    return UNKNOWN if words.SENDING_FAILED.search(said) and not is_content else REJECTED


def _unprocessable(said: str) -> Meaning:
    return NOT_ON_WHATSAPP if words.REGISTERED.search(said) else _bad_request(said)
