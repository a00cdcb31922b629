"""Lanes and dispatchers: who may send from where, and since when."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from campaigns.enums import Channel, LanePause
from campaigns.models.mailbox import Mailbox
from whatsapp.models import Sender


class Lane(models.Model):
    """A place from which messages leave one after another: one for each WhatsApp number, a few for e-mail."""

    channel = models.CharField(_("channel"), max_length=10, choices=Channel)
    sender = models.OneToOneField(
        Sender, models.CASCADE, verbose_name=_("WhatsApp number"), null=True, blank=True, related_name="lane"
    )
    number = models.PositiveSmallIntegerField(_("number"), default=0)  # of an e-mail lane
    mailbox = models.ForeignKey(
        Mailbox, models.CASCADE, verbose_name=_("mailbox"), null=True, blank=True, related_name="lanes"
    )  # of an e-mail lane; none: the installation's own

    lease_owner = models.CharField(_("held by"), max_length=64, blank=True)
    lease_expires_at = models.DateTimeField(_("held until"), null=True, blank=True)
    fence = models.BigIntegerField(default=0)  # grows each time the lane changes hands

    next_send_at = models.DateTimeField(_("next message"), null=True, blank=True)
    last_call_at = models.DateTimeField(_("last call"), null=True, blank=True)
    position = models.PositiveIntegerField(_("position in the run"), default=0)
    current_delay = models.FloatField(_("current delay (seconds)"), default=0.0)
    slow_down = models.FloatField(_("slow-down"), default=1.0)
    good_in_a_row = models.PositiveIntegerField(default=0)
    failures_in_a_row = models.PositiveIntegerField(_("failures in a row"), default=0)
    noes_in_a_row = models.PositiveIntegerField(default=0)  # people said to have no WhatsApp, where that may be wrong
    sent_on = models.DateField(_("day"), null=True, blank=True)
    sent_today = models.PositiveIntegerField(_("sent that day"), default=0)
    days_used = models.PositiveIntegerField(_("days on which it sent"), default=0)

    pause_reason = models.CharField(_("why it rests"), max_length=20, choices=LanePause, blank=True, default="")
    pause_detail = models.CharField(_("detail"), max_length=500, blank=True)
    paused_since = models.DateTimeField(_("rests since"), null=True, blank=True)
    paused_until = models.DateTimeField(_("rests until"), null=True, blank=True)
    probes = models.PositiveIntegerField(_("looks since then"), default=0)
    is_stopped = models.BooleanField(_("stopped until somebody acts"), default=False)

    # WhatsApp lets the number write to nobody new: whoever it has written with still gets theirs.
    known_only_since = models.DateTimeField(_("only to people it knows, since"), null=True, blank=True)
    known_only_until = models.DateTimeField(_("until"), null=True, blank=True)  # none: until a person acts
    known_only_detail = models.CharField(_("why"), max_length=500, blank=True)
    # Somebody looked at it and used it again: silence from before then says nothing.
    trusted_since = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("channel", "number", "pk")
        verbose_name = _("lane")
        verbose_name_plural = _("lanes")
        constraints = [
            models.CheckConstraint(condition=Q(channel__in=Channel.values), name="lane_channel_is_known"),
            models.CheckConstraint(condition=Q(pause_reason__in=LanePause.values), name="lane_pause_is_known"),
            models.CheckConstraint(
                condition=Q(channel=Channel.WHATSAPP, sender__isnull=False)
                | Q(channel=Channel.EMAIL, sender__isnull=True),
                name="lane_whatsapp_has_a_number",
            ),
            models.UniqueConstraint(
                fields=["number"],
                condition=Q(channel=Channel.EMAIL, mailbox__isnull=True),
                name="lane_email_is_numbered",
            ),
            models.UniqueConstraint(
                fields=["mailbox", "number"], condition=Q(mailbox__isnull=False), name="lane_mailbox_is_numbered"
            ),
            models.CheckConstraint(
                condition=Q(mailbox__isnull=True) | Q(channel=Channel.EMAIL), name="lane_mailbox_is_for_email"
            ),
            models.CheckConstraint(
                condition=Q(known_only_since__isnull=False) | Q(known_only_until__isnull=True, known_only_detail=""),
                name="lane_knows_since_when",
            ),
            models.CheckConstraint(
                condition=Q(pause_reason="", paused_until__isnull=True, is_stopped=False) | ~Q(pause_reason=""),
                name="lane_rests_for_a_reason",
            ),
        ]

    def __str__(self) -> str:
        if self.sender_id:
            return str(self.sender)
        return f"{self.mailbox or self.get_channel_display()} {self.number}"


class Dispatcher(models.Model):
    """A slot in which one dispatching loop may run. Slot 0 is the tick's."""

    TICK = 0

    slot = models.PositiveSmallIntegerField(_("slot"), unique=True)
    lease_owner = models.CharField(_("held by"), max_length=64, blank=True)
    lease_expires_at = models.DateTimeField(_("held until"), null=True, blank=True)
    heartbeat_at = models.DateTimeField(_("last sign of life"), null=True, blank=True)
    kicked_at = models.DateTimeField(_("asked to start"), null=True, blank=True)
    host = models.CharField(_("computer"), max_length=80, blank=True)

    class Meta:
        ordering = ("slot",)
        verbose_name = _("dispatcher")
        verbose_name_plural = _("dispatchers")

    def __str__(self) -> str:
        return f"{self.slot}"


class Installation(models.Model):
    """One row: which installation this database belongs to. A copy that wakes up elsewhere, or an old one that was
    restored, must ask before it sends."""

    identity = models.CharField(max_length=64, blank=True)
    generation = models.BigIntegerField(default=0)  # grows with every tick; the local file remembers the highest
    key_mark = models.CharField(max_length=32, blank=True)  # of the worker's SECRET_KEY, to compare with ours
    held_since = models.DateTimeField(_("held since"), null=True, blank=True)
    held_reason = models.CharField(_("reason"), max_length=20, blank=True)
    # When somebody let a database go on that had been held: what became due by itself before is not known to be undone.
    adopted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("installation")
        verbose_name_plural = _("installation")
        constraints = [models.CheckConstraint(condition=Q(pk=1), name="installation_is_one_row")]

    def __str__(self) -> str:
        return self.identity
