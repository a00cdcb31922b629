"""The page that takes an entry back: people who were let in by mistake are outside again."""

from typing import TYPE_CHECKING

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tickets.checkin import take_back
from tickets.doorkeeper import Doorkeeper
from tickets.enums import CheckInResult
from tickets.forms.door import TakeBackForm
from tickets.models import CheckIn

if TYPE_CHECKING:
    from tickets.admin.checkin import CheckInAdmin


def can_be_taken_back(checkin: CheckIn) -> bool:
    return checkin.result == CheckInResult.GOOD and checkin.undone_at is None


class UndoView:
    def __init__(self, admin: "CheckInAdmin"):
        self.admin = admin

    def undo(self, request: HttpRequest, pk: int) -> HttpResponse:
        if not (self.admin.has_view_permission(request) and request.user.has_perm("tickets.undo_checkin")):
            raise PermissionDenied
        checkin = CheckIn.objects.select_related("event", "ticket__holder").filter(pk=pk).first()
        if checkin is None:
            raise Http404(_("There is no such scan."))
        if not can_be_taken_back(checkin):
            return self._nothing_to_do(request, checkin)
        form = TakeBackForm(request.POST if request.method == "POST" else None)
        if request.method == "POST" and form.is_valid():
            return self._take_back(request, checkin, form.cleaned_data["reason"])
        context = {
            "title": _("Take this entry back"),
            "checkin": checkin,
            "form": form,
            "at": self.admin.at_local(checkin),
        }
        page: HttpResponse = self.admin.admin_site.page(request, "tickets/checkin_undo.html", context, model=CheckIn)  # type: ignore[attr-defined]
        return page

    def _take_back(self, request: HttpRequest, checkin: CheckIn, reason: str) -> HttpResponse:
        if not take_back(checkin, reason=reason, keeper=Doorkeeper(user=request.user), now=timezone.now()):
            return self._nothing_to_do(request, checkin)
        sentence = ngettext(
            "The entry was taken back: %(n)d person is outside again.",
            "The entry was taken back: %(n)d people are outside again.",
            checkin.admitted,
        )
        messages.success(request, sentence % {"n": checkin.admitted})
        return _to(checkin)

    def _nothing_to_do(self, request: HttpRequest, checkin: CheckIn) -> HttpResponse:
        if checkin.result == CheckInResult.GOOD:
            messages.info(request, _("This entry had been taken back already, so nothing was changed."))
        else:
            messages.info(request, _("This scan let nobody in, so there is nothing to take back."))
        return _to(checkin)


def _to(checkin: CheckIn) -> HttpResponse:
    return HttpResponseRedirect(reverse("admin:tickets_checkin_change", args=[checkin.pk]))
