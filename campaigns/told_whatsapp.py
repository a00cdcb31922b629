"""People who told WhatsApp itself to stop us, as it says when a message to them is refused: nobody asks them twice."""

from collections.abc import Iterable
from datetime import datetime

from django.utils.translation import gettext as _

from campaigns.enums import Channel
from tickets.models import Contact
from tickets.optouts import opt_out


def opt_out_all(contact_ids: Iterable[int | None], *, now: datetime) -> int:
    """How many of them had not said so before."""
    people = Contact.objects.filter(pk__in={pk for pk in contact_ids if pk}, whatsapp_opt_out_at=None).order_by("pk")
    source = _("WhatsApp itself, in its report")
    return sum(opt_out(one, Channel.WHATSAPP, user=None, source=source, at=now, now=now) for one in people)
