"""Whom a message goes to, for gateways that want bare digits."""

import re

from whatsapp.gateways.base import ErrorKind, Message, Refused

_NUMBER = re.compile(r"\+?([0-9]+)(?::[0-9]+)?(?:@(?:c\.us|s\.whatsapp\.net))?")
_SHORTEST = 7


def digits_in(text: str) -> str:
    """Those of `+573000000001`, `573000000001` or `573000000001@c.us`; empty for an id that is no number (`…@lid`)."""
    found = _NUMBER.fullmatch(text)
    return found[1] if found else ""


def recipient_digits(message: Message, *, most: int = 15) -> str:
    """Those that the gateway's own check gave, else those of the phone. Raises Refused before anything is written.

    `most`: gateways take longer ones for something else than a number.
    """
    digits = digits_in(message.recipient_id) or digits_in(message.phone)
    if not is_sendable(digits, most=most):
        raise Refused(
            "the number has a length or a beginning that this gateway misreads", kind=ErrorKind.INVALID_NUMBER
        )
    return digits


def is_sendable(digits: str, *, most: int = 15) -> bool:
    return not digits.startswith("0") and _SHORTEST <= len(digits) <= most
