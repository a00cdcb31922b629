"""What is known about a WhatsApp number, as it becomes known. The only writer of `Sender.state*` and `people_limit`."""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Case, F, Q, Value, When

from whatsapp.gateways.base import State, Status
from whatsapp.models import Sender
from whatsapp.signals import state_recorded

DETAIL_LENGTH = Sender._meta.get_field("state_detail").max_length


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
