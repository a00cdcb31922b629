"""What a person does not want any more, and what they agreed to again. The only code that writes it by hand.

It counts for the very next message: the wish is read once more when a message is taken from the queue.
"""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from tickets.enums import Action
from tickets.history import record
from tickets.models import Contact
from tickets.signals import opted_out

CHANNEL_NAMES: dict[str, str | Promise] = {"whatsapp": "WhatsApp", "email": gettext_lazy("E-mail")}
CHANNELS = tuple(CHANNEL_NAMES)
LONGEST_SOURCE = 120


def opt_out(
    contact: Contact,
    channel: str,
    *,
    user: Any,
    source: str,
    at: datetime,
    text: str = "",
    now: datetime | None = None,
) -> bool:
    """No more announcements on this channel since `at`. False when that was written down before: the first time stays.

    `source`: how the person said so. `text`: what they said or were shown. `user`: as in `history.record`.
    """
    now = now or timezone.now()
    wish = {
        f"{channel}_opt_out_at": at,
        f"{channel}_opt_out_source": source[:LONGEST_SOURCE],
        f"{channel}_opt_out_text": text,
    }
    with transaction.atomic():
        won = Contact.objects.filter(pk=contact.pk, **{f"{channel}_opt_out_at": None}).update(**wish, updated_at=now)
        if won:
            record(user, contact, Action.OPTED_OUT, after=wish, now=now)
            opted_out.send(Contact, contact=contact.pk, channel=channel, now=now)
    return bool(won)


def opt_in(
    contact: Contact,
    channel: str,
    *,
    user: Any,
    source: str,
    at: datetime,
    text: str = "",
    seen: datetime | None,
    now: datetime | None = None,
) -> bool:
    """They want announcements again, which is also their consent. False when the opt-out is not the one that was seen.

    `text`: what the person was asked or said. `seen`: the opt-out's time on the page on which it was decided.
    """
    gone: dict[str, Any] = {
        f"{channel}_opt_out_at": None,
        f"{channel}_opt_out_source": "",
        f"{channel}_opt_out_text": "",
    }
    before = {name: getattr(contact, name) for name in gone}
    consent = {
        f"{channel}_consent_at": at,
        f"{channel}_consent_source": source[:LONGEST_SOURCE],
        f"{channel}_consent_text": text,
    }
    if seen is None:
        return False
    with transaction.atomic():
        won = Contact.objects.filter(pk=contact.pk, **{f"{channel}_opt_out_at": seen}).update(
            **gone, **consent, updated_at=now or timezone.now()
        )
        if won:
            record(user, contact, Action.OPTED_IN, before=before, after=gone | consent, now=now)
    return bool(won)
