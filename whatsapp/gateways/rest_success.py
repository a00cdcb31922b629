"""When a plain REST service has taken a message: only when it says so in words that are known."""

from typing import Any

from whatsapp.gateways import rest_words as words
from whatsapp.gateways.answers import message_id
from whatsapp.gateways.http import Answer

LONGEST = 1000  # of a sentence that is judged
_FLAGS = ("success", "ok", "status")
_GOOD = {"true", "success", "ok", "sent", "enviado", "queued", "pending", "accepted", "server_ack"}
_BAD = {"false", "error", "fail", "failed", "failure", "rejected"}
_SUSPICIONS = (
    words.BAD_NEWS,
    words.NOT_READY,
    words.NOT_REGISTERED,
    words.NOT_THERE,
    words.BROWSER_DIED,
    words.THREW,
    words.BROKE_OFF,
    words.TIMED_OUT,
    words.BLOCKED,
    words.NEW_CONTACTS,
)


def is_accepted(answer: Answer) -> bool:
    """A 2xx alone proves nothing: an error inside it is an error, and silence inside it is a doubt."""
    body = answer.json()
    if not answer.is_success or not isinstance(body, dict) or says_no(body):
        return False
    return _says_yes(body) or bool(message_id(body)) or _is_good_news(body.get("message"))


def says_no(body: Any) -> bool:
    """Some sign of failure, wherever in the envelope it stands."""
    if not isinstance(body, dict):
        return False
    if any(body.get(flag) is False or _word(body.get(flag)) in _BAD for flag in _FLAGS):
        return True
    if _is_number(body.get("status")) and body["status"] >= 300:  # some repeat the HTTP status in here
        return True
    return bool(body.get("error")) and "success" not in body


def _says_yes(body: dict[str, Any]) -> bool:
    if any(body.get(flag) is True or _word(body.get(flag)) in _GOOD for flag in (*_FLAGS, "queued")):
        return True
    return _is_number(body.get("status")) and 200 <= body["status"] < 300


def _is_good_news(text: Any) -> bool:
    """A few services answer with one sentence and nothing else."""
    said = _word(text)[:LONGEST].replace("_", " ")
    return bool(said) and not any(suspicion.search(said) for suspicion in _SUSPICIONS)


def _word(value: Any) -> str:
    return value.strip().lower() if isinstance(value, str) else ""


def _is_number(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
