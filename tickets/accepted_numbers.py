"""Numbers that the plan refuses and that somebody knows to work: accepted one by one, by hand, and on record.

Pure. A list never brings one in: there, a wrong digit is far more likely than a gap in the plan.
"""

import re

from tickets.phone_writing import digits_of, visible

_INTERNATIONAL = re.compile(r"\+[1-9]\d{7,14}")


def as_written(raw: str) -> str:
    """The number in the international form; empty where it was not typed with + and its country code."""
    text = visible(raw)
    number = f"+{digits_of(text)}"
    return number if text.startswith("+") and _INTERNATIONAL.fullmatch(number) else ""
