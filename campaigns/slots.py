"""Dispatcher slots: rows with a lease and a heartbeat. A task that does not get its slot returns at once."""

import secrets
import socket
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Max, Q

from campaigns.models import Dispatcher


@dataclass(frozen=True)
class HeldSlot:
    """A slot that is ours until its lease runs out or we free it."""

    slot: int
    owner: str

    def beat(self, now: datetime) -> None:
        Dispatcher.objects.filter(slot=self.slot, lease_owner=self.owner).update(
            lease_expires_at=_expiry(now), heartbeat_at=now
        )

    def free(self) -> None:
        Dispatcher.objects.filter(slot=self.slot, lease_owner=self.owner).update(lease_owner="", lease_expires_at=None)


def ensure_slots() -> None:
    wanted = {Dispatcher.TICK, *range(1, settings.DISPATCHERS + 1)}
    for slot in sorted(wanted - set(Dispatcher.objects.values_list("slot", flat=True))):
        try:
            with transaction.atomic():
                Dispatcher.objects.create(slot=slot)
        except IntegrityError:
            pass  # another process was faster
    if len(wanted) < Dispatcher.objects.count():
        Dispatcher.objects.exclude(slot__in=wanted).filter(lease_owner="").delete()


def take_slot(slot: int, *, now: datetime) -> HeldSlot | None:
    owner = secrets.token_hex(12)
    won = Dispatcher.objects.filter(Q(lease_expires_at=None) | Q(lease_expires_at__lte=now), slot=slot).update(
        lease_owner=owner,
        lease_expires_at=_expiry(now),
        heartbeat_at=now,
        kicked_at=None,
        host=socket.gethostname()[:80],
    )
    return HeldSlot(slot, owner) if won else None


def _expiry(now: datetime) -> datetime:
    return now + timedelta(seconds=settings.LEASE_SECONDS)


def nobody_works(now: datetime) -> bool:
    return is_silence(last_heartbeat(), now)


def last_heartbeat() -> datetime | None:
    newest: datetime | None = Dispatcher.objects.aggregate(newest=Max("heartbeat_at"))["newest"]
    return newest


def is_silence(heartbeat_at: datetime | None, now: datetime) -> bool:
    """No heartbeat for two ticks and a bit: a worker that runs ticks every minute even when there is no work."""
    return heartbeat_at is None or now - heartbeat_at > timedelta(seconds=2 * settings.TICK_SECONDS + 30)
