"""Words for the states of tickets and of what happens at the door."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class TicketStatus(models.TextChoices):
    VALID = "valid", _("Valid")
    VOIDED = "voided", _("Voided")
    REPLACED = "replaced", _("Replaced")


class CheckInResult(models.TextChoices):
    GOOD = "good", _("Let in")
    REFUSED = "refused", _("Refused")


class RefusalReason(models.TextChoices):
    NONE = "", _("None")
    UNKNOWN = "unknown", _("Unknown code")
    OTHER_EVENT = "other_event", _("Ticket of another event")
    VOIDED = "voided", _("Voided ticket")
    REPLACED = "replaced", _("Replaced ticket")
    ALREADY_INSIDE = "already_inside", _("Everybody on this ticket is inside already")
    TOO_EARLY = "too_early", _("The doors are not open yet")
