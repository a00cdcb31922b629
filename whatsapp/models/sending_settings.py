"""The one row of limits that staff edit. Every number has a hard cap in code."""

from decimal import Decimal
from typing import Any, Self

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from timezone_field import TimeZoneField

from whatsapp.warm_up import BadSteps, steps_of

LONGEST_DELAY = Decimal(3600)


def seconds_field(verbose_name: Any, **options: Any) -> models.DecimalField:
    """Seconds, to the millisecond, between nothing and an hour."""
    return models.DecimalField(
        verbose_name,
        max_digits=7,
        decimal_places=3,
        validators=[MinValueValidator(Decimal(0)), MaxValueValidator(LONGEST_DELAY)],
        **options,
    )


def _number_field(verbose_name: Any, low: int, high: int, **options: Any) -> models.PositiveIntegerField:
    return models.PositiveIntegerField(
        verbose_name, validators=[MinValueValidator(low), MaxValueValidator(high)], **options
    )


def validate_steps(text: str) -> None:
    try:
        steps_of(text)
    except BadSteps as error:
        raise ValidationError(
            _("Write whole numbers from 1 to 1,000,000 with commas between them, for example 20, 40, 80.")
        ) from error


class SendingSettings(models.Model):
    base_delay = seconds_field(
        _("base delay (seconds)"), default=Decimal("2.0"), help_text=_("Pause after each of the first messages.")
    )
    step = seconds_field(
        _("step (seconds)"), default=Decimal("0.5"), help_text=_("How much the pause grows each time it grows.")
    )
    every = _number_field(
        _("grow every (messages)"), 1, 100_000, default=10, help_text=_("After this many messages the pause grows.")
    )
    maximum_delay = seconds_field(
        _("maximum delay (seconds)"), default=Decimal("5.0"), help_text=_("The pause never grows beyond this.")
    )
    jitter_percent = _number_field(
        _("random extra (%)"),
        0,
        100,
        default=0,
        help_text=_("Up to this share is added to each pause by chance, so that the rhythm looks human. 0: none."),
    )
    batch_size = _number_field(
        _("batch size (messages)"),
        0,
        100_000,
        default=0,
        help_text=_("After this many messages comes a longer pause. 0: no batches."),
    )
    batch_pause_minutes = _number_field(
        _("pause between batches (minutes)"), 0, 1440, default=10, help_text=_("How long the pause between batches is.")
    )
    quiet_minutes = _number_field(
        _("a run ends after (minutes)"),
        1,
        1440,
        default=30,
        help_text=_("After this long without a message the pauses start again from the base delay."),
    )

    window_from = models.TimeField(
        _("send from"),
        null=True,
        blank=True,
        help_text=_("WhatsApp only leaves from this time on. Empty: at any time."),
    )
    window_to = models.TimeField(_("send until"), null=True, blank=True, help_text=_("And until this time."))
    window_timezone = TimeZoneField(
        _("time zone"),
        default=timezone.get_default_timezone_name,
        help_text=_("Of the sending hours and of the day that the daily limit counts, for example America/Bogota."),
    )
    daily_cap = _number_field(
        _("messages a day and number"),
        0,
        1_000_000,
        default=0,
        help_text=_("Each WhatsApp number sends at most this many a day. 0: no limit."),
    )
    warm_up_steps = models.CharField(
        _("first days of a new number"),
        max_length=200,
        default="20, 40, 80, 160, 320, 640",
        blank=True,
        validators=[validate_steps],
        help_text=_("Messages on the first, second, third day … of a number that is marked as new. Empty: no limit."),
    )

    retry_attempts = _number_field(
        _("attempts"), 1, 20, default=5, help_text=_("How often a message that could not leave is tried.")
    )
    retry_base_seconds = _number_field(
        _("first wait before trying again (seconds)"), 1, 3600, default=30, help_text=_("Later waits grow from here.")
    )
    retry_factor = models.DecimalField(
        _("growth of that wait"),
        max_digits=4,
        decimal_places=2,
        default=Decimal("2.0"),
        validators=[MinValueValidator(Decimal(1)), MaxValueValidator(Decimal(10))],
        help_text=_("Each wait is this many times the one before."),
    )
    retry_cap_seconds = _number_field(
        _("longest wait before trying again (seconds)"),
        1,
        86_400,
        default=3600,
        help_text=_("Waits stop growing here."),
    )
    breaker_threshold = _number_field(
        _("failures in a row"),
        1,
        100,
        default=5,
        help_text=_("After this many doubtful calls in a row a number rests and is looked at first."),
    )
    breaker_cooldown_seconds = _number_field(
        _("rest after those failures (seconds)"), 1, 86_400, default=300, help_text=_("How long it rests.")
    )
    auto_restart = models.BooleanField(
        _("restart gateways by itself"),
        default=True,
        help_text=_(
            "When a gateway gives no answer for a while: at most three times an hour, never after a logout or a ban."
        ),
    )
    silence_messages = _number_field(
        _("messages without a receipt"),
        0,
        10_000,
        default=10,
        help_text=_(
            "A number whose receipts used to come, and that sent this many messages without one, takes no new work "
            "until a receipt comes. 0: this is not watched."
        ),
    )
    silence_minutes = _number_field(
        _("and for (minutes)"), 1, 1440, default=15, help_text=_("How long a receipt is waited for.")
    )
    webhook_days = _number_field(
        _("keep reports of gateways (days)"),
        1,
        365,
        default=14,
        help_text=_("What gateways posted is kept as it came, for whoever has to find out what happened."),
    )
    schedule_grace_minutes = _number_field(
        _("grace for late campaigns (minutes)"),
        1,
        1440,
        default=15,
        help_text=_("A scheduled campaign that is later than this asks before it sends."),
    )
    default_country = models.CharField(
        _("default country"),
        max_length=2,
        default="CO",
        validators=[RegexValidator(r"^[A-Z]{2}\Z", _("Two capital letters, for example CO, MX or ES."))],
        help_text=_("Of phone numbers that were written without a country code."),
    )
    updated_at = models.DateTimeField(_("changed"), auto_now=True)

    class Meta:
        verbose_name = _("sending settings")
        verbose_name_plural = _("sending settings")
        constraints = [
            models.CheckConstraint(condition=Q(pk=1), name="settings_are_one_row"),
            models.CheckConstraint(
                condition=Q(
                    base_delay__gte=0,
                    step__gte=0,
                    every__gte=1,
                    maximum_delay__gte=F("base_delay"),
                    maximum_delay__lte=LONGEST_DELAY,
                ),
                name="settings_pace_is_sane",
            ),
        ]

    def __str__(self) -> str:
        return str(self._meta.verbose_name)

    @classmethod
    def load(cls) -> Self:
        """The row; its defaults where nothing was saved yet, so that reading never writes."""
        return cls.objects.filter(pk=1).first() or cls(pk=1)

    def clean(self) -> None:
        super().clean()
        if self.base_delay is not None and self.maximum_delay is not None and self.maximum_delay < self.base_delay:
            raise ValidationError({"maximum_delay": _("The maximum delay cannot be below the base delay.")})
        if (self.window_from is None) != (self.window_to is None):
            raise ValidationError({"window_to": _("Give both hours of the sending window, or neither.")})
        if self.window_from is not None and self.window_from == self.window_to:
            raise ValidationError({"window_to": _("The two hours of the sending window must differ.")})
