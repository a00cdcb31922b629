"""Greetings for birthdays: once a year for each person, whatever happens. Off until somebody switches it on.

Each day after its hour the tick makes one announcement for those whose birthday it is. Campaign, list and a row for
each person and year are written in one transaction, and the row is unique: two ticks, a crash, another hour, a
corrected birthday and merged contacts greet nobody twice. Opt-outs are asked by the engine at the moment of sending.
"""

import calendar
import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from campaigns import lifecycle
from campaigns.audience import describe
from campaigns.enums import CampaignKind, Origin
from campaigns.installation import adopted_at
from campaigns.models import BirthdayGreeted, BirthdayGreeting, Campaign
from tickets.conditions import has_any_tag
from tickets.date_formats import formatted
from tickets.enums import Action
from tickets.history import record
from tickets.merging import Part, add_part
from tickets.models import Contact
from tickets.walltimes import NoSuchHour, moment_at, wall_time

LATEST = timedelta(days=1)  # what could not be made or sent until then is no birthday greeting any more
AHEAD = 30  # days of the preview


@dataclass(frozen=True)
class Day:
    """A day of the preview, and how many people have their birthday on it."""

    date: date
    people: int


def greet_due(*, now: datetime) -> int:
    """Makes and launches the greeting of the day, if it is due; returns for how many people."""
    greeting = BirthdayGreeting.load()
    if not greeting.is_enabled:
        return 0
    day = due_day(greeting, now)
    if day is None or was_made(day) or not people_of_day(greeting, day).exists():
        return 0
    with contextlib.suppress(IntegrityError), transaction.atomic():
        # Two ticks take turns here, and whoever is switching it off at this moment too.
        locked = BirthdayGreeting.objects.select_for_update(no_key=True).filter(pk=1, is_enabled=True).first()
        if locked is not None and due_day(locked, now) == day and not was_made(day):
            return _greet(locked, day, now=now)
    return 0


def due_day(greeting: BirthdayGreeting, now: datetime) -> date | None:
    """The day whose hour came last. None: that was before it was switched on, or before this database was put back and
    may not know that they were greeted."""
    today = wall_time(now, greeting.zone).date()
    day = today if _moment(greeting, today) <= now else today - timedelta(days=1)
    if greeting.enabled_at is not None and day < wall_time(greeting.enabled_at, greeting.zone).date():
        return None
    adopted = adopted_at()
    if adopted is not None and _moment(greeting, day) <= adopted:
        return None
    return day if now < _moment(greeting, day) + LATEST else None


def was_made(day: date) -> bool:
    return Campaign.objects.filter(form_key=_key(day)).exists()


def people_of_day(greeting: BirthdayGreeting, day: date) -> QuerySet[Contact]:
    """Whose birthday it is, and who has had no greeting in this year."""
    greeted = BirthdayGreeted.objects.filter(contact=OuterRef("pk"), year=day.year)
    return _people(greeting).filter(_born_on(day), ~Exists(greeted))


def coming(greeting: BirthdayGreeting, now: datetime) -> list[Day]:
    """The birthdays of the next 30 days, today first. Days without any are left out."""
    today = wall_time(now, greeting.zone).date()
    rows = _people(greeting).filter(birth_month__isnull=False).order_by().values_list("birth_month", "birth_day")
    numbers = {(month, day): number for month, day, number in rows.annotate(number=Count("pk"))}
    days = [today + timedelta(days=ahead) for ahead in range(AHEAD)]
    counted = [Day(day, sum(numbers.get(born, 0) for born in _births(day))) for day in days]
    return [day for day in counted if day.people]


def next_people(greeting: BirthdayGreeting, now: datetime, *, limit: int) -> list[int]:
    """Some of those of the next 30 days, the nearest first, to show the message with."""
    found: list[int] = []
    for day in coming(greeting, now):
        rows = _people(greeting).filter(_born_on(day.date)).order_by("pk").values_list("pk", flat=True)
        found += rows[: limit - len(found)]
        if len(found) >= limit:
            break
    return found


def _people(greeting: BirthdayGreeting) -> QuerySet[Contact]:
    found = Contact.objects.all()
    return found.filter(has_any_tag([greeting.tag_id])) if greeting.tag_id else found


def _births(day: date) -> Iterator[tuple[int, int]]:
    """Month and day of those who celebrate then: whoever was born on 29 February, on the 28th in years without one."""
    yield day.month, day.day
    if (day.month, day.day) == (2, 28) and not calendar.isleap(day.year):
        yield 2, 29


def _born_on(day: date) -> Q:
    found = Q()
    for month, number in _births(day):
        found |= Q(birth_month=month, birth_day=number)
    return found


def _moment(greeting: BirthdayGreeting, day: date) -> datetime:
    """An hour that the clocks jump over is the first one behind the gap. In UTC, where an hour is an hour."""
    try:
        return moment_at(datetime.combine(day, greeting.hour), greeting.zone).astimezone(UTC)
    except NoSuchHour as gap:
        return gap.after.astimezone(UTC)


def _key(day: date) -> str:
    return f"birthday-{day.isoformat()}"


def _greet(greeting: BirthdayGreeting, day: date, *, now: datetime) -> int:
    people = people_of_day(greeting, day).select_for_update(no_key=True).order_by("pk")
    ids = list(people.values_list("pk", flat=True))
    if not ids:
        return 0
    campaign = Campaign.objects.create(
        kind=CampaignKind.ANNOUNCEMENT,
        origin=Origin.BIRTHDAY,
        name=_("Birthdays %(day)s") % {"day": formatted(day, "j M Y")},
        channels=greeting.channels,
        subject=greeting.subject,
        body=greeting.body,
        template=greeting.template,
        audience=describe(contacts=ids),
        zone=greeting.zone,
        not_after=_moment(greeting, day) + LATEST,
        form_key=_key(day),
    )
    BirthdayGreeted.objects.bulk_create(BirthdayGreeted(contact_id=pk, year=day.year, campaign=campaign) for pk in ids)
    lifecycle.launch(campaign, now=now)
    record(None, campaign, Action.LAUNCHED, after={"people": len(ids)}, now=now)
    return len(ids)


# --- two contacts become one: whom either of them was greeted as, the one that stays was


def _move(keep: Contact, gone: Contact, values: Mapping[str, Any], now: datetime) -> Mapping[str, Any]:
    years = list(BirthdayGreeted.objects.filter(contact=keep).values_list("year", flat=True))
    BirthdayGreeted.objects.filter(contact=gone).exclude(year__in=years).update(contact=keep)
    return {}  # those of years that both have go with the contact


def _say_nothing(keep: Contact, gone: Contact) -> Sequence[str]:
    return ()


def _refuse_nothing(keep: Contact, gone: Contact) -> None:
    """Greetings stand in nobody's way."""


add_part(Part(_say_nothing, _refuse_nothing, _move))
