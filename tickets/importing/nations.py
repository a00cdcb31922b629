"""Whose numbers a list holds, where they are written without + and a country code. Pure."""

from collections.abc import Iterable, Sequence

from tickets.phones import BadPhone, normalize_phone

MOST_ASKED = 60  # numbers; more of the same list would say the same
FEW_FAULTS = 0.8  # so many of them must be right, or it is no list of that country


def guess_country(numbers: Iterable[str], *, home: str, others: Sequence[str]) -> str:
    """`home`, unless most of these numbers are wrong there and nearly all are right in just one of the others.

    Two-letter codes. Peru and Chile, for example, write numbers alike: between those nobody can choose but the person.
    """
    local = [number for number in numbers if number.strip() and not number.strip().startswith(("+", "00"))][:MOST_ASKED]
    if not local or 2 * _right(local, home) >= len(local):
        return home
    right = {country: _right(local, country) for country in others}
    most = max(right.values(), default=0)
    best = [country for country, number in right.items() if number == most]
    return best[0] if len(best) == 1 and most >= FEW_FAULTS * len(local) else home


def _right(numbers: Sequence[str], country: str) -> int:
    return sum(_is_right(number, country) for number in numbers)


def _is_right(number: str, country: str) -> bool:
    try:
        normalize_phone(number, country)
    except BadPhone:
        return False
    return True
