"""Two entries of the same person become one: what both have moves to the one that stays, and the other goes.

In one transaction, with both rows locked. Of two wishes the stricter one wins, whatever is chosen. What hangs on people
in other apps is moved by a part of theirs (`add_part`), which runs first: messages are locked before tickets, as in the
engine.
"""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import ProtectedError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tickets.aliases import keep_aliases
from tickets.birth_dates import birthday_of
from tickets.enums import Action
from tickets.history import entries_of_numbers, record
from tickets.merging_rows import merged_numbers, move_decisions, move_tags, move_tickets
from tickets.models import Contact, Tag, Ticket
from tickets.optouts import CHANNEL_NAMES, CHANNELS

FIELDS = ("name", "nickname", "phone", "email", "language")
BIRTHDAY, BIRTHDAY_FIELDS = "birthday", ("birth_day", "birth_month")  # chosen as one
KEEP, GONE = "keep", "gone"
AT_ONCE = 500  # databases limit what one question may hold
WISHES = tuple(f"{channel}_{what}" for channel in CHANNELS for what in ("opt_out_at", "opt_out_source", "opt_out_text"))
CONSENTS = tuple(f"{channel}_consent_{what}" for channel in CHANNELS for what in ("at", "source", "text"))


class CannotMerge(Exception):
    """Nothing was changed; `str()` says why and what to do."""


class MergedAlready(CannotMerge):
    """One of the two is not there any more."""


class LooksDifferent(CannotMerge):
    """Not what the person saw when they pressed the button."""


@dataclass(frozen=True)
class Part:
    """What hangs on a contact elsewhere.

    `lines`: sentences with numbers about what would move. `refuse` raises CannotMerge and may lock rows. `move` does it
    and returns numbers for the history; `values` are those that the contact will have.
    """

    lines: Callable[[Contact, Contact], Sequence[str]]
    refuse: Callable[[Contact, Contact], None]
    move: Callable[[Contact, Contact, Mapping[str, Any], datetime], Mapping[str, Any]]


_parts: list[Part] = []


def add_part(part: Part) -> None:
    _parts.append(part)


@dataclass(frozen=True)
class Difference:
    """A field in which the two differ. `key` names it in the form."""

    key: str
    name: str
    keep: Any
    gone: Any

    @property
    def default(self) -> str:
        """What stays unless somebody says otherwise; a value rather than none."""
        return KEEP if self.keep or not self.gone else GONE


@dataclass(frozen=True)
class Plan:
    """What merging these two would do, as they are now."""

    keep: Contact
    gone: Contact
    fields: tuple[Difference, ...]
    attributes: tuple[Difference, ...]
    lines: tuple[str, ...]

    @property
    def fingerprint(self) -> str:
        """Of everything that the page shows: whoever confirms, confirms this."""
        seen = [repr(_state(contact)) for contact in (self.keep, self.gone)]
        return hashlib.sha256("\n".join([*seen, *self.lines]).encode()).hexdigest()[:20]

    def values(self, chosen: Mapping[str, str]) -> dict[str, Any]:
        """The values that the contact will have. `chosen`: "keep" or "gone" by the key of a difference."""
        own: dict[str, Any] = {one.name: _winner(one, chosen) for one in self.fields}
        if BIRTHDAY in own:
            own |= zip(BIRTHDAY_FIELDS, own.pop(BIRTHDAY) or (None, None), strict=True)
        attributes = self.gone.attributes | self.keep.attributes
        attributes |= {one.name: _winner(one, chosen) for one in self.attributes}
        return own | {"attributes": attributes} | stricter_wishes(self.keep, self.gone)


def plan_merge(keep: Contact, gone: Contact) -> Plan:
    fields = tuple(
        Difference(name, name, getattr(keep, name), getattr(gone, name))
        for name in FIELDS
        if getattr(keep, name) != getattr(gone, name)
    )
    days = birthday_of(keep), birthday_of(gone)
    if days[0] != days[1]:
        fields += (Difference(BIRTHDAY, BIRTHDAY, *days),)
    both = sorted(keep.attributes.keys() & gone.attributes.keys())
    attributes = tuple(
        Difference(f"data-{number}", name, keep.attributes[name], gone.attributes[name])
        for number, name in enumerate(both)
        if keep.attributes[name] != gone.attributes[name]
    )
    return Plan(keep, gone, fields, attributes, tuple(_lines(keep, gone)))


def merge(
    keep: Contact, gone: Contact, chosen: Mapping[str, str], *, expected: str, user: Any, now: datetime
) -> Contact:
    """The one that stays, with everything. Raises CannotMerge, and then nothing was changed.

    `expected`: the fingerprint of the plan that somebody saw and confirmed.
    """
    with transaction.atomic():
        # Always in the same order, so that two people who merge at once do not wait for each other in a circle. And
        # without their keys: whoever writes a list or a ticket of theirs wants no more than that these stay.
        both = Contact.objects.select_for_update(no_key=True).filter(pk__in=(keep.pk, gone.pk))
        locked = {one.pk: one for one in both.order_by("pk")}
        if len(locked) < 2:
            raise MergedAlready(_("One of these two was merged or deleted meanwhile, so nothing was done."))
        keep, gone = locked[keep.pk], locked[gone.pk]
        for part in _parts:
            part.refuse(keep, gone)
        plan = plan_merge(keep, gone)
        if plan.fingerprint != expected:
            raise _looks_different()
        try:
            _merge(plan, plan.values(chosen), user=user, now=now)
        except ProtectedError as late:  # a ticket that was issued after the others had moved
            raise _looks_different() from late
    keep.refresh_from_db()
    return keep


