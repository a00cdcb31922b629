"""Every time that a gateway was asked to start again, and by whom."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from whatsapp.models.sender import Sender


class Restart(models.Model):
    """Written before the gateway is asked: one that falls over while it is asked was asked all the same."""

    sender = models.ForeignKey(Sender, models.CASCADE, verbose_name=_("WhatsApp number"), related_name="restarts")
    asked_at = models.DateTimeField(_("asked"))
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        verbose_name=_("asked by"),
        null=True,
        blank=True,
        related_name="+",
        help_text=_("Nobody: it was done by itself."),
    )
    is_automatic = models.BooleanField(_("by itself"), default=False)
    answer = models.CharField(_("answer"), max_length=500, blank=True)
    was_refused = models.BooleanField(_("refused"), default=False)

    class Meta:
        ordering = ("-asked_at", "-pk")
        verbose_name = _("restart")
        verbose_name_plural = _("restarts")
        indexes = [models.Index(fields=["sender", "-asked_at"], name="restart_by_sender")]

    def __str__(self) -> str:
        return f"{self.sender} {self.asked_at:%Y-%m-%d %H:%M}"
