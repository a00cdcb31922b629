"""Where e-mail leaves from when an event has a sender of its own."""

from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from tickets.models import Event
from tickets.validators import validate_single_line
from whatsapp.fields import EncryptedTextField


class Mailbox(models.Model):
    """A sender that people see, and the mail server behind it."""

    name = models.CharField(
        _("name"), max_length=80, help_text=_("What you call it here, for example “Festival de cine”.")
    )
    from_address = models.CharField(
        _("sender"),
        max_length=200,
        validators=[validate_single_line],
        help_text=_("What people see, for example Festival de cine <entradas@example.org>."),
    )
    reply_to = models.EmailField(_("answers go to"), blank=True, help_text=_("Empty: to the sender."))
    url = EncryptedTextField(
        _("mail server"),
        blank=True,
        default="",
        help_text=_("smtp+tls://user:password@host:587. Empty: the mail server of this installation."),
    )
    is_enabled = models.BooleanField(_("in use"), default=True)

    class Meta:
        ordering = ("name",)
        verbose_name = _("mailbox")
        verbose_name_plural = _("mailboxes")
        constraints = [models.UniqueConstraint(Lower("name"), name="mailbox_name_is_unique")]

    def __str__(self) -> str:
        return self.name


class EventMailbox(models.Model):
    """Which mailbox the e-mails of an event leave from. `tickets` knows nothing of mailboxes."""

    event = models.OneToOneField(Event, models.CASCADE, verbose_name=_("event"), related_name="mailbox_choice")
    mailbox = models.ForeignKey(Mailbox, models.PROTECT, verbose_name=_("mailbox"), related_name="events")

    class Meta:
        verbose_name = _("mailbox of the event")
        verbose_name_plural = _("mailbox of the event")

    def __str__(self) -> str:
        return str(self.mailbox)
