"""A new address for the reports of a number's gateway: it asks first, for until somebody has typed it in none comes."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from whatsapp.admin.cards import card_of
from whatsapp.admin.changes import STORED, announce
from whatsapp.admin.part import NumberPart, back_from
from whatsapp.models import Sender
from whatsapp.webhooks.address import mark_of, renew


class HookViews(NumberPart):
    def urls(self) -> list[URLPattern]:
        view = self.admin.admin_site.admin_view(require_http_methods(["GET", "HEAD", "POST"])(self.new_address))
        return [path("<int:pk>/address/", view, name="whatsapp_sender_address")]

    def new_address(self, request: HttpRequest, pk: int) -> HttpResponse:
        if not self.admin.has_change_permission(request):
            raise PermissionDenied
        sender = self.sender(request, pk)
        if request.method == "POST":
            self._renew(request, sender)
            return back_from(request, sender)
        context = {
            "card": card_of(self.admin, request, sender, where="page"),
            "title": _("A new address for the reports of “%(name)s”?") % {"name": sender.name},
            "seen": mark_of(sender),
        }
        return self.render(request, "whatsapp/new_address.html", context)

    def _renew(self, request: HttpRequest, sender: Sender) -> None:
        if not renew(sender, request.POST.get("seen", "")):
            messages.info(request, _("A new address was made meanwhile, so no other one was made."))
            return
        announce(request.user, sender, "changed", after={"hook_key": STORED})
        messages.success(
            request, _("There is a new address. Type it into the gateway now: from the old one nothing is taken.")
        )
