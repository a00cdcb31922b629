"""What people attend, and the message that carries its tickets."""

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from timezone_field import TimeZoneField

from tickets.validators import validate_single_line

TICKET_TEXT = (
    "Hola {apodo|amigo} 👋\n\n"
    "Aquí está tu entrada para *{evento}*.\n"
    "📅 {fecha}, {hora}\n"
    "📍 {lugar}\n"
    "🎟️ Código: {codigo}\n\n"
    "Muéstrala en la puerta desde tu teléfono:\n{enlace}"
)
TICKET_SUBJECT = "Tu entrada para {evento}"


class Event(models.Model):
    name = models.CharField(_("name"), max_length=150, validators=[validate_single_line])
    slug = models.SlugField(
        _("short name"), max_length=60, unique=True, help_text=_("Used in commands and addresses: letters and hyphens.")
    )
    venue = models.CharField(_("venue"), max_length=150, blank=True, validators=[validate_single_line])
    address = models.CharField(_("address"), max_length=250, blank=True, validators=[validate_single_line])
    starts_at = models.DateTimeField(_("starts"))
    ends_at = models.DateTimeField(_("ends"))
    timezone = TimeZoneField(
        _("time zone"),
        default=timezone.get_default_timezone_name,
        help_text=_("Times in messages and on tickets are shown in this zone, for example America/Bogota."),
    )
    description = models.TextField(_("description"), blank=True)
    capacity = models.PositiveIntegerField(
        _("capacity"), null=True, blank=True, help_text=_("People, companions included. Empty: no limit.")
    )
    is_active = models.BooleanField(_("active"), default=True)

    ticket_text = models.TextField(
        _("WhatsApp text of the ticket"),
        default=TICKET_TEXT,
        help_text=_(
            "You can use {nombre}, {apodo}, {evento}, {fecha}, {hora}, {lugar}, {codigo}, {enlace}, {acompanantes} "
            "and the other data of your contacts. {apodo|amigo} writes “amigo” when there is nothing else."
        ),
    )
    email_subject = models.CharField(
        _("e-mail subject of the ticket"), max_length=200, default=TICKET_SUBJECT, validators=[validate_single_line]
    )
    email_text = models.TextField(
        _("e-mail text of the ticket"), blank=True, help_text=_("Empty: the WhatsApp text is used.")
    )
    image = models.ImageField(
        _("picture"), upload_to="events/", blank=True, help_text=_("Sent with the ticket when the QR is not attached.")
    )
    attach_qr = models.BooleanField(
        _("attach the QR code"), default=True, help_text=_("Send the ticket's QR code as a picture with the message.")
    )
    created_at = models.DateTimeField(_("added"), auto_now_add=True)

    class Meta:
        ordering = ("-starts_at", "name")
        verbose_name = _("event")
        verbose_name_plural = _("events")
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gte=F("starts_at")), name="event_ends_after_it_starts"),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        super().clean()
        if self.starts_at and self.ends_at and self.ends_at < self.starts_at:
            raise ValidationError({"ends_at": _("The event ends before it starts. Check both times.")})
