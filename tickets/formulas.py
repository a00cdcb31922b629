"""Texts that a spreadsheet would take for a formula, in files that somebody opens in one. Pure."""

# What begins one, the wide forms of East Asian keyboards too.
_SIGNS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
_BLANKS = " \u00a0"  # may stand before it


def inert(text: str) -> str:
    """With an apostrophe in front where a spreadsheet would calculate, or take a number's + for a sum."""
    return f"'{text}" if _is_formula(text) else text


def without_guard(text: str) -> str:
    """The apostrophe that `inert`, or a person who wanted text, put in front is no part of what stands there."""
    return text[1:] if text[:1] == "'" and _is_formula(text[1:]) else text


def _is_formula(text: str) -> bool:
    """Behind apostrophes too: one that stands there already must not be the one that is taken off on the way back."""
    return text.lstrip("'").lstrip(_BLANKS).startswith(_SIGNS)
