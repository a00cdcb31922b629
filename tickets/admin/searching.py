"""Finding people by what somebody typed: a part of a name, or the beginning of a number."""

import re

import phonenumbers
from django.db.models import Q

from tickets.countries import default_country
from tickets.models import PhoneAlias
from tickets.phones import BadPhone, normalize_phone

_PHONE = re.compile(r"\+?[\d\s().\-]{4,}\Z")


def phone_query(typed: str, prefix: str = "") -> Q | None:
    """People whose number, or another form of it, begins so, with or without its country code; None: no number.

    `prefix` is the way to the contact, for example "holder__".
    """
    if not _PHONE.match(typed.strip()):
        return None
    digits = re.sub(r"\D", "", typed)
    beginnings = {f"+{digits}", f"+{_country_code()}{digits.lstrip('0')}"} | _canonical(typed)
    query, aliases = Q(), Q()
    for beginning in sorted(beginnings):
        query |= Q(**{f"{prefix}phone__startswith": beginning})
        aliases |= Q(number__startswith=beginning)
    # Asked once and not for each person.
    return query | Q(**{f"{prefix}pk__in": PhoneAlias.objects.filter(aliases).values("contact")})


def _country_code() -> int:
    return phonenumbers.country_code_for_region(default_country())


def _canonical(typed: str) -> set[str]:
    try:
        return {normalize_phone(typed, default_country()).e164}
    except BadPhone:
        return set()
