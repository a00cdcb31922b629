"""The approved templates of a number: read anew from Meta when somebody asks for it."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from whatsapp.accounts import template_account
from whatsapp.admin.part import NumberPart, back_from
from whatsapp.gateways.base import GatewayError
from whatsapp.models import Sender
from whatsapp.said import in_words
from whatsapp.template_words import templates_of
from whatsapp.templates import refresh_templates

MAY_READ = "whatsapp.change_sender"


class TemplateViews(NumberPart):
    def urls(self) -> list[URLPattern]:
        view = self.admin.admin_site.admin_view(require_POST(self.read))
        return [path("<int:pk>/templates/", view, name="whatsapp_sender_templates")]

    def read(self, request: HttpRequest, pk: int) -> HttpResponse:
        if not request.user.has_perm(MAY_READ):
            raise PermissionDenied
        sender = self.sender(request, pk)
        if template_account(sender) is None:
            raise Http404(_("This number sends without templates."))
        read_and_say(request, sender)
        return back_from(request, sender)


def read_and_say(request: HttpRequest, sender: Sender) -> None:
    """Asks Meta, which may take seconds: outside of every transaction. What comes of it is said on the next page."""
    try:
        number = refresh_templates(sender, now=timezone.now())
    except GatewayError as error:
        reason = {"name": sender, "reason": in_words(error.detail)}
        messages.error(request, _("The templates of “%(name)s” could not be read: %(reason)s") % reason)
    except KeyError:
        sentence = _("The gateway “%(name)s” is not installed. Choose another one for this number.")
        messages.error(request, sentence % {"name": sender.gateway})
    else:
        sentence = ngettext("Meta has %(n)d template.", "Meta has %(n)d templates.", number)
        messages.success(request, sentence % {"n": number})


def panel_of(request: HttpRequest, sender: Sender) -> dict[str, Any]:
    """For the page of a number whose messages are made of templates; of others nothing."""
    if template_account(sender) is None:
        return {}
    return {"templates": templates_of(sender), "can_read_templates": request.user.has_perm(MAY_READ)}
