"""The page that asks "really?": GET shows what a launch would do, POST does exactly that, once."""

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
from campaigns.enums import CampaignKind
from campaigns.forms import OptionsForm
from campaigns.lifecycle import LAUNCHABLE, SCHEDULABLE, IllegalMove
from campaigns.models import Campaign
from campaigns.schedule_form import ScheduleForm
from campaigns.scheduling import done_words
from campaigns.views.base import CampaignViews, back_to, page_of, say_no
from campaigns.views.plan import Options, Plan, make_plan, message_version
from campaigns.views.showing import audience_words


class MessageChanged(Exception):
    """Somebody edited the draft between the reading and the launch."""


class LaunchViews(CampaignViews):
    def launch(self, request: HttpRequest, pk: int) -> HttpResponse:
        campaign = self.campaign(request, pk, "launch_campaign")
        if campaign.status not in LAUNCHABLE:
            if request.method == "POST":
                say_no(request, IllegalMove(campaign, "sending"))
            return back_to(campaign)
        asked = request.POST if request.method == "POST" else request.GET
        plan = make_plan(campaign, Options.of(campaign, asked), now=timezone.now())
        if request.method == "POST":
            return self._launch(request, plan)
        return self._show(request, plan)

    def _launch(self, request: HttpRequest, plan: Plan) -> HttpResponse:
        """What was shown is launched, or the page asks again with what is true now."""
        if plan.problems:
            return self._show(request, plan)
        if request.POST.get("expected") != str(plan.messages):
            return self._show(request, plan, seen=_as_number(request.POST.get("expected")))
        later = None
        if "later" in request.POST:
            later = ScheduleForm(request.POST, campaign=plan.campaign, now=timezone.now())
            if not later.is_settled():
                return self._show(request, plan, later=later)
        try:
            sentence = self._start(request, plan, later)
        except MessageChanged:
            fresh = Campaign.objects.select_related("event").get(pk=plan.campaign.pk)
            return self._show(request, make_plan(fresh, plan.options, now=timezone.now()), is_edited=True)
        except IllegalMove as refused:
            say_no(request, refused)
            return back_to(plan.campaign)
        self.log(request, plan.campaign, sentence)
        messages.success(request, sentence)
        return back_to(plan.campaign)

    def _start(self, request: HttpRequest, plan: Plan, later: ScheduleForm | None) -> str:
        """Now, or at the moment that was chosen. Returns what was done, in words."""
        version = request.POST.get("version", "")
        if later is None or later.schedule is None:
            assert request.user.is_authenticated  # the permission was asked for before
            settle(plan, version, partial(lifecycle.launch, user=request.user))
            return launched_words(plan)
        chosen = later.schedule
        settle(
            plan,
            version,
            partial(lifecycle.schedule, at=chosen.at, counted_from=chosen.counted_from, minutes=chosen.minutes),
        )
        return done_words(chosen, plan.campaign, messages=plan.messages, now=timezone.now())

    def _show(
        self,
        request: HttpRequest,
        plan: Plan,
        *,
        seen: int | None = None,
        is_edited: bool = False,
        later: ScheduleForm | None = None,
    ) -> TemplateResponse:
        context: dict[str, Any] = {
            "title": _("Send “%(name)s”?") % {"name": plan.campaign.name},
            "campaign": plan.campaign,
            "plan": plan,
            "form": OptionsForm(plan.options, kind=plan.campaign.kind),
            "audience_words": audience_words(plan.campaign),
            "seen": seen,
            "is_edited": is_edited,
            "later": later or ScheduleForm(campaign=plan.campaign, now=timezone.now()),
            "is_later": later is not None or "later" in request.GET,
            "can_plan": plan.campaign.status in SCHEDULABLE,
            "is_tickets": plan.campaign.kind == CampaignKind.TICKETS,
            "can_edit": self.admin.has_change_permission(request, plan.campaign),
            "page_url": page_of(plan.campaign),
        }
        is_part = request.method == "GET" and request.headers.get("HX-Target") == "p-plan"
        return self.render(request, "campaigns/_plan.html" if is_part else "campaigns/launch.html", context)


def settle(plan: Plan, version: str, move: Callable[[Campaign], None]) -> None:
    """The one moment in which the options become the campaign's own. Raises IllegalMove or MessageChanged."""
    with transaction.atomic():
        locked = Campaign.objects.select_for_update().get(pk=plan.campaign.pk)
        if locked.status in LAUNCHABLE:
            if message_version(locked) != version:
                raise MessageChanged
            Campaign.objects.filter(pk=locked.pk).update(
                channels=plan.options.channels, audience=plan.options.audience(locked)
            )
        move(locked)


def launched_words(plan: Plan) -> str:
    assert plan.numbers is not None
    sentence = ngettext(
        "Launched: %(n)d message (WhatsApp %(whatsapp)d, e-mail %(email)d).",
        "Launched: %(n)d messages (WhatsApp %(whatsapp)d, e-mail %(email)d).",
        plan.messages,
    )
    return sentence % {"n": plan.messages, "whatsapp": plan.numbers.whatsapp, "email": plan.numbers.email}


def _as_number(typed: str | None) -> int:
    return int(typed) if typed and typed.isdecimal() else 0
