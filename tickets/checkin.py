"""Admitting, refusing, taking back, and what phones report afterwards: the only code that counts who is inside.

Validity and event come first, repetition after: a void ticket that was scanned before is void and no harmless repeat.
Whoever is let in is counted by one conditional update, in one transaction with the record of the scan, so that any
number of gates may scan at once. Every scan is on record, refused ones too; each nonce counts once.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.translation import gettext as _

from tickets.doorkeeper import Doorkeeper
from tickets.enums import Action, CheckInResult, RefusalReason, TicketStatus
from tickets.history import record
from tickets.models import CheckIn, Event, Ticket
from tickets.models.ticket import MOST_COMPANIONS
from tickets.scanned import kept_text, what_is_meant

MOST_PEOPLE = MOST_COMPANIONS + 1

_BY_STATUS = {
    TicketStatus.VOIDED: RefusalReason.VOIDED,
    TicketStatus.REPLACED: RefusalReason.REPLACED,
    TicketStatus.BLOCKED: RefusalReason.BLOCKED,
}


LONGEST_REASON = 200


class NonceTaken(ValueError):
    """The nonce belongs to a scan at the door of another event."""


@dataclass(frozen=True)
class Report:
    """What a phone without network did: when it told us, and how many people it let in by itself (0: it refused)."""

    received_at: datetime
    let_in: int


@dataclass(frozen=True)
class Scan:
    """`nonce` is drawn by the phone for each scan; `at` is the moment by which it is judged."""

    nonce: str
    scanned: str
    at: datetime
    people: int = 1
    gate: str = ""
    report: Report | None = None


@dataclass(frozen=True)
class Verdict:
    """What was decided; `ticket` is as it is now and None where none was found."""

    checkin: CheckIn
    ticket: Ticket | None

    @property
    def is_conflict(self) -> bool:
        """A phone without network let people in whom the server would not have."""
        return self.checkin.result == CheckInResult.REFUSED and bool(self.checkin.let_in_offline)


def find_ticket(scanned: str) -> Ticket | None:
    """The ticket of any event that a scanned or typed text means, with its holder."""
    meant = what_is_meant(scanned)
    tickets = Ticket.objects.select_related("holder")
    if meant.token:
        return tickets.filter(token=meant.token).first()
    return tickets.filter(code=meant.code).first() if meant.code else None


def why_not(ticket: Ticket | None, event: Event, *, people: int, at: datetime) -> RefusalReason:
    """Why this ticket does not let so many people in at that moment; NONE when it does. BR-116 is about the order."""
    if ticket is None:
        return RefusalReason.UNKNOWN
    if ticket.event_id != event.pk:
        return RefusalReason.OTHER_EVENT
    if ticket.status != TicketStatus.VALID:
        return _BY_STATUS[TicketStatus(ticket.status)]
    if at < event.doors_open:
        return RefusalReason.TOO_EARLY
    left = ticket.people - ticket.people_inside
    if left <= 0:
        return RefusalReason.ALREADY_INSIDE
    return RefusalReason.TOO_MANY if people > left else RefusalReason.NONE


def check_in(event: Event, ticket: Ticket | None, scan: Scan, keeper: Doorkeeper) -> Verdict:
    """Judge one scan and write it down. The same nonce again gets the verdict that it got, and changes nothing.

    But for one case: the phone never heard of the verdict and says what it did by itself. Raises NonceTaken.
    """
    earlier = _verdict_on(event, scan.nonce)
    if earlier is not None:
        return _with_report(earlier, scan.report, keeper)
    try:
        with transaction.atomic():
            return _judge(event, ticket, scan, keeper)
    except IntegrityError:
        earlier = _verdict_on(event, scan.nonce)  # the same scan, sent twice at the same moment
        if earlier is None:
            raise
        if ticket is not None:
            ticket.refresh_from_db(fields=["people_inside"])  # it was counted, and that was rolled back
        return _with_report(earlier, scan.report, keeper)


def _verdict_on(event: Event, nonce: str) -> Verdict | None:
    checkin = CheckIn.objects.filter(nonce=nonce).select_related("ticket__holder").first()
    if checkin is None:
        return None
    if checkin.event_id != event.pk:
        raise NonceTaken(nonce)
    return Verdict(checkin, checkin.ticket)


def _with_report(verdict: Verdict, report: Report | None, keeper: Doorkeeper) -> Verdict:
    """What a phone did whose answer got lost is on record, once; whoever it sent away is not inside."""
    checkin, ticket = verdict.checkin, verdict.ticket
    if report is None or checkin.received_at is not None:
        return verdict
    with transaction.atomic():
        # Tickets before the entry, as in take_back.
        if not report.let_in:
            reason = _("The answer did not reach the phone in time, and it let nobody in.")
            take_back(checkin, reason=reason, keeper=keeper, now=report.received_at)
        told = {"received_at": report.received_at, "let_in_offline": report.let_in}
        CheckIn.objects.filter(pk=checkin.pk, received_at=None).update(**told)
    checkin.refresh_from_db(fields=list(told))
    if ticket is not None:
        ticket.refresh_from_db(fields=["people_inside"])
    return verdict


def _judge(event: Event, ticket: Ticket | None, scan: Scan, keeper: Doorkeeper) -> Verdict:
    refused_there = scan.report is not None and not scan.report.let_in
    people = scan.report.let_in if scan.report and scan.report.let_in else scan.people
    reason = why_not(ticket, event, people=people, at=scan.at)
    if refused_there and not reason:
        reason = RefusalReason.UNKNOWN  # of that phone, whose list was older than the ticket
    while ticket is not None and not reason:
        if _admit(ticket, people):
            ticket.refresh_from_db(fields=["people_inside"])
            break
        # Another gate was faster, or the ticket is no longer valid: what is it now?
        ticket.refresh_from_db(fields=["status", "companions", "people_inside"])
        reason = why_not(ticket, event, people=people, at=scan.at)
    return Verdict(_write(event, ticket, scan, keeper, people, reason), ticket)


def _admit(ticket: Ticket, people: int) -> bool:
    """Whether there was still room for all of them."""
    fits = Ticket.objects.filter(
        pk=ticket.pk, status=TicketStatus.VALID, people_inside__lte=F("companions") + 1 - people
    )
    return bool(fits.update(people_inside=F("people_inside") + people))


def _write(
    event: Event, ticket: Ticket | None, scan: Scan, keeper: Doorkeeper, people: int, reason: RefusalReason
) -> CheckIn:
    is_known = ticket is not None and reason != RefusalReason.OTHER_EVENT
    return CheckIn.objects.create(
        event=event,
        ticket=ticket,
        # The code and not the address: whoever reads the record need not get the key to the ticket's page.
        scanned=ticket.code if ticket is not None and is_known else _without_key(scan.scanned, ticket),
        at=scan.at,
        user=keeper.user,
        access=keeper.access,
        gate=scan.gate,
        nonce=scan.nonce,
        received_at=scan.report.received_at if scan.report else None,
        let_in_offline=scan.report.let_in if scan.report else None,
        result=CheckInResult.REFUSED if reason else CheckInResult.GOOD,
        admitted=0 if reason else people,
        reason=reason,
    )


def _without_key(scanned: str, ticket: Ticket | None) -> str:
    """What was scanned, of another event's ticket too: nothing but the address of its page is left out."""
    return kept_text(scanned if ticket is None else scanned.replace(ticket.token, f"{ticket.token[:4]}…"))


