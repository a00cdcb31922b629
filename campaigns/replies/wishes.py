"""What a reply asks for is done: no more announcements, or announcements again. The person's last word counts.

Replies may come late and out of order: a gateway was off, or somebody found out only days later who wrote.
"""

from datetime import datetime, timedelta

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from campaigns.enums import Channel, ReplyMeaning
from campaigns.models import Reply
from campaigns.replies.answers import answer
from tickets.history import THE_PERSON
from tickets.models import Contact
from tickets.optouts import opt_in, opt_out

M = ReplyMeaning

BY_REPLY, BY_PROVIDER = gettext_noop("Reply by WhatsApp"), gettext_noop("Told WhatsApp itself")
# Gateways and we read different clocks. Between a yes and a no that are so close, the no counts.
CLOCKS_APART = timedelta(hours=1)
OPPOSITE = {M.STOP: M.RESUME, M.RESUME: M.STOP}


def obey(reply: Reply, contact: Contact, *, user: object, now: datetime) -> bool:
    """Whether anything changed for them. `contact` is locked; `user`: who of the staff said that they wrote it."""
    if reply.meaning not in M.wishes or _said_otherwise_since(reply, contact):
        return False
    do = _stop if reply.meaning == M.STOP else _resume
    if not do(reply, contact, user=user or THE_PERSON, now=now):
        return False
    contact.refresh_from_db()
    if not reply.told_provider:  # whoever told WhatsApp itself was answered there
        answer(reply, contact, now=now)
    return True


def _said_otherwise_since(reply: Reply, contact: Contact) -> bool:
    later = Reply.objects.filter(contact=contact, meaning=OPPOSITE[M(reply.meaning)])
    return later.filter(received_at__gt=reply.received_at).exists()


def _stop(reply: Reply, contact: Contact, *, user: object, now: datetime) -> bool:
    agreed = contact.whatsapp_consent_at
    if agreed is not None and agreed > reply.received_at + CLOCKS_APART:
        return False
    said = _source(reply), reply.received_at, reply.text
    return opt_out(contact, Channel.WHATSAPP, user=user, source=said[0], at=said[1], text=said[2], now=now)


def _resume(reply: Reply, contact: Contact, *, user: object, now: datetime) -> bool:
    since = contact.whatsapp_opt_out_at
    if since is None or since > reply.received_at:
        return False
    said = _source(reply), reply.received_at, reply.text
    return opt_in(contact, Channel.WHATSAPP, user=user, source=said[0], at=said[1], text=said[2], seen=since, now=now)


def _source(reply: Reply) -> str:
    """It is read by the staff, and kept as it is."""
    with translation.override(settings.LANGUAGE_CODE):
        return _(BY_PROVIDER if reply.told_provider else BY_REPLY)
