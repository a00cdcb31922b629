"""Pause, resume, cancel, send again: each a POST with a permission of its own, written down with its numbers."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from campaigns import lifecycle
from campaigns.enums import CampaignStatus, DeliveryStatus
from campaigns.explanations import TOO_LONG, explain
from campaigns.lifecycle import IllegalMove
from campaigns.models import Campaign, Delivery
from campaigns.queueing import resendable
from campaigns.views.base import CampaignViews, back_to, page_of, say_no
from tickets.enums import Action
from tickets.history import record
from whatsapp.gateways.base import ErrorKind

D = DeliveryStatus

MOST_EXAMPLES = 20


@dataclass(frozen=True)
class Again:
    """Which messages somebody wants to send once more: those of one kind, all that failed, or the uncertain ones."""

    kinds: tuple[str, ...]
    uncertain: bool
    kind: str = ""

    @classmethod
    def of(cls, campaign: Campaign, asked: Any) -> "Again":
        if asked.get("uncertain"):
            # Only them: no failed message has this kind.
            return cls((str(ErrorKind.UNCERTAIN),), uncertain=True)
        kind = asked.get("kind", "")
        kinds = {kind} if kind else set(resendable(campaign).order_by().values_list("error_kind", flat=True).distinct())
        return cls(tuple(sorted(kinds - {TOO_LONG})), uncertain=False, kind=kind)

    @property
    def permission(self) -> str:
        return "resend_uncertain" if self.uncertain else "resend_failed"

    def count(self, campaign: Campaign) -> int:
        if not self.kinds:
            return 0
        return resendable(campaign, kinds=self.kinds, uncertain=self.uncertain).count()

    def run(self, campaign: Campaign) -> int:
        return lifecycle.resend(campaign, kinds=self.kinds, uncertain=self.uncertain) if self.kinds else 0


class MoveViews(CampaignViews):
    def pause(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self._move(request, pk, "pause_campaign", self._pause)

    def resume(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self._move(request, pk, "pause_campaign", self._resume)

    def unschedule(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self._move(request, pk, "launch_campaign", self._unschedule)

    def _move(self, request: HttpRequest, pk: int, permission: str, move: Any) -> HttpResponse:
        campaign = self.campaign(request, pk, permission)
        if request.method == "POST":
            try:
                with transaction.atomic():  # what is not on record was not done
                    sentence = move(request, campaign)
            except IllegalMove as refused:
                say_no(request, refused)
            else:
                messages.success(request, sentence)
        return back_to(campaign)

    def _pause(self, request: HttpRequest, campaign: Campaign) -> str:
        lifecycle.pause(campaign)
        left = Delivery.objects.filter(campaign=campaign, status__in=sorted(D.open)).count()
        record(request.user, campaign, Action.PAUSED, after={"left": left})
        sentence = ngettext("Paused with %(n)d message to go.", "Paused with %(n)d messages to go.", left)
        return sentence % {"n": left}

    def _resume(self, request: HttpRequest, campaign: Campaign) -> str:
        lifecycle.resume(campaign)
        left = Delivery.objects.filter(campaign=campaign, status__in=sorted(D.open)).count()
        record(request.user, campaign, Action.RESUMED, after={"left": left})
        sentence = ngettext("Resumed with %(n)d message to go.", "Resumed with %(n)d messages to go.", left)
        return sentence % {"n": left}

    def _unschedule(self, request: HttpRequest, campaign: Campaign) -> str:
        planned = {"scheduled_at": campaign.scheduled_at}
        lifecycle.unschedule(campaign)
        record(request.user, campaign, Action.UNSCHEDULED, before=planned, after={"scheduled_at": None})
        return _("It is a draft again and has no time any more.")

    def cancel(self, request: HttpRequest, pk: int) -> HttpResponse:
        campaign = self.campaign(request, pk, "cancel_campaign")
        if request.method == "POST":
            self._cancel(request, campaign)
            return back_to(campaign)
        if CampaignStatus.CANCELLED not in lifecycle.NEXT[campaign.status]:
            return back_to(campaign)
        counts = Delivery.objects.filter(campaign=campaign)
        context = {
            "title": _("Cancel “%(name)s”?") % {"name": campaign.name},
            "campaign": campaign,
            "left": counts.filter(status__in=sorted(D.withdrawable)).count(),
            "gone": counts.filter(status__in=sorted(D.arrived | {D.CLAIMED, D.UNCERTAIN})).count(),
            "page_url": page_of(campaign),
        }
        return self.render(request, "campaigns/cancel.html", context)

    def _cancel(self, request: HttpRequest, campaign: Campaign) -> None:
        try:
            with transaction.atomic():
                withdrawn = lifecycle.cancel(campaign, reason=request.POST.get("reason", "").strip())
                after = {"withdrawn": withdrawn}
                record(request.user, campaign, Action.CANCELLED, after=after, sentence=campaign.status_reason)
        except IllegalMove as refused:
            say_no(request, refused)
            return
        sentence = ngettext(
            "Cancelled. %(n)d message was taken back.", "Cancelled. %(n)d messages were taken back.", withdrawn
        ) % {"n": withdrawn}
        messages.success(request, sentence)

    def resend(self, request: HttpRequest, pk: int) -> HttpResponse:
        campaign = self.campaign(request, pk)
        again = Again.of(campaign, request.POST if request.method == "POST" else request.GET)
        if not request.user.has_perm(f"campaigns.{again.permission}"):
            raise PermissionDenied
        count = again.count(campaign)
        seen = request.POST.get("expected")
        if request.method == "POST" and (not count or seen == str(count)):
            self._resend(request, campaign, again)
            return back_to(campaign)
        context = {
            "title": _("Send again to these people?"),
            "campaign": campaign,
            "again": again,
            "count": count,
            "seen": seen,
            "explanation": explain(again.kind) if again.kind else None,
            "examples": (examples := self._examples(request, campaign, again)),
            "left_out": count - len(examples) if examples else 0,
            "page_url": page_of(campaign),
        }
        return self.render(request, "campaigns/resend.html", context)

    def _examples(self, request: HttpRequest, campaign: Campaign, again: Again) -> list[Delivery]:
        if not again.kinds or not request.user.has_perm("campaigns.view_delivery"):
            return []
        found = resendable(campaign, kinds=again.kinds, uncertain=again.uncertain)
        return list(found.defer("text").order_by("pk")[:MOST_EXAMPLES])

    def _resend(self, request: HttpRequest, campaign: Campaign, again: Again) -> None:
        try:
            queued = self._again(request, campaign, again)
        except IllegalMove as refused:
            say_no(request, refused)
            return
        if not queued:
            messages.info(request, _("There is nothing left to send again."))
            return
        sentence = ngettext("%(n)d message is sent again.", "%(n)d messages are sent again.", queued) % {"n": queued}
        messages.success(request, sentence)

    def _again(self, request: HttpRequest, campaign: Campaign, again: Again) -> int:
        with transaction.atomic():
            if queued := again.run(campaign):
                one_kind = {"messages": queued, "error_kind": again.kind or None}
                after = {"uncertain": queued} if again.uncertain else one_kind
                record(request.user, campaign, Action.RESENT, after=after)
        return queued
