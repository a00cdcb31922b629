"""What the server answers to the phone at a door, as JSON holds it. docs/door.md lists the fields."""

from collections.abc import Mapping
from typing import Any

from django.db.models import F, Q, Sum
from django.utils.translation import gettext as _

from tickets.checkin import Verdict, counting_now, first_entry
from tickets.dates import in_zone
from tickets.door_words import verdict_words
from tickets.enums import CheckInResult, RefusalReason, TicketStatus
from tickets.models import CheckIn, Event, Ticket

# Of such a ticket nothing is said: it is nobody's, or somebody's who has nothing to do with this door.
NOT_SHOWN = {RefusalReason.UNKNOWN, RefusalReason.OTHER_EVENT}


def counts_of(event: Event) -> dict[str, int]:
    """People who are inside and people whom a valid ticket lets in, companions included. In one query."""
    found = Ticket.objects.filter(event=event).aggregate(
        # Who is inside moves along to the ticket that takes the place of another.
        inside=Sum("people_inside", filter=~Q(status=TicketStatus.REPLACED)),
        expected=Sum(F("companions") + 1, filter=Q(status=TicketStatus.VALID)),
    )
    return {name: number or 0 for name, number in found.items()}


def scan_answer(verdict: Verdict, event: Event) -> dict[str, Any]:
    checkin, ticket = verdict.checkin, verdict.ticket
    shown = ticket if ticket is not None and checkin.reason not in NOT_SHOWN else None
    first = first_entry(shown) if shown and checkin.reason == RefusalReason.ALREADY_INSIDE else None
    since = f"{in_zone(first.at, event.timezone):%H:%M}" if first else ""
    return {
        "nonce": checkin.nonce,
        "result": checkin.result,
        "reason": checkin.reason,
        "title": verdict_words()[f"title_{checkin.reason or 'good'}"],
        "sentence": _sentence(checkin, shown, event, first),
        "admitted": checkin.admitted,
        "inside": shown.people_inside if shown else 0,
        "people": shown.people if shown else 0,
        "name": shown.holder.name if shown else "",
        "code": shown.code if shown else "",
        "type": shown.type if shown else "",
        "since": since,
        "gate": first.gate if first else "",
        "checkin": checkin.pk,
    }


def undo_answer(checkin: CheckIn, is_done: bool) -> dict[str, Any]:
    """The people as they are now, of the ticket that counts them: it may have been issued anew since they came in."""
    ticket = counting_now(Ticket.objects.get(pk=checkin.ticket_id)) if checkin.ticket_id else None
    return {
        "sentence": _("The entry was taken back.") if is_done else _("This entry had been taken back already."),
        "inside": ticket.people_inside if ticket else 0,
        "people": ticket.people if ticket else 0,
    }


def _sentence(checkin: CheckIn, ticket: Ticket | None, event: Event, first: CheckIn | None) -> str:
    words, reason = verdict_words(), checkin.reason
    left = ticket.people - ticket.people_inside if ticket else 0
    if checkin.result == CheckInResult.GOOD:
        comes = _counted(words, "sentence_good", checkin.admitted)
        return f"{comes} {_counted(words, 'sentence_left', left)}" if left > 0 else comes
    if reason == RefusalReason.TOO_MANY and left > 0:
        return _counted(words, "sentence_too_many", left)
    if reason == RefusalReason.ALREADY_INSIDE and first:
        kind = "gate" if first.gate else "since"
        since = f"{in_zone(first.at, event.timezone):%H:%M}"
        return words[f"sentence_already_inside_{kind}"].format(since=since, gate=first.gate)
    opens = f"{in_zone(event.doors_open, event.timezone):%H:%M}"
    kept = RefusalReason.ALREADY_INSIDE if reason == RefusalReason.TOO_MANY else reason
    return words[f"sentence_{kept}"].format(opens=opens)


def _counted(words: Mapping[str, str], key: str, number: int) -> str:
    return words[f"{key}_one" if number == 1 else f"{key}_many"].format(n=number)
