"""The desk for messages that may or may not have arrived: what is known of each, and two ways to decide."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from campaigns.enums import Channel
from campaigns.models import Campaign, Delivery
from campaigns.settling import SentAgain, count_as_sent, send_again, shares
from campaigns.views.base import CampaignViews, page_of
from campaigns.views.uncertain_list import PER_PAGE, Choice, Desk, Meant, Seen

MOST_EXAMPLES = 20


@dataclass(frozen=True)
class Said:
    """What somebody pressed, and what they had seen when they did."""

    decision: str
    expected: str  # of everything that matched
    confirmed: str | None  # of the messages that the question was about; None before it was asked

    @classmethod
    def of(cls, posted: Any) -> "Said":
        return cls(posted.get("decision", ""), posted.get("expected", ""), posted.get("confirmed"))


class UncertainViews(CampaignViews):
    def desk(self, request: HttpRequest) -> HttpResponse:
        if not request.user.has_perm("campaigns.view_delivery"):
            raise PermissionDenied
        desk = Desk(Choice.of(request.GET), timezone.now())
        if request.method != "POST":
            return self._show(request, desk)
        if not request.user.has_perm("campaigns.resend_uncertain"):
            raise PermissionDenied
        return self._decide(request, desk, Meant.of(desk.choice, request.POST), Said.of(request.POST))

    def _decide(self, request: HttpRequest, desk: Desk, meant: Meant, said: Said) -> HttpResponse:
        if meant.is_nobody:
            messages.warning(request, _("Choose at least one message first. Nothing was changed."))
            return self._back(request, desk)
        if meant.is_everything and desk.seen.number and desk.seen.mark != said.expected:
            return self._show(request, desk, seen=Seen.number_in(said.expected))
        seen = Seen.of(meant.deliveries)
        if not seen.number:
            messages.info(
                request, _("There is nothing left to decide here: it was decided already, or an answer came.")
            )
            return self._back(request, desk)
        if said.decision == "sent":
            self._count(request, desk, meant)
        elif said.decision == "again" and said.confirmed == seen.mark:
            self._send(request, desk, meant)
        elif said.decision == "again":
            return self._ask(request, desk, meant, seen, said)
        else:  # the Enter key in a box presses no button
            messages.warning(request, _("Press one of the two buttons. Nothing was changed."))
        return self._back(request, desk)

    def _back(self, request: HttpRequest, desk: Desk) -> HttpResponse:
        return HttpResponseRedirect(desk.choice.address(request.path))

    def _count(self, request: HttpRequest, desk: Desk, meant: Meant) -> None:
        settled = count_as_sent(meant.deliveries, user=request.user, now=desk.now)  # type: ignore[arg-type]
        sentence = ngettext("%(n)d message is counted as sent.", "%(n)d messages are counted as sent.", settled)
        messages.success(request, sentence % {"n": settled})
        self._say_gone(request, len(meant.ids) - settled)

    def _send(self, request: HttpRequest, desk: Desk, meant: Meant) -> None:
        done: SentAgain = send_again(meant.deliveries, user=request.user, now=desk.now)  # type: ignore[arg-type]
        if done.queued:
            sentence = ngettext("%(n)d message is sent again.", "%(n)d messages are sent again.", done.queued)
            messages.success(request, sentence % {"n": done.queued})
        for share in done.stayed:
            sentence = ngettext("%(n)d stays uncertain: %(why)s", "%(n)d stay uncertain: %(why)s", share.number)
            messages.warning(request, sentence % {"n": share.number, "why": share.why})
        self._say_gone(request, len(meant.ids) - done.queued - sum(share.number for share in done.stayed))

    def _say_gone(self, request: HttpRequest, number: int) -> None:
        if number > 0:
            sentence = ngettext(
                "%(n)d was decided already, or an answer came meanwhile.",
                "%(n)d were decided already, or an answer came meanwhile.",
                number,
            )
            messages.info(request, sentence % {"n": number})

    def _show(self, request: HttpRequest, desk: Desk, *, seen: int | None = None) -> HttpResponse:
        context = self._frame(request, desk) | {
            "title": _("To review"),
            "seen": seen,
            "per_page": PER_PAGE,
            "can_decide": request.user.has_perm("campaigns.resend_uncertain"),
        }
        return self.render(request, "campaigns/uncertain.html", context)

    def _ask(self, request: HttpRequest, desk: Desk, meant: Meant, seen: Seen, said: Said) -> HttpResponse:
        parts = list(shares(meant.deliveries, now=desk.now))
        examples = meant.deliveries.defer("text").order_by("pk")[:MOST_EXAMPLES]
        context = self._frame(request, desk) | {
            "title": _("Send again to these people?"),
            "meant": meant,
            "seen": seen,
            "has_changed": said.confirmed is not None,
            "count": sum(part.number for part in parts if not part.why),
            "parts": parts,
            "has_email": meant.deliveries.filter(channel=Channel.EMAIL).exists(),
            "examples": list(examples),
            "left_out": max(seen.number - MOST_EXAMPLES, 0),
        }
        return self.render(request, "campaigns/uncertain_again.html", context)

    def _frame(self, request: HttpRequest, desk: Desk) -> dict[str, Any]:
        """Where the page stands: whoever may not see campaigns comes from the list of deliveries."""
        can_see_campaigns = self.admin.has_view_permission(request)
        return {
            "desk": desk,
            "desk_url": desk.choice.address(request.path, page=desk.choice.page),
            "opts": Campaign._meta if can_see_campaigns else Delivery._meta,
            "can_see_campaigns": can_see_campaigns,
            "campaign_url": page_of(desk.campaign) if desk.campaign else "",
        }
