"""What gateways said about numbers before the first message to them: kept for a while, so that nobody is asked twice.

"Yes" holds for 30 days and "no" for one: people install WhatsApp, and gateways are sometimes wrong about it. A "no"
that may be wrong counts for numbers of the same gateway only: the others ask their own. That nobody knew is not kept.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet

from whatsapp.gateways.base import Gateway
from whatsapp.gateways.base import NumberCheck as Check
from whatsapp.models import NumberCheck

HOLDS = {True: timedelta(days=30), False: timedelta(days=1)}
AT_ONCE = 5000


def known(phone: str, gateway: Gateway, *, now: datetime) -> Check | None:
    """What still holds of +E.164 `phone` for a number of this gateway; None: ask."""
    row = NumberCheck.objects.filter(phone=phone, only_for__in=["", gateway.name]).first()
    if row is None or now - row.checked_at >= HOLDS[row.exists]:
        return None
    return Check(row.exists, recipient_id=row.recipient_id)


def remember(phone: str, check: Check, gateway: Gateway, *, now: datetime) -> None:
    """What this gateway said; nothing where it did not know."""
    if check.exists is None:
        return
    row = NumberCheck(
        phone=phone,
        exists=check.exists,
        recipient_id=check.recipient_id[: NumberCheck._meta.get_field("recipient_id").max_length],
        checked_at=now,
        only_for=gateway.name if check.exists is False and gateway.capabilities.no_may_be_wrong else "",
    )
    fields = ["exists", "recipient_id", "checked_at", "only_for"]
    NumberCheck.objects.bulk_create([row], update_conflicts=True, unique_fields=["phone"], update_fields=fields)


def forget(phones: list[str]) -> None:
    """Somebody found out better, or the people are to be forgotten."""
    NumberCheck.objects.filter(phone__in=phones).delete()


def forget_noes(phones: Iterable[str] | QuerySet[Any, Any]) -> None:
    """These numbers are to be asked about anew. In one statement; `phones` may be a question of its own."""
    NumberCheck.objects.filter(exists=False, phone__in=phones).delete()


def distrust(gateway: str) -> None:
    """So many were said to have no WhatsApp that none of it is believed any more: each is to be asked about anew."""
    NumberCheck.objects.filter(exists=False, only_for=gateway).delete()


def forget_old(now: datetime) -> int:
    """What holds no longer; some at a time, so that nobody waits long for the database."""
    old = NumberCheck.objects.filter(checked_at__lt=now - HOLDS[True]).order_by().values("pk")[:AT_ONCE]
    return NumberCheck.objects.filter(pk__in=list(old.values_list("pk", flat=True))).delete()[0]
