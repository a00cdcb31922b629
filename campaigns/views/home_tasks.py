"""What needs a person, most urgent first."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from campaigns.lane_waits import rest_sentence
from campaigns.models import Campaign, Lane
from campaigns.reminders import Lacking, event_page, soon_without_ticket
from campaigns.scene import Scene
from campaigns.views.base import launch_page_of, page_of
from campaigns.views.home_counts import Counted, count
from campaigns.views.replies import list_to_settle

COUNTED = (Counted.UNCERTAIN, Counted.LISTS, Counted.SOON, Counted.REPLIES, Counted.UNTOLD)
COUNTED_SECONDS = 60


@dataclass(frozen=True)
class Task:
    """Something that no machine will do: a sentence and where to do it."""

    sentence: str
    url: str = ""
    tone: str = "warn"


def tasks(request: HttpRequest, scene: Scene, *, late: Sequence[Campaign]) -> list[Task]:
    """Each leads to a page that this person may open, or nowhere."""
    return [
        *_worker(scene),
        *_lanes(request, scene),
        *_overdue(request, late),
        *_without_ticket(request, scene),
        *_replies(request, scene),
        *_untold(request, scene),
        *_uncertain(request, scene),
        *_lists(request, scene),
    ]


def _worker(scene: Scene) -> list[Task]:
    if not scene.nobody_works:
        return []
    sentence = _("The background worker is not running, so nothing leaves. Ask your technician to start it.")
    return [Task(sentence, tone="bad")]


def _lanes(request: HttpRequest, scene: Scene) -> list[Task]:
    """Once for each number and mailbox that is in use: a mailbox has several lanes, which stop for the same reason."""
    stopped = {(lane.sender_id, lane.mailbox_id): lane for lane in scene.lanes if lane.is_stopped and _is_in_use(lane)}
    return [Task(rest_sentence(lane), _page_of_lane(request, lane), tone="bad") for lane in stopped.values()]


def _is_in_use(lane: Lane) -> bool:
    if lane.sender is not None:
        return lane.sender.is_enabled
    return lane.number <= settings.EMAIL_LANES and (lane.mailbox is None or lane.mailbox.is_enabled)


def _page_of_lane(request: HttpRequest, lane: Lane) -> str:
    """Of the number or the mailbox; the installation's own sender is tried out above the list of mailboxes."""
    if lane.sender_id:
        can_look = request.user.has_perm("whatsapp.view_sender")
        return reverse("admin:whatsapp_sender_change", args=[lane.sender_id]) if can_look else ""
    if not request.user.has_perm("campaigns.view_mailbox"):
        return ""
    if lane.mailbox_id:
        return reverse("admin:campaigns_mailbox_change", args=[lane.mailbox_id])
    return reverse("admin:campaigns_mailbox_changelist")


def _overdue(request: HttpRequest, late: Sequence[Campaign]) -> list[Task]:
    page = launch_page_of if request.user.has_perm("campaigns.launch_campaign") else page_of
    sentence = _("The time of “%(name)s” has passed. Send it now, or make it a draft again.")
    return [Task(sentence % {"name": campaign.name}, page(campaign)) for campaign in late]


def _without_ticket(request: HttpRequest, scene: Scene) -> list[Task]:
    """Events of the next day with tickets that have not arrived; counted once a minute for everybody who looks."""
    if not request.user.has_perm("tickets.view_event") or not count(COUNTED, scene)[Counted.SOON]:
        return []
    minute = int(scene.now.timestamp()) // COUNTED_SECONDS
    found = cache.get_or_set(
        f"home-without-ticket-{minute}", lambda: soon_without_ticket(now=scene.now), COUNTED_SECONDS
    )
    return [Task(_without_words(one), event_page(one.event), tone="bad") for one in found or ()]


def _without_words(one: Lacking) -> str:
    sentence = ngettext(
        "“%(event)s” is within a day and %(n)d ticket has not arrived on any channel. Look who is without one.",
        "“%(event)s” is within a day and %(n)d tickets have not arrived on any channel. Look who is without one.",
        one.tickets,
    )
    return sentence % {"event": one.name, "n": one.tickets}


def _replies(request: HttpRequest, scene: Scene) -> list[Task]:
    """Somebody waits for us to stop: urgent. Only for whoever can decide."""
    number = count(COUNTED, scene)[Counted.REPLIES]
    may = request.user.has_perm
    if not number or not all(map(may, ("campaigns.view_reply", "campaigns.settle_reply", "tickets.view_contact"))):
        return []
    sentence = ngettext(
        "%(n)d person wrote what they want to get from us, and nobody knows who it was. Say who.",
        "%(n)d replies say what somebody wants to get from us, and nobody knows who wrote them. Say who.",
        number,
    )
    return [Task(sentence % {"n": number}, list_to_settle(), tone="bad")]


def _untold(request: HttpRequest, scene: Scene) -> list[Task]:
    """Nobody reads the other replies, and everybody believes that somebody does."""
    if not count(COUNTED, scene)[Counted.UNTOLD] or not request.user.has_perm("campaigns.view_reply"):
        return []
    sentence = _(
        "The last e-mail with replies did not reach your team. Look at its address in Words and answers, and at its "
        "mailbox."
    )
    can_look = request.user.has_perm("campaigns.view_replysettings")
    return [Task(sentence, reverse("admin:campaigns_replysettings_change", args=[1]) if can_look else "")]


def _uncertain(request: HttpRequest, scene: Scene) -> list[Task]:
    number = count(COUNTED, scene)[Counted.UNCERTAIN]
    if not number:
        return []
    sentence = ngettext(
        "%(n)d message may or may not have arrived. Look at it and decide.",
        "%(n)d messages may or may not have arrived. Look at them and decide.",
        number,
    )
    can_look = request.user.has_perm("campaigns.view_delivery")
    return [Task(sentence % {"n": number}, reverse("admin:campaigns_campaign_uncertain") if can_look else "")]


def _lists(request: HttpRequest, scene: Scene) -> list[Task]:
    """Only for whoever can import the rest: nobody else could mend it."""
    number = count(COUNTED, scene)[Counted.LISTS]
    if not number or not request.user.has_perm("tickets.import_contacts"):
        return []
    sentence = ngettext(
        "%(n)d list was imported with errors. Mend the rows that stayed outside and import them again.",
        "%(n)d lists were imported with errors. Mend the rows that stayed outside and import them again.",
        number,
    )
    return [Task(sentence % {"n": number}, reverse("admin:tickets_import_changelist"))]
