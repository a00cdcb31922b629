"""Tickets, scans, wishes and the history of a person, for their timeline."""

from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tickets.admin.showing import TONES
from tickets.enums import Action, CheckInResult, TicketStatus
from tickets.history import entries_of_numbers
from tickets.history_words import action_words, details_of, tone_of, who
from tickets.merging_rows import merged_numbers
from tickets.models import CheckIn, Contact, Ticket
from tickets.optouts import CHANNEL_NAMES
from tickets.timeline import Entry, Place, Viewer, add_source, earlier, is_earlier, place_of

# What the history says of a wish stands there already, with who wrote it down.
WISHES = (Action.OPTED_OUT, Action.OPTED_IN)
MOST_WISHES = 50


def tickets(contact: Contact, viewer: Viewer, before: Place | None, limit: int) -> list[Entry]:
    if not viewer.may("tickets.view_ticket"):
        return []
    rows = Ticket.objects.filter(earlier(before, "tickets", "issued_at"), holder=contact).select_related("event")
    return [_ticket(row) for row in rows.order_by("-issued_at", "-pk")[:limit]]


def _ticket(ticket: Ticket) -> Entry:
    companions = ngettext("with %(n)d companion", "with %(n)d companions", ticket.companions) % {"n": ticket.companions}
    return Entry(
        place_of(ticket, "tickets", ticket.issued_at),
        icon="ticket",
        title=_("Ticket for %(event)s") % {"event": ticket.event},
        badge=ticket.get_status_display(),
        tone=TONES[TicketStatus(ticket.status)],
        url=reverse("admin:tickets_ticket_change", args=[ticket.pk]),
        zone=ticket.event.timezone,
        details=(f"{ticket.code} · {ticket.type}" + (f" · {companions}" if ticket.companions else ""),),
    )


def scans(contact: Contact, viewer: Viewer, before: Place | None, limit: int) -> list[Entry]:
    if not viewer.may("tickets.view_checkin"):
        return []
    rows = CheckIn.objects.filter(earlier(before, "scans", "at"), ticket__holder=contact)
    return [_scan(row) for row in rows.select_related("event", "ticket").order_by("-at", "-pk")[:limit]]


def _scan(scan: CheckIn) -> Entry:
    people = ngettext("%(n)d person let in", "%(n)d people let in", scan.admitted) % {"n": scan.admitted}
    why = scan.get_reason_display() if scan.reason else people
    return Entry(
        place_of(scan, "scans", scan.at),
        icon="scan",
        title=_("At the door of %(event)s") % {"event": scan.event},
        badge=scan.get_result_display(),
        tone=TONES[CheckInResult(scan.result)],
        url=reverse("admin:tickets_checkin_change", args=[scan.pk]),
        zone=scan.event.timezone,
        details=tuple(filter(None, (str(why), scan.gate))),
    )


def history(contact: Contact, viewer: Viewer, before: Place | None, limit: int) -> list[Entry]:
    """Its own, and that of the entries that became a part of it."""
    found = entries_of_numbers(Contact, [contact.pk, *merged_numbers(contact)])
    rows = found.filter(earlier(before, "history", "at")).select_related("content_type")[:limit]
    return [
        Entry(
            place_of(row, "history", row.at),
            icon="history",
            title=action_words(row.action),
            tone=tone_of(row.action),
            details=[*details_of(row), _("Written down by %(person)s") % {"person": who(row)}],
        )
        for row in rows
    ]


def wishes(contact: Contact, viewer: Viewer, before: Place | None, limit: int) -> list[Entry]:
    """What the person agreed to and asked for, where it did not come about on these pages."""
    known: set[datetime] | None = None
    entries = []
    for number, (channel, name) in enumerate(CHANNEL_NAMES.items()):
        agreed_at, asked_at = getattr(contact, f"{channel}_consent_at"), getattr(contact, f"{channel}_opt_out_at")
        agreed = Place(agreed_at, "wishes", 2 * number) if agreed_at else None
        asked = Place(asked_at, "wishes", 2 * number + 1) if asked_at else None
        if agreed and is_earlier(agreed, before):
            title = _("Agreed to announcements: %(channel)s") % {"channel": name}
            entries.append(
                Entry(agreed, "check", title, _("Consent"), "ok", details=_source(contact, channel, "consent"))
            )
        if asked and is_earlier(asked, before):
            known = _written_down(contact) if known is None else known
            if asked_at not in known:
                title = _("Wants no more announcements: %(channel)s") % {"channel": name}
                details = _source(contact, channel, "opt_out")
                entries.append(Entry(asked, "stop", title, _("Opt-out"), "warn", details=details))
    return entries


def _written_down(contact: Contact) -> set[datetime]:
    numbers = [contact.pk, *merged_numbers(contact)]
    rows = entries_of_numbers(Contact, numbers).filter(action__in=WISHES).values_list("after", flat=True)[:MOST_WISHES]
    return {moment for after in rows for moment in _moments(after)}


def _moments(after: dict[str, Any]) -> list[datetime]:
    return [datetime.fromisoformat(value) for name, value in after.items() if name.endswith("_opt_out_at") and value]


def _source(contact: Contact, channel: str, what: str) -> tuple[str, ...]:
    source = getattr(contact, f"{channel}_{what}_source")
    text = getattr(contact, f"{channel}_consent_text") if what == "consent" else ""
    return tuple(filter(None, (source, f"“{text}”" if text else "")))


add_source("tickets", tickets)
add_source("scans", scans)
add_source("history", history)
add_source("wishes", wishes)
