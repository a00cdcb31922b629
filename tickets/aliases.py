"""Other forms of people's numbers, kept beside the canonical one: who writes from 521… is found under 52….

They follow from the number alone (`phones.other_forms`), so they are made anew whenever it changes. One that is
somebody else's own number belongs to nobody.
"""

from collections.abc import Iterable, Mapping, Sequence

from django.db import transaction

from tickets.countries import default_country
from tickets.models import Contact, PhoneAlias
from tickets.phone_writing import digits_of
from tickets.phones import BadPhone, normalize_phone, other_forms

AT_ONCE = 500  # values in a question; older SQLite takes 999


def keep_aliases(numbers: Mapping[int, str]) -> None:
    """Make the aliases of these contacts what follows from their canonical numbers. `numbers`: by contact id."""
    pairs = list(numbers.items())
    for start in range(0, len(pairs), AT_ONCE):
        with transaction.atomic():
            _keep(dict(pairs[start : start + AT_ONCE]))


def contact_of(number: str) -> Contact | None:
    """Whose number this is, in whatever form it was written: with or without +, as an alias, as a list has it."""
    digits = digits_of(number)
    written = f"+{digits}"
    forms = [form for form in (written, _canonical(written), _canonical(number)) if form]
    found = {contact.phone: contact for contact in Contact.objects.filter(phone__in=forms)}
    own = next((found[form] for form in forms if form in found), None)
    if own is not None or not digits:
        return own
    alias = PhoneAlias.objects.filter(number=written).select_related("contact").first()
    return alias.contact if alias else None


def numbers_of_somebody(numbers: Iterable[str]) -> set[str]:
    """Those that are a contact's in any of their forms, each of which is international."""
    forms = {number: _every_form(number) for number in numbers}
    listed = sorted({form for every in forms.values() for form in every})
    taken: set[str] = set()
    for start in range(0, len(listed), AT_ONCE):
        taken |= _taken(listed[start : start + AT_ONCE])
    return {number for number, every in forms.items() if every & taken}


def forms_of(numbers: Iterable[str], *, owners: Iterable[int] = ()) -> set[str]:
    """Every form of these numbers under which gateways may know their people, save what is somebody else's.

    `owners`: contacts who are nobody else. Nothing of a number that is somebody else's by now.
    """
    forms = {number: (number, *other_forms(number)) for number in numbers if number}
    taken = _taken([form for both in forms.values() for form in both], besides=list(owners))
    return {form for number, both in forms.items() if number not in taken for form in both} - taken


def _keep(numbers: Mapping[int, str]) -> None:
    wanted = {form: pk for pk, number in numbers.items() for form in other_forms(number)}
    PhoneAlias.objects.filter(number__in=[number for number in numbers.values() if number]).delete()
    stale = PhoneAlias.objects.filter(contact__in=list(numbers))
    stale.exclude(number__in=list(wanted)).delete()
    if wanted:
        taken = _owned(wanted)
        rows = [PhoneAlias(contact_id=pk, number=form) for form, pk in wanted.items() if form not in taken]
        PhoneAlias.objects.bulk_create(rows, ignore_conflicts=True)


def _owned(forms: Iterable[str]) -> set[str]:
    """Those that are somebody's canonical number."""
    found, listed = set[str](), list(forms)
    for start in range(0, len(listed), AT_ONCE):
        some = Contact.objects.filter(phone__in=listed[start : start + AT_ONCE])
        found.update(some.values_list("phone", flat=True))
    return found


def _every_form(number: str) -> set[str]:
    canonical = _canonical(number) or number
    return {number, canonical, *other_forms(canonical)}


def _taken(forms: list[str], *, besides: Sequence[int] = ()) -> set[str]:
    """Those that are the number of somebody, or another form of it."""
    own = Contact.objects.filter(phone__in=forms).exclude(pk__in=besides)
    others = PhoneAlias.objects.filter(number__in=forms).exclude(contact__in=besides)
    return {*own.values_list("phone", flat=True), *others.values_list("number", flat=True)}


def _canonical(number: str) -> str:
    try:
        return normalize_phone(number, default_country()).e164
    except BadPhone:
        return ""
