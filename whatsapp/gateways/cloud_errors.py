"""What Meta's errors mean: one table by code, for answers and for the reports that come later alike.

Meta advises to decide on the code and its details and on nothing else: the same error comes with several HTTP
statuses. An error body says that the message was not taken, whatever the status; without one, a doubt stays a doubt.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from whatsapp.gateways.answers import error_text, look
from whatsapp.gateways.base import ErrorKind, GatewayError, Message, NotSent, Refused, Stopped, _
from whatsapp.gateways.http import Answer
from whatsapp.gateways.meanings import (
    BAD_TEMPLATE,
    BLOCKED,
    FREQUENCY,
    INVALID_NUMBER,
    NOT_ON_WHATSAPP,
    NOT_READY,
    OPTED_OUT,
    REJECTED,
    TEMPORARY,
    THROTTLED,
    UNKNOWN,
    WRONG_ADDRESS,
    WRONG_KEY,
    Meaning,
    error_for,
    to_judge,
)
from whatsapp.gateways.scrubbing import plain, scrub

_NOT_PAID = Meaning(Stopped, ErrorKind.BLOCKED, _("the account cannot pay; look at its payment settings at Meta"))
_WRONG_ID = Meaning(Stopped, ErrorKind.AUTH, _("the ID is not a right one, or the access token may not use it"))
_NOT_ALLOWED = Meaning(Stopped, ErrorKind.AUTH, _("the access token lacks a permission"))
_SPAM = Meaning(Stopped, ErrorKind.BLOCKED, _("too many people blocked or reported this number"))
_MISFILED = Meaning(Stopped, ErrorKind.BLOCKED, _("too many templates are in the wrong category"))
_UNREGISTERED = Meaning(
    Stopped, ErrorKind.BLOCKED, _("the number is not registered at Meta any more, or not completely")
)
_NAME = Meaning(Stopped, ErrorKind.BLOCKED, _("the name that the number shows has to be approved by Meta first"))
_COUNTRY = Meaning(Refused, ErrorKind.REJECTED_CONTENT, _("Meta lets this account write to nobody in that country"))
_TEST_NUMBER = Meaning(Refused, ErrorKind.REJECTED_CONTENT, _("a test number of Meta only writes to those on its list"))
_WINDOW = Meaning(
    Refused, ErrorKind.REJECTED_CONTENT, _("the person has not written within 24 hours, so this needs a template")
)
_NEEDS_NUMBER = Meaning(Refused, ErrorKind.REJECTED_CONTENT, _("this needs the person's number, not their id"))
_VALUES = Meaning(
    Refused, ErrorKind.REJECTED_CONTENT, _("what is filled into the template for this person does not fit")
)
_PAIR = Meaning(NotSent, ErrorKind.TEMPORARY, _("too many messages to this person at once"), may_name_a_wait=True)
_MARKETING_OFF = Meaning(
    BAD_TEMPLATE.error, ErrorKind.TEMPLATE, _("marketing templates are switched off for this number")
)

_BY_CODE: dict[int, Meaning] = {
    **dict.fromkeys((0, 102, 104, 190), WRONG_KEY),
    **dict.fromkeys((3, 10, 131005), _NOT_ALLOWED),
    33: _WRONG_ID,
    **dict.fromkeys((4, 17, 613, 80007, 80008, 130429), THROTTLED),
    131056: _PAIR,
    131048: _SPAM,
    131064: _MISFILED,
    **dict.fromkeys((368, 131031), BLOCKED),
    131037: _NAME,
    **dict.fromkeys((131045, 133010), _UNREGISTERED),
    131057: NOT_READY,  # Meta works on the account: it passes
    **dict.fromkeys((131042, 131044), _NOT_PAID),
    130497: _COUNTRY,  # that person's, not the number's: others are still reached
    131026: NOT_ON_WHATSAPP,
    131021: INVALID_NUMBER,
    131030: _TEST_NUMBER,
    131047: _WINDOW,
    **dict.fromkeys((131049, 130472), FREQUENCY),
    131050: OPTED_OUT,
    131051: REJECTED,
    131062: _NEEDS_NUMBER,
    131063: _MARKETING_OFF,
    # Of one person's values, such as a name of 2,000 letters. Were these the template's fault, they would bring the
    # campaign to a halt, and it would meet the same person first whenever it was resumed.
    **dict.fromkeys((132005, 132018), _VALUES),
    **dict.fromkeys((1, 2, 131000, 131016, 131052, 131053, 135000), TEMPORARY),
}
_PERMISSIONS = range(200, 300)
_TEMPLATES = range(132000, 133000)
_PARAMETERS = {100, 131008, 131009}
_MEDIA = {131052, 131053}
_PAIR_SECONDS = 6.0  # Meta lets one message to one person through in so long

_NO_OBJECT = re.compile(r"\bobject with id\b.{0,60}\bdoes not exist", re.IGNORECASE)
_OUR_ID = re.compile(r"\bphone.?number.?id\b", re.IGNORECASE)
_THEIR_NUMBER = re.compile(r"\bphone\b|\brecipient\b(?! type)|\bparam(?:eter)?\W{1,3}to\b|\bwa.?id\b", re.IGNORECASE)
_CONTENT = re.compile(
    r"\btext\b|\bbody\b|\btemplate\b|\bimage\b|\bdocument\b|\bmedia\b|\bfile\b|\bcaption\b|\bcomponent|\bbutton|\blanguage\b",
    re.IGNORECASE,
)
_MEDIA_ID = re.compile(r"\bmedia\b.{0,40}\bid\b|\b(?:image|document)\W{1,3}id\b", re.IGNORECASE)

# Answers of somebody who is not Meta: a proxy, or a web server at a wrong address.
_PAGES = {
    **dict.fromkeys((301, 307, 308, 400, 404, 405), WRONG_ADDRESS),
    **dict.fromkeys((401, 403), WRONG_KEY),
    413: REJECTED,
    429: THROTTLED,
}


@dataclass(frozen=True)
class Fault:
    """Meta's own words on what is wrong. `code` is None where it gives none."""

    code: int | None
    said: str
    subcode: int | None = None

    @property
    def is_about_media(self) -> bool:
        """The picture or document that was handed over before is not there, or not any more."""
        return self.code in _MEDIA or (self.code in _PARAMETERS and bool(_MEDIA_ID.search(self.said.replace("_", " "))))


