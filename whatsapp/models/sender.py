"""A WhatsApp number behind a gateway."""

import secrets
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from whatsapp.enums import SenderState
from whatsapp.fields import EncryptedTextField
from whatsapp.models.sending_settings import LONGEST_DELAY, seconds_field


def new_hook_key() -> str:
    """The unguessable part of the address that a gateway posts to: 192 bits."""
    return secrets.token_urlsafe(24)


class Sender(models.Model):
    name = models.CharField(
        _("name"), max_length=60, unique=True, help_text=_("How your team calls this number, for example “Taquilla”.")
    )
    phone = models.CharField(_("WhatsApp number"), max_length=20, blank=True)
    gateway = models.CharField(
        _("gateway"), max_length=60, default="rest", help_text=_("The program that speaks to WhatsApp for us.")
    )
    base_url = models.URLField(
        _("address of the gateway"),
        default="http://localhost:3010",
        help_text=_("Where the gateway listens, for example http://localhost:3010."),
    )
    session_name = models.CharField(_("session"), max_length=80, blank=True)
    api_key = EncryptedTextField(_("key of the gateway"), blank=True, default="")
    options = models.JSONField(
        _("settings of the gateway"), default=dict, blank=True, editable=False
    )  # what only its gateway asks for: no secrets
    webhook_secret = EncryptedTextField(_("secret of its reports"), blank=True, default="", editable=False)
    hook_key = EncryptedTextField(_("address of its reports"), default=new_hook_key, editable=False)

    is_enabled = models.BooleanField(_("in use"), default=True)
    is_draining = models.BooleanField(
        _("draining"), default=False, help_text=_("Takes no new work; useful before maintenance.")
    )
    asks_first = models.BooleanField(
        _("ask whether a number has WhatsApp"),
        default=True,
        help_text=_("Before the first message to it, where the gateway can tell. It protects the account."),
    )
    weight = models.PositiveSmallIntegerField(
        _("weight"),
        default=1,
        validators=[MinValueValidator(1), MaxValueValidator(100)],
        help_text=_("A number with weight 2 sends twice as much as one with weight 1 in the same time."),
    )
    is_new = models.BooleanField(
        _("new number"),
        default=False,
        help_text=_("Starts with few messages a day and grows, by the steps in the sending settings."),
    )

    base_delay = seconds_field(_("base delay"), null=True, blank=True, help_text=_("Empty: as in the settings."))
    step = seconds_field(_("step"), null=True, blank=True, help_text=_("Empty: as in the settings."))
    every = models.PositiveIntegerField(
        _("every"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text=_("Messages. Empty: as in the settings."),
    )
    maximum_delay = seconds_field(_("maximum delay"), null=True, blank=True, help_text=_("Empty: as in the settings."))
    daily_cap = models.PositiveIntegerField(
        _("messages a day"), null=True, blank=True, help_text=_("Empty: as in the settings. 0: no limit.")
    )

    state = models.CharField(
        _("state"), max_length=20, choices=SenderState, default=SenderState.UNKNOWN, editable=False
    )
    state_detail = models.CharField(_("detail"), max_length=500, blank=True, editable=False)
    state_since = models.DateTimeField(_("since"), null=True, blank=True, editable=False)
    state_ends_at = models.DateTimeField(
        _("until"), null=True, blank=True, editable=False
    )  # of a restriction, if stated
    checked_at = models.DateTimeField(_("last checked"), null=True, blank=True, editable=False)
    last_send_at = models.DateTimeField(_("last message"), null=True, blank=True, editable=False)
    last_receipt_at = models.DateTimeField(_("last receipt"), null=True, blank=True, editable=False)
    # When a gateway that gave receipts made way for another one: what was sent before is judged by that. And when it
    # had taken over from one that gave some, too: what was sent still earlier is judged by nobody any more.
    receipts_from = models.DateTimeField(null=True, editable=False)
    receipts_until = models.DateTimeField(null=True, editable=False)
    state_said_at = models.DateTimeField(null=True, editable=False)  # by the gateway's clock: the newest of its posts
    last_post_at = models.DateTimeField(_("last report of its gateway"), null=True, blank=True, editable=False)
    # Of Meta: how many people who have not written first may be reached in 24 hours. Empty: not known. 0: no limit.
    people_limit = models.PositiveIntegerField(_("new people a day"), null=True, blank=True, editable=False)
    restarted_at = models.DateTimeField(_("last restart"), null=True, blank=True, editable=False)

    class Meta:
        ordering = ("name",)
        verbose_name = _("WhatsApp number")
        verbose_name_plural = _("WhatsApp numbers")
        permissions = [
            ("restart_sender", _("Can restart the gateway of a WhatsApp number")),
            ("switch_sender", _("Can drain, switch off and switch on a WhatsApp number")),
            ("pace_sender", _("Can change the pace of a WhatsApp number")),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=SenderState.values), name="sender_state_is_known"),
            models.CheckConstraint(condition=Q(weight__gte=1), name="sender_weight_is_positive"),
            models.CheckConstraint(
                condition=(Q(base_delay__isnull=True) | Q(base_delay__gte=0, base_delay__lte=LONGEST_DELAY))
                & (Q(step__isnull=True) | Q(step__gte=0, step__lte=LONGEST_DELAY))
                & (Q(maximum_delay__isnull=True) | Q(maximum_delay__gte=0, maximum_delay__lte=LONGEST_DELAY))
                & (Q(every__isnull=True) | Q(every__gte=1)),
                name="sender_pace_is_sane",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        super().clean()
        if (
            self.base_delay is not None
            and self.maximum_delay is not None
            and Decimal(self.base_delay) > Decimal(self.maximum_delay)
        ):
            raise ValidationError({"maximum_delay": _("The maximum delay cannot be below the base delay.")})
