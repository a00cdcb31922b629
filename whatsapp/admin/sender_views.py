"""What staff do with a number besides editing it: look, scan, restart. Each is a page of the admin."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from whatsapp.admin.cards import card_of
from whatsapp.admin.changes import announce
from whatsapp.admin.part import NumberPart, back_from
from whatsapp.control import CannotRestart, check_sender, restart_sender
from whatsapp.enums import SenderState
from whatsapp.gateways.base import GatewayError, OutcomeUnknown
from whatsapp.models import Sender
from whatsapp.qr import data_url, link_picture
from whatsapp.registry import gateway_for
from whatsapp.restart_report import seconds_until_next
from whatsapp.said import in_words


class SenderViews(NumberPart):
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
        """Asks the gateway now. htmx gets the card, everybody else their page."""
        if not self.admin.has_check_permission(request):
            raise PermissionDenied
        sender, now = self.sender(request, pk), timezone.now()
        status = check_sender(sender, now=now)
        if request.headers.get("HX-Request"):
            qr, where = data_url(link_picture(status)), "list" if request.POST.get("where") == "list" else "page"
            card = card_of(self.admin, request, sender, where=where, qr=qr, looked_at=now)
            return TemplateResponse(request, "whatsapp/_number.html", {"card": card})
        messages.success(request, _("%(name)s: %(state)s") % {"name": sender, "state": sender.get_state_display()})
        return back_from(request, sender)

    def qr(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Whoever scans it owns the number's messages, so it is shown to those who may restart it, and kept nowhere."""
        if not self.admin.has_check_permission(request):
            raise PermissionDenied
        sender = self.sender(request, pk)
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
        sender = self.sender(request, pk)
        if request.method == "POST":
            self._restart_now(request, sender)
            return back_from(request, sender)
        context = {
            "card": card_of(self.admin, request, sender, where="page"),
            "title": _("Restart the gateway of “%(name)s”?") % {"name": sender.name},
            "is_restricted": sender.state == SenderState.RESTRICTED,
            "seconds_left": seconds_until_next(sender, now=timezone.now()),
        }
        return self.render(request, "whatsapp/restart.html", context)

    def _restart_now(self, request: HttpRequest, sender: Sender) -> None:
        """What comes of it is reported by the card of the number, which looks again by itself."""
        before = {"state": sender.state}
        try:
            answer = restart_sender(sender, now=timezone.now(), user=request.user)
        except CannotRestart as error:
            messages.error(request, str(error))
        except OutcomeUnknown as error:
            announce(request.user, sender, "restarted", after={"answer": error.detail})
            messages.warning(
                request,
                _("The gateway did not say whether it restarts: %(reason)s") % {"reason": in_words(error.detail)},
            )
        except GatewayError as error:
            messages.error(request, _("The gateway did not restart: %(reason)s") % {"reason": in_words(error.detail)})
            announce(request.user, sender, "not_restarted", after={"answer": error.detail})
        else:
            after = {"state": sender.state, "answer": answer}
            announce(request.user, sender, "restarted", before=before, after=after)
            messages.success(request, _("The gateway restarts. %(answer)s") % {"answer": answer})
