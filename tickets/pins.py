"""The PIN of a ticket's page: who may see it, and how often somebody may be wrong.

A PIN has four to eight digits, so that it is the counting that protects it, not the hash alone. A try is counted before
it is looked at: of a thousand tries at the same moment only the first few are looked at.
"""

import ipaddress
import unicodedata
from datetime import datetime, timedelta

from django.contrib.auth.hashers import check_password
from django.core import signing
from django.db import transaction
from django.db.models import F, Q
from django.utils.crypto import constant_time_compare, salted_hmac

from tickets.models import PinLock, Ticket

OPEN_FOR = timedelta(hours=12)
# A whole hall may share one address, and most people in it mistype their own PIN, not that of others.
FREE_OF_TICKET, FREE_OF_ADDRESS = 5, 20
FIRST_LOCK, LONGEST_LOCK = timedelta(seconds=30), timedelta(hours=1)
FORGET_AFTER = timedelta(days=1)
LONGEST_PIN = 8

_SALT = "tickets.pins"


class Locked(Exception):
    """Too many were wrong; nothing is looked at before `until`."""

    def __init__(self, until: datetime):
        super().__init__(until)
        self.until = until


def pin_of(ticket: Ticket) -> str:
    """The hash that counts: the ticket's own before that of its event; "" where nothing is asked."""
    return ticket.pin or ticket.event.pin


# --- a device that was let in


def pass_for(ticket: Ticket) -> str:
    """What the device keeps. It tells neither the ticket nor the PIN, and is worth nothing once the PIN is another."""
    return signing.TimestampSigner(salt=_SALT).sign(_print_of(ticket))


def is_pass(kept: str, ticket: Ticket) -> bool:
    try:
        said = signing.TimestampSigner(salt=_SALT).unsign(kept, max_age=OPEN_FOR)
    except signing.BadSignature:
        return False
    return constant_time_compare(said, _print_of(ticket))


def _print_of(ticket: Ticket) -> str:
    return salted_hmac(_SALT, f"{ticket.token} {pin_of(ticket)}", algorithm="sha256").hexdigest()


# --- tries


def is_right(ticket: Ticket, typed: str, *, address: str, now: datetime) -> bool:
    """Whether this is the PIN of the ticket. Raises Locked, and then has not looked."""
    keys = {_key("ticket", ticket.token): FREE_OF_TICKET, _key("address", _network(address)): FREE_OF_ADDRESS}
    with transaction.atomic():
        for key, free in keys.items():
            _count(key, free, now)
    if not check_password(_digits(typed), pin_of(ticket)):
        return False
    of_ticket, of_address = keys
    PinLock.objects.filter(key=of_ticket).delete()
    # This one was not wrong after all.
    PinLock.objects.filter(key=of_address, failures__gt=0).update(failures=F("failures") - 1, locked_until=None)
    return True


def locked_until(ticket: Ticket, *, address: str, now: datetime) -> datetime | None:
    """When the next try is looked at, where it is not now."""
    keys = [_key("ticket", ticket.token), _key("address", _network(address))]
    ends = PinLock.objects.filter(key__in=keys, locked_until__gt=now).values_list("locked_until", flat=True)
    return max((end for end in ends if end), default=None)


def forget_old(now: datetime) -> int:
    """Delete the counts of whoever has not tried for a day. Returns how many."""
    deleted, _models = PinLock.objects.filter(seen_at__lt=now - FORGET_AFTER).delete()
    return deleted


def _count(key: str, free: int, now: datetime) -> None:
    """One try more, in the caller's transaction, which keeps everybody else with this key waiting. Raises Locked."""
    PinLock.objects.get_or_create(key=key, defaults={"seen_at": now})
    PinLock.objects.filter(key=key, seen_at__lt=now - FORGET_AFTER).update(failures=0, locked_until=None)
    open_now = PinLock.objects.filter(Q(locked_until=None) | Q(locked_until__lte=now), key=key)
    counted = open_now.update(failures=F("failures") + 1, seen_at=now)
    lock = PinLock.objects.get(key=key)
    if not counted:
        raise Locked(lock.locked_until or now + FIRST_LOCK)
    if lock.failures >= free:
        PinLock.objects.filter(key=key).update(locked_until=now + _pause(lock.failures - free))


def _pause(times: int) -> timedelta:
    return min(FIRST_LOCK * 2 ** min(times, 20), LONGEST_LOCK)


def _digits(typed: str) -> str:
    """Of any script, and without the spaces that people put between them. What is too long stays wrong."""
    return "".join(str(unicodedata.decimal(sign, sign)) for sign in typed[: 4 * LONGEST_PIN] if not sign.isspace())


def _network(address: str) -> str:
    """Whoever has an IPv6 address has 2⁶⁴ of them."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    if parsed.version == 6 and parsed.ipv4_mapped is None:
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return str(parsed)


def _key(kind: str, of_what: str) -> str:
    """Keyed, so that nobody can find out from the table which tickets or addresses were tried."""
    return salted_hmac(f"{_SALT}.{kind}", of_what, algorithm="sha256").hexdigest()
