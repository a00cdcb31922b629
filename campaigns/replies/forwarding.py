"""What people write that asks for nothing of ours is told to one address of the team, by e-mail.

The first at once, then at most one letter every ten minutes with all that came since: a hundred answers to an
announcement are a few letters. Nothing leaves except as a delivery: each letter is a campaign of its own, like a
reminder. There is no inbox here; whoever answers does so on the telephone.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import translation
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from campaigns import lifecycle
from campaigns.enums import Channel, Origin
from campaigns.models import Campaign, Reply, ReplySettings
from campaigns.models.campaign import PRIORITY_SINGLE
from campaigns.replies.untold import TOLD, tell_again
from tickets.date_formats import formatted

BETWEEN_LETTERS = timedelta(minutes=10)
MOST_IN_A_LETTER = 50
LATEST = timedelta(days=1)  # a letter that could not leave until then is no news any more
BRACES = str.maketrans("{}", "()")  # what stands between braces would be filled in


def forward_due(*, now: datetime) -> int:
    """Returns how many replies were told. Two ticks at once write one letter."""
    known = ReplySettings.load()
    tell_again(known.forward_to, now=now)
    if not Reply.objects.filter(is_to_forward=True).exists():
        return 0
    if not known.forward_to:  # nobody is told any more, and nothing old should come when somebody is again
        Reply.objects.filter(is_to_forward=True).update(is_to_forward=False)
        return 0
    if Campaign.objects.filter(origin=Origin.FORWARD, launched_at__gt=now - BETWEEN_LETTERS).exists():
        return 0
    with transaction.atomic():
        return _tell(known.forward_to, now=now)


def _tell(address: str, *, now: datetime) -> int:
    waiting = Reply.objects.select_for_update(of=("self",)).filter(is_to_forward=True).order_by("pk")
    rows = list(waiting.select_related("contact", "sender"))
    if not rows:
        return 0
    Reply.objects.filter(pk__in=[row.pk for row in rows]).update(is_to_forward=False)
    with translation.override(settings.LANGUAGE_CODE):
        text = _letter(rows)
        letter = Campaign.objects.create(
            origin=Origin.FORWARD,
            name=_subject(len(rows)),
            channels=Channel.EMAIL,
            priority=PRIORITY_SINGLE,
            audience={"trial": _frozen(address), TOLD: [row.pk for row in rows]},
            not_after=now + LATEST,
            body=text,
            email_body=text,  # given by itself, so that signs in what people wrote are not read as bold
            link=f"{settings.PUBLIC_URL}{reverse('admin:campaigns_reply_changelist')}",
            link_text=_("All replies"),
        )
    lifecycle.launch(letter, now=now)
    return len(rows)


def _subject(number: int) -> str:
    return ngettext("%(n)d reply by WhatsApp", "%(n)d replies by WhatsApp", number) % {"n": number}


def _frozen(address: str) -> dict[str, Any]:
    """As the audience of a test has it: one person who is no contact."""
    return {"address": address, "name": address[:150], "language": settings.LANGUAGE_CODE[:2]}


def _letter(rows: list[Reply]) -> str:
    parts = [_said(row) for row in rows[:MOST_IN_A_LETTER]]
    if more := len(rows) - MOST_IN_A_LETTER:
        parts += _more(more)
    parts.append(_("Nobody reads answers to this e-mail. Answer the person on the telephone of the number."))
    return "\n\n".join(parts).translate(BRACES)


def _more(number: int) -> Iterable[str]:
    if number > 0:
        yield ngettext("And %(n)d more.", "And %(n)d more.", number) % {"n": number}


def _said(row: Reply) -> str:
    when = formatted(localtime(row.received_at), "j M Y, H:i")
    who = _("%(who)s wrote to %(number)s, %(when)s:") % {"who": _who(row), "number": row.sender or "–", "when": when}
    text = f"“{row.text}”" if row.text else _("(without text: a picture, a voice message or the like)")
    return "\n".join(filter(None, (who, text, _page(row))))


def _who(row: Reply) -> str:
    if row.contact is not None:
        return f"{row.contact.name} ({row.phone or row.contact.phone})"
    return _("%(phone)s, who is not among the contacts,") % {"phone": row.phone} if row.phone else _("Somebody unknown")


def _page(row: Reply) -> str:
    if row.contact_id is None:
        return ""
    return f"{settings.PUBLIC_URL}{reverse('admin:tickets_contact_person', args=[row.contact_id])}"
