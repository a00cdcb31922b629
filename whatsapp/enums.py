"""Words for what is known about a WhatsApp number."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class SenderState(models.TextChoices):
    """What the gateway last said of the number. The values are those of `gateways.base.State`."""

    UNKNOWN = "unknown", _("Not known yet")
    READY = "ready", _("Ready")
    STARTING = "starting", _("Starting")
    NEEDS_QR = "needs_qr", _("Waiting for its QR code to be scanned")
    LOGGED_OUT = "logged_out", _("Logged out")
    FAILED = "failed", _("Not working")
    RESTRICTED = "restricted", _("Restricted by WhatsApp")
    AUTH_ERROR = "auth_error", _("Wrong key")
    UNREACHABLE = "unreachable", _("No answer")
