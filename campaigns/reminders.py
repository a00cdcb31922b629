"""The day before an event: who is still without a ticket, told to the team while something can be done about it.

Once for each event, and once more when it moves to a later time. Nothing leaves except as a delivery: what each person
of the team gets is a campaign of its own like a test (`Campaign.origin`), in no list of campaigns, and goes the way of
all e-mails.
"""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import CharField, Count, F, Q, QuerySet, Subquery
from django.db.models.functions import Concat
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from campaigns import lifecycle
from campaigns.arrivals import messages_of_ticket, missing_tickets, not_arrived, reporting_numbers
from campaigns.enums import Channel, DeliveryStatus, Origin, SkipReason
from campaigns.models import Campaign
from campaigns.models.campaign import PRIORITY_SINGLE
from tickets.enums import Action, TicketStatus
from tickets.history import record
from tickets.models import Event, Ticket

D = DeliveryStatus

BEFORE = timedelta(hours=24)
ON_ITS_WAY = timedelta(hours=1)  # what was issued less long ago may be about to be sent
MAY_LAUNCH = "campaigns.launch_campaign"
NEVER, ON_THE_WAY, SILENT, NO_ADDRESS, STOPPED = "never", "on the way", "silent", "no address", "stopped"
NO_ADDRESSES = (SkipReason.NO_PHONE, SkipReason.NO_EMAIL)


class Lacking(NamedTuple):
    """An event, and how many of its tickets have not arrived."""

    event: int
    name: str
    tickets: int


def remind_due(*, now: datetime) -> int:
    """Returns how many people of the team are told something."""
    soon = Event.objects.filter(_is_soon(now), starts_at__gt=now, remind_staff=True)
    # Told before this start came within a day of then: the event has moved to a later time since.
    untold = soon.filter(Q(reminded_at=None) | Q(reminded_at__lt=F("starts_at") - BEFORE))
    return sum(_remind(event, now=now) for event in untold.order_by("pk"))


def coming_soon(now: datetime) -> QuerySet[Event]:
    """Events that begin within a day, or have begun and are not over."""
    return Event.objects.filter(_is_soon(now), ends_at__gt=now)


def soon_without_ticket(*, now: datetime) -> list[Lacking]:
    """Those of them with tickets that have not arrived, the next one first."""
    tickets = Ticket.objects.filter(not_arrived(reporting_numbers()), status=TicketStatus.VALID)
    found = tickets.filter(event__in=coming_soon(now).values("pk")).order_by("event__starts_at", "event_id")
    rows = found.values_list("event", "event__name", "event__starts_at").annotate(number=Count("pk"))
    return [Lacking(event, name, number) for event, name, _starts, number in rows]


def event_page(event: int) -> str:
    """`event` is its id."""
    return reverse("admin:campaigns_campaign_event", args=[event])


def _is_soon(now: datetime) -> Q:
    return Q(is_active=True, starts_at__lte=now + BEFORE)


def _remind(event: Event, *, now: datetime) -> int:
    numbers = reporting_numbers()
    missing = missing_tickets(event, numbers)
    if not missing.filter(issued_at__lte=now - ON_ITS_WAY).exists():
        return 0
    reasons, team = reasons_of(missing), _team()
    if not team:  # nobody was told, so that whoever joins the team meanwhile still is
        return 0
    with transaction.atomic():
        # Only who finds the event as it was read tells about it. A crash takes everything back.
        read = Event.objects.filter(pk=event.pk, reminded_at=event.reminded_at, starts_at=event.starts_at)
        if not read.filter(remind_staff=True, is_active=True).update(reminded_at=now):
            return 0
        for user in team:
            _write_to(user, event, reasons, now=now)
        told = {"tickets": reasons.total(), "persons_told": len(team)}
        record(None, event, Action.REMINDED, after=told, now=now)
    return len(team)


