"""What the pages about one number have in common."""

from typing import TYPE_CHECKING, Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from whatsapp.models import Sender

if TYPE_CHECKING:
    from whatsapp.admin.sender import SenderAdmin


class NumberPart:
    def __init__(self, admin: "SenderAdmin"):
        self.admin = admin

    def sender(self, request: HttpRequest, pk: int) -> Sender:
        """The number, for somebody who may look at it."""
        if not self.admin.has_view_permission(request):
            raise PermissionDenied
        found: Sender | None = self.admin.get_object(request, str(pk))
        if found is None:
            raise Http404(_("This number does not exist."))
        return found

    def render(self, request: HttpRequest, template: str, context: dict[str, Any]) -> TemplateResponse:
        return self.admin.admin_site.page(request, template, context, model=Sender)  # type: ignore[attr-defined]


def page_of(sender: Sender) -> str:
    return reverse("admin:whatsapp_sender_change", args=[sender.pk])


def back_from(request: HttpRequest, sender: Sender) -> HttpResponseRedirect:
    """To where the button stood: the list, or the number's own page."""
    if request.POST.get("where") == "list":
        return HttpResponseRedirect(f"{reverse('admin:whatsapp_sender_changelist')}#n-{sender.pk}")
    return HttpResponseRedirect(page_of(sender))
