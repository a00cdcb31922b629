"""What staff do with a number besides editing it: look, scan, restart. Each is a page of the admin."""

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from whatsapp.advice import ADVICE, PASSING, TONES
from whatsapp.control import CannotRestart, check_sender, restart_sender
from whatsapp.enums import SenderState
from whatsapp.gateways.base import GatewayError
from whatsapp.models import Sender
from whatsapp.qr import data_url, link_picture
from whatsapp.registry import gateway_for

if TYPE_CHECKING:
    from whatsapp.admin.sender import SenderAdmin


def panel_context(admin: "SenderAdmin", request: HttpRequest, sender: Sender) -> dict[str, Any]:
    return {
        "sender": sender,
        "tone": TONES[sender.state],
        "advice": ADVICE[sender.state],
        "needs_qr": sender.state == SenderState.NEEDS_QR,
        "is_passing": sender.state in PASSING,
        "can_check": admin.has_check_permission(request),
        "can_restart": admin.has_restart_permission(request),
    }


class SenderViews:
    def __init__(self, admin: "SenderAdmin"):
        self.admin = admin

    def urls(self) -> list[URLPattern]:
        wrap = self.admin.admin_site.admin_view
        return [
            path("<int:pk>/check/", wrap(require_POST(self.check)), name="whatsapp_sender_check"),
            path("<int:pk>/qr.png", wrap(require_safe(self.qr)), name="whatsapp_sender_qr"),
            path(
                "<int:pk>/restart/",
                wrap(require_http_methods(["GET", "HEAD", "POST"])(self.restart)),
                name="whatsapp_sender_restart",
            ),
        ]

    def check(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Asks the gateway now. htmx gets the panel, everybody else their page."""
        if not self.admin.has_check_permission(request):
            raise PermissionDenied
        sender = self._sender(request, pk)
        status = check_sender(sender, now=timezone.now())
        if request.headers.get("HX-Request"):
            context = panel_context(self.admin, request, sender) | {"qr": data_url(link_picture(status))}
            return TemplateResponse(request, "whatsapp/_state.html", context)
        messages.success(request, _("%(name)s: %(state)s") % {"name": sender, "state": sender.get_state_display()})
        return HttpResponseRedirect(_page_of(sender))

    def qr(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Whoever scans it owns the number's messages, so it is shown to those who may restart it, and kept nowhere."""
        if not self.admin.has_check_permission(request):
            raise PermissionDenied
        sender = self._sender(request, pk)
        picture = b""
        if sender.state == SenderState.NEEDS_QR:
            try:
                picture = link_picture(gateway_for(sender).status())
            except KeyError:  # a gateway that is not installed any more
                picture = b""
        if not picture:
            raise Http404(_("The gateway shows no QR code now."))
        return HttpResponse(picture, content_type="image/png")

    def restart(self, request: HttpRequest, pk: int) -> HttpResponse:
        if not self.admin.has_restart_permission(request):
            raise PermissionDenied
        sender = self._sender(request, pk)
        if request.method == "POST":
            self._restart_now(request, sender)
            return HttpResponseRedirect(_page_of(sender))
        context = {
            **self.admin.admin_site.each_context(request),
            **panel_context(self.admin, request, sender),
            "title": _("Restart the gateway of “%(name)s”?") % {"name": sender.name},
            "opts": Sender._meta,
        }
        return TemplateResponse(request, "whatsapp/restart.html", context)

    def _restart_now(self, request: HttpRequest, sender: Sender) -> None:
        try:
            answer = restart_sender(sender, now=timezone.now(), user=request.user)
        except CannotRestart as error:
            messages.error(request, str(error))
        except GatewayError as error:
            messages.error(request, _("The gateway did not restart: %(reason)s") % {"reason": error.detail})
            self.admin.log_change(request, sender, _("Tried to restart the gateway; it refused."))
        else:
            self.admin.log_change(request, sender, _("Restarted the gateway."))
            messages.success(request, _("The gateway restarts. %(answer)s") % {"answer": answer})

    def _sender(self, request: HttpRequest, pk: int) -> Sender:
        if not self.admin.has_view_permission(request):
            raise PermissionDenied
        sender: Sender | None = self.admin.get_object(request, str(pk))
        if sender is None:
            raise Http404(_("This number does not exist."))
        return sender


def _page_of(sender: Sender) -> str:
    return reverse("admin:whatsapp_sender_change", args=[sender.pk])
