"""Addresses in part, for pages that are passed around and for a history that outlives the people in it."""

SHORTEST_NUMBER = 7  # digits, from which on something typed may be somebody's number


def masked(address: str) -> str:
    """Enough to recognise somebody by, and no more."""
    box, at, domain = address.rpartition("@")
    return f"{box[:1]}•••@{domain}" if at else f"{address[:3]}•••{address[-4:]}"


def search_masked(typed: str) -> str:
    """What was searched for, as the history may keep it: masked where it is an address or may be one."""
    is_number = sum(sign.isdecimal() for sign in typed) >= SHORTEST_NUMBER
    return masked(typed) if "@" in typed or is_number else typed
