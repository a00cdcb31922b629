"""What gateways say about people's numbers. By number, not by contact: those stand in another app."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class NumberCheck(models.Model):
    """Whether a number has WhatsApp, as a gateway said before the first message to it."""

    phone = models.CharField(max_length=20, unique=True)  # +E.164, as in the contact
    exists = models.BooleanField(_("has WhatsApp"))
    recipient_id = models.CharField(max_length=200, blank=True)  # what is to be sent to
    checked_at = models.DateTimeField(_("checked"))
    # The gateway whose "no" this is, where that may be wrong: it counts for numbers of the same kind. Empty: for all.
    only_for = models.CharField(max_length=60, blank=True, default="")

    class Meta:
        default_permissions = ()  # no page shows them
        verbose_name = _("number check")
        verbose_name_plural = _("number checks")

    def __str__(self) -> str:
        return self.phone


class ChatIdentity(models.Model):
    """An id under which WhatsApp knows a person without saying their number (LID, BSUID), and whose it was seen to be.

    Learnt from gateways that name both, and from the receipts of our own messages. Never taken for a number.
    """

    chat_id = models.CharField(max_length=200, unique=True)
    phone = models.CharField(max_length=20, db_index=True)
    learnt_at = models.DateTimeField()  # or when the number was last seen to be a contact's

    class Meta:
        default_permissions = ()
        verbose_name = _("identity in WhatsApp")
        verbose_name_plural = _("identities in WhatsApp")
        indexes = [models.Index(fields=["learnt_at"], name="identity_by_age")]

    def __str__(self) -> str:
        return self.chat_id
