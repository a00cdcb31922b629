"""What an answer of WPPConnect server without success means.

Several of its answers are given before, or beside, the work: "the number does not exist" is followed by the sending all
the same. So little is believed, and the rest is in doubt.
"""

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from whatsapp.gateways.answers import error_text
from whatsapp.gateways.base import GatewayError, Message, _
from whatsapp.gateways.http import Answer
from whatsapp.gateways.meanings import (
    NOT_READY,
    REJECTED,
    UNKNOWN,
    WRONG_KEY,
    Meaning,
    error_for,
    to_judge,
)
from whatsapp.gateways.strangers import meaning_of_stranger

_SENT_ALL_THE_SAME = replace(UNKNOWN, hint=_("the gateway doubts that the number has WhatsApp, and sends all the same"))
_NO_MESSAGE = replace(UNKNOWN, hint=_("the answer names no message that left"))
_NO_FILE = re.compile(r"\bsending the file is mandatory\b", re.IGNORECASE)
_NOT_THERE = re.compile(r"\bn[aã]o existe\b|\bdoes not exist\b|\bno existe\b", re.IGNORECASE)


def error_in(answer: Answer, *, secrets: Iterable[str] = (), message: Message | None = None) -> GatewayError:
    """The error to raise for `answer`, with a detail that may be shown."""
    said = error_text(answer)
    return error_for(_meaning(answer, to_judge(said, message)), answer, said, secrets=secrets, message=message)


def _meaning(answer: Answer, said: str) -> Meaning:
    body = answer.json()
    if answer.is_success:
        return _NO_MESSAGE
    if answer.status == 401 and isinstance(body, dict):
        return REJECTED if _NO_FILE.search(said) else WRONG_KEY
    if answer.status == 404 and body is not None:
        return NOT_READY if _is_disconnected(body) else UNKNOWN
    if answer.status == 400 and body is not None:
        return _SENT_ALL_THE_SAME if _NOT_THERE.search(said) else UNKNOWN
    return meaning_of_stranger(answer)


def _is_disconnected(body: Any) -> bool:
    word = body.get("status") if isinstance(body, dict) else None
    return isinstance(word, str) and word.lower() == "disconnected"
