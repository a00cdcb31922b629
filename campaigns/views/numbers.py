"""A number that was stopped, used again: the one thing on the pages of numbers that only campaigns can do."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from campaigns.kicks import kick_dispatchers
from campaigns.lanes import wake
from campaigns.views.base import CampaignViews
from tickets.enums import Action
from tickets.history import record
from whatsapp.admin.part import back_from
from whatsapp.models import Sender


class NumberViews(CampaignViews):
    def again(self, request: HttpRequest, pk: int) -> HttpResponse:
        """After somebody has looked at the telephone, or corrected the key. Guarded: a second press does nothing."""
        if not request.user.has_perms(["whatsapp.switch_sender", "whatsapp.view_sender"]):
            raise PermissionDenied
        sender = Sender.objects.filter(pk=pk).first()
        if sender is None:
            raise Http404(_("This number does not exist."))
        if _use_again(request, sender):
            messages.success(request, _("“%(name)s” is tried again at once.") % {"name": sender.name})
        else:
            messages.info(request, _("“%(name)s” is not stopped any more.") % {"name": sender.name})
        return back_from(request, sender)


def _use_again(request: HttpRequest, sender: Sender) -> bool:
    with transaction.atomic():
        now, stopped = timezone.now(), Q(is_stopped=True) | Q(known_only_since__isnull=False)
        if not wake(sender.pk, now=now, only=stopped):
            return False
        kick_dispatchers(now=now)
        record(request.user, sender, Action.SWITCHED, before={"is_stopped": True}, after={"is_stopped": False})
    return True
