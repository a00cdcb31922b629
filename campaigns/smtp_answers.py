"""What a mail server's refusal means: whose fault it is, and whether it may pass. Pure: codes and words in, one of the
gateway's typed errors out.

The three digits alone do not say it: 550 is an unknown person, a blocked computer or a sender who may not use that
address. The step at which it came, the enhanced code (RFC 3463) and the words decide, in this order of care: a fault
of ours must never be charged to a person, and one person's fault must never stop everybody else.
"""

import re
from enum import StrEnum

from whatsapp.gateways.base import ErrorKind, GatewayError, Refused, Stopped, Throttled

A_DAY_IS_OVER = 3600.0  # seconds between two looks when the allowance of a day is used up


class Stage(StrEnum):
    """How far the conversation was."""

    GREETING = "greeting"  # connecting, and the login
    SENDER = "sender"
    RECIPIENT = "recipient"
    CONTENT = "content"


class HungUp(Throttled):
    """The server ends this connection, before it took the message. Another connection may do."""


_ENHANCED = re.compile(r"\s*[245]\.(\d{1,3})\.(\d{1,3})\b")
_LOGIN_CODES = frozenset({530, 534, 535, 538})
_LOGIN = re.compile(
    r"authenticat\w+ (is )?required|must (first )?authenticate|not authenticated|not logged in"
    r"|relay\w* (access )?(denied|not (permitted|allowed))|unable to relay|may not relay"
)
_SIZE = re.compile(r"\bsize\b|too (large|big|long)")
_THEIRS = re.compile(
    r"gr[ea]y-?\s?list|(mail)?box (is )?(over )?(full|quota)|over ?quota|(recipient|user|inbox)\b.{0,40}(quota|full)"
)
_PER_CONNECTION = re.compile(
    r"too many (messages|mails|e-?mails|transactions).{0,20}\b(connection|session)"
    r"|(messages|mails) (per|in this|in one) (connection|session)"
)
_OUR_LIMIT = re.compile(
    r"\brate\b|throttl|quota|too many (?!hops|redirects|recipients)|too fast"
    r"|limit (was |is |has been )?(exceeded|reached)|exceeded .{0,40}limit|(daily|hourly|sending) .{0,30}limit|unusual"
)
_OUR_DAY = re.compile(r"daily|\bday\b|24 ?h|tomorrow")
_OUR_FAULT = re.compile(
    r"sender (address )?(rejected|refused|denied|verif)|invalid sender|not owned by user|send as this sender"
    r"|sender\b.{0,40}not (allowed|permitted|authori[sz]ed)|not verified|unauthenticated|dmarc|\bspf\b|dkim"
    r"|(client host|your (ip|host|server|network)|ip address)\b.{0,80}(block|listed|reject|denied|banned)"
    r"|blocked using|spamhaus|black ?list|block ?list|dnsbl|poor reputation|your (e-?mail )?account"
)
_LATER_CODES = frozenset(
    {(7, 28), (7, 29), (7, 32), (7, 500), (7, 650), (5, 3)}
)  # rates, in the words of big providers
_SENDER_CODES = frozenset({(1, 7), (1, 8), (7, 26), (7, 27), (7, 60)})
_FULL = (2, 2)


def refusal(stage: Stage, code: int, text: str) -> GatewayError:
    """The server said no, so nothing was delivered. The error says to whom it is charged."""
    detail, said = f"{code} {without_addresses(text)}".strip(), text.lower()
    if code == 421 or _PER_CONNECTION.search(said):
        return HungUp(detail)
    if code in _LOGIN_CODES or (code >= 500 and _LOGIN.search(said)):
        return Stopped(detail, kind=ErrorKind.AUTH)
    found = _ENHANCED.match(text)
    enhanced = (int(found[1]), int(found[2])) if found else (0, 0)
    if code < 500:
        return _for_now(stage, enhanced, said, detail)
    return _for_ever(stage, code, enhanced, said, detail)


def _for_now(stage: Stage, enhanced: tuple[int, int], said: str, detail: str) -> GatewayError:
    if stage in (Stage.GREETING, Stage.SENDER):
        return _wait(said, detail)  # nobody was named yet: it is about us or the server
    subject = enhanced[0]
    is_about_person = subject in (1, 2) or bool(_THEIRS.search(said))
    server_is_in_trouble = subject == 3 and stage == Stage.RECIPIENT  # later it may be this one message
    if not is_about_person and (server_is_in_trouble or enhanced in _LATER_CODES or _OUR_LIMIT.search(said)):
        return _wait(said, detail)
    # Unknown words are charged to the person, whose turn comes later: else one odd address could hold up everybody.
    return Refused(detail, kind=ErrorKind.TEMPORARY)


def _for_ever(stage: Stage, code: int, enhanced: tuple[int, int], said: str, detail: str) -> GatewayError:
    if _is_size(code, enhanced, said):
        return Refused(detail, kind=ErrorKind.REJECTED_CONTENT)
    if enhanced == _FULL or _THEIRS.search(said):
        return Refused(detail, kind=ErrorKind.TEMPORARY)  # people empty their mailboxes
    if ours := _of_ours(stage, enhanced, said, detail):
        return ours
    if _is_unknown(stage, code, enhanced[0]):
        return Refused(detail, kind=ErrorKind.INVALID_NUMBER)
    return Refused(detail, kind=ErrorKind.REJECTED_CONTENT)


def _is_size(code: int, enhanced: tuple[int, int], said: str) -> bool:
    if enhanced in ((3, 4), (2, 3)):
        return True
    return code == 552 and (enhanced == (0, 0) or bool(_SIZE.search(said))) and not _THEIRS.search(said)


def _of_ours(stage: Stage, enhanced: tuple[int, int], said: str, detail: str) -> GatewayError | None:
    if enhanced in _SENDER_CODES:
        return Stopped(detail)
    if enhanced[0] not in (1, 2):  # those are about the person's address, whatever the words are
        if enhanced == (4, 5) or _OUR_LIMIT.search(said):
            return _wait(said, detail)
        if _OUR_FAULT.search(said):
            return Stopped(detail)
    return Stopped(detail) if stage in (Stage.GREETING, Stage.SENDER) else None


def _is_unknown(stage: Stage, code: int, subject: int) -> bool:
    if stage == Stage.CONTENT:
        return subject == 1
    return code in (501, 550, 551, 553) and subject in (0, 1, 2, 4, 5)


def _wait(said: str, detail: str) -> Throttled:
    return Throttled(detail, retry_after=A_DAY_IS_OVER if _OUR_DAY.search(said) else None)


def without_addresses(text: str) -> str:
    """The server's words, so that they may stand in a list."""
    return " ".join("…" if "@" in word else word for word in text.split())[:200]
