"""The button beside the templates: it saves what was typed, and asks Meta for the templates before."""

from django.http import HttpRequest

from campaigns.template_checks import in_use
from whatsapp.accounts import account_of
from whatsapp.admin.template_views import MAY_READ as MAY_READ
from whatsapp.admin.template_views import read_and_say

READ_TEMPLATES = "templates"


def read_templates(request: HttpRequest) -> None:
    """Before the page's transaction, for it may take seconds. Each account is asked once."""
    if request.POST.get("_continue") != READ_TEMPLATES or not request.user.has_perm(MAY_READ):
        return
    for sender in {account_of(sender): sender for sender in in_use()}.values():
        read_and_say(request, sender)
