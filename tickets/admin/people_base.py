"""What the pages of a person have in common."""

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from tickets.merging import merged_into
from tickets.models import Contact

if TYPE_CHECKING:
    from tickets.admin.contact import ContactAdmin


def person_page(pk: int) -> str:
    return reverse("admin:tickets_contact_person", args=[pk])


class PeopleViews:
    def __init__(self, admin: "ContactAdmin"):
        self.admin = admin

    def contact(self, request: HttpRequest, pk: int) -> Contact | HttpResponse:
        """The contact; when it was merged meanwhile, the way to what it became."""
        if not self.admin.has_view_permission(request):
            raise PermissionDenied
        contact = Contact.objects.filter(pk=pk).first()
        if contact is not None:
            return contact
        successor = merged_into(pk)
        if successor is None:
            raise Http404(_("This contact does not exist."))
        messages.info(request, _("That entry was merged into this one."))
        return HttpResponseRedirect(person_page(successor))

    def render(self, request: HttpRequest, template: str, context: dict[str, Any]) -> TemplateResponse:
        return self.admin.admin_site.page(request, template, context, model=Contact)  # type: ignore[attr-defined]
