"""What people did, and what the system did on its own: one row for each action, never changed afterwards."""

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class HistoryEntry(models.Model):
    """Of its own and not Django's LogEntry: that one needs a user, loses its rows with the user, and has no index.

    What an entry says is kept as names and values; the sentence is made for whoever reads it, in their language.
    """

    at = models.DateTimeField(_("time"), default=timezone.now)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, verbose_name=_("person"), null=True, blank=True, related_name="+"
    )
    # The name at that time, which stays when the user goes; a command as "manage.py …"; `THE_PERSON` of the
    # history; empty: the system by itself.
    actor = models.CharField(_("who"), max_length=150, blank=True)
    action = models.CharField(_("action"), max_length=30)
    content_type = models.ForeignKey(
        ContentType, models.SET_NULL, verbose_name=_("kind"), null=True, blank=True, related_name="+"
    )
    object_id = models.CharField(max_length=64, blank=True)
    object_name = models.CharField(_("about what"), max_length=200, blank=True)
    before = models.JSONField(default=dict, blank=True)
    after = models.JSONField(default=dict, blank=True)
    # Free text: what somebody wrote, or a line that Django's own pages made.
    sentence = models.TextField(_("text"), blank=True)

    class Meta:
        ordering = ("-at", "-pk")
        default_permissions = ("view",)
        verbose_name = _("history entry")
        verbose_name_plural = _("history entries")
        indexes = [
            models.Index(fields=["-at", "-id"], name="history_by_time"),
            models.Index(fields=["content_type", "object_id", "-at", "-id"], name="history_of_object"),
            models.Index(fields=["user", "-at", "-id"], name="history_of_person"),
            models.Index(fields=["action", "-at", "-id"], name="history_by_action"),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.object_name}".strip()
