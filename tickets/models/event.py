"""What people attend, and the message that carries its tickets."""

from datetime import datetime, timedelta

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tickets.models.zone import ZoneField
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
OPENS_BEFORE = timedelta(hours=4)  # the doors, where nobody says when


class Event(models.Model):
    name = models.CharField(_("name"), max_length=150, validators=[validate_single_line])
    slug = models.SlugField(
        _("short name"), max_length=60, unique=True, help_text=_("Used in commands and addresses: letters and hyphens.")
    )
    venue = models.CharField(_("venue"), max_length=150, blank=True, validators=[validate_single_line])
    address = models.CharField(_("address"), max_length=250, blank=True, validators=[validate_single_line])
    starts_at = models.DateTimeField(_("starts"))
    ends_at = models.DateTimeField(_("ends"))
    doors_open_at = models.DateTimeField(
        _("doors open"),
        null=True,
        blank=True,
        help_text=_("Before that the door says “too early”. Empty: four hours before the event starts."),
    )
    timezone = ZoneField(
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
        _("attach the QR code"),
        default=True,
        help_text=_("The message carries the picture of the ticket: its QR code, the event and the name."),
    )
    attach_pdf = models.BooleanField(
        _("attach the ticket as PDF"),
        default=False,
        help_text=_("A page to keep and to print: on WhatsApp in place of the picture, in e-mails beside it."),
    )
    pin = models.CharField(_("PIN of the ticket pages"), max_length=128, blank=True, editable=False)  # hashed
    second_channel_hours = models.PositiveSmallIntegerField(
        _("second channel after (hours)"),
        null=True,
        blank=True,
        help_text=_(
            "Whoever's ticket has not arrived so many hours after it was sent gets it on the other channel: by e-mail "
            "after WhatsApp, by WhatsApp after e-mail. Empty: never by itself."
        ),
    )
    remind_staff = models.BooleanField(
        _("remind us the day before"),
        default=True,
        help_text=_("24 hours before the event the team gets an e-mail about who is still without a ticket."),
    )
    reminded_at = models.DateTimeField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(_("added"), auto_now_add=True)

    class Meta:
        ordering = ("-starts_at", "name")
        verbose_name = _("event")
        verbose_name_plural = _("events")
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gte=F("starts_at")), name="event_ends_after_it_starts"),
            models.CheckConstraint(
                condition=Q(doors_open_at=None) | Q(doors_open_at__lte=F("ends_at")), name="event_opens_before_it_ends"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        super().clean()
        if self.starts_at and self.ends_at and self.ends_at < self.starts_at:
            raise ValidationError({"ends_at": _("The event ends before it starts. Check both times.")})
        if self.doors_open_at and self.ends_at and self.doors_open_at > self.ends_at:
            raise ValidationError({"doors_open_at": _("The doors would open after the end of the event.")})

    @property
    def doors_open(self) -> datetime:
        return self.doors_open_at or self.starts_at - OPENS_BEFORE


class TicketType(models.Model):
    """A kind of ticket of one event, with places of its own where it has a limit. Tickets carry its name."""

    event = models.ForeignKey(Event, models.CASCADE, verbose_name=_("event"), related_name="types")
    name = models.CharField(_("name"), max_length=60, validators=[validate_single_line])
    capacity = models.PositiveIntegerField(
        _("capacity"), null=True, blank=True, help_text=_("People, companions included. Empty: only the event's limit.")
    )

    class Meta:
        ordering = ("event", "name")
        verbose_name = _("ticket type")
        verbose_name_plural = _("ticket types")
        constraints = [models.UniqueConstraint(fields=["event", "name"], name="ticket_type_is_named_once")]

    def __str__(self) -> str:
        return self.name


class DoorAccess(models.Model):
    """Somebody who lets people in at one event for some hours, by a secret link and without an account of the staff."""

    event = models.ForeignKey(Event, models.CASCADE, verbose_name=_("event"), related_name="door_accesses")
    name = models.CharField(_("who"), max_length=60, validators=[validate_single_line])
    gate = models.CharField(_("gate"), max_length=60, blank=True, validators=[validate_single_line])
    token_digest = models.CharField(max_length=64, unique=True, editable=False)  # the link itself is shown once
    opens_at = models.DateTimeField(_("from"))
    closes_at = models.DateTimeField(_("until"))
    is_active = models.BooleanField(_("active"), default=True)
    can_undo = models.BooleanField(
        _("may take entries back"), default=False, help_text=_("For mistakes: always with a reason, and on record.")
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        verbose_name=_("created by"),
        null=True,
        blank=True,
        editable=False,
        related_name="+",
    )
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    last_seen_at = models.DateTimeField(_("last used"), null=True, blank=True, editable=False)

    class Meta:
        ordering = ("event", "name")
        verbose_name = _("door access")
        verbose_name_plural = _("door accesses")
        constraints = [
            models.CheckConstraint(condition=Q(closes_at__gt=F("opens_at")), name="door_access_has_some_time"),
        ]

    def __str__(self) -> str:
        return self.name
