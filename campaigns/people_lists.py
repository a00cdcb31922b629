"""People out of a list of numbers and e-mail addresses: a text file, or what somebody pastes. Nobody is added here."""

import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import BinaryIO, TypeVar

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from campaigns.enums import CampaignKind
from campaigns.models import Campaign
from tickets.countries import default_country
from tickets.enums import TicketStatus
from tickets.importing.cells import clean_address, clean_text
from tickets.importing.decoding import detect_encoding, opened_text
from tickets.importing.faults import FileRefused
from tickets.models import Contact, Ticket
from tickets.phones import BadPhone, normalize_phone

MOST_BYTES = 3 * 1024 * 1024
MOST_LINES = 20_000
MOST_CELLS = 3 * MOST_LINES  # numbers and addresses: to read that many takes some seconds
AT_ONCE = 500  # databases limit what one question may hold
LONGEST_QUOTE = 60
FEWEST_DIGITS = 6
_BETWEEN_CELLS = re.compile(r"[,;|\t]")
_IN_BRACKETS = re.compile(r"<([^<>]*@[^<>]*)>")  # Ana Prueba <ana@example.com>
_NUMBER_OR_ADDRESS = re.compile(rf"@|(?:\d\D*){{{FEWEST_DIGITS}}}")
Item = TypeVar("Item", int, str)


@dataclass
class Found:
    """What a list names. `ids` are contacts, or the tickets of a ticket campaign."""

    ids: list[int] = field(default_factory=list)
    lines: int = 0  # those that hold a number or an address
    missing: list[str] = field(default_factory=list)  # as they were written: nobody we know
    without_ticket: list[str] = field(default_factory=list)  # names: known, but no valid ticket of the event

    def and_also(self, other: "Found") -> "Found":
        return Found(
            sorted({*self.ids, *other.ids}),
            self.lines + other.lines,
            list(dict.fromkeys([*self.missing, *other.missing])),
            list(dict.fromkeys([*self.without_ticket, *other.without_ticket])),
        )


@dataclass(frozen=True)
class _Line:
    text: str
    addresses: tuple[str, ...]  # canonical; empty where what looks like a number is none


def read_file(file: BinaryIO) -> list[str]:
    """The lines of an uploaded text. Raises ValidationError with a sentence."""
    file.seek(0, io.SEEK_END)
    if file.tell() > MOST_BYTES:
        sentence = _("This file is too big. Use one of at most %(megabytes)d MB.")
        raise ValidationError(sentence % {"megabytes": MOST_BYTES // 1024**2}, code="too_big")
    try:
        with opened_text(file, detect_encoding(file)) as text:
            return text.read().splitlines()
    except FileRefused as refused:
        raise ValidationError(str(refused), code="unreadable") from refused


def find_people(lines: Iterable[str], campaign: Campaign) -> Found:
    """Everybody whose number or address is in the list. Raises ValidationError when it holds neither, or too many."""
    read = _read(lines)
    owners = _owners({address for line in read for address in line.addresses})
    found, people = Found(lines=len(read)), set()
    for line in read:
        known = {pk for address in line.addresses for pk in owners.get(address, ())}
        people |= known
        if not known:
            found.missing.append(line.text)
    found.missing = list(dict.fromkeys(found.missing))
    found.ids = sorted(people)
    return _their_tickets(found, campaign) if campaign.kind == CampaignKind.TICKETS else found


def _read(lines: Iterable[str]) -> list[_Line]:
    """A number that is none is reported as not found. Nothing is made of a list that is too long: that takes long."""
    found = list(islice(_cells(lines), MOST_LINES + 1))
    if not found:
        raise ValidationError(
            _("There is no WhatsApp number and no e-mail address in this list. Put one on each line."), code="nothing"
        )
    if len(found) > MOST_LINES:
        sentence = _("This list has more than %(most)d lines. Split it, or give those people a tag.")
        raise ValidationError(sentence % {"most": MOST_LINES}, code="too_many")
    if sum(map(len, found)) > MOST_CELLS:
        sentence = _("This list has more than %(most)d numbers and addresses. Split it, or give those people a tag.")
        raise ValidationError(sentence % {"most": MOST_CELLS}, code="too_many")
    country = default_country()
    return [_line(cells, country) for cells in found]


def _cells(lines: Iterable[str]) -> Iterator[list[str]]:
    """What looks like a number or an address, by line. Names, headers and blank lines are passed over."""
    for line in lines:
        if _NUMBER_OR_ADDRESS.search(line):
            cells = (clean_text(cell.strip().strip('"')) for cell in _BETWEEN_CELLS.split(line))
            if shown := [cell for cell in cells if _NUMBER_OR_ADDRESS.search(cell)]:
                yield shown


def _line(cells: list[str], country: str) -> _Line:
    addresses = (_canonical(cell, country) for cell in cells)
    return _Line(", ".join(cells[:LONGEST_QUOTE])[:LONGEST_QUOTE], tuple(filter(None, addresses)))


def _canonical(cell: str, country: str) -> str:
    if "@" in cell:
        bracketed = _IN_BRACKETS.search(cell)
        return clean_address(bracketed[1] if bracketed else cell)
    try:
        return normalize_phone(cell, country).e164
    except BadPhone:
        return ""


def _owners(addresses: set[str]) -> dict[str, list[int]]:
    """By address, the contacts that have it: a family may share an e-mail address."""
    owners: dict[str, list[int]] = {}
    for name in ("phone", "email"):
        wanted = sorted(address for address in addresses if ("@" in address) is (name == "email"))
        for part in _parts(wanted):
            for pk, address in Contact.objects.filter(**{f"{name}__in": part}).values_list("pk", name):
                owners.setdefault(address, []).append(pk)
    return owners


def _their_tickets(found: Found, campaign: Campaign) -> Found:
    held: list[tuple[int, int]] = []
    for part in _parts(found.ids):
        valid = Ticket.objects.filter(event=campaign.event, status=TicketStatus.VALID, holder__in=part)
        held += valid.order_by().values_list("pk", "holder")
    holders = {holder for _pk, holder in held}
    without = [pk for pk in found.ids if pk not in holders]
    for part in _parts(without):
        found.without_ticket += Contact.objects.filter(pk__in=part).values_list("name", flat=True)
    found.ids = sorted(pk for pk, _holder in held)
    return found


def _parts(items: list[Item]) -> Iterator[list[Item]]:
    return (items[start : start + AT_ONCE] for start in range(0, len(items), AT_ONCE))
