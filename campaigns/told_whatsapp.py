"""People who told WhatsApp itself to stop us, as it says when a message to them is refused: nobody asks them twice."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from campaigns.enums import Channel
from campaigns.replies.last_word import agreed_since
from tickets.models import Contact
from tickets.optouts import opt_out


def opt_out_all(told: Iterable[tuple[int | None, datetime]], *, now: datetime) -> int:
    """How many of them had not said so before, and have not taken it back since. `told`: contacts, and when it was."""
    moments: dict[int, datetime] = {}
    for pk, at in told:
        if pk is not None:
            moments[pk] = max(at, moments.get(pk, at))
    if not moments:
        return 0
    source = _("WhatsApp itself, in its report")
    with transaction.atomic():
        # Locked, so that an ALTA that is read at this moment comes before it or after it.
        people = Contact.objects.select_for_update(no_key=True).filter(pk__in=moments, whatsapp_opt_out_at=None)
        return sum(
            opt_out(one, Channel.WHATSAPP, user=None, source=source, at=moments[one.pk], now=now)
            for one in people.order_by("pk")
            if not agreed_since(one, moments[one.pk])
        )