def _looks_different() -> LooksDifferent:
    return LooksDifferent(_("Something changed while you were looking. Please check again."))


def _merge(plan: Plan, values: dict[str, Any], *, user: Any, now: datetime) -> None:
    keep, gone = plan.keep, plan.gone
    if not values.get("phone", keep.phone) and not values.get("email", keep.email):
        raise CannotMerge(_("Nobody could reach this person then. Keep a WhatsApp number or an e-mail address."))
    was_keep = {name: getattr(keep, name) for name in values}
    was_gone = _state(gone) | {"tags": sorted(tag.name for tag in gone.tags.all())}
    facts: dict[str, Any] = {}
    for part in _parts:
        facts |= part.move(keep, gone, values, now)
    facts |= {"tickets": move_tickets(keep, gone), "tags": [tag.name for tag in move_tags(keep, gone)]}
    move_decisions(keep, gone)
    numbers = [gone.pk, *merged_numbers(gone)]
    record(user, gone, Action.MERGED_AWAY, before=was_gone, after={"contact": keep, "_into": keep.pk}, now=now)
    record(
        user,
        keep,
        Action.MERGED,
        before=was_keep,
        after=values | {"contact": gone, "_numbers": numbers} | {name: fact for name, fact in facts.items() if fact},
        now=now,
    )
    gone.delete()  # its number must be free before the other one takes it
    Contact.objects.filter(pk=keep.pk).update(**values, updated_at=now)
    keep_aliases({keep.pk: values.get("phone", keep.phone)})


def stricter_wishes(keep: Contact, gone: Contact) -> dict[str, Any]:
    """Whoever said no once has said no, from the first time on. Of two consents the later one says more."""
    values: dict[str, Any] = {}
    for channel in CHANNELS:
        no = sorted((c for c in (keep, gone) if getattr(c, f"{channel}_opt_out_at")), key=_by(f"{channel}_opt_out_at"))
        yes = sorted((c for c in (keep, gone) if getattr(c, f"{channel}_consent_at")), key=_by(f"{channel}_consent_at"))
        for one, names in ((no[:1], WISHES), (yes[-1:], CONSENTS)):
            values |= {name: getattr(c, name) for c in one for name in names if name.startswith(channel)}
    return values


def merged_into(number: int) -> int | None:
    """The contact that this one became a part of, if it was merged; through several merges to the last."""
    return successors([number]).get(number)


def successors(numbers: Iterable[int]) -> dict[int, int]:
    """For those of these contacts that were merged, what `merged_into` says."""
    asked = list(dict.fromkeys(numbers))
    steps: dict[int, int] = {}
    ahead = set(asked)
    while ahead:
        found = _next_steps(sorted(ahead))
        steps |= found
        ahead = set(found.values()) - steps.keys()
    return {number: _end_of(steps, number) for number in asked if number in steps}


def _next_steps(numbers: Sequence[int]) -> dict[int, int]:
    steps: dict[int, int] = {}
    for start in range(0, len(numbers), AT_ONCE):
        entries = entries_of_numbers(Contact, numbers[start : start + AT_ONCE]).filter(action=Action.MERGED_AWAY)
        rows = entries.order_by("at", "pk").values_list("object_id", "after")
        steps |= {int(number): int(after["_into"]) for number, after in rows}
    return steps


def _end_of(steps: Mapping[int, int], number: int) -> int:
    seen: set[int] = set()
    while number in steps and number not in seen:
        seen.add(number)
        number = steps[number]
    return number


def _by(name: str) -> Callable[[Contact], datetime]:
    return lambda contact: getattr(contact, name)


def _winner(one: Difference, chosen: Mapping[str, str]) -> Any:
    return one.gone if chosen.get(one.key, one.default) == GONE else one.keep


def _state(contact: Contact) -> dict[str, Any]:
    """The own data in the order of their names: PostgreSQL keeps them in another one than they were written in."""
    own = dict(sorted(contact.attributes.items()))
    return {name: getattr(contact, name) for name in (*FIELDS, *BIRTHDAY_FIELDS, *WISHES, *CONSENTS)} | {
        "attributes": own
    }


def _lines(keep: Contact, gone: Contact) -> list[str]:
    tickets = Ticket.objects.filter(holder=gone).count()
    tags = Tag.objects.filter(contacts=gone).exclude(contacts=keep).count()
    lines = [line for part in _parts for line in part.lines(keep, gone)]
    if tickets:
        lines.append(ngettext("%(n)d ticket moves over.", "%(n)d tickets move over.", tickets) % {"n": tickets})
    if tags:
        lines.append(ngettext("%(n)d tag is added.", "%(n)d tags are added.", tags) % {"n": tags})
    for channel, name in CHANNEL_NAMES.items():
        wishes = [getattr(contact, f"{channel}_opt_out_at") for contact in (keep, gone)]
        if any(wishes):
            lines.append(_("No more announcements (%(channel)s): the stricter wish counts.") % {"channel": name})
    return lines
