"""Deciding who wrote a reply of which nobody knows it: finding the person, looking once more, and saying so."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.timezone import get_current_timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from campaigns.enums import ReplyMeaning, ReplyState
from campaigns.models import Reply
from campaigns.people import searched
from campaigns.replies.settling import of_same_writer, settle, to_settle
from campaigns.views.showing import when
from campaigns.writing import whose
from tickets.models import Contact

if TYPE_CHECKING:
    from campaigns.admin.reply import ReplyAdmin

MOST_FOUND = 20
MEANING_TONES = {ReplyMeaning.STOP: "warn", ReplyMeaning.RESUME: "ok", ReplyMeaning.OTHER: "neutral"}


def settle_page(reply: Reply) -> str:
    return reverse("admin:campaigns_reply_settle", args=[reply.pk])


def list_to_settle() -> str:
    return f"{reverse('admin:campaigns_reply_changelist')}?settle=1"


def moment_of(moment: datetime) -> str:
    return when(moment, get_current_timezone(), now=timezone.now())


def who_wrote(reply: Reply) -> str:
    """As far as anybody knows."""
    if reply.contact is not None:
        return reply.contact.name
    return reply.phone or _("Somebody unknown")


class ReplyViews:
    def __init__(self, admin: "ReplyAdmin"):
        self.admin = admin

    def settle(self, request: HttpRequest, pk: int) -> HttpResponse:
        if not self.admin.may_settle(request):
            raise PermissionDenied
        reply = Reply.objects.select_related("sender", "contact").filter(pk=pk).first()
        if reply is None:
            raise Http404(_("This reply does not exist."))
        if reply.state != ReplyState.UNMATCHED:
            return self._gone(request)
        asked = request.POST if request.method == "POST" else request.GET
        to = _contact(asked.get("to", ""))
        if request.method == "POST" and (to is not None or "nobody" in request.POST):
            return self._settle(request, reply, to)
        return self._show(request, reply, to)

    def _gone(self, request: HttpRequest) -> HttpResponse:
        messages.info(request, _("That was decided already, or it is known by now who wrote."))
        return HttpResponseRedirect(list_to_settle())

    def _settle(self, request: HttpRequest, reply: Reply, to: Contact | None) -> HttpResponse:
        done = settle(reply, to, user=request.user, now=timezone.now())
        if not done:
            return self._gone(request)
        messages.success(request, _done_words(to, done))
        following = to_settle().order_by("pk").first()
        return HttpResponseRedirect(settle_page(following) if following else list_to_settle())

    def _show(self, request: HttpRequest, reply: Reply, to: Contact | None) -> HttpResponse:
        typed = searched(request.GET.get("q", ""))
        found = list(_matching(typed)[: MOST_FOUND + 1]) if typed else []
        rows = list(of_same_writer(reply))
        context = {
            "title": _("Who wrote this?") if to is None else _("Was it %(name)s?") % {"name": to.name},
            "reply": reply,
            "rows": [(row, MEANING_TONES[ReplyMeaning(row.meaning)], moment_of(row.received_at)) for row in rows],
            "to": to,
            "typed": typed,
            "found": found[:MOST_FOUND],
            "has_more": len(found) > MOST_FOUND,
            "last_wish": next((row.meaning for row in reversed(rows) if row.meaning in ReplyMeaning.wishes), ""),
            "here": settle_page(reply),
            "list_url": list_to_settle(),
        }
        site: Any = self.admin.admin_site
        return site.page(request, "campaigns/reply_settle.html", context, model=Reply)


def _done_words(to: Contact | None, number: int) -> str:
    if to is None:
        sentence = ngettext("%(n)d reply is of nobody of ours.", "%(n)d replies are of nobody of ours.", number)
        return sentence % {"n": number}
    sentence = ngettext(
        "%(n)d reply is of %(name)s, and what they wanted was written down.",
        "%(n)d replies are of %(name)s, and what they wanted was written down.",
        number,
    )
    return sentence % {"n": number, "name": to.name}


def _contact(typed: str) -> Contact | None:
    is_number = typed.isascii() and typed.isdecimal() and len(typed) < 19
    return Contact.objects.filter(pk=int(typed)).first() if is_number else None


def _matching(typed: str) -> QuerySet[Contact]:
    return Contact.objects.filter(whose(typed)).order_by("name", "pk")
