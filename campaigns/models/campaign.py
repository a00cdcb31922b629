"""One text, one audience, one life cycle."""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from campaigns.enums import CampaignKind, CampaignStatus, Channels, Origin, ScheduleFrom
from tickets.models import Event
from tickets.models.zone import ZoneField
from tickets.validators import validate_single_line

S = CampaignStatus

PRIORITY_SINGLE = 0  # one person is waiting for it
PRIORITY_TICKETS = 10
PRIORITY_ANNOUNCEMENT = 20

# A test, or a note to the staff: for one address and for nobody on record.
ASIDE = Q(trial_of__isnull=False) | Q(origin__in=sorted(Origin.to_staff))
# Not so, and no answer to one person either: what the lists of campaigns show.
LISTED = Q(trial_of=None) & ~Q(origin__in=sorted(Origin.unlisted))


class Campaign(models.Model):
    kind = models.CharField(_("kind"), max_length=20, choices=CampaignKind, default=CampaignKind.ANNOUNCEMENT)
    name = models.CharField(_("name"), max_length=150, validators=[validate_single_line])
    event = models.ForeignKey(
        Event, models.PROTECT, verbose_name=_("event"), null=True, blank=True, related_name="campaigns"
    )
    channels = models.CharField(_("channels"), max_length=20, choices=Channels, default=Channels.WHATSAPP)
    subject = models.CharField(_("e-mail subject"), max_length=200, blank=True, validators=[validate_single_line])
    body = models.TextField(
        _("text"),
        blank=True,
        help_text=_(
            "You can use {nombre}, {apodo}, {evento}, {fecha}, {hora}, {lugar} and the other data of your contacts."
        ),
    )
    email_body = models.TextField(_("e-mail text"), blank=True, help_text=_("Empty: the same text as for WhatsApp."))
    link = models.URLField(_("link"), blank=True)
    link_text = models.CharField(_("text of the link"), max_length=80, blank=True, validators=[validate_single_line])
    image = models.ImageField(_("picture"), upload_to="campaigns/", blank=True)
    attach_qr = models.BooleanField(_("attach the QR code"), default=False)
    attach_pdf = models.BooleanField(_("attach the ticket as PDF"), default=False)
    # For numbers that need one: which approved template, and what stands in its places (texts with placeholders).
    template = models.JSONField(_("template"), default=dict, blank=True, editable=False)
    audience = models.JSONField(_("audience"), default=dict, blank=True, editable=False)

    scheduled_at = models.DateTimeField(_("send at"), null=True, blank=True)
    # Relative to the event: `scheduled_at` follows when the event moves.
    schedule_from = models.CharField(
        _("counted from"), max_length=12, choices=ScheduleFrom, blank=True, default=ScheduleFrom.NONE
    )
    schedule_minutes = models.IntegerField(_("minutes after it"), default=0)  # before it: below 0
    zone = ZoneField(_("time zone"), default=timezone.get_default_timezone_name)
    window_from = models.TimeField(_("send from"), null=True, blank=True)
    window_to = models.TimeField(_("send until"), null=True, blank=True)
    priority = models.PositiveSmallIntegerField(_("priority"), default=PRIORITY_ANNOUNCEMENT, editable=False)
    not_after = models.DateTimeField(
        _("not later than"), null=True, blank=True, help_text=_("What has not left by then is not sent any more.")
    )

    # A message to one address, to see how another campaign arrives; no part of that one.
    trial_of = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, editable=False, related_name="trials", verbose_name=_("test of")
    )
    origin = models.CharField(
        _("made for"), max_length=20, choices=Origin, blank=True, default=Origin.STAFF, editable=False
    )
    # Of the page that made it: pressed twice, it makes one.
    form_key = models.CharField(max_length=40, blank=True, default="", editable=False)

    status = models.CharField(_("status"), max_length=12, choices=S, default=S.DRAFT, editable=False)
    status_reason = models.CharField(_("reason"), max_length=200, blank=True, editable=False)
    status_changed_at = models.DateTimeField(_("since"), default=timezone.now, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        verbose_name=_("created by"),
        null=True,
        blank=True,
        editable=False,
        related_name="+",
    )
    launched_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        verbose_name=_("launched by"),
        null=True,
        blank=True,
        editable=False,
        related_name="+",
    )
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    launched_at = models.DateTimeField(_("launched"), null=True, blank=True, editable=False)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True, editable=False)

    # The list of people is written in the background; nothing leaves before it is complete.
    prepared_at = models.DateTimeField(null=True, blank=True, editable=False)
    preparing_seen_at = models.DateTimeField(null=True, blank=True, editable=False)
    preparing_cursor = models.BigIntegerField(default=0, editable=False)  # the last ticket or contact on the list
    # Added to every slot of its deliveries: keeps the turns fair after a pause without touching the rows.
    slot_offset = models.BigIntegerField(default=0, editable=False)

    class Meta:
        ordering = ("-created_at", "-pk")
        verbose_name = _("campaign")
        verbose_name_plural = _("campaigns")
        permissions = [
            ("launch_campaign", _("Can launch campaigns")),
            ("pause_campaign", _("Can pause and resume campaigns")),
            ("cancel_campaign", _("Can cancel campaigns")),
            ("resend_failed", _("Can resend what failed")),
            ("resend_uncertain", _("Can decide about uncertain messages")),
            ("send_trial", _("Can send tests of a message")),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(status__in=S.values), name="campaign_status_is_known"),
            models.CheckConstraint(condition=Q(kind__in=CampaignKind.values), name="campaign_kind_is_known"),
            models.CheckConstraint(condition=Q(channels__in=Channels.values), name="campaign_channels_are_known"),
            models.CheckConstraint(condition=Q(origin__in=Origin.values), name="campaign_origin_is_known"),
            models.CheckConstraint(
                condition=~Q(kind=CampaignKind.TICKETS) | Q(event__isnull=False), name="campaign_tickets_have_an_event"
            ),
            models.CheckConstraint(
                condition=~Q(status__in=[S.SENDING, S.PAUSED, S.FINISHED]) | Q(launched_at__isnull=False),
                name="campaign_was_launched",
            ),
            models.CheckConstraint(
                condition=~Q(status=S.SCHEDULED) | Q(scheduled_at__isnull=False), name="campaign_schedule_has_a_time"
            ),
            models.CheckConstraint(
                condition=Q(schedule_from="") | Q(schedule_from__in=ScheduleFrom.values, event__isnull=False),
                name="campaign_schedule_has_an_anchor",
            ),
            models.CheckConstraint(
                condition=~Q(status=S.FINISHED) | Q(finished_at__isnull=False), name="campaign_end_has_a_time"
            ),
            models.UniqueConstraint(fields=["form_key"], condition=~Q(form_key=""), name="campaign_is_made_once"),
        ]
        indexes = [
            models.Index(fields=["status"], condition=Q(status__in=["scheduled", "sending"]), name="campaign_at_work"),
            models.Index(fields=["-created_at", "-id"], name="campaign_by_age"),
            models.Index(fields=["launched_at"], condition=Q(origin="forward"), name="campaign_forward"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_aside(self) -> bool:
        """`ASIDE`, of this one."""
        return self.trial_of_id is not None or self.origin in Origin.to_staff

    @property
    def is_listed(self) -> bool:
        """`LISTED`, of this one."""
        return self.trial_of_id is None and self.origin not in Origin.unlisted

    def clean(self) -> None:
        super().clean()
        if (self.window_from is None) != (self.window_to is None):
            raise ValidationError({"window_to": _("Give both hours of the sending window, or neither.")})
        if self.window_from is not None and self.window_from == self.window_to:
            raise ValidationError({"window_to": _("The two hours of the sending window must differ.")})
