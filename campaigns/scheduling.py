"""When a campaign starts by itself, and when it must be over: at a time, or counted from its event and following it."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo

from django.db.models import F, Q
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from campaigns.enums import CampaignKind, ScheduleFrom
from campaigns.models import Campaign
from campaigns.template_checks import in_use, template_problem
from tickets.date_formats import formatted
from tickets.dates import in_zone, time_words
from tickets.models import Event
from tickets.walltimes import NoSuchHour, comes_twice, moment_at, wall_time

MINUTES_PER_DAY = 24 * 60


@dataclass(frozen=True)
class Schedule:
    """What somebody chose: the moment, and what it is counted from if it is to move with the event."""

    at: datetime
    counted_from: str = ScheduleFrom.NONE
    minutes: int = 0

    @classmethod
    def counted(cls, event: Event, counted_from: str, minutes: int) -> "Schedule":
        return cls(counted(_anchor(event, counted_from), minutes, event.timezone), counted_from, minutes)

    @classmethod
    def of(cls, campaign: Campaign) -> "Schedule | None":
        """As it is on record."""
        if campaign.scheduled_at is None:
            return None
        return cls(campaign.scheduled_at, campaign.schedule_from, campaign.schedule_minutes)


def moment_of(campaign: Campaign) -> datetime | None:
    """When a campaign whose time is counted from its event starts, as the event stands now."""
    if not campaign.schedule_from or campaign.event is None:
        return None
    return Schedule.counted(campaign.event, campaign.schedule_from, campaign.schedule_minutes).at


def _anchor(event: Event, counted_from: str) -> datetime:
    return event.starts_at if counted_from == ScheduleFrom.EVENT_START else event.ends_at


def counted(anchor: datetime, minutes: int, zone: tzinfo) -> datetime:
    """Whole days by the clock on the wall, so that "one day before" is the same hour also when the clocks change; the
    rest as time that passes. An hour that the clocks jump over becomes the one behind the gap."""
    sign = -1 if minutes < 0 else 1
    days, rest = divmod(abs(minutes), MINUTES_PER_DAY)
    if days:
        anchor = _on_the_wall(wall_time(anchor, zone) + timedelta(days=sign * days), zone)
    # In UTC: within a zone, Python would count by the wall, and take two moments of an hour that comes twice for one.
    return anchor.astimezone(UTC) + timedelta(minutes=sign * rest)


def _on_the_wall(wall: datetime, zone: tzinfo) -> datetime:
    try:
        return moment_at(wall, zone)
    except NoSuchHour as gap:
        return gap.after


def why_not(campaign: Campaign, schedule: Schedule, *, now: datetime) -> str:
    """Why a campaign may not be planned like this, or ""."""
    if schedule.at <= now:
        return _("That hour has passed already. Choose a later one, or send it now.")
    if campaign.event is not None and not campaign.event.is_active:
        return _("Its event is closed, so nothing starts by itself. Make the event active again, or send it now.")
    last = last_moment_of(campaign, launched_at=schedule.at)
    if last is not None and schedule.at >= last:
        words = {"moment": moment_words(last, campaign.zone, now=now)}
        return _("It may not leave later than %(moment)s. Choose an earlier hour.") % words
    return ""


def reason_to_ask(campaign: Campaign, *, now: datetime, grace: timedelta) -> str:
    """Why a scheduled campaign that is due does not start by itself, or ""."""
    assert campaign.scheduled_at is not None
    if campaign.event is not None and not campaign.event.is_active:
        return _("Its event is closed. Decide whether to send it all the same.")
    last = last_moment_of(campaign, launched_at=campaign.scheduled_at)
    if last is not None and last <= now:
        return _("Its “not later than” passed before it could start.")
    if now - campaign.scheduled_at > grace:
        return _("Its time passed while nothing was running that could start it.")
    return template_problem(campaign, in_use()) if campaign.template else ""


# --- not later than


def last_moment_of(campaign: Campaign, *, launched_at: datetime | None = None) -> datetime | None:
    """What has not left by then is not sent any more: what somebody set, else the end of the event.

    An announcement that is launched after that end is about what was, and has no limit; a ticket always has.
    `launched_at`: as if it were launched then, for what is not launched yet.
    """
    if campaign.not_after or campaign.event is None:
        return campaign.not_after
    launched_at = launched_at or campaign.launched_at
    is_afterwards = launched_at is not None and launched_at >= campaign.event.ends_at
    return None if is_afterwards and campaign.kind != CampaignKind.TICKETS else campaign.event.ends_at


def is_too_late(now: datetime) -> Q:
    """Launched campaigns whose last moment has passed: `last_moment_of` as a filter."""
    has_a_limit = Q(kind=CampaignKind.TICKETS) | Q(launched_at__lt=F("event__ends_at"))
    return Q(not_after__lte=now) | (Q(not_after=None, event__ends_at__lte=now) & has_a_limit)


# --- in words


def planned_words(campaign: Campaign, *, now: datetime) -> str:
    """When a campaign starts, or should have started, as it is on record."""
    schedule = Schedule.of(campaign)
    return schedule_words(schedule, campaign, now=now) if schedule else ""


def schedule_words(schedule: Schedule, campaign: Campaign, *, now: datetime) -> str:
    """`1 day before the beginning of the event: Saturday 5 Dec, 20:00 (Bogotá)`, or the moment alone."""
    moment = moment_words(schedule.at, schedule_zone(campaign, schedule), now=now)
    if not schedule.counted_from:
        return moment
    return _("%(distance)s: %(moment)s") % {"distance": distance_words(schedule), "moment": moment}


def done_words(schedule: Schedule, campaign: Campaign, *, messages: int, now: datetime) -> str:
    """What is said when somebody has planned it."""
    sentence = ngettext(
        "Planned: %(moment)s. As of now that is %(n)d message.",
        "Planned: %(moment)s. As of now that is %(n)d messages.",
        messages,
    )
    return sentence % {"moment": schedule_words(schedule, campaign, now=now), "n": messages}


def schedule_zone(campaign: Campaign, schedule: Schedule) -> tzinfo:
    """What is counted from an event is counted by the clocks of its place."""
    is_counted = bool(schedule.counted_from) and campaign.event is not None
    return campaign.event.timezone if is_counted and campaign.event else campaign.zone


def twice_words(moment: datetime, zone: tzinfo) -> str:
    """Which of the two is meant, where the clocks are put back over this hour."""
    wall = wall_time(moment, zone)
    if not comes_twice(wall, zone):
        return ""
    sentences = {
        True: _("The clocks are put back then, so %(hour)s comes twice. It is the first of the two."),
        False: _("The clocks are put back then, so %(hour)s comes twice. It is the second of the two."),
    }
    return sentences[moment_at(wall, zone).astimezone(UTC) == moment.astimezone(UTC)] % {"hour": f"{wall:%H:%M}"}


def distance_words(schedule: Schedule) -> str:
    sentences = {
        (ScheduleFrom.EVENT_START, 0): _("At the beginning of the event"),
        (ScheduleFrom.EVENT_START, -1): _("%(time)s before the beginning of the event"),
        (ScheduleFrom.EVENT_START, 1): _("%(time)s after the beginning of the event"),
        (ScheduleFrom.EVENT_END, 0): _("At the end of the event"),
        (ScheduleFrom.EVENT_END, -1): _("%(time)s before the end of the event"),
        (ScheduleFrom.EVENT_END, 1): _("%(time)s after the end of the event"),
    }
    side = (schedule.minutes > 0) - (schedule.minutes < 0)
    time = _time_words(abs(schedule.minutes))
    return sentences[ScheduleFrom(schedule.counted_from), side] % {"time": time}


def _time_words(minutes: int) -> str:
    days, rest = divmod(minutes, MINUTES_PER_DAY)
    hours, minutes = divmod(rest, 60)
    parts = [
        ngettext("%(n)d day", "%(n)d days", days) % {"n": days} if days else "",
        ngettext("%(n)d hour", "%(n)d hours", hours) % {"n": hours} if hours else "",
        ngettext("%(n)d minute", "%(n)d minutes", minutes) % {"n": minutes} if minutes else "",
    ]
    return _(" and ").join(part for part in parts if part)


def moment_words(moment: datetime, zone: tzinfo, *, now: datetime) -> str:
    """With the day of the week, which is how people check a date."""
    language = get_language() or "es"
    local = in_zone(moment, zone)
    day = formatted(local, "l j M" if local.year == in_zone(now, zone).year else "l j M Y")
    return f"{day}, {time_words(local, language)}"
