"""What an answer of WAHA means that is no success, and which answers are one.

Its own words decide before the HTTP status: everything that its engine throws comes as a 500. That answer carries our
whole request with it, so only the words of the exception are ever looked at.
"""

import json
import re
from collections.abc import Iterable, Mapping

from whatsapp.gateways import rest_words as words
from whatsapp.gateways.answers import error_text, look, message_id
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
from whatsapp.gateways.scrubbing import plain

_EXCEPTION = re.compile(r'"exception"\s*:\s*\{.*?"message"\s*:\s*("(?:[^"\\]|\\.)*")', re.DOTALL)
# What a web server in front of WAHA says without having passed anything on. WAHA itself always answers in JSON.
_PAGES = {
    400: WRONG_ADDRESS,
    401: WRONG_KEY,
    403: WRONG_KEY,
    404: WRONG_ADDRESS,
    405: WRONG_ADDRESS,
    413: REJECTED,
    429: THROTTLED,
}
_MOVED = {301, 307, 308}


def is_accepted(answer: Answer) -> bool:
    """201 is WAHA's word for "done", with the message in the shape of its engine, cut short, or with nothing at all.

    Whatever it says, the message may not be sent again; so it counts as taken unless the answer names an error. Another
    2xx is not WAHA's own and has to name the message.
    """
    body = answer.json()
    if not answer.is_success or answer.is_html or says_no(body):
        return False
    return answer.status == 201 or bool(message_id(body))


def error_in(answer: Answer, *, secrets: Iterable[str] = (), message: Message | None = None) -> GatewayError:
    """The error to raise for `answer`, with a detail that may be shown."""
    said = _words_in(answer)
    return error_for(_meaning(answer, to_judge(said, message)), answer, said, secrets=secrets, message=message)


def _words_in(answer: Answer) -> str:
    body = answer.json()
    if not isinstance(body, Mapping):
        return _exception_in(answer.text()) if _is_broken_json(answer) else error_text(answer)
    parts = [error_text(answer), look(body, "exception.message"), body.get("status")]  # status: of the session
    return plain(" ".join(part for part in parts if isinstance(part, str)))


def _is_broken_json(answer: Answer) -> bool:
    """Above all one that is too long to be read whole: with a picture, our own request is."""
    return answer.body.lstrip()[:1] == b"{" and answer.json() is None


def _exception_in(text: str) -> str:
    """It stands before the request; nothing of that may be taken for the words of WAHA."""
    found = _EXCEPTION.search(text.split('"request"')[0])
    try:
        return plain(json.loads(found[1], strict=False)) if found else ""
    except ValueError:
        return ""


def _meaning(answer: Answer, said: str) -> Meaning:
    if answer.status < 400:
        # "Moved": whoever answered is not WAHA and passed nothing on. Other redirects may follow work that is done.
        return WRONG_ADDRESS if answer.status in _MOVED else UNKNOWN
    if not isinstance(answer.json(), Mapping) and not _is_broken_json(answer):
        return _PAGES.get(answer.status, UNKNOWN)
    if words.NEW_CONTACTS.search(said):
        return NEW_CONTACTS
    if words.BLOCKED.search(said):
        return BLOCKED
    return _server_error(answer, said) if answer.status >= 500 else _client_error(answer, said)


def _server_error(answer: Answer, said: str) -> Meaning:
    if words.BROWSER_DIED.search(said):
        return BROWSER_DIED
    return NOT_ON_WHATSAPP if answer.status == 500 and "no lid found" in said.lower() else UNKNOWN


def _client_error(answer: Answer, said: str) -> Meaning:
    judge = {400: _invalid, 404: _not_found, 422: _unprocessable}.get(answer.status)
    return judge(answer, said) if judge else _PAGES.get(answer.status, UNKNOWN)


def _invalid(answer: Answer, said: str) -> Meaning:
    is_number = words.ABOUT_NUMBER.search(said) and not words.ABOUT_CONTENT.search(said)
    return INVALID_NUMBER if is_number else REJECTED


def _not_found(answer: Answer, said: str) -> Meaning:
    if words.NOT_READY.search(said):
        return NOT_READY
    return WRONG_ADDRESS if words.NO_ROUTE.search(said) else UNKNOWN


def _unprocessable(answer: Answer, said: str) -> Meaning:
    """A session that is not up, or something that its engine cannot do."""
    is_asleep = "expected" in (answer.json() or {}) or words.NOT_READY.search(said)
    return NOT_READY if is_asleep else REJECTED
