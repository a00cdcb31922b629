"""The link of a door access: shown once, made anew, switched off and on."""

import base64
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_http_methods, require_POST

from tickets.doors import renew_link
from tickets.enums import Action
from tickets.history import record
from tickets.models import DoorAccess
from tickets.qr import qr_png

if TYPE_CHECKING:
    from tickets.admin.dooraccess import DoorAccessAdmin

KEPT = "door_link"  # in the session, from the moment it was made until it is shown


def door_link_urls(admin: "DoorAccessAdmin") -> list[URLPattern]:
    """They stand before Django's own, which would swallow them."""
    wrap, views = admin.admin_site.admin_view, DoorLinkViews(admin)
    page_or_post = require_http_methods(["GET", "HEAD", "POST"])
    return [
        path("<int:pk>/link/", wrap(page_or_post(views.link)), name="tickets_dooraccess_link"),
        path("<int:pk>/switch/", wrap(require_POST(views.switch)), name="tickets_dooraccess_switch"),
    ]


class DoorLinkViews:
    def __init__(self, admin: "DoorAccessAdmin"):
        self.admin = admin

    def keep_for_one_look(self, request: HttpRequest, access: DoorAccess, token: str) -> None:
        request.session[KEPT] = {"access": access.pk, "token": token}

    def link(self, request: HttpRequest, pk: int) -> HttpResponse:
        access, can_change = self._access(request, pk), self.admin.has_change_permission(request)
        if request.method == "POST":
            if not can_change:
                raise PermissionDenied
            self._renew(request, access)
            return HttpResponseRedirect(request.path)
        url = self._kept_link(request, access)
        context: dict[str, Any] = {
            "title": _("Link for the door"),
            "access": access,
            "can_change": can_change,
            "url": url,
            "qr": base64.b64encode(qr_png(url)).decode() if url else "",
            "hours": self.admin.hours(access),
            "state": self.admin.state(access),
            "seen": access.token_digest[:12],
        }
        site: Any = self.admin.admin_site
        response: HttpResponse = site.page(request, "tickets/door_link.html", context, model=DoorAccess)
        response.headers["Cache-Control"] = "private, no-store"  # going back shows nothing that is hidden again
        return response

    def switch(self, request: HttpRequest, pk: int) -> HttpResponse:
        if not self.admin.has_change_permission(request):
            raise PermissionDenied
        access, wanted = self._access(request, pk), request.POST.get("on")
        on = wanted == "1"
        with transaction.atomic():
            other = DoorAccess.objects.filter(pk=pk, is_active=not on)
            done = other.update(is_active=on) if wanted in ("0", "1") else 0
            if done:
                record(request.user, access, Action.SWITCHED, before={"is_active": not on}, after={"is_active": on})
        if not done:
            messages.info(request, _("That was done already, so nothing was changed."))
        elif on:
            messages.success(request, _("“%(name)s” may stand at the door again.") % {"name": access.name})
        else:
            sentence = _("“%(name)s” is out: the link and every phone that came by it let nobody in any more.")
            messages.success(request, sentence % {"name": access.name})
        return HttpResponseRedirect(reverse("admin:tickets_dooraccess_change", args=[pk]))

    def _access(self, request: HttpRequest, pk: int) -> DoorAccess:
        if not (self.admin.has_change_permission(request) or self.admin.has_add_permission(request)):
            raise PermissionDenied
        access = DoorAccess.objects.select_related("event", "created_by").filter(pk=pk).first()
        if access is None:
            raise Http404(_("There is no such door access."))
        return access

    def _renew(self, request: HttpRequest, access: DoorAccess) -> None:
        """Only for whoever saw the link of now: a page that was left open, or a second press, makes no other."""
        with transaction.atomic():
            is_same = request.POST.get("seen") == access.token_digest[:12]
            token = renew_link(access) if is_same else None
            if token:
                record(request.user, access, Action.CHANGED, after={"link": pgettext("link", "new")})
        if token:
            self.keep_for_one_look(request, access, token)
            messages.success(request, _("There is a new link. The old one opens nothing any more."))
        else:
            messages.info(request, _("A new link was made meanwhile, so no other one was made."))

    def _kept_link(self, request: HttpRequest, access: DoorAccess) -> str:
        kept = request.session.get(KEPT)
        if not isinstance(kept, dict) or kept.get("access") != access.pk or request.method != "GET":
            return ""
        del request.session[KEPT]
        return settings.PUBLIC_URL.rstrip("/") + reverse("tickets:door_key", args=[kept["token"]])
