"""The greeting for birthdays: one row of settings, and whom it was made for in which year."""

from datetime import time
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from campaigns.enums import Channels
from campaigns.models.campaign import Campaign
from tickets.models import Contact, Tag
from tickets.models.zone import ZoneField
from tickets.validators import validate_single_line

BIRTHDAY_TEXT = "¡Feliz cumpleaños, {apodo|amigo}! 🎂\n\nTe deseamos un año lleno de buenos momentos."
BIRTHDAY_SUBJECT = "¡Feliz cumpleaños!"


class BirthdayGreeting(models.Model):
    is_enabled = models.BooleanField(
        _("greet people on their birthday"),
        default=False,
        help_text=_("Once a year each, by itself. Whoever wants no announcements gets none."),
    )
    enabled_at = models.DateTimeField(_("on since"), null=True, blank=True, editable=False)
    channels = models.CharField(_("channels"), max_length=20, choices=Channels, default=Channels.WHATSAPP_FIRST)
    subject = models.CharField(
        _("e-mail subject"),
        max_length=200,
        blank=True,
        default=BIRTHDAY_SUBJECT,
        validators=[validate_single_line],
    )
    body = models.TextField(
        _("text"),
        default=BIRTHDAY_TEXT,
        help_text=_("You can use {nombre}, {apodo} and the other data of your contacts."),
    )
    template = models.JSONField(_("template"), default=dict, blank=True, editable=False)  # as a campaign has it
    hour = models.TimeField(_("hour"), default=time(9), help_text=_("Greetings leave from this hour on."))
    zone = ZoneField(
        _("time zone"),
        default=timezone.get_default_timezone_name,
        help_text=_("Of the hour, and of the day that counts as the birthday."),
    )
    # Protected: without it, everybody would be greeted.
    tag = models.ForeignKey(
        Tag,
        models.PROTECT,
        verbose_name=_("only people with the tag"),
        null=True,
        blank=True,
        related_name="+",
        help_text=_("Empty: everybody whose birthday is known."),
    )
    updated_at = models.DateTimeField(_("changed"), auto_now=True)

    class Meta:
        verbose_name = _("birthday greeting")
        verbose_name_plural = _("birthday greetings")
        constraints = [
            models.CheckConstraint(condition=Q(pk=1), name="birthday_greeting_is_one_row"),
            models.CheckConstraint(condition=Q(channels__in=Channels.values), name="birthday_channels_are_known"),
        ]

    def __str__(self) -> str:
        return str(self._meta.verbose_name)

    @classmethod
    def load(cls) -> Self:
        """The row; its defaults where nothing was saved yet, so that reading never writes."""
        return cls.objects.select_related("tag").filter(pk=1).first() or cls(pk=1)


class BirthdayGreeted(models.Model):
    """That this person has had their greeting of this year. Kept whatever happens to the campaign or the birthday."""

    contact = models.ForeignKey(Contact, models.CASCADE, related_name="+")
    year = models.PositiveSmallIntegerField()
    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="+")

    class Meta:
        default_permissions = ()
        verbose_name = _("birthday that was greeted")
        verbose_name_plural = _("birthdays that were greeted")
        constraints = [models.UniqueConstraint(fields=["contact", "year"], name="birthday_is_greeted_once_a_year")]

    def __str__(self) -> str:
        return f"{self.contact_id} {self.year}"
