"""What became of the calls of the last fourteen days, for the chart of the home page.

Days that are over change no more, so that they are counted once and kept. The question goes through the index of the
moments of calls, and asks only for the days that nobody has counted yet. Tests are no news of a day: the few calls for
them are counted beside the others and taken off, which spares looking up the campaign of each of a million.
"""

from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple

from django.core.cache import cache
from django.db.models import Case, Count, IntegerField, QuerySet, Value, When
from django.utils.formats import date_format
from django.utils.timezone import get_current_timezone, localdate
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from campaigns.enums import AttemptOutcome
from campaigns.models import Campaign, Delivery, DeliveryAttempt

A = AttemptOutcome
_NUMBER = IntegerField()

DAYS = 14
KEEP_SECONDS = 60  # today, and yesterday: a call of midnight may still be under way
KEEP_OVER_SECONDS = 7 * 24 * 3600

Result = dict[str, int]  # calls by outcome


class Day(NamedTuple):
    date: date
    begins: datetime
    ends: datetime


def last_days(now: datetime) -> dict[str, Any] | None:
    """The data of a chart; None when nothing was sent on any of them."""
    days = _days(now)
    results = counted(days)
    if not any(results):
        return None
    return {
        "type": "bar",
        "stacked": True,
        "unit": _("messages"),
        "labels": [_label(day.date) for day in days],
        "series": [
            {"label": label, "tone": tone, "values": [result.get(outcome, 0) for result in results]}
            for outcome, label, tone in _series()
            if outcome == A.ACCEPTED or any(outcome in result for result in results)
        ],
    }


def _series() -> list[tuple[str, str, str]]:
    return [
        (A.ACCEPTED, _("Sent"), "ok"),
        (A.UNCERTAIN, str(A.UNCERTAIN.label), "violet"),
        (A.NOT_SENT, _("Did not leave, tried again"), "warn"),
        (A.REFUSED, _("Failed"), "bad"),
    ]


def counted(days: list[Day]) -> list[Result]:
    """How each of them went, in the order of the days."""
    known: dict[str, Result] = cache.get_many([_key(day) for day in days])
    first = next((i for i, day in enumerate(days) if _key(day) not in known), len(days))
    fresh = _count(days[first:])
    for day, result in zip(days[first:], fresh, strict=True):
        is_over = days[-1].date - day.date > timedelta(days=1)
        cache.set(_key(day), result, KEEP_OVER_SECONDS if is_over else KEEP_SECONDS)
    return [known[_key(day)] for day in days[:first]] + fresh


def _count(days: list[Day]) -> list[Result]:
    """Of days that follow each other, in one question.

    They are told apart by comparing moments, which databases do much faster than reckoning in zones.
    """
    if not days:
        return []
    of_day = Case(*[When(started_at__lt=day.ends, then=Value(i)) for i, day in enumerate(days)], output_field=_NUMBER)
    calls = DeliveryAttempt.objects.filter(started_at__gte=days[0].begins, started_at__lt=days[-1].ends)
    tests = Delivery.objects.filter(campaign__in=Campaign.objects.filter(trial_of__isnull=False).values("pk"))
    of_tests = calls.filter(delivery__in=tests.values("pk"))
    results: list[Result] = [{} for _day in days]
    for day, outcome, number in _by_day(calls, of_day, 1).union(_by_day(of_tests, of_day, -1), all=True):
        results[day][outcome] = results[day].get(outcome, 0) + number
    return [{outcome: number for outcome, number in result.items() if number} for result in results]


def _by_day(calls: QuerySet[DeliveryAttempt], of_day: Case, sign: int) -> QuerySet[DeliveryAttempt, tuple[Any, ...]]:
    days = calls.order_by().annotate(day=of_day).values_list("day", "outcome")
    return days.annotate(number=Count("pk") * Value(sign))


def _days(now: datetime) -> list[Day]:
    """In the zone of the installation, the oldest first, today last."""
    zone = get_current_timezone()
    dates = [localdate(now, zone) - timedelta(days=back) for back in reversed(range(DAYS))]
    return [Day(day, _midnight(day, zone), _midnight(day + timedelta(days=1), zone)) for day in dates]


def _midnight(day: date, zone: Any) -> datetime:
    return datetime.combine(day, time.min, tzinfo=zone)


def _label(day: date) -> str:
    label = date_format(day, "j M")
    return label.lower() if (get_language() or "es").startswith("es") else label


def _key(day: Day) -> str:
    return f"home-day-{day.begins.isoformat()}"
