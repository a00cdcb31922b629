"""Tickets: issued by hand, moved by buttons, and their few data edited."""

from typing import Any

from django.contrib import admin, messages
from django.db import transaction
from django.db.models import Model, QuerySet
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods

from tickets.admin.permissions import BigTableMixin
from tickets.admin.searching import phone_query
from tickets.admin.showing import TONES, badge, local_time
from tickets.admin.ticket_actions import block_action, reissue_action, unblock_action, void_action
from tickets.admin.ticket_page import link_to, page_context
from tickets.admin.ticket_transfer import TransferView
from tickets.codes import parse_code
from tickets.enums import Action, TicketStatus
from tickets.forms.ticket import TicketChangeForm, TicketForm
from tickets.history import record
from tickets.issuing import issue_tickets
from tickets.models import Ticket
from tickets.qr import public_link
from tickets.types import CannotIssue


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
    actions = [void_action, block_action, unblock_action, reissue_action]
    sortable_by = ("code",)
    of_new = ((None, {"fields": ("event", "holder", ("type", "companions"), "each", "data_lines")}),)
    facts = ("state", "since", "holder", "event", ("type", "companions"), "inside", "page_link", "issued_local")
    of_page = gettext_lazy("PIN of its page")

    def has_void_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("tickets.void_ticket")

    def has_block_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("tickets.block_ticket")

    def has_replace_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("tickets.replace_ticket")

    def has_transfer_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("tickets.transfer_ticket")

    def can_edit(self, request: HttpRequest, ticket: Ticket) -> bool:
        """Of what was voided or replaced nothing changes any more."""
        return ticket.status in TicketStatus.held and self.has_change_permission(request, ticket)

    def get_urls(self) -> list[URLPattern]:
        view = require_http_methods(["GET", "HEAD", "POST"])(TransferView(self))
        wrapped = self.admin_site.admin_view(view)
        return [path("<int:pk>/transfer/", wrapped, name="tickets_ticket_transfer"), *super().get_urls()]

    def get_fieldsets(self, request: HttpRequest, obj: Ticket | None = None) -> Any:
        if obj is None:
            return self.of_new
        chain = [name for name in ("before", "after") if getattr(self, name)(obj)]
        facts = [(None, {"fields": (*self.facts[:2], *chain, *self.facts[2:])})]
        if not self.can_edit(request, obj):
            return [*facts, (gettext_lazy("Other data"), {"fields": ("data",)})]
        pin = ("new_pin", "remove_pin") if obj.pin else ("new_pin",)
        return [
            *facts,
            (gettext_lazy("Other data"), {"fields": ("data_lines", "seen")}),
            (self.of_page, {"classes": ("collapse",), "fields": ("pin_state", *pin)}),
        ]

    def get_readonly_fields(self, request: HttpRequest, obj: Ticket | None = None) -> Any:
        if obj is None:
            return ()
        names = [name for entry in self.facts for name in ((entry,) if isinstance(entry, str) else entry)]
        return (*names, "before", "after", "data", "pin_state")

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        if obj is not None:
            kwargs["form"] = TicketChangeForm
        return super().get_form(request, obj, change=change, **kwargs)

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
        except CannotIssue as error:
            messages.error(request, str(error))
            return HttpResponseRedirect(request.get_full_path())

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        ticket = self.get_object(request, object_id)
        context: dict[str, Any] = {"show_save_and_continue": False, "show_save_and_add_another": False}
        if isinstance(ticket, Ticket):
            context |= page_context(request, ticket) | {"show_save": self.can_edit(request, ticket)}
        return super().change_view(request, object_id, form_url, context | (extra_context or {}))

    def save_model(self, request: HttpRequest, obj: Model, form: ModelForm, change: bool) -> None:
        """A new row comes from `issuing` alone; of an existing one only what the form asks is written."""
        assert isinstance(obj, Ticket)
        if isinstance(form, TicketChangeForm):
            if (written := form.written()) and self.can_edit(request, obj):
                Ticket.objects.filter(pk=obj.pk, status__in=sorted(TicketStatus.held)).update(**written)
        elif not change:
            self._issue(request, obj, form.cleaned_data)

    @transaction.atomic
    def _issue(self, request: HttpRequest, obj: Ticket, order: dict[str, Any]) -> None:
        same = {"event": obj.event, "holder": obj.holder, "type": obj.type, "status__in": sorted(TicketStatus.held)}
        before = set(Ticket.objects.filter(**same).values_list("pk", flat=True))
        issued = issue_tickets(
            obj.event,
            [obj.holder],
            type=obj.type,
            companions={obj.holder_id: obj.companions},
            each=order["each"],
            attributes=order["data_lines"],
        )
        own = Ticket.objects.filter(**same).order_by("number")
        obj.pk = (own.exclude(pk__in=before).first() or own[0]).pk
        obj.refresh_from_db()
        if issued.created > 1:
            words = ngettext("%(n)d ticket was issued.", "%(n)d tickets were issued.", issued.created)
            messages.success(request, words % {"n": issued.created})
            record(request.user, obj.event, Action.ISSUED, after={"tickets": issued.created, "people": obj.holder.name})

    def construct_change_message(self, request: HttpRequest, form: Any, formsets: Any, add: bool = False) -> Any:
        if isinstance(form, TicketChangeForm):
            return form.changes()
        return super().construct_change_message(request, form, formsets, add)

    def log_change(self, request: HttpRequest, obj: Model, message: Any) -> Any:
        before, after = message
        return record(request.user, obj, Action.CHANGED, before=before, after=after) if after else None

    @admin.display(description=gettext_lazy("status"), ordering="status")
    def state(self, ticket: Ticket) -> str:
        return badge(ticket.get_status_display(), TONES[TicketStatus(ticket.status)])

    @admin.display(description=gettext_lazy("since"))
    def since(self, ticket: Ticket) -> str:
        moment = local_time(ticket.status_changed_at or ticket.issued_at, ticket.event.timezone)
        return format_html("{} · {}", moment, ticket.status_reason) if ticket.status_reason else moment

    @admin.display(description=gettext_lazy("in place of"))
    def before(self, ticket: Ticket) -> str:
        return link_to(ticket.replaces) if ticket.replaces else ""

    @admin.display(description=gettext_lazy("replaced by"))
    def after(self, ticket: Ticket) -> str:
        new = getattr(ticket, "replaced_by", None)
        return link_to(new) if new else ""

    @admin.display(description=gettext_lazy("inside"))
    def inside(self, ticket: Ticket) -> str:
        return _("%(inside)d of %(people)d") % {"inside": ticket.people_inside, "people": ticket.people}

    @admin.display(description=gettext_lazy("page of the ticket"))
    def page_link(self, ticket: Ticket) -> str:
        return format_html('<a href="{0}" rel="noreferrer">{0}</a>', public_link(ticket))

    @admin.display(description=gettext_lazy("issued"))
    def issued_local(self, ticket: Ticket) -> str:
        return local_time(ticket.issued_at, ticket.event.timezone)

    @admin.display(description=gettext_lazy("other data"))
    def data(self, ticket: Ticket) -> str:
        rows = format_html_join("", "<dt>{}</dt><dd>{}</dd>", list(ticket.attributes.items()))
        return format_html('<dl class="p-facts">{}</dl>', rows) if rows else _("None")

    @admin.display(description=gettext_lazy("now"))
    def pin_state(self, ticket: Ticket) -> str:
        if ticket.pin:
            return _("This ticket has a PIN of its own.")
        return _("The PIN of the event is asked for.") if ticket.event.pin else _("No PIN is asked for.")
