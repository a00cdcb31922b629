"""The messages of a person for their timeline, and words for what only this app knows."""

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from campaigns.enums import Channel, DeliveryStatus, ReplyMeaning
from campaigns.explanations import explain
from campaigns.models import Delivery, Reply
from campaigns.views.replies import MEANING_TONES
from campaigns.views.showing import DELIVERY_TONES, when
from tickets.history_words import say_values
from tickets.models import Contact
from tickets.timeline import Entry, Place, Viewer, add_source, earlier, place_of

HEAVY = ("text", "campaign__audience", "campaign__body", "campaign__email_body")
ICONS = {Channel.WHATSAPP: "phone", Channel.EMAIL: "mail"}


def messages(contact: Contact, viewer: Viewer, before: Place | None, limit: int) -> list[Entry]:
    """By the moment they were listed. First their numbers: sorting thousands of whole rows takes much longer."""
    if not viewer.may("campaigns.view_delivery"):
        return []
    theirs = Delivery.objects.filter(earlier(before, "messages", "created_at"), contact=contact)
    newest = list(theirs.order_by("-created_at", "-pk").values_list("pk", flat=True)[:limit])
    rows = Delivery.objects.filter(pk__in=newest).select_related("campaign", "sender").defer(*HEAVY)
    return [_message(row) for row in rows.order_by()]


def _message(delivery: Delivery) -> Entry:
    return Entry(
        place_of(delivery, "messages", delivery.created_at),
        icon=ICONS[Channel(delivery.channel)],
        title=delivery.campaign.name,
        badge=delivery.get_status_display(),
        tone=DELIVERY_TONES[DeliveryStatus(delivery.status)],
        url=reverse("admin:campaigns_delivery_change", args=[delivery.pk]),
        zone=delivery.campaign.zone,
        details=tuple(filter(None, (_way(delivery), _steps(delivery), _why(delivery)))),
    )


def _way(delivery: Delivery) -> str:
    way = f"{delivery.get_channel_display()}: {delivery.address or '–'}"
    return way + (" · " + _("from %(sender)s") % {"sender": delivery.sender} if delivery.sender else "")


def _steps(delivery: Delivery) -> str:
    now, zone = timezone.now(), delivery.campaign.zone
    steps = (
        (_("Sent %(moment)s"), delivery.sent_at),
        (_("delivered %(moment)s"), delivery.delivered_at),
        (_("read %(moment)s"), delivery.read_at),
    )
    return ", ".join(words % {"moment": when(moment, zone, now=now)} for words, moment in steps if moment)


def _why(delivery: Delivery) -> str:
    return str(explain(delivery.error_kind).sentence) if delivery.error_kind else ""


def replies(contact: Contact, viewer: Viewer, before: Place | None, limit: int) -> list[Entry]:
    if not viewer.may("campaigns.view_reply"):
        return []
    theirs = Reply.objects.filter(earlier(before, "replies", "received_at"), contact=contact)
    return [_reply(row) for row in theirs.select_related("sender").order_by("-received_at", "-pk")[:limit]]


def _reply(reply: Reply) -> Entry:
    to = _("to %(number)s") % {"number": reply.sender} if reply.sender else ""
    return Entry(
        place_of(reply, "replies", reply.received_at),
        icon="inbox",
        title=_("Told WhatsApp itself") if reply.told_provider else _("Wrote to us"),
        badge=reply.get_meaning_display() if reply.meaning in ReplyMeaning.wishes else "",
        tone=MEANING_TONES[ReplyMeaning(reply.meaning)],
        url=reverse("admin:campaigns_reply_change", args=[reply.pk]),
        details=tuple(filter(None, (f"“{reply.text}”" if reply.text else "", to))),
    )


add_source("messages", messages)
add_source("replies", replies)
say_values("decision", lambda made: _("This database sends again") if made == "adopt" else made)
say_values("error_kind", lambda kind: explain(kind).sentence)
