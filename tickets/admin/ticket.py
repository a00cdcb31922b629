"""Tickets: issued and voided, never edited."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import Model, QuerySet
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tickets.admin.actions import void_action
from tickets.admin.permissions import BigTableMixin
from tickets.admin.searching import phone_query
from tickets.admin.showing import TONES, badge, local_time
from tickets.codes import parse_code
from tickets.enums import TicketStatus
from tickets.forms import TicketForm
from tickets.issuing import EventFull, issue_tickets
from tickets.models import Ticket
from tickets.qr import public_link


@admin.register(Ticket)
class TicketAdmin(BigTableMixin, admin.ModelAdmin):
    form = TicketForm
    list_display = ("code", "holder", "event", "type", "companions", "state", "inside")
    list_filter = (("event", admin.RelatedOnlyFieldListFilter), "status")
    list_select_related = ("holder", "event")
    search_fields = ("=code", "holder__name")
    search_help_text = gettext_lazy("Code, name or number")
    empty_hint = gettext_lazy("Issue tickets from the list of contacts or tags, or add one here.")
    autocomplete_fields = ("event", "holder")
    actions = [void_action]
    sortable_by = ("code",)
    fields_of_new = ("event", "holder", ("type", "companions"))
    fields_of_issued = (
        "state",
        "holder",
        "event",
        ("type", "companions"),
        "inside",
        "page_link",
        "issued_local",
    )

    def get_fields(self, request: HttpRequest, obj: Ticket | None = None) -> Any:
        return self.fields_of_issued if obj else self.fields_of_new

    def get_readonly_fields(self, request: HttpRequest, obj: Ticket | None = None) -> Any:
        if obj is None:
            return ()
        return ("state", "holder", "event", "type", "companions", "inside", "page_link", "issued_local")

    def get_search_results(self, request: HttpRequest, queryset: QuerySet, search_term: str) -> tuple[QuerySet, bool]:
        code = parse_code(search_term)
        if code is not None and queryset.filter(code=code).exists():
            return queryset.filter(code=code), False
        by_phone = phone_query(search_term, "holder__")
        if by_phone is not None:
            return queryset.filter(by_phone), False
        return super().get_search_results(request, queryset, search_term)

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """The event may be full, or somebody else faster, between the form's check and the issuing itself."""
        try:
            return super().add_view(request, form_url, extra_context)
        except EventFull as error:
            messages.error(request, str(error))
            return HttpResponseRedirect(request.get_full_path())

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        ticket = self.get_object(request, object_id)
        can_void = ticket is not None and ticket.status == TicketStatus.VALID and self.has_change_permission(request)
        context = {"show_save": False, "show_save_and_continue": False, "show_save_and_add_another": False}
        return super().change_view(
            request, object_id, form_url, context | {"can_void": can_void} | (extra_context or {})
        )

    def save_model(self, request: HttpRequest, obj: Model, form: ModelForm, change: bool) -> None:
        """A new row comes from `issuing` alone; an existing one is never written from here."""
        if change or not isinstance(obj, Ticket):
            return
        issue_tickets(obj.event, [obj.holder], type=obj.type, companions={obj.holder_id: obj.companions})
        issued = Ticket.objects.get(
            event=obj.event, holder=obj.holder, type=obj.type, number=1, status=TicketStatus.VALID
        )
        obj.pk = issued.pk
        obj.refresh_from_db()

    @admin.display(description=gettext_lazy("status"), ordering="status")
    def state(self, ticket: Ticket) -> str:
        return badge(ticket.get_status_display(), TONES[TicketStatus(ticket.status)])

    @admin.display(description=gettext_lazy("inside"))
    def inside(self, ticket: Ticket) -> str:
        return _("%(inside)d of %(people)d") % {"inside": ticket.people_inside, "people": ticket.people}

    @admin.display(description=gettext_lazy("page of the ticket"))
    def page_link(self, ticket: Ticket) -> str:
        return format_html('<a href="{0}" rel="noreferrer">{0}</a>', public_link(ticket))

    @admin.display(description=gettext_lazy("issued"))
    def issued_local(self, ticket: Ticket) -> str:
        return local_time(ticket.issued_at, ticket.event.timezone)
