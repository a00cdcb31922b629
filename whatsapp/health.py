"""What is known about a WhatsApp number, as it becomes known. The only writer of `Sender.state*` and `people_limit`."""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Case, F, Q, Value, When
from django.db.models.signals import pre_save
from django.dispatch import receiver
from django.utils import timezone

from whatsapp.enums import SenderState
from whatsapp.gateways.base import State, Status
from whatsapp.models import Sender
from whatsapp.signals import moved, state_recorded

DETAIL_LENGTH = Sender._meta.get_field("state_detail").max_length

# Another value of any of these is mostly another telephone, and always a program that has to be set up to report anew.
PLACE = frozenset({"gateway", "base_url", "session_name"})
NOTHING_KNOWN: dict[str, Any] = {
    "state": SenderState.UNKNOWN,
    "state_detail": "",
    "state_since": None,
    "state_ends_at": None,
    "state_said_at": None,
    "checked_at": None,
    "last_receipt_at": None,
    "last_post_at": None,
    "people_limit": None,
}


def record_state(sender_id: int, status: Status, *, now: datetime) -> None:
    """One update: `state_since` moves only when the state does, whoever else writes at the same moment."""
    is_unchanged = Q(state=status.state.value, state_since__isnull=False)
    # Not every answer says it, and what was said before still holds.
    limit = {} if status.new_people_a_day is None else {"people_limit": status.new_people_a_day}
    Sender.objects.filter(pk=sender_id).update(
        state=status.state.value,
        state_detail=status.detail[:DETAIL_LENGTH],
        state_since=Case(When(is_unchanged, then=F("state_since")), default=Value(now)),
        state_ends_at=_end_of(status, now),
        checked_at=now,
        **limit,
    )
    state_recorded.send(sender=Sender, sender_id=sender_id, status=status, now=now)


def _end_of(status: Status, now: datetime) -> Any:
    """A restriction whose end was stated once keeps it when the gateway says next time only that there is one."""
    if status.state != State.RESTRICTED:
        return None
    if status.ends_in is None:
        return Case(When(state=State.RESTRICTED.value, then=F("state_ends_at")), default=None)
    return now + timedelta(seconds=status.ends_in)


def record_send(sender_id: int, *, now: datetime) -> None:
    """The gateway took a message from this number."""
    Sender.objects.filter(pk=sender_id).update(last_send_at=now)


@receiver(pre_save, sender=Sender)
def forget_old_place(instance: Sender, raw: bool, update_fields: frozenset[str] | None = None, **kwargs: Any) -> None:
    """What the gateway of before said and did says nothing about the next one. At each save, so that no way leads past.

    One update that looks at the row itself: receipts may come in at the same moment.
    """
    saved = PLACE if update_fields is None else PLACE & update_fields
    if raw or not saved or instance.pk is None:
        return
    now, elsewhere = timezone.now(), {name: getattr(instance, name) for name in saved}
    gave_receipts = Q(last_receipt_at__isnull=False)
    periods = {
        "receipts_from": Case(When(gave_receipts, then=F("receipts_until")), default=F("receipts_from")),
        "receipts_until": Case(When(gave_receipts, then=Value(now)), default=F("receipts_until")),
    }
    if Sender.objects.filter(pk=instance.pk).exclude(**elsewhere).update(**NOTHING_KNOWN, **periods):
        instance.refresh_from_db(fields=[*NOTHING_KNOWN, *periods])  # it may be saved with all its fields
        moved.send(sender=Sender, sender_id=instance.pk, now=now)
