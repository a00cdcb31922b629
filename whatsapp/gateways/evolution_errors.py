"""What an answer of Evolution API without success means.

Its HTTP status says little: 400 is what it gives to a bad request, to a connection that broke while a message left,
and to its own database that failed when the message was gone. What proves that nothing left is the shape of the words:

- a list with an object: the question whether the number exists, which comes before everything else;
- validation: before that;
- 500 with one sentence, not in a list: something broke in that question;
- 500 with a list, for a picture or a document: it could not be prepared, which comes before sending it.
"""

import re
from collections.abc import Iterable, Mapping

from whatsapp.gateways.answers import error_text, first, look
from whatsapp.gateways.base import ErrorKind, GatewayError, Message, NotSent
from whatsapp.gateways.http import Answer
from whatsapp.gateways.meanings import (
    INVALID_NUMBER,
    NOT_ON_WHATSAPP,
    NOT_READY,
    REJECTED,
    TEMPORARY,
    THROTTLED,
    UNKNOWN,
    WRONG_ADDRESS,
    WRONG_KEY,
    Meaning,
    error_for,
)
from whatsapp.gateways.scrubbing import scrub

_DEPTH = 3
# An error of the program as it writes itself: "Error: Timed Out", "TypeError: …". Whatever begins so may have left.
_THROWN = re.compile(r"\s*\w*(?:Error|Exception)\b")
_NO_CONNECTION = re.compile(r"connection closed|cannot read propert.*\breading 'onwhatsapp'.*", re.IGNORECASE)
_VALIDATION = re.compile(
    r"requires property|is not of a type|is not one of enum|does not match pattern|does not meet (?:min|max)imum length"
    r"|\bis required$|^invalid format$|^owned media must be",
    re.IGNORECASE,
)
_ABOUT_NUMBER = re.compile(r"^invalid format$|\bnumber\b", re.IGNORECASE)
_BAD_CONTENT = re.compile(
    r"input (?:buffer|file)|unsupported image|image format|corrupt|pixel limit|\bvips|\bdecod", re.IGNORECASE
)
# The second one: it was never connected. So that is answered where a text gets "reading 'onWhatsApp'".
_CLOSED = re.compile(r"connection closed|\breading 'wauploadtoserver'", re.IGNORECASE)
_INSTANCE = re.compile(r"\binstance\b.*\b(?:does not exist|not found)\b", re.IGNORECASE)
_NO_WORDS = "the gateway answers with an error and does not say which"
_CONNECTION_CLOSED = 428
_PLAIN = {401: WRONG_KEY, 403: WRONG_KEY, 405: WRONG_ADDRESS, 413: REJECTED, 429: THROTTLED}


def error_in(answer: Answer, *, secrets: Iterable[str] = (), message: Message | None = None) -> GatewayError:
    """The error to raise for `answer`, with a detail that may be shown."""
    has_media = bool(message and (message.picture or message.document))
    return error_for(_meaning(answer, has_media), answer, error_text(answer), secrets=secrets, message=message)


def restart_refused(answer: Answer, *, secrets: Iterable[str] = ()) -> GatewayError:
    """Of a 200 with an error in it. Its words are mostly those of an object that nobody wrote out."""
    said = error_text(answer).replace("[object Object]", "").strip() or _NO_WORDS
    return NotSent(scrub(said, secrets=secrets), kind=ErrorKind.NOT_READY, http_status=answer.status)


def question_refused(answer: Answer, *, secrets: Iterable[str] = ()) -> GatewayError:
    """Of the question about a number, which has a shape of its own for a connection that is not there."""
    is_closed = answer.status == 400 and look(answer.json(), "output.statusCode") == _CONNECTION_CLOSED
    meaning = NOT_READY if is_closed else _meaning(answer, has_media=False)
    return error_for(meaning, answer, error_text(answer), secrets=secrets)


def is_about_instance(answer: Answer) -> bool:
    """The gateway answers, and has no instance of this name."""
    return answer.status == 404 and any(_INSTANCE.search(text) for text in _texts(_said(answer)))


def _meaning(answer: Answer, has_media: bool) -> Meaning:
    if answer.status in _PLAIN:
        return _PLAIN[answer.status]
    if 300 <= answer.status < 400:
        # "Moved": whoever answered passed nothing on. 302 and 303 are also what some answer when the work is done.
        return WRONG_ADDRESS if answer.status in {301, 307, 308} else UNKNOWN
    if answer.status == 404:
        return _not_found(answer)
    if answer.status == 400:
        return WRONG_ADDRESS if answer.is_html else _bad_request(_said(answer))
    return _server_error(_said(answer), has_media) if answer.status == 500 else UNKNOWN


def _not_found(answer: Answer) -> Meaning:
    if is_about_instance(answer):
        return NOT_READY
    is_route = any(text.startswith("Cannot ") for text in _texts(_said(answer)))
    return WRONG_ADDRESS if is_route or answer.json() is None else UNKNOWN


def _bad_request(said: object) -> Meaning:
    if isinstance(said, list) and said and isinstance(said[0], Mapping):
        return NOT_ON_WHATSAPP if said[0].get("exists") is False else UNKNOWN
    texts = _texts(said)
    if not texts or any(_THROWN.match(text) or not _VALIDATION.search(text) for text in texts):
        return UNKNOWN
    return INVALID_NUMBER if any(_ABOUT_NUMBER.search(text) for text in texts) else REJECTED


def _server_error(said: object, has_media: bool) -> Meaning:
    if isinstance(said, str):
        # "Timed Out" looks the same, and may also come from whatever stands between.
        return NOT_READY if _NO_CONNECTION.fullmatch(said.strip()) else UNKNOWN
    texts = _texts(said)
    if not has_media or not texts or not all(_THROWN.match(text) for text in texts):
        return UNKNOWN
    if any(_BAD_CONTENT.search(text) for text in texts):
        return REJECTED
    return NOT_READY if any(_CLOSED.search(text) for text in texts) else TEMPORARY  # it could not be uploaded


def _said(answer: Answer) -> object:
    return first(answer.json(), ("response.message", "message"))


def _texts(said: object, depth: int = _DEPTH) -> list[str]:
    """All the words of a sentence or of lists of them; none where something else stands between."""
    if isinstance(said, str):
        return [said]
    if not isinstance(said, list) or depth == 0:
        return []
    inner = [_texts(part, depth - 1) for part in said]
    return [text for texts in inner for text in texts] if all(inner) else []
