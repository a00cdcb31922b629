"""Voiding, blocking, unblocking and issuing anew: for one ticket or for many, with a reason, asked first."""

from collections.abc import Callable, Sequence
from typing import Any

from django.contrib import admin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from tickets.admin.confirm import Question, ask, shown_at
from tickets.enums import Action
from tickets.forms.actions import OptionalReasonForm, ReasonForm
from tickets.history import record_each
from tickets.models import Ticket
from tickets.ticket_moves import block_tickets, reissue_tickets, unblock_tickets, void_tickets

Answer = HttpResponse | None
Move = Callable[[Any, Sequence[int], str], list[Ticket]]
AT_ONCE = 1000  # rows in a transaction, which keeps others from writing


@admin.action(description=gettext_lazy("Void…"), permissions=["void"])
def void_action(model_admin: admin.ModelAdmin, request: HttpRequest, queryset: QuerySet[Ticket]) -> Answer:
    return _press(
        model_admin,
        request,
        queryset,
        _noting(void_tickets, Action.VOIDED),
        lambda n: ngettext("%(n)d ticket is void now.", "%(n)d tickets are void now.", n),
        action="void_action",
        title=_("Void tickets"),
        text=_("A void ticket lets nobody in, and it cannot be made valid again. Issue a new one instead."),
        button=_("Void them"),
        form_class=OptionalReasonForm,
        is_dangerous=True,
    )


@admin.action(description=gettext_lazy("Block…"), permissions=["block"])
def block_action(model_admin: admin.ModelAdmin, request: HttpRequest, queryset: QuerySet[Ticket]) -> Answer:
    return _press(
        model_admin,
        request,
        queryset,
        _noting(block_tickets, Action.BLOCKED),
        lambda n: ngettext("%(n)d ticket is blocked now.", "%(n)d tickets are blocked now.", n),
        action="block_action",
        title=_("Block tickets"),
        text=_("A blocked ticket lets nobody in and is not sent. It keeps its place, and you can unblock it again."),
        button=_("Block them"),
        form_class=ReasonForm,
        is_dangerous=True,
    )


@admin.action(description=gettext_lazy("Unblock…"), permissions=["block"])
def unblock_action(model_admin: admin.ModelAdmin, request: HttpRequest, queryset: QuerySet[Ticket]) -> Answer:
    return _press(
        model_admin,
        request,
        queryset,
        _noting(unblock_tickets, Action.UNBLOCKED),
        lambda n: ngettext("%(n)d ticket is valid again.", "%(n)d tickets are valid again.", n),
        action="unblock_action",
        title=_("Unblock tickets"),
        text=_("They are valid again, with the same code and the same link."),
        button=_("Unblock them"),
        form_class=ReasonForm,
    )


@admin.action(description=gettext_lazy("Issue anew…"), permissions=["replace"])
def reissue_action(model_admin: admin.ModelAdmin, request: HttpRequest, queryset: QuerySet[Ticket]) -> Answer:
    # Two presses at once: “all that are valid” would mean the new ones of the first press, too.
    seen = queryset.filter(issued_at__lte=shown_at(request))
    return _press(
        model_admin,
        request,
        seen,
        _reissue,
        lambda n: ngettext("%(n)d ticket was issued anew.", "%(n)d tickets were issued anew.", n),
        action="reissue_action",
        title=_("Issue tickets anew"),
        text=_(
            "Each gets a new code and a new link, for example because the old one was lost or passed on. The old code "
            "opens no door any more: the door says “replaced”. Nothing is sent yet; send the new tickets afterwards."
        ),
        button=_("Issue them anew"),
        form_class=OptionalReasonForm,
        is_dangerous=True,
    )


def _whose(ticket: Ticket) -> str:
    """A code alone tells nobody whether it is the right one."""
    return f"{ticket.code} · {ticket.holder.name}"


def _press(
    model_admin: admin.ModelAdmin,
    request: HttpRequest,
    queryset: QuerySet[Ticket],
    move: Move,
    says: Callable[[int], str],
    **question: Any,
) -> Answer:
    """After one ticket its page, after many the list."""
    moved: list[Ticket] = []

    def run(tickets: QuerySet[Ticket], form: Any) -> str:
        ids = sorted(tickets.order_by().values_list("pk", flat=True))
        for start in range(0, len(ids), AT_ONCE):
            moved.extend(move(request.user, ids[start : start + AT_ONCE], form.cleaned_data["reason"]))
        left = len(ids) - len(moved)
        stayed = ngettext("%(n)d stays what it was.", "%(n)d stay what they were.", left) % {"n": left}
        return says(len(moved)) % {"n": len(moved)} + (f" {stayed}" if left else "")

    page = ask(model_admin, request, queryset.select_related("holder"), Question(run=run, words=_whose, **question))
    was_one = len(moved) == 1 and len(request.POST.getlist(ACTION_CHECKBOX_NAME)) == 1
    if page is None and was_one and model_admin.has_view_permission(request):
        return HttpResponseRedirect(reverse("admin:tickets_ticket_change", args=[moved[0].pk]))
    return page


def _noting(move: Callable[..., list[Ticket]], action: Action) -> Move:
    """With a line in the history of each."""

    @transaction.atomic
    def noted(user: Any, ids: Sequence[int], reason: str) -> list[Ticket]:
        moved = move(ids, reason=reason)
        record_each(user, moved, action, sentence=reason)
        return moved

    return noted


@transaction.atomic
def _reissue(user: Any, ids: Sequence[int], reason: str) -> list[Ticket]:
    """Both of each pair say in their history which the other one is."""
    pairs = reissue_tickets(ids, reason=reason)
    after: dict[int, dict[str, Any]] = {}
    for old, new in pairs:
        after |= {old.pk: {"replacement": new.code}, new.pk: {"in_place_of": old.code}}
    both = [ticket for pair in pairs for ticket in pair]
    record_each(user, both, Action.REISSUED, after=after, sentence=reason)
    return [new for _old, new in pairs]
