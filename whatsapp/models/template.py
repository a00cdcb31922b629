"""Messages that Meta has approved, as it last listed them for a number."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from whatsapp.models.sender import Sender


class MessageTemplate(models.Model):
    """One language of one template of the business behind a number."""

    sender = models.ForeignKey(Sender, models.CASCADE, verbose_name=_("WhatsApp number"), related_name="templates")
    name = models.CharField(_("name"), max_length=512)
    language = models.CharField(_("language"), max_length=20)
    category = models.CharField(_("category"), max_length=40, blank=True)
    status = models.CharField(_("status"), max_length=40)
    parts = models.JSONField(default=list)  # as Meta describes them: `components`
    has_named_parameters = models.BooleanField(default=False)
    fetched_at = models.DateTimeField(_("read from Meta"))

    class Meta:
        default_permissions = ()  # shown with their number
        ordering = ("name", "language")
        verbose_name = _("template")
        verbose_name_plural = _("templates")
        constraints = [models.UniqueConstraint(fields=["sender", "name", "language"], name="template_is_listed_once")]

    def __str__(self) -> str:
        return f"{self.name} ({self.language})"
