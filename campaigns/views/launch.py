"""The page that asks "really?": GET shows what a launch would do, POST does exactly that, once."""

import re
from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from campaigns import lifecycle
from campaigns.drafts import draft_version
from campaigns.enums import CampaignKind
from campaigns.forms import OptionsForm
from campaigns.lifecycle import LAUNCHABLE, SCHEDULABLE, IllegalMove
from campaigns.models import Campaign
from campaigns.scene import scene_of
from campaigns.schedule_form import ScheduleForm
from campaigns.scheduling import done_words
from campaigns.views.base import CampaignViews, back_to, page_of, say_no
from campaigns.views.plan import Options, Plan, make_plan
from campaigns.views.showing import audience_words
from tickets.enums import Action
from tickets.history import record

LONGEST_NUMBER = 20
# What separates thousands somewhere: `\s` holds also the narrow and the unbreakable blank.
_SEPARATORS = re.compile(r"[\s.,'’_]")


class DraftChanged(Exception):
    """Somebody edited the message, or chose other people, between the reading and the launch."""


class LaunchViews(CampaignViews):
    def launch(self, request: HttpRequest, pk: int) -> HttpResponse:
        campaign = self.campaign(request, pk, "launch_campaign", whole=True)
        if campaign.status not in LAUNCHABLE:
            if request.method == "POST":
                say_no(request, IllegalMove(campaign, "sending"))
            return back_to(campaign)
        asked = request.POST if request.method == "POST" else request.GET
        plan = _plan(request, campaign, Options.of(campaign, asked))
        if request.method == "POST":
            return self._launch(request, plan)
        return self._show(request, plan)

    def _launch(self, request: HttpRequest, plan: Plan) -> HttpResponse:
        """What was shown is launched, or the page asks again with what is true now."""
        later = _chosen_time(request, plan.campaign)
        if plan.problems:
            return self._show(request, plan, later=later)
        if request.POST.get("expected") != str(plan.messages):
            return self._show(request, plan, seen=number_typed(request.POST.get("expected", "")) or 0, later=later)
        if "look" in request.POST or not _is_typed(request, plan):
            return self._show(request, plan, later=later, is_asked="look" not in request.POST)
        if "later" not in request.POST:
            later = None
        elif later is not None and not later.is_settled():
            return self._show(request, plan, later=later)
        try:
            sentence = self._start(request, plan, later)
        except DraftChanged:
            fresh = Campaign.objects.select_related("event").get(pk=plan.campaign.pk)
            return self._show(request, _plan(request, fresh, plan.options), is_edited=True, later=later)
        except IllegalMove as refused:
            say_no(request, refused)
            return back_to(plan.campaign)
        messages.success(request, sentence)
        return back_to(plan.campaign)

    def _start(self, request: HttpRequest, plan: Plan, later: ScheduleForm | None) -> str:
        """Now, or at the moment that was chosen. Returns what was done, in words."""
        version = request.POST.get("version", "")
        if later is None or later.schedule is None:
            assert request.user.is_authenticated  # the permission was asked for before
            with transaction.atomic():
                settle(plan, version, partial(lifecycle.launch, user=request.user))
                record(request.user, plan.campaign, Action.LAUNCHED, after=_numbers(plan))
            return launched_words(plan)
        chosen = later.schedule
        at: dict[str, Any] = {"at": chosen.at, "counted_from": chosen.counted_from, "minutes": chosen.minutes}
        with transaction.atomic():
            settle(plan, version, partial(lifecycle.schedule, **at))
            record(request.user, plan.campaign, Action.SCHEDULED, after={"scheduled_at": chosen.at} | _numbers(plan))
        return done_words(chosen, plan.campaign, messages=plan.messages, now=timezone.now())

    def _show(
        self,
        request: HttpRequest,
        plan: Plan,
        *,
        seen: int | None = None,
        is_edited: bool = False,
        is_asked: bool = False,
        later: ScheduleForm | None = None,
    ) -> TemplateResponse:
        """`is_asked`: the number that was typed is missing or another one. A changed number is typed anew."""
        context: dict[str, Any] = {
            "title": _("Send “%(name)s”?") % {"name": plan.campaign.name},
            "campaign": plan.campaign,
            "plan": plan,
            "form": OptionsForm(plan.options, kind=plan.campaign.kind),
            "audience_words": audience_words(plan.campaign),
            "seen": seen,
            "is_edited": is_edited,
            "is_look": "look" in request.POST,
            "typed": "" if seen is not None else request.POST.get("typed", "")[:LONGEST_NUMBER],
            "typing_error": _typing_error(request.POST.get("typed", ""), plan) if is_asked else "",
            "later": later or ScheduleForm(campaign=plan.campaign, now=timezone.now()),
            "is_later": later is not None or "later" in request.GET,
            "can_plan": plan.campaign.status in SCHEDULABLE,
            "is_tickets": plan.campaign.kind == CampaignKind.TICKETS,
            "can_edit": self.admin.has_change_permission(request, plan.campaign),
            "page_url": page_of(plan.campaign),
        }
        is_part = request.method == "GET" and request.headers.get("HX-Target") == "p-plan"
        return self.render(request, "campaigns/_plan.html" if is_part else "campaigns/launch.html", context)


