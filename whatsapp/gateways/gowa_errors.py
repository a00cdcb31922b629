"""What an answer of GOWA without success means. Its own `code` decides, not the HTTP status: two of its 401 differ."""

import re
from collections.abc import Iterable
from dataclasses import replace

from whatsapp.gateways.answers import error_text
from whatsapp.gateways.base import GatewayError, Message, _
from whatsapp.gateways.http import Answer
from whatsapp.gateways.meanings import (
    INVALID_NUMBER,
    NEW_CONTACTS,
    NOT_ON_WHATSAPP,
    NOT_READY,
    REJECTED,
    TEMPORARY,
    UNKNOWN,
    Meaning,
    error_for,
    to_judge,
)
from whatsapp.gateways.strangers import meaning_of_stranger

_NO_DEVICE = replace(
    NOT_READY, hint=_("GOWA has no device with this id; correct the device of this number, or create it")
)
_WHICH_DEVICE = replace(
    NOT_READY, hint=_("GOWA has no device or several; write the id of one as the device of this number")
)
_NOT_FOUND_OR_NOT_LOOKED_UP = replace(
    NOT_ON_WHATSAPP,
    hint=_("GOWA says the same when it could not look the number up in time; check it again another day"),
)
_CODES = {
    "AUTHENTICATION_ERROR": NOT_READY,  # of the number at WhatsApp, not of us at GOWA
    "INVALID_WA_CLI": NOT_READY,
    "DEVICE_MANAGER_UNAVAILABLE": NOT_READY,
    "DEVICE_ID_REQUIRED": _WHICH_DEVICE,
    "DEVICE_NOT_FOUND": _NO_DEVICE,
    "NOT_FOUND": _NO_DEVICE,
    "WA_REACHOUT_TIMELOCK": NEW_CONTACTS,
    "UPLOAD_MEDIA_ERROR": TEMPORARY,  # before it would have been sent: the way to WhatsApp broke
    "GATEWAY_TIMEOUT": UNKNOWN,
    "CONTEXT_ERROR": UNKNOWN,
}
_NO_CLIENT = re.compile(r"client is not initiali[sz]ed", re.IGNORECASE)
_TIME_LOCK = re.compile(r"\bserver returned error 463\b", re.IGNORECASE)  # as versions before the code of its own
_ABOUT_NUMBER = re.compile(r"\bphone\b", re.IGNORECASE)
_NO_NUMBER = re.compile(r"\bjid is invalid\b", re.IGNORECASE)


def code_of(answer: Answer) -> str:
    body = answer.json()
    code = body.get("code") if isinstance(body, dict) else None
    return code if isinstance(code, str) else ""


def said_in(answer: Answer) -> str:
    """Its code and its sentence."""
    return ": ".join(part for part in (code_of(answer), error_text(answer)) if part)


def error_in(answer: Answer, *, secrets: Iterable[str] = (), message: Message | None = None) -> GatewayError:
    """The error to raise for `answer`, with a detail that may be shown."""
    meaning = meaning_of(answer, to_judge(error_text(answer), message))
    return error_for(meaning, answer, said_in(answer), secrets=secrets, message=message)


def meaning_of(answer: Answer, said: str) -> Meaning:
    code = code_of(answer)
    if code in _CODES:
        return _CODES[code]
    if code == "INVALID_JID":
        return INVALID_NUMBER if _NO_NUMBER.search(said) else _NOT_FOUND_OR_NOT_LOOKED_UP
    if code == "VALIDATION_ERROR":
        return INVALID_NUMBER if _ABOUT_NUMBER.search(said) else REJECTED
    if code == "INTERNAL_SERVER_ERROR":
        return _internal_error(said)
    return UNKNOWN if code else meaning_of_stranger(answer)


def _internal_error(said: str) -> Meaning:
    if _NO_CLIENT.search(said):
        return NOT_READY
    return NEW_CONTACTS if _TIME_LOCK.search(said) else UNKNOWN
