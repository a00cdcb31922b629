"""What gateways post to us, as it came: stored first, read afterwards, kept for a while for whoever has to look."""

from django.db import models
from django.db.models import Q
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from whatsapp.models.sender import Sender


class WebhookPost(models.Model):
    """One POST. The same bytes again are the same post: providers repeat themselves."""

    sender = models.ForeignKey(Sender, models.CASCADE, verbose_name=_("WhatsApp number"), related_name="webhook_posts")
    received_at = models.DateTimeField(_("received"))
    body = models.TextField(_("body"))
    digest = models.CharField(max_length=64)  # SHA-256 of the raw body
    applied_at = models.DateTimeField(_("read"), null=True, blank=True)
    news = models.PositiveIntegerField(_("news in it"), default=0)
    problem = models.CharField(_("problem"), max_length=200, blank=True)

    class Meta:
        ordering = ("-pk",)
        verbose_name = _("report of a gateway")
        verbose_name_plural = _("reports of gateways")
        constraints = [models.UniqueConstraint(fields=["sender", "digest"], name="webhook_post_comes_once")]
        indexes = [
            models.Index(fields=["id"], condition=Q(applied_at=None), name="webhook_post_unread"),
            models.Index(fields=["sender"], condition=Q(applied_at=None), name="webhook_post_unread_of_one"),
            models.Index(fields=["sender", "-id"], condition=~Q(problem=""), name="webhook_post_problem"),
            models.Index(fields=["received_at"], name="webhook_post_by_age"),
        ]

    def __str__(self) -> str:
        return f"{self.sender}: {localtime(self.received_at):%Y-%m-%d %H:%M:%S}"


class EarlyReceipt(models.Model):
    """A receipt whose message is not on record, or not yet: it may have overtaken our own save."""

    sender = models.ForeignKey(Sender, models.CASCADE, related_name="early_receipts")
    message_id = models.CharField(max_length=200)
    status = models.CharField(max_length=10)
    reported_at = models.DateTimeField()
    error_kind = models.CharField(max_length=30, blank=True)
    detail = models.CharField(max_length=500, blank=True)
    reference = models.CharField(max_length=40, blank=True)  # of a call of ours that is not over yet
    chat_id = models.CharField(max_length=200, blank=True)  # whom it is about, where that is no number
    received_at = models.DateTimeField(db_index=True)

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["sender", "message_id", "status"], name="early_receipt_comes_once")
        ]

    def __str__(self) -> str:
        return f"{self.message_id} {self.status}"


class ReadingTurn(models.Model):
    """One row: since when somebody has been asked to read the posts and has not begun. One who waits is enough."""

    asked_at = models.DateTimeField(null=True)

    class Meta:
        default_permissions = ()
        verbose_name = _("turn to read the reports of gateways")
        verbose_name_plural = _("turns to read the reports of gateways")
        constraints = [models.CheckConstraint(condition=Q(pk=1), name="reading_turn_is_one_row")]

    def __str__(self) -> str:
        return str(self.asked_at or "")
