"""What became of the calls of the last fourteen days, for the chart of the home page.

Days that are over change no more, so that they are counted once and kept. The question goes through the index of the
moments of calls, and asks only for the days that nobody has counted yet. Tests are no news of a day: the few calls for
them are counted beside the others and taken off, which spares looking up the campaign of each of a million.
"""

from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple

from django.core.cache import cache
from django.db import connection
from django.db.models import Case, Count, IntegerField, QuerySet, Value, When
from django.utils.timezone import get_current_timezone, localdate
from django.utils.translation import gettext as _

from campaigns.enums import AttemptOutcome
from campaigns.models import Campaign, Delivery, DeliveryAttempt
from campaigns.models.campaign import ASIDE
from tickets.date_formats import formatted

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
        if result or day != days[-1]:  # whoever has just launched the first campaign of today looks for it here
            cache.set(_key(day), result, KEEP_OVER_SECONDS if is_over else KEEP_SECONDS)
    return [known[_key(day)] for day in days[:first]] + fresh


def _count(days: list[Day]) -> list[Result]:
    """Of days that follow each other, in two questions."""
    if not days:
        return []
    results = _of_all(days)
    for day, outcome, number in _of_tests(days):
        results[day][outcome] -= number
    # Below zero: a test that left after all were counted and before the tests were.
    return [{outcome: number for outcome, number in result.items() if number > 0} for result in results]


def _of_all(days: list[Day]) -> list[Result]:
    """Each day is a stretch of one index, read once. To group them takes databases several times as long, and to put
    this together from querysets takes Django even longer."""
    numbers = ", ".join(f"COUNT(*) FILTER (WHERE outcome = '{outcome}')" for outcome in A.values)
    table = connection.ops.quote_name(DeliveryAttempt._meta.db_table)
    of_day = f"SELECT %s, {numbers} FROM {table} WHERE started_at >= %s AND started_at < %s"  # noqa: S608  (words of ours)
    moment = connection.ops.adapt_datetimefield_value
    asked = [value for i, day in enumerate(days) for value in (i, moment(day.begins), moment(day.ends))]
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join([of_day] * len(days)), asked)
        return [dict(zip(A.values, row[1:], strict=True)) for row in sorted(cursor.fetchall())]


def _of_tests(days: list[Day]) -> QuerySet[DeliveryAttempt, tuple[Any, ...]]:
    """Day, outcome and number. Days are told apart by comparing moments, which is faster than reckoning in zones."""
    of_day = Case(*[When(started_at__lt=day.ends, then=Value(i)) for i, day in enumerate(days)], output_field=_NUMBER)
    tests = Delivery.objects.filter(campaign__in=Campaign.objects.filter(ASIDE).values("pk"))
    calls = DeliveryAttempt.objects.filter(started_at__gte=days[0].begins, started_at__lt=days[-1].ends)
    of_tests = calls.filter(delivery__in=tests.values("pk")).order_by().annotate(day=of_day)
    return of_tests.values_list("day", "outcome").annotate(number=Count("pk"))


def _days(now: datetime) -> list[Day]:
    """In the zone of the installation, the oldest first, today last."""
    zone = get_current_timezone()
    dates = [localdate(now, zone) - timedelta(days=back) for back in reversed(range(DAYS))]
    return [Day(day, _midnight(day, zone), _midnight(day + timedelta(days=1), zone)) for day in dates]


def _midnight(day: date, zone: Any) -> datetime:
    return datetime.combine(day, time.min, tzinfo=zone)


def _label(day: date) -> str:
    return formatted(day, "j M")


def _key(day: Day) -> str:
    return f"home-day-{day.begins.isoformat()}"