def _plan(request: HttpRequest, campaign: Campaign, options: Options) -> Plan:
    scene = scene_of(request)
    return make_plan(campaign, options, now=scene.now, scene=scene)


def _chosen_time(request: HttpRequest, campaign: Campaign) -> ScheduleForm | None:
    """The fields for a later hour, where somebody has written into them: a page that asks again keeps them."""
    asked = request.POST
    if "later" in asked or asked.get("at") or asked.get("how") == "event":
        return ScheduleForm(asked, campaign=campaign, now=timezone.now())
    return None


def _is_typed(request: HttpRequest, plan: Plan) -> bool:
    """Of a large send somebody has written the number, not only pressed a button."""
    return not plan.must_type or number_typed(request.POST.get("typed", "")) == plan.messages


def number_typed(text: str) -> int | None:
    """1234, 1.234, 1,234, 1 234 and 1'234 are one number; None where it is no number."""
    digits = _SEPARATORS.sub("", text)
    return int(digits) if len(digits) <= LONGEST_NUMBER and digits.isdecimal() else None


def _typing_error(typed: str, plan: Plan) -> str:
    number = number_typed(typed)
    if number is None:
        sentence = _("Write the number of messages, %(n)d, in the field beside the button. Nothing was sent.")
        return sentence % {"n": plan.messages}
    sentence = _("You wrote %(typed)d, but it is %(n)d messages. Nothing was sent.")
    return sentence % {"typed": number, "n": plan.messages}


def settle(plan: Plan, version: str, move: Callable[[Campaign], None]) -> None:
    """The one moment in which the options become the campaign's own. Raises IllegalMove or DraftChanged."""
    with transaction.atomic():
        locked = Campaign.objects.select_for_update().get(pk=plan.campaign.pk)
        if locked.status in LAUNCHABLE:
            if draft_version(locked, with_channels=False) != version:
                raise DraftChanged
            Campaign.objects.filter(pk=locked.pk).update(
                channels=plan.options.channels, audience=plan.options.audience(locked)
            )
        move(locked)


def _numbers(plan: Plan) -> dict[str, Any]:
    """For the history: how many, and by which channels."""
    assert plan.numbers is not None
    by_channel = {"whatsapp": plan.numbers.whatsapp, "email": plan.numbers.email}
    return {"messages": plan.messages} | {channel: number for channel, number in by_channel.items() if number}


def launched_words(plan: Plan) -> str:
    assert plan.numbers is not None
    sentence = ngettext(
        "Launched: %(n)d message (WhatsApp %(whatsapp)d, e-mail %(email)d).",
        "Launched: %(n)d messages (WhatsApp %(whatsapp)d, e-mail %(email)d).",
        plan.messages,
    )
    return sentence % {"n": plan.messages, "whatsapp": plan.numbers.whatsapp, "email": plan.numbers.email}
