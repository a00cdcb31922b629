"""The buttons “Send tickets” and “New announcement” in the lists of events, tickets, contacts and tags.

`tickets` knows nothing of campaigns, so its lists are registered anew from here, with the buttons added.
"""

from collections.abc import Callable, Sequence
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.loader import select_template
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from campaigns import actions
from campaigns.actions import TooManyEvents
from campaigns.admin.mailbox import MailboxOfEvent
from campaigns.drafts import draft_resend
from campaigns.enums import DeliveryStatus
from campaigns.models import Campaign, Delivery
from campaigns.reminders import event_page
from campaigns.views.base import page_of
from campaigns.views.starting import onwards
from tickets.admin import ContactAdmin, EventAdmin, TagAdmin, TicketAdmin
from tickets.enums import TicketStatus
from tickets.models import Contact, Event, Tag, Ticket


@admin.action(description=gettext_lazy("Send tickets"), permissions=["launch"])
def send_tickets(model_admin: admin.ModelAdmin, request: HttpRequest, queryset: QuerySet) -> HttpResponse | None:
    """Of the chosen events, or exactly the chosen tickets. Opens the page that shows what would be sent."""
    try:
        if queryset.model is Event:
            drafts = actions.drafts_for_events(queryset, user=request.user)
        else:
            _tell_left_out(request, queryset)
            drafts = actions.drafts_for_tickets(queryset, user=request.user)
    except TooManyEvents as error:
        messages.error(request, str(error))
        return None
    if not drafts:
        messages.error(request, _("None of these tickets is valid, so there is nothing to send."))
        return None
    return onwards(drafts)


def _tell_left_out(request: HttpRequest, tickets: QuerySet[Ticket]) -> None:
    void = tickets.exclude(status=TicketStatus.VALID).count()
    if void:
        sentence = ngettext(
            "%(n)d ticket is not valid and stays out.", "%(n)d tickets are not valid and stay out.", void
        )
        messages.warning(request, sentence % {"n": void})


@admin.action(description=gettext_lazy("New announcement"), permissions=["announce"])
def new_announcement(model_admin: admin.ModelAdmin, request: HttpRequest, queryset: QuerySet) -> HttpResponse:
    """For the chosen people, or for whoever has one of the chosen tags. Opens the form in which it is written."""
    make: Callable[..., Campaign] = actions.draft_for_tags if queryset.model is Tag else actions.draft_for_contacts
    return HttpResponseRedirect(page_of(make(queryset, user=request.user)))


class MaySend(admin.ModelAdmin):
    """The permissions that the actions ask for."""

    def has_launch_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perms(["campaigns.launch_campaign", "campaigns.view_campaign"])

    def has_announce_permission(self, request: HttpRequest) -> bool:
        wanted = ["campaigns.add_campaign", "campaigns.change_campaign", "campaigns.view_campaign"]
        return request.user.has_perms(wanted)


class SendButton(MaySend):
    """On the page of one row: a button that makes a draft and opens its launch page."""

    button: Any
    drafts_of: Callable[[HttpRequest, Any], Sequence[Campaign]]
    plain_template: Any = None  # what the page looks like without the button

    def can_send(self, row: Any) -> bool:
        return True

    def words(self, row: Any) -> Any:
        return self.button

    def get_urls(self) -> list[URLPattern]:
        name = f"{self.opts.app_label}_{self.opts.model_name}_send"
        return [path("<int:pk>/send/", self.admin_site.admin_view(self.send_view), name=name), *super().get_urls()]

    def send_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        if not self.has_launch_permission(request) or not self.has_view_permission(request):
            raise PermissionDenied
        row = self.get_object(request, str(pk))
        if row is None:
            raise Http404
        if request.method != "POST" or not self.can_send(row):
            page = f"admin:{self.opts.app_label}_{self.opts.model_name}_change"
            return HttpResponseRedirect(reverse(page, args=[pk]))
        return onwards(self.drafts_of(request, row))

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        row = kwargs.get("obj")
        if row is not None and self.has_launch_permission(request) and self.can_send(row):
            address = reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_send", args=[row.pk])
            context |= {"send_url": address, "send_words": self.words(row)}
        names = [f"admin/{self.opts.app_label}/{self.opts.model_name}/change_form.html", "admin/change_form.html"]
        context["plain_template"] = select_template([self.plain_template, *names] if self.plain_template else names)
        return super().render_change_form(request, context, *args, **kwargs)


admin.site.unregister([Event, Ticket, Contact, Tag])


@admin.register(Event)
class SendingEventAdmin(SendButton, MailboxOfEvent):
    list_display = (*EventAdmin.list_display, "page_link")  # type: ignore[assignment]
    actions = [*EventAdmin.actions, send_tickets]  # type: ignore[misc]
    button = gettext_lazy("Send tickets")
    plain_template = EventAdmin.change_form_template
    change_form_template = "campaigns/with_send_button.html"

    @admin.display(description=gettext_lazy("how it stands"))
    def page_link(self, event: Event) -> str:
        return format_html('<a href="{}">{}</a>', event_page(event.pk), _("Page of the event"))

    def drafts_of(self, request: HttpRequest, row: Event) -> Sequence[Campaign]:
        return actions.drafts_for_events(Event.objects.filter(pk=row.pk), user=request.user)


@admin.register(Ticket)
class SendingTicketAdmin(SendButton, TicketAdmin):
    actions = [*TicketAdmin.actions, send_tickets]
    button = gettext_lazy("Send again")
    plain_template = TicketAdmin.change_form_template
    change_form_template = "campaigns/with_send_button.html"

    def can_send(self, row: Ticket) -> bool:
        return row.status == TicketStatus.VALID

    def words(self, row: Ticket) -> Any:
        was_sent = Delivery.objects.filter(ticket=row, status__in=sorted(DeliveryStatus.taken)).exists()
        return self.button if was_sent else _("Send this ticket")

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        row = kwargs.get("obj")
        if row is not None and request.user.has_perm("campaigns.view_delivery"):
            context["deliveries_url"] = reverse("admin:campaigns_delivery_changelist") + f"?ticket__id__exact={row.pk}"
        return super().render_change_form(request, context, *args, **kwargs)

    def drafts_of(self, request: HttpRequest, row: Ticket) -> Sequence[Campaign]:
        """In front of everything else: somebody is waiting for it."""
        assert request.user.is_authenticated  # the permission was asked for before
        return [draft_resend(row, user=request.user)]


@admin.register(Contact)
class WritingContactAdmin(MaySend, ContactAdmin):
    actions = [*ContactAdmin.actions, new_announcement]


@admin.register(Tag)
class WritingTagAdmin(MaySend, TagAdmin):
    actions = [*TagAdmin.actions, new_announcement]
