"""Events: their hours in their own zone, their message, their picture."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import Count, Model, Q
from django.forms import ModelForm
from django.http import FileResponse, Http404, HttpRequest
from django.urls import URLPattern, path
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tickets.admin.event_types import TicketTypeInline
from tickets.admin.permissions import BigTableMixin
from tickets.admin.showing import badge, local_time
from tickets.enums import TicketStatus
from tickets.forms import EventForm
from tickets.models import Event

# What a form field asks, and what somebody who may only look sees in its place.
FOR_READING = {
    "starts_at": "starts_local",
    "ends_at": "ends_local",
    "doors_open_at": "doors_local",
    "image": "picture",
    "new_pin": "pin_state",
    "remove_pin": "pin_state",
}


@admin.register(Event)
class EventAdmin(BigTableMixin, admin.ModelAdmin):
    form = EventForm
    list_display = ("name", "starts_local", "venue", "tickets_issued", "activity")
    list_filter = ("is_active",)
    search_fields = ("name", "venue", "slug")
    search_help_text = gettext_lazy("Name or venue")
    empty_hint = gettext_lazy("An event has a date, a place and the message that carries its tickets.")
    prepopulated_fields = {"slug": ("name",)}
    readonly_fields = ("starts_local", "ends_local", "doors_local", "picture", "pin_state")
    inlines = (TicketTypeInline,)
    fieldsets = (
        (gettext_lazy("The event"), {"fields": ("name", ("venue", "address"), "description")}),
        (gettext_lazy("When"), {"fields": (("starts_at", "ends_at"), "doors_open_at", "timezone")}),
        (gettext_lazy("Room"), {"fields": ("capacity", "is_active")}),
        (
            gettext_lazy("The message with the ticket"),
            {
                "description": gettext_lazy("Every ticket of this event is sent with this text."),
                "fields": ("ticket_text", "attach_qr", "attach_pdf", "picture", "image", "email_subject", "email_text"),
            },
        ),
        (
            gettext_lazy("So that everybody gets theirs"),
            {"fields": ("second_channel_hours", "remind_staff")},
        ),
        (
            gettext_lazy("PIN of the ticket pages"),
            {
                "classes": ("collapse",),
                "description": gettext_lazy(
                    "Whoever opens the page of a ticket of this event is asked for it. A ticket can have a PIN of its "
                    "own instead. The door asks for none."
                ),
                "fields": ("pin_state", "new_pin", "remove_pin"),
            },
        ),
        (gettext_lazy("For the technical person"), {"classes": ("collapse",), "fields": ("slug",)}),
    )

    def get_fieldsets(self, request: HttpRequest, obj: Event | None = None) -> Any:
        """Whoever may only look sees the hours as written texts, because plain ones would be in the server's zone."""
        if obj is None or self.has_change_permission(request, obj):
            return self.fieldsets if obj and obj.pin else [_without_removal(*fieldset) for fieldset in self.fieldsets]
        return [(title, options | {"fields": _for_reading(options["fields"])}) for title, options in self.fieldsets]

    def get_prepopulated_fields(self, request: HttpRequest, obj: Event | None = None) -> dict[str, Any]:
        # A short name that stands in commands and addresses does not follow a later change of the name.
        return {} if obj else dict(self.prepopulated_fields)

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """Tickets are counted for the rows of one page only."""
        changelist = super().get_changelist_instance(request)
        counted = Event.objects.filter(pk__in=[event.pk for event in changelist.result_list]).annotate(
            valid=Count("tickets", filter=Q(tickets__status=TicketStatus.VALID))
        )
        numbers = dict(counted.values_list("pk", "valid"))
        for event in changelist.result_list:
            event.valid_tickets = numbers[event.pk]
        return changelist

    def save_model(self, request: HttpRequest, obj: Model, form: ModelForm, change: bool) -> None:
        if isinstance(form, EventForm) and isinstance(obj, Event) and form.changes_pin:
            obj.pin = form.pin_to_keep()
        super().save_model(request, obj, form, change)
        for note in getattr(form, "notes", ()):
            messages.warning(request, note)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.picture_view)
        return [path("<int:pk>/picture/", view, name="tickets_event_picture"), *super().get_urls()]

    def picture_view(self, request: HttpRequest, pk: int) -> FileResponse:
        event = self.get_object(request, str(pk))
        if event is None or not event.image or not self.has_view_permission(request, event):
            raise Http404
        return FileResponse(event.image.open("rb"), content_type="image/jpeg")

    @admin.display(description=gettext_lazy("starts"), ordering="starts_at")
    def starts_local(self, event: Event) -> str:
        return local_time(event.starts_at, event.timezone)

    @admin.display(description=gettext_lazy("ends"), ordering="ends_at")
    def ends_local(self, event: Event) -> str:
        return local_time(event.ends_at, event.timezone)

    @admin.display(description=gettext_lazy("doors open"))
    def doors_local(self, event: Event) -> str:
        return local_time(event.doors_open, event.timezone)

    @admin.display(description=gettext_lazy("now"))
    def pin_state(self, event: Event) -> str:
        return _("A PIN is asked for.") if event.pin else _("No PIN is asked for.")

    @admin.display(description=gettext_lazy("valid tickets"))
    def tickets_issued(self, event: Event) -> int:
        return int(getattr(event, "valid_tickets", 0))

    @admin.display(description=gettext_lazy("state"), ordering="is_active")
    def activity(self, event: Event) -> str:
        return badge(_("Active"), "ok") if event.is_active else badge(_("Closed"), "neutral")

    @admin.display(description=gettext_lazy("picture of now"))
    def picture(self, event: Event) -> str:
        if not event.pk or not event.image:
            return _("None")
        return format_html('<img class="p-picture" src="../picture/" alt="{}">', _("Picture of the event"))


def _without_removal(title: Any, options: Any) -> tuple[Any, dict[str, Any]]:
    """Where there is no PIN there is none to remove."""
    return title, options | {"fields": tuple(name for name in options["fields"] if name != "remove_pin")}


def _for_reading(fields: Any) -> tuple[Any, ...]:
    """The same fields with the texts in the place of what would be shown in the wrong zone."""
    names = [name for entry in fields for name in ((entry,) if isinstance(entry, str) else entry)]
    return tuple(dict.fromkeys(FOR_READING.get(name, name) for name in names))
