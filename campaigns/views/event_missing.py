"""Whom no ticket has reached: how many, why, and what happens next to each of them, in sentences."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Case, CharField, OuterRef, Q, Subquery, Value, When
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from campaigns.audience import whole_event
from campaigns.enums import CampaignKind, CampaignStatus, DeliveryStatus, SkipReason
from campaigns.event_reach import Fate, Missing, Rank, Reach
from campaigns.explanations import explain
from campaigns.models import Campaign, Delivery
from campaigns.reminders import BEFORE
from campaigns.second_channel import next_for
from campaigns.views.base import page_of
from campaigns.views.showing import when
from tickets.models import Event

S = CampaignStatus
D = DeliveryStatus

MOST_CAMPAIGNS = 100
MOST_LOOKED_AT = 5000  # tickets: of more than these nobody is told the minute at which the second channel begins
TONES = {
    Rank.OPEN: "info",
    Rank.SILENT: "info",
    Rank.UNCERTAIN: "warn",
    Rank.FAILED: "bad",
    Rank.SKIPPED: "warn",
    Rank.NEVER: "neutral",
}


@dataclass(frozen=True)
class Row:
    """Tickets of which the same is to be said. `can_send`: nobody sends them unless somebody of the staff does."""

    key: str
    number: int
    tone: str
    label: str
    sentence: str
    suggestion: str = ""
    url: str = ""
    url_words: str = ""
    can_send: bool = False
    is_first: bool = False  # never sent before

    @property
    def query(self) -> str:
        return f"why={self.key}"


def campaigns_of(event: Event, groups: Iterable[Missing]) -> list[Campaign]:
    """Those that somebody without a ticket waits for, and the newest of tickets that are sent or planned."""
    waited_for = [int(group.fate.word) for group in groups if group.fate.rank == Rank.OPEN][:MOST_CAMPAIGNS]
    at_work = Q(kind=CampaignKind.TICKETS, trial_of=None, status__in=[S.SENDING, S.PAUSED, S.SCHEDULED, S.OVERDUE])
    found = Campaign.objects.filter(Q(pk__in=waited_for) | at_work, event=event).order_by("-pk")
    shown = found.only("name", "status", "scheduled_at", "launched_at", "zone", "event", "priority", "kind")
    reached = Case(When(whole_event(), then=Value("whole")), default=Value(""), output_field=CharField())
    tried_again = Delivery.objects.filter(campaign=OuterRef("pk"), status=D.WAITING).order_by("due_at").values("due_at")
    return list(shown.annotate(reaches=reached, next_try=Subquery(tried_again[:1]))[:MOST_CAMPAIGNS])


def rows_of(event: Event, groups: list[Missing], campaigns: list[Campaign], now: datetime) -> list[Row]:
    known = {campaign.pk: campaign for campaign in campaigns}
    return [_row(group, known, event, now) for group in groups]


def _row(group: Missing, known: Mapping[int, Campaign], event: Event, now: datetime) -> Row:
    match group.fate.rank:
        case Rank.OPEN:
            return _under_way(group, known.get(int(group.fate.word)), now)
        case Rank.SILENT:
            return _silent(group)
        case Rank.UNCERTAIN:
            return _uncertain(group)
        case Rank.NEVER:
            return _never_sent(group, known.values(), event, now)
    sentence, suggestion = _why(group.fate)
    label = _("Failed") if group.fate.rank == Rank.FAILED else _("Not sent")
    return Row(group.fate.key, group.number, TONES[group.fate.rank], label, sentence, suggestion, can_send=True)


def _under_way(group: Missing, campaign: Campaign | None, now: datetime) -> Row:
    key, tone = group.fate.key, TONES[Rank.OPEN]
    if campaign is None:
        return Row(key, group.number, tone, _("Under way"), _("A campaign is sending it now."))
    name, url = {"name": campaign.name}, page_of(campaign)
    if campaign.status == S.PAUSED:
        sentence = _("“%(name)s” is paused.") % name
        return Row(
            key, group.number, "warn", _("Waiting"), sentence, _("It goes on when you resume it."), url, _("Look")
        )
    sentence, next_step = _("“%(name)s” is sending it now.") % name, _("Nothing to do: it goes on by itself.")
    if next_try := getattr(campaign, "next_try", None):
        moment = when(max(next_try, now), campaign.zone, now=now)
        next_step = _("What did not leave is tried again by itself, next at this time: %(moment)s.") % {
            "moment": moment
        }
    return Row(key, group.number, tone, _("Under way"), sentence, next_step, url, _("Look"))


def _silent(group: Missing) -> Row:
    return Row(
        group.fate.key,
        group.number,
        TONES[Rank.SILENT],
        _("Sent"),
        _("It was sent by WhatsApp, and no sign has come yet that it arrived."),
        _("The phone may be off. If it stays so, ask the person, or send the ticket once more from its own page."),
    )


def _uncertain(group: Missing) -> Row:
    return Row(
        group.fate.key,
        group.number,
        TONES[Rank.UNCERTAIN],
        _("Uncertain"),
        _("The message left, but no clear answer came: it may have arrived."),
        _("Look at each one and decide, so that nobody gets it twice."),
        reverse("admin:campaigns_campaign_uncertain"),
        _("Decide…"),
    )


def _never_sent(group: Missing, campaigns: Iterable[Campaign], event: Event, now: datetime) -> Row:
    planned = next(
        (one for one in campaigns if getattr(one, "reaches", "") and one.status in (S.SCHEDULED, S.OVERDUE)), None
    )
    key, number = group.fate.key, group.number
    if planned is None:
        sentence = _("Nobody has sent it yet.")
        return Row(key, number, "warn", _("Never sent"), sentence, can_send=True, is_first=True)
    facts = {"name": planned.name, "moment": when(planned.scheduled_at, event.timezone, now=now)}
    if planned.status == S.OVERDUE:
        sentence = _("“%(name)s” waits for you. It should have begun: %(moment)s.") % facts
        return Row(key, number, "warn", _("Late"), sentence, "", page_of(planned), _("Look"))
    sentence = _("Waits until %(moment)s: then “%(name)s” sends it.") % facts
    return Row(key, number, "violet", _("Planned"), sentence, "", page_of(planned), _("Look"))


def _why(fate: Fate) -> tuple[str, str]:
    """The reason, and what somebody can do about it."""
    if fate.state == D.EXPIRED:
        return _("Its last moment had passed before it could leave."), ""
    if fate.state == D.CANCELLED:
        return _("Its campaign was cancelled before it left."), ""
    if fate.word == SkipReason.NO_PHONE:
        return _("Has no WhatsApp number."), _("Send it by e-mail, or add the number to the contact first.")
    if fate.word == SkipReason.NO_EMAIL:
        return _("Has no e-mail address."), _("Send it by WhatsApp, or add the address to the contact first.")
    known = explain(fate.word)
    return str(known.sentence) or _("It did not arrive."), str(known.suggestion)


# --- the second channel ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Second:
    """How many tickets the other channel takes over unless they arrive before; `at`: when the first of them."""

    number: int
    at: datetime | None
    taken_at: datetime


def second_channel(event: Event, reach: Reach, now: datetime) -> Second:
    """What the tick will do, by its own rule."""
    if event.second_channel_hours is None:
        return Second(0, None, now)
    tried = reach.tried()
    number, at = next_for(event, tried, reach.numbers, now) if len(tried) <= MOST_LOOKED_AT else (0, None)
    return Second(number, at, now)


def second_words(event: Event, second: Second, now: datetime) -> str:
    """What the event's setting will do by itself."""
    hours = event.second_channel_hours
    if hours is None:
        return _("Off: nothing goes out on the other channel by itself.")
    rule = ngettext(
        "Whoever’s ticket has not arrived %(n)d hour after it was sent gets it on the other channel, by itself.",
        "Whoever’s ticket has not arrived %(n)d hours after it was sent gets it on the other channel, by itself.",
        hours,
    ) % {"n": hours}
    if not second.number or second.at is None:
        return rule
    facts = {"n": second.number, "moment": when(second.at, event.timezone, now=now)}
    if second.at <= now:
        coming = ngettext("%(n)d ticket is due now.", "%(n)d tickets: the first are due now.", second.number)
    else:
        coming = ngettext("%(n)d ticket, at %(moment)s.", "%(n)d tickets, the first at %(moment)s.", second.number)
    return f"{rule} {coming % facts}"


def reminder_words(event: Event, now: datetime) -> str:
    """What the team is told by itself the day before."""
    at = event.starts_at - BEFORE
    if event.reminded_at and event.reminded_at >= at:  # else the event has moved to a later time since
        return _("The team was told: %(moment)s.") % {"moment": when(event.reminded_at, event.timezone, now=now)}
    if not event.remind_staff:
        return _("Off: nobody is reminded.")
    if at <= now:
        return _("The team is told within 24 hours of the beginning.")
    moment = when(at, event.timezone, now=now)
    return _("The team gets an e-mail about whoever is still without a ticket: %(moment)s.") % {"moment": moment}
