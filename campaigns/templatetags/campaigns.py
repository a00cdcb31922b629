"""What the templates of campaigns need beyond their context."""

import re
from datetime import datetime
from math import ceil
from typing import Any

from django import template
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from campaigns.confirmations import Confirmed, confirmed_lately
from campaigns.enums import AttemptOutcome
from campaigns.mailboxes import mailbox_of_campaign, sender_of
from campaigns.models import Campaign, DeliveryAttempt
from campaigns.number_errors import LastError, errors_of
from campaigns.numbers import Number, number_in
from campaigns.scene import scene_of
from campaigns.scheduling import last_moment_of, planned_words
from campaigns.views.effects import ShownEffects, shown_effects
from campaigns.views.home import home_part
from campaigns.views.showing import OUTCOME_TONES, when
from campaigns.waiting import Waiting
from tickets.dates import in_zone, zone_words
from whatsapp.models import Sender, SendingSettings
from whatsapp.said import in_words

register = template.Library()
register.filter("said", in_words)

SOON_SECONDS = 120

# WhatsApp's own marks, after escaping: nothing that a person typed can become a tag.
_MARKS = (
    (re.compile(r"```(.+?)```", re.DOTALL), r"<code>\1</code>"),
    (re.compile(r"(?<!\w)\*(\S(?:[^*\n]*\S)?)\*(?!\w)"), r"<strong>\1</strong>"),
    (re.compile(r"(?<!\w)_(\S(?:[^_\n]*\S)?)_(?!\w)"), r"<em>\1</em>"),
    (re.compile(r"(?<!\w)~(\S(?:[^~\n]*\S)?)~(?!\w)"), r"<s>\1</s>"),
)
_ADDRESS = re.compile(r"https?://[^\s<]+")


@register.simple_tag(takes_context=True)
def sending_now(context: template.Context) -> dict[str, Any]:
    return home_part(context["request"])


@register.simple_tag
def email_sender(campaign: Campaign) -> str:
    """Whom people see as the sender of this campaign's e-mails."""
    return sender_of(mailbox_of_campaign(campaign))


@register.simple_tag(takes_context=True)
def number_now(context: template.Context, sender: Sender) -> Number | None:
    """How the number's lane stands: for pages of `whatsapp`, which knows nothing of lanes."""
    return number_in(scene_of(context["request"]), sender.pk)


@register.simple_tag
def confirmed_by(sender: Sender) -> Confirmed | None:
    """What is known of what the number sent lately; None where it reports nothing."""
    return confirmed_lately(now=timezone.now()).get(sender.pk)


@register.simple_tag(takes_context=True)
def last_errors(context: template.Context, sender: Sender) -> list[LastError]:
    """What went wrong on the number lately, newest first."""
    return errors_of(context["request"]).get(sender.pk, [])


@register.simple_tag(takes_context=True)
def effect_of_settings(context: template.Context, settings: SendingSettings) -> ShownEffects | None:
    """On the campaigns that are being sent, of settings that are typed and not saved; None for who may not see them."""
    return shown_effects(context["request"], settings=settings)


@register.simple_tag(takes_context=True)
def effect_of_number(context: template.Context, sender: Sender) -> ShownEffects | None:
    """The same of a number with another pace, draining, or switched off: as it is given, saved or not."""
    return shown_effects(context["request"], sender=sender)


@register.filter
def here(moment: datetime | None) -> str:
    """A moment with its place, where no campaign says in which zone."""
    return when(moment, timezone.get_current_timezone(), now=timezone.now())


@register.filter
def ends_at(waiting: Waiting) -> str:
    """When a wait ends, where no campaign says in which zone."""
    return when(waiting.until, timezone.get_current_timezone(), now=timezone.now())


@register.filter
def in_zone_of(moment: datetime | None, campaign: Campaign) -> str:
    """A moment with its place, in the campaign's zone."""
    return when(moment, campaign.zone, now=timezone.now())


@register.filter
def hour_of(moment: datetime, campaign: Campaign) -> str:
    """Hour, minute and second: for what happened a moment ago, in a table that names the zone elsewhere."""
    return date_format(in_zone(moment, campaign.zone), "H:i:s")


@register.filter
def place(campaign: Campaign) -> str:
    """The place whose hours a page shows."""
    return zone_words(in_zone(timezone.now(), campaign.zone), get_language() or "es")


@register.filter
def planned(campaign: Campaign) -> str:
    """When it starts by itself, counted from its event where it was planned so."""
    return planned_words(campaign, now=timezone.now())


@register.filter
def last_moment(campaign: Campaign) -> datetime | None:
    return last_moment_of(campaign, launched_at=campaign.launched_at or campaign.scheduled_at)


@register.filter
def until_words(waiting: Waiting, campaign: Campaign) -> str:
    """When a wait ends: in seconds where that is soon, else the hour with its place."""
    if waiting.until is None:
        return ""
    now = timezone.now()
    seconds = ceil((waiting.until - now).total_seconds())
    if seconds <= 0:
        return ""
    if seconds < SOON_SECONDS:
        return _soon_words(waiting, seconds) % {"n": seconds}
    return _later_words(waiting) % {"moment": when(waiting.until, campaign.zone, now=now)}


def _soon_words(waiting: Waiting, seconds: int) -> str:
    if waiting.is_look:
        return ngettext("It is tried again in %(n)d second.", "It is tried again in %(n)d seconds.", seconds)
    return ngettext("It goes on in %(n)d second.", "It goes on in %(n)d seconds.", seconds)


def _later_words(waiting: Waiting) -> str:
    if waiting.is_look:
        return _("It is tried again at this time: %(moment)s.")
    return _("It goes on at this time: %(moment)s.")


@register.filter
def call_tone(attempt: DeliveryAttempt) -> str:
    return OUTCOME_TONES[AttemptOutcome(attempt.outcome)]


@register.filter
def as_whatsapp(text: str) -> SafeString:
    """As the telephone shows it: bold, italic, struck through; links look like links and lead nowhere."""
    shown = str(escape(text))
    pieces, position = [], 0
    for address in _ADDRESS.finditer(shown):
        pieces += [_marked(shown[position : address.start()]), f'<span class="c-link">{address[0]}</span>']
        position = address.end()
    pieces.append(_marked(shown[position:]))
    return mark_safe("".join(pieces))  # noqa: S308  (escaped above; only our own tags were added)


def _marked(piece: str) -> str:
    for mark, tag in _MARKS:
        piece = mark.sub(tag, piece)
    return piece
