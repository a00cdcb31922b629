"""Giving a ticket to somebody else: finding the person, looking at both, and saying why."""

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from tickets.admin.searching import phone_query
from tickets.enums import Action
from tickets.forms.actions import ReasonForm
from tickets.history import record
from tickets.models import Contact, Ticket
from tickets.ticket_moves import CannotMove, transfer_ticket

if TYPE_CHECKING:
    from tickets.admin.ticket import TicketAdmin

MOST_FOUND = 20


class TransferView:
    def __init__(self, admin: "TicketAdmin"):
        self.admin = admin

    def __call__(self, request: HttpRequest, pk: int) -> HttpResponse:
        if not self.admin.has_transfer_permission(request) or not self.admin.has_view_permission(request):
            raise PermissionDenied
        ticket = Ticket.objects.select_related("event", "holder").filter(pk=pk).first()
        if ticket is None:
            raise Http404(_("This ticket does not exist."))
        asked = request.POST if request.method == "POST" else request.GET
        to = _contact(ticket, asked.get("to", ""))
        if to is None:
            return self._choose(request, ticket)
        form = ReasonForm(request.POST if request.method == "POST" else None)
        if request.method == "POST" and form.is_valid():
            return self._transfer(request, ticket, to, form.cleaned_data["reason"])
        return self._confirm(request, ticket, to, form)

    def _choose(self, request: HttpRequest, ticket: Ticket) -> HttpResponse:
        typed = request.GET.get("q", "").strip()[:100]
        found = list(_matching(ticket, typed)[: MOST_FOUND + 1]) if typed else []
        context = {
            "title": _("Who gets this ticket?"),
            "typed": typed,
            "found": found[:MOST_FOUND],
            "has_more": len(found) > MOST_FOUND,
        }
        return self._render(request, ticket, "tickets/ticket_transfer_choose.html", context)

    def _confirm(self, request: HttpRequest, ticket: Ticket, to: Contact, form: ReasonForm) -> HttpResponse:
        title = _("Give this ticket to %(name)s?") % {"name": to.name}
        return self._render(request, ticket, "tickets/ticket_transfer.html", {"title": title, "to": to, "form": form})

    def _render(self, request: HttpRequest, ticket: Ticket, template: str, context: dict[str, Any]) -> HttpResponse:
        known = {"ticket": ticket, "ticket_url": _page_of(ticket), "find_url": request.path}
        site: Any = self.admin.admin_site
        return site.page(request, template, known | context, model=Ticket)

    def _transfer(self, request: HttpRequest, ticket: Ticket, to: Contact, reason: str) -> HttpResponse:
        try:
            new = _give(request.user, ticket, to, reason)
        except CannotMove as error:
            messages.error(request, str(error))
            return HttpResponseRedirect(_page_of(ticket))
        sentence = _(
            "%(to)s has the ticket now. The code that %(from)s has opens no door any more. Nothing was sent yet."
        )
        messages.success(request, sentence % {"to": to.name, "from": ticket.holder.name})
        return HttpResponseRedirect(_page_of(new))


@transaction.atomic
def _give(user: Any, ticket: Ticket, to: Contact, reason: str) -> Ticket:
    """In the history of both tickets and both people."""
    giver = ticket.holder
    new = transfer_ticket(ticket, to, reason=reason)
    lines: list[tuple[Ticket | Contact, dict[str, Any]]] = [
        (ticket, {"to_whom": to.name, "replacement": new.code}),
        (new, {"from_whom": giver.name, "in_place_of": ticket.code}),
        (giver, {"for_event": ticket.event.name, "ticket": ticket.code, "to_whom": to.name}),
        (to, {"for_event": ticket.event.name, "ticket": new.code, "from_whom": giver.name}),
    ]
    for row, after in lines:
        record(user, row, Action.TRANSFERRED, after=after, sentence=reason)
    return new


def _contact(ticket: Ticket, typed: str) -> Contact | None:
    is_number = typed.isascii() and typed.isdecimal() and len(typed) < 19
    return Contact.objects.exclude(pk=ticket.holder_id).filter(pk=int(typed)).first() if is_number else None


def _matching(ticket: Ticket, typed: str) -> QuerySet[Contact]:
    others = Contact.objects.exclude(pk=ticket.holder_id).order_by("name", "pk")
    by_phone = phone_query(typed)
    if by_phone is not None:
        return others.filter(by_phone)
    words = Q()
    for word in typed.split():
        words &= Q(name__icontains=word) | Q(email__icontains=word)
    return others.filter(words)


def _page_of(ticket: Ticket) -> str:
    return reverse("admin:tickets_ticket_change", args=[ticket.pk])
