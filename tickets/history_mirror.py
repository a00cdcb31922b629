"""What Django's own pages write down comes into the history too: whoever adds or edits a row by a plain form."""

from typing import Any

from django.contrib.admin.models import ADDITION, CHANGE, DELETION, LogEntry
from django.db.models.signals import post_save
from django.dispatch import receiver

from tickets.enums import Action
from tickets.history import without_secrets
from tickets.models import HistoryEntry

ACTIONS = {ADDITION: Action.ADDED, CHANGE: Action.CHANGED, DELETION: Action.DELETED}


@receiver(post_save, sender=LogEntry)
def on_logged(instance: LogEntry, created: bool, raw: bool, **kwargs: Any) -> None:
    """Django says nothing when it logs several rows at once: whoever does that calls `record` for each."""
    if raw or not created:
        return
    HistoryEntry.objects.create(
        at=instance.action_time,
        user_id=instance.user_id,
        actor=instance.user.get_username()[:150],
        action=ACTIONS[instance.action_flag],
        content_type_id=instance.content_type_id,
        object_id=str(instance.object_id or "")[:64],
        object_name=without_secrets(instance.object_repr)[:200],
        sentence=without_secrets(instance.change_message if instance.change_message != "[]" else ""),
    )
