"""The answer to whoever wants no more announcements, or wants them again: one short message from the same number.

Like everything else it leaves as a delivery, at the pace and in the hours of its number. It passes the opt-out, since
it is what the person asked to hear; whether it still says the truth is looked at when it is taken from the queue.
"""

from datetime import datetime, timedelta

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from campaigns import lifecycle
from campaigns.audience import describe
from campaigns.enums import CampaignKind, Channels, Origin, ReplyMeaning
from campaigns.models import Campaign, Reply, ReplySettings
from campaigns.models.campaign import PRIORITY_SINGLE
from campaigns.models.reply import LANGUAGES
from tickets.aliases import contact_of
from tickets.models import Contact

M = ReplyMeaning

# For so long WhatsApp lets businesses answer with any text; and who asked yesterday is not waiting any more.
WITHIN = timedelta(hours=24)
NOT_AGAIN_WITHIN = timedelta(days=1)  # two machines that answer each other would never end
SET_BY_STAFF = frozenset(code for code, _name in settings.LANGUAGES)


def answer(reply: Reply, contact: Contact, *, now: datetime) -> Campaign | None:
    """In the transaction that writes down the change; `contact` is locked, so that two changes take turns."""
    if not _is_due(reply, contact, now=now):
        return None
    known = ReplySettings.load()
    language = _language(reply, contact, known)
    campaign = Campaign.objects.create(
        kind=CampaignKind.ANNOUNCEMENT,
        origin=Origin.REPLY,
        name=_name(reply),
        channels=Channels.WHATSAPP,
        body=known.answer(reply.meaning, language),
        priority=PRIORITY_SINGLE,
        audience=describe(contacts=[contact.pk]) | {"answers": reply.meaning, "number": reply.sender_id},
        not_after=reply.received_at + WITHIN,
        form_key=f"reply-{reply.pk}",
    )
    Reply.objects.filter(pk=reply.pk).update(answer=campaign)
    lifecycle.launch(campaign, now=now)
    return campaign


def _is_due(reply: Reply, contact: Contact, *, now: datetime) -> bool:
    if reply.sender_id is None or not contact.phone or now >= reply.received_at + WITHIN:
        return False
    if reply.phone and contact_of(reply.phone) != contact:  # from another number of theirs: it is not the one we know
        return False
    recent = Reply.objects.filter(contact=contact, answer__launched_at__gt=now - NOT_AGAIN_WITHIN)
    return not recent.exists()


def _name(reply: Reply) -> str:
    with translation.override(settings.LANGUAGE_CODE):
        return _("Answer: no more announcements") if reply.meaning == M.STOP else _("Answer: announcements again")


def _language(reply: Reply, contact: Contact, known: ReplySettings) -> str:
    """The person's; that of the word where it is one that no contact can be set to."""
    spoken = known.vocabulary().languages_of(reply.text) & LANGUAGES.keys()
    return next(iter(spoken)) if len(spoken) == 1 and not spoken & SET_BY_STAFF else contact.language
