"""What the installation keeps about its staff beside their names and rights."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Preference(models.Model):
    """What somebody chose for themselves. No row: Spanish, as for everybody."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        verbose_name=_("user"),
        primary_key=True,
        related_name="preference",
    )
    language = models.CharField(_("language"), max_length=10)

    class Meta:
        verbose_name = _("preference")
        verbose_name_plural = _("preferences")
        default_permissions = ()  # everybody has their own, and nobody sees another's

    def __str__(self) -> str:
        return f"{self.user}: {self.language}"
