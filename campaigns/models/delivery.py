"""One message to one person on one channel, and every call that was made for it."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from campaigns.enums import AttemptOutcome, Channel, DeliveryStatus
from campaigns.models.campaign import Campaign
from campaigns.models.engine import Lane
from tickets.models import Contact, Ticket
from whatsapp.models import Sender

D = DeliveryStatus
A = AttemptOutcome


class Delivery(models.Model):
    """Address, text and picture are frozen when the campaign is launched: a second try is the same message."""

    campaign = models.ForeignKey(
        Campaign, models.PROTECT, verbose_name=_("campaign"), related_name="deliveries", db_index=False
    )
    channel = models.CharField(_("channel"), max_length=10, choices=Channel)
    contact = models.ForeignKey(
        Contact, models.SET_NULL, verbose_name=_("contact"), null=True, blank=True, related_name="deliveries"
    )
    ticket = models.ForeignKey(
        Ticket,
        models.PROTECT,
        verbose_name=_("ticket"),
        null=True,
        blank=True,
        related_name="deliveries",
        db_index=False,
    )
    # The address for announcements, the ticket for tickets: what must not get the same campaign twice.
    dedupe_key = models.CharField(max_length=260)
    recipient = models.CharField(_("person"), max_length=150)
    address = models.CharField(_("address"), max_length=254, blank=True)
    subject = models.CharField(_("subject"), max_length=255, blank=True)
    text = models.TextField(_("text"), blank=True)
    image = models.CharField(_("picture"), max_length=200, blank=True)
    attach_qr = models.BooleanField(_("with QR code"), default=False)
    attach_pdf = models.BooleanField(_("with the ticket as PDF"), default=False)
    template = models.JSONField(_("template"), default=dict, blank=True)  # filled in, for numbers that need one

    status = models.CharField(_("status"), max_length=10, choices=D, default=D.WAITING)
    due_at = models.DateTimeField(_("next try"), null=True, blank=True)
    priority = models.PositiveSmallIntegerField(default=20)
    slot = models.BigIntegerField(default=0)
    # WhatsApp: the number that this person keeps. E-mail: the mailbox. Only its lanes may take the row. 0: any may.
    pool = models.BigIntegerField(default=0)
    attempts_made = models.PositiveSmallIntegerField(_("calls"), default=0)  # numbers the attempts
    tries_charged = models.PositiveSmallIntegerField(default=0)  # counts against the limit of retries
    error_kind = models.CharField(_("reason"), max_length=30, blank=True)
    error_detail = models.CharField(_("detail"), max_length=500, blank=True)
    sender = models.ForeignKey(
        Sender,
        models.SET_NULL,
        verbose_name=_("sent from"),
        null=True,
        blank=True,
        related_name="deliveries",
        db_index=False,
    )
    gateway_message_id = models.CharField(_("message id"), max_length=200, blank=True)
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, verbose_name=_("decided by"), null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(_("created"), default=timezone.now)
    status_changed_at = models.DateTimeField(_("since"), default=timezone.now)
    claimed_at = models.DateTimeField(_("taken"), null=True, blank=True)
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)
    delivered_at = models.DateTimeField(_("delivered"), null=True, blank=True)
    read_at = models.DateTimeField(_("read"), null=True, blank=True)

    class Meta:
        ordering = ("-pk",)
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        permissions = [("export_delivery", _("Can export the people of a campaign"))]
        constraints = [
            models.UniqueConstraint(fields=["campaign", "channel", "dedupe_key"], name="delivery_is_made_once"),
            models.CheckConstraint(condition=Q(status__in=D.values), name="delivery_status_is_known"),
            models.CheckConstraint(condition=Q(channel__in=Channel.values), name="delivery_channel_is_known"),
            models.CheckConstraint(
                condition=~Q(status=D.CLAIMED) | Q(claimed_at__isnull=False), name="delivery_claim_has_a_time"
            ),
            models.CheckConstraint(
                condition=~Q(status__in=[D.SENT, D.DELIVERED, D.READ]) | Q(sent_at__isnull=False),
                name="delivery_sent_has_a_time",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=[D.PENDING, D.CLAIMED]) | ~Q(address=""), name="delivery_has_an_address"
            ),
        ]
        indexes = [
            # The head of the queue: small whatever the table's size, because rows leave it when they leave us.
            models.Index(
                fields=["campaign", "channel", "pool", "priority", "slot", "id"],
                condition=Q(status="pending"),
                name="delivery_claim",
            ),
            models.Index(fields=["due_at"], condition=Q(status="waiting"), name="delivery_due"),
            models.Index(fields=["claimed_at"], condition=Q(status="claimed"), name="delivery_claimed"),
            # The totals of a campaign are counted from the index alone.
            models.Index(fields=["campaign", "status", "channel", "error_kind"], name="delivery_totals"),
            models.Index(fields=["status", "-id"], name="delivery_by_state"),
            # A list of a million people goes on from the last one that was shown: in place of the foreign keys' own.
            models.Index(fields=["campaign", "id"], name="delivery_of_campaign"),
            models.Index(fields=["sender", "campaign", "id"], name="delivery_by_number"),
            # What became of a ticket on each channel is read from the index alone: in place of the foreign key's own.
            models.Index(
                fields=["ticket", "channel", "status", "error_kind", "campaign"],
                condition=Q(ticket__isnull=False),
                name="delivery_of_ticket",
            ),
            # The chart of a run is counted from these two alone.
            models.Index(
                fields=["campaign", "sent_at"], condition=Q(sent_at__isnull=False), name="delivery_by_sending"
            ),
            models.Index(
                fields=["campaign", "status", "status_changed_at"],
                condition=Q(status__in=["failed", "uncertain"]),
                name="delivery_by_failing",
            ),
            # The number that a person was last reached from.
            models.Index(
                fields=["contact", "-sent_at"],
                condition=Q(sender__isnull=False, sent_at__isnull=False),
                name="delivery_last_number",
            ),
            # What a number sent and nobody has confirmed: rows leave it as their receipts come.
            models.Index(
                fields=["sender", "sent_at"],
                condition=Q(status="sent", sender__isnull=False),
                name="delivery_unconfirmed",
            ),
            # Since when a number reports what became of its messages.
            models.Index(
                fields=["sender", "delivered_at"],
                condition=Q(sender__isnull=False, delivered_at__isnull=False),
                name="delivery_first_receipt",
            ),
            models.Index(
                fields=["gateway_message_id"], condition=~Q(gateway_message_id=""), name="delivery_by_message"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.recipient} ({self.get_channel_display()})"


class DeliveryAttempt(models.Model):
    """One call for one delivery. Written before the call, closed after it, never edited otherwise."""

    delivery = models.ForeignKey(Delivery, models.PROTECT, verbose_name=_("delivery"), related_name="attempts")
    number = models.PositiveSmallIntegerField(_("number"))
    lane = models.ForeignKey(Lane, models.PROTECT, verbose_name=_("lane"), related_name="attempts")
    sender = models.ForeignKey(
        Sender, models.SET_NULL, verbose_name=_("sent from"), null=True, blank=True, related_name="attempts"
    )
    fence = models.BigIntegerField()  # which holder of the lane made the call
    started_at = models.DateTimeField(_("started"))
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)
    outcome = models.CharField(_("outcome"), max_length=10, choices=A, default=A.STARTED)
    http_status = models.PositiveSmallIntegerField(_("HTTP status"), null=True, blank=True)
    error_kind = models.CharField(_("reason"), max_length=30, blank=True)
    detail = models.CharField(_("detail"), max_length=500, blank=True)
    latency_ms = models.PositiveIntegerField(_("milliseconds"), null=True, blank=True)
    gateway_message_id = models.CharField(_("message id"), max_length=200, blank=True)

    class Meta:
        ordering = ("-pk",)
        verbose_name = _("delivery attempt")
        verbose_name_plural = _("delivery attempts")
        constraints = [
            models.UniqueConstraint(fields=["delivery", "number"], name="attempt_is_numbered"),
            models.UniqueConstraint(fields=["delivery"], condition=Q(outcome="started"), name="attempt_is_open_once"),
            models.CheckConstraint(condition=Q(outcome__in=A.values), name="attempt_outcome_is_known"),
            models.CheckConstraint(
                condition=Q(outcome=A.STARTED, finished_at__isnull=True)
                | (~Q(outcome=A.STARTED) & Q(finished_at__isnull=False)),
                name="attempt_end_has_a_time",
            ),
        ]
        indexes = [
            models.Index(fields=["lane"], condition=Q(outcome="started"), name="attempt_open"),
            models.Index(fields=["outcome", "-id"], name="attempt_by_outcome"),
            # The days of the home page are counted from the index alone.
            models.Index(fields=["-started_at", "outcome"], name="attempt_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.delivery_id} #{self.number}"