def _team() -> list[User]:
    """Whoever may send the tickets after all, and can be told: once where several accounts share an address."""
    allowed = User.objects.with_perm(MAY_LAUNCH, include_superusers=True).filter(is_staff=True).exclude(email="")
    by_address: dict[str, User] = {}
    for user in allowed.select_related("preference").order_by("pk").distinct():
        by_address.setdefault(user.email.strip().lower(), user)
    return list(by_address.values())


# --- why they have not arrived


def reasons_of(tickets: QuerySet[Ticket]) -> Counter[str]:
    """How many of these tickets have not arrived for which reason: that of the last message that carried each."""
    last = messages_of_ticket().order_by("-pk").values(why=Concat("status", "error_kind", output_field=CharField()))
    grouped = tickets.order_by().annotate(why=Subquery(last[:1])).values_list("why").annotate(number=Count("pk"))
    found: Counter[str] = Counter()
    for why, number in grouped:
        found[_reason(why)] += number
    return found


def _reason(why: str | None) -> str:
    if why is None:
        return NEVER
    for reason, states in ((ON_THE_WAY, D.open), (SILENT, {D.SENT}), (STOPPED, {D.CANCELLED, D.EXPIRED})):
        if why.startswith(tuple(states)):
            return reason
    if why.startswith(D.SKIPPED):
        return NO_ADDRESS if why.endswith(tuple(NO_ADDRESSES)) else STOPPED
    return str(D.UNCERTAIN if why.startswith(D.UNCERTAIN) else D.FAILED)


def reason_words(reason: str) -> str:
    words = {
        NEVER: _("never sent to them"),
        ON_THE_WAY: _("waiting for their turn"),
        SILENT: _("sent, and no sign that it arrived"),
        NO_ADDRESS: _("no number or address on that channel"),
        STOPPED: _("cancelled, skipped or too late"),
        str(D.UNCERTAIN): _("may or may not have arrived"),
        str(D.FAILED): _("could not be delivered"),
    }
    return words[reason]


# --- the letters


def _write_to(user: User, event: Event, reasons: Counter[str], *, now: datetime) -> None:
    language = _language_of(user)
    with translation.override(language):
        note = Campaign.objects.create(
            origin=Origin.REMINDER,
            name=(_("Reminder: %(event)s") % {"event": event.name})[:150],
            event=event,
            channels=Channel.EMAIL,
            priority=PRIORITY_SINGLE,
            audience={"trial": _frozen(user, language)},
            zone=event.timezone,
            not_after=event.starts_at,
            link=f"{settings.PUBLIC_URL}{event_page(event.pk)}",
            link_text=_("The page of the event"),
            **_letter(reasons),
        )
    lifecycle.launch(note, now=now)


def _language_of(user: Any) -> str:
    """As chosen for the pages; the row of it belongs to an app above this one."""
    return str(getattr(getattr(user, "preference", None), "language", "") or settings.LANGUAGE_CODE)


def _frozen(user: User, language: str) -> dict[str, Any]:
    """As the audience of a test has it: one person who is no contact."""
    name = (user.get_full_name() or user.get_username())[:150]
    return {"address": user.email, "name": name, "language": language[:2]}


def _letter(reasons: Counter[str]) -> dict[str, str]:
    """What stands between braces is filled in for each person, as in every message."""
    number = reasons.total()
    subject = ngettext(
        "%(n)d ticket of {evento} has not arrived", "%(n)d tickets of {evento} have not arrived", number
    ) % {"n": number}
    opening = ngettext(
        "Hello {nombre},\n\n{evento} begins on {fecha}, {hora}, and %(n)d ticket has not arrived on any channel:",
        "Hello {nombre},\n\n{evento} begins on {fecha}, {hora}, and %(n)d tickets have not arrived on any channel:",
        number,
    ) % {"n": number}
    closing = _("There is still time: look who they are, mend their number or address, and send their ticket again.")
    return {"subject": subject, "body": "\n\n".join([opening, "\n".join(_lines(reasons)), closing])}


def _lines(reasons: Counter[str]) -> Iterable[str]:
    return (f"• {number}: {reason_words(reason)}" for reason, number in reasons.most_common())