def fault_in(body: Any) -> Fault | None:
    """Of an answer; None where it holds no error."""
    error = look(body, "error")
    return fault_of(error) if isinstance(error, Mapping) else None


def fault_of(error: Mapping[str, Any]) -> Fault:
    """From `error` of an answer, or from one of the `errors` of a report."""
    title = re.sub(r"^\(#\d+\)\s*", "", _text(error.get("message")) or _text(error.get("title")))
    details = _text(look(error, "error_data.details")) or _text(error.get("error_user_msg"))
    said = ": ".join(part for part in (title, "" if details == title else details) if part)
    return Fault(_whole(error.get("code")), plain(said), _whole(error.get("error_subcode")))


def meaning_of(fault: Fault, said: str = "") -> Meaning | None:
    """None for a code that nobody here knows. `said`: Meta's words as they are to be judged (`to_judge`)."""
    said = said or to_judge(fault.said, None)
    if fault.code is None:
        return None
    if fault.code in _PARAMETERS:
        return _bad_request(fault, said)
    if fault.code in _BY_CODE:
        return _BY_CODE[fault.code]
    if fault.code in _PERMISSIONS:
        return _NOT_ALLOWED
    return BAD_TEMPLATE if fault.code in _TEMPLATES else None


def _bad_request(fault: Fault, said: str) -> Meaning:
    if fault.subcode == 33 or _NO_OBJECT.search(said) or _OUR_ID.search(said):
        return _WRONG_ID  # the fault is in the form of the number: everybody would get the same answer
    return INVALID_NUMBER if _THEIR_NUMBER.search(said) and not _CONTENT.search(said) else REJECTED


def error_in(answer: Answer, *, secrets: Iterable[str] = (), message: Message | None = None) -> GatewayError:
    """The error to raise for `answer`, with a detail that may be shown."""
    fault = fault_in(answer.json())
    if fault is None:
        words = error_text(answer)
        return error_for(_PAGES.get(answer.status, UNKNOWN), answer, words, secrets=secrets, message=message)
    meaning = meaning_of(fault, to_judge(fault.said, message)) or _by_class(answer.status)
    error = error_for(meaning, answer, fault.said, secrets=secrets, message=message)
    wait = _PAIR_SECONDS if meaning is _PAIR and error.retry_after is None else error.retry_after
    # Named after the scrubbing, which takes six digits for a telephone number.
    status = f"HTTP {answer.status}"
    detail = error.detail if fault.code is None else error.detail.replace(status, f"{status}, error {fault.code}", 1)
    return type(error)(detail, kind=error.kind, http_status=answer.status, retry_after=wait)


def _by_class(status: int) -> Meaning:
    """Of an error body whose code is not known."""
    if status in {401, 429}:
        return _PAGES[status]
    return REJECTED if 400 <= status < 500 else UNKNOWN


def reported(errors: Any) -> tuple[str, str]:
    """Kind and detail of a message that failed after it had been taken."""
    first = errors[0] if isinstance(errors, list) and errors else None
    if not isinstance(first, Mapping):
        return str(ErrorKind.REJECTED_CONTENT), ""
    fault = fault_of(first)
    meaning = meaning_of(fault) or REJECTED
    words = scrub(": ".join(part for part in (meaning.hint, fault.said) if part))
    code = "" if fault.code is None else f"error {fault.code}"
    return str(meaning.kind), ": ".join(part for part in (code, words) if part)


def _text(value: Any) -> str:
    return value.strip() if isinstance(value, str) else ""


def _whole(value: Any) -> int | None:
    if isinstance(value, bool) or not isinstance(value, int | str):
        return None
    try:
        return int(value)
    except ValueError:
        return None
