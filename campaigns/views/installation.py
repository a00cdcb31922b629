"""The page on which somebody decides whether a database that may be a copy goes on sending."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from campaigns import adoption
from campaigns.installation import held_sentence, why_held
from campaigns.models import Installation
from campaigns.scheduling import moment_words
from campaigns.views.base import CampaignViews
from tickets.enums import Action
from tickets.history import record


class InstallationViews(CampaignViews):
    def installation(self, request: HttpRequest) -> HttpResponse:
        if not self.admin.has_view_permission(request):
            raise PermissionDenied
        if request.method == "POST":
            self._decide(request)
            return HttpResponseRedirect(reverse("admin:campaigns_campaign_installation"))
        return self._show(request)

    def _show(self, request: HttpRequest) -> HttpResponse:
        found, now, zone = adoption.situation(), timezone.now(), timezone.get_current_timezone()
        context = {
            "title": _("Is this the right database?"),
            "situation": found,
            "sentence": held_sentence(found.reason) if found.reason else "",
            "since": moment_words(found.since, zone, now=now) if found.since else "",
            "last_call": moment_words(found.last_call_at, zone, now=now) if found.last_call_at else "",
            "can_decide": _may_decide(request),
        }
        return self.render(request, "campaigns/installation.html", context)

    def _decide(self, request: HttpRequest) -> None:
        """Whoever answers for the installation, not everybody who may launch: it may send to everybody once more."""
        if not _may_decide(request):
            raise PermissionDenied
        if not why_held():
            messages.info(request, _("Sending is not held any more, so nothing was changed."))
        elif request.POST.get("decision") == "adopt":
            self._adopt(request)
        elif request.POST.get("decision") == "pause":
            self._pause(request)

    def _adopt(self, request: HttpRequest) -> None:
        adoption.adopt(now=timezone.now(), user=request.user)
        messages.success(request, _("This database sends again."))

    def _pause(self, request: HttpRequest) -> None:
        with transaction.atomic():
            paused = adoption.pause_everything(now=timezone.now())
            record(request.user, Installation.objects.get(pk=1), Action.DECIDED, after={"campaigns": paused})
        sentence = ngettext("%(n)d campaign was paused.", "%(n)d campaigns were paused.", paused) % {"n": paused}
        messages.success(request, sentence)


def _may_decide(request: HttpRequest) -> bool:
    return bool(request.user.is_superuser and request.user.has_perm("campaigns.launch_campaign"))