def take_back(checkin: CheckIn, *, reason: str, keeper: Doorkeeper, now: datetime) -> bool:
    """Undo one entry: exactly its people are outside again. False: it was undone already, or let nobody in.

    However many do it at once, one of them wins. `reason` is what somebody wrote, 1 to 200 characters.
    """
    if not 0 < len(reason) <= LONGEST_REASON:
        raise ValueError(f"taking an entry back needs a reason of at most {LONGEST_REASON} characters")
    if checkin.ticket_id is None:
        return False
    open_entry = CheckIn.objects.filter(pk=checkin.pk, result=CheckInResult.GOOD, undone_at=None)
    with transaction.atomic():
        # Tickets before the entry, as when somebody comes in: the other way round two would wait for each other.
        line = _locked_line(checkin.ticket_id)
        if not open_entry.update(undone_at=now, undone_by=keeper.user, undo_reason=reason):
            return False
        checkin.refresh_from_db()
        facts = {"people": checkin.admitted, "gate": checkin.gate}
        ticket = _let_out(line, checkin.admitted)
        record(keeper.actor, ticket, Action.TAKEN_BACK, after=facts, sentence=reason, now=now)
    return True


def _let_out(line: list[Ticket], people: int) -> Ticket:
    """Off the ticket that counts them now: who is inside moves along when a ticket is issued anew."""
    for ticket in reversed(line):
        inside = Ticket.objects.filter(pk=ticket.pk, people_inside__gte=people)
        if inside.update(people_inside=F("people_inside") - people):
            return ticket
    return line[-1]


def counting_now(ticket: Ticket) -> Ticket:
    """The one that counts its people: itself, or the newest of those that took its place."""
    while (successor := Ticket.objects.filter(replaces=ticket).first()) is not None:
        ticket = successor
    return ticket


def _locked_line(ticket_id: int) -> list[Ticket]:
    """The ticket and those that took its place, the newest last: locked one after the other, as they were made, so
    that nobody issues the next one meanwhile."""
    tickets = Ticket.objects.select_for_update(no_key=True)
    line = [tickets.get(pk=ticket_id)]
    while (successor := tickets.filter(replaces=line[-1]).first()) is not None:
        line.append(successor)
    return line


def first_entry(ticket: Ticket) -> CheckIn | None:
    """The first good scan that counts still, of this ticket or of one whose place it took."""
    line, before = [ticket.pk], ticket.replaces_id
    while before is not None:
        line.append(before)
        before = Ticket.objects.values_list("replaces", flat=True).get(pk=before)
    entries = CheckIn.objects.filter(ticket__in=line, result=CheckInResult.GOOD, undone_at=None)
    return entries.order_by("at", "pk").first()
