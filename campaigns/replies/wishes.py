"""What a reply asks for is done: no more announcements, or announcements again. The person's last word counts."""

from datetime import datetime

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from campaigns.enums import Channel, ReplyMeaning
from campaigns.models import Reply
from campaigns.replies.answers import answer
from campaigns.replies.last_word import agreed_since, stopped_since
from tickets.history import THE_PERSON
from tickets.models import Contact
from tickets.optouts import opt_in, opt_out

M = ReplyMeaning

BY_REPLY, BY_PROVIDER = gettext_noop("Reply by WhatsApp"), gettext_noop("Told WhatsApp itself")


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
    took_back = agreed_since if reply.meaning == M.STOP else stopped_since
    return took_back(contact, reply.received_at)


def _stop(reply: Reply, contact: Contact, *, user: object, now: datetime) -> bool:
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
