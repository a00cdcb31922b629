"""Door accesses: who lets people in at which event and when, by a link that is shown once."""

from typing import Any

from django.contrib import admin
from django.db.models import Model
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tickets.admin.door_links import DoorLinkViews, door_link_urls
from tickets.admin.permissions import BigTableMixin
from tickets.admin.recording import RecordedMixin
from tickets.admin.showing import badge, local_time
from tickets.doors import Why, give_token, hours_problem
from tickets.forms.door import HOURS, DoorAccessForm
from tickets.models import DoorAccess, Event

LONGEST_ID = 19  # digits that fit into the column


@admin.register(DoorAccess)
class DoorAccessAdmin(RecordedMixin, BigTableMixin, admin.ModelAdmin):
    form = DoorAccessForm
    list_display = ("name", "event", "gate", "hours", "state", "seen")
    list_filter = (("event", admin.RelatedOnlyFieldListFilter), "is_active")
    list_select_related = ("event",)
    search_fields = ("name", "gate", "event__name")
    search_help_text = gettext_lazy("Who, gate or event")
    sortable_by = ()
    actions = None
    autocomplete_fields = ("event",)
    empty_hint = gettext_lazy(
        "Whoever helps at the door for one evening gets a link of their own and needs no account. It counts for one "
        "event and some hours."
    )
    fieldsets = (
        (gettext_lazy("Who, and at which door"), {"fields": ("event", ("name", "gate"))}),
        (gettext_lazy("When"), {"fields": (("opens_at", "closes_at"),)}),
        (gettext_lazy("Rights"), {"fields": ("can_undo",)}),
    )
    facts = (gettext_lazy("Now"), {"fields": ("state", "seen", "made")})

    def get_fieldsets(self, request: HttpRequest, obj: DoorAccess | None = None) -> Any:
        if obj is None:
            return self.fieldsets
        if self.has_change_permission(request, obj):
            return (*self.fieldsets, self.facts)
        # Plain hours would be in the server's zone.
        when = (gettext_lazy("When"), {"fields": ("hours",)})
        return (self.fieldsets[0], when, self.fieldsets[2], self.facts)

    def get_readonly_fields(self, request: HttpRequest, obj: DoorAccess | None = None) -> Any:
        # Whoever has the link stands at this door: for another event there is another link.
        return ("event", "state", "seen", "made", "hours") if obj else ()

    def get_urls(self) -> list[URLPattern]:
        return [*door_link_urls(self), *super().get_urls()]

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """The event in the address, if there is such a one."""
        number = request.GET.get("event", "")
        known = number.isascii() and number.isdecimal() and len(number) < LONGEST_ID
        event = Event.objects.filter(pk=int(number)).first() if known else None
        return {"event": event} if event else {}

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        return super().changelist_view(request, {"title": DoorAccess._meta.verbose_name_plural} | (extra_context or {}))

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Events have pages of their own; here one is only chosen."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if db_field.name == "event" and field is not None:
            for name in ("can_add_related", "can_change_related", "can_view_related"):
                setattr(field.widget, name, False)
        return field

    def save_model(self, request: HttpRequest, obj: Model, form: ModelForm, change: bool) -> None:
        if isinstance(obj, DoorAccess) and not change:
            obj.created_by = request.user  # type: ignore[assignment]
            token = give_token(obj)
            super().save_model(request, obj, form, change)
            DoorLinkViews(self).keep_for_one_look(request, obj, token)
        elif isinstance(obj, DoorAccess):
            obj.save(update_fields=[name for name in form.changed_data if name in form.cleaned_data])

    def construct_change_message(self, request: HttpRequest, form: Any, formsets: Any, add: bool = False) -> Any:
        """The hours before as moments too, and not as the clock at the event showed them."""
        before, after = super().construct_change_message(request, form, formsets, add)
        return before | {name: form.moments_before[name] for name in HOURS if name in before}, after

    def response_add(self, request: HttpRequest, obj: Any, post_url_continue: Any = None) -> HttpResponse:
        return HttpResponseRedirect(reverse("admin:tickets_dooraccess_link", args=[obj.pk]))

    @admin.display(description=gettext_lazy("hours"))
    def hours(self, access: DoorAccess) -> str:
        zone = access.event.timezone
        return format_html("{} – {}", local_time(access.opens_at, zone), local_time(access.closes_at, zone))

    @admin.display(description=gettext_lazy("state"))
    def state(self, access: DoorAccess) -> str:
        if not access.is_active:
            return badge(_("Switched off"), "neutral")
        problem = hours_problem(access, timezone.now())
        if problem == Why.EARLY:
            return badge(_("Not yet"), "info")
        return badge(_("Over"), "neutral") if problem else badge(_("Counts now"), "ok")

    @admin.display(description=gettext_lazy("last used"))
    def seen(self, access: DoorAccess) -> str:
        return local_time(access.last_seen_at, access.event.timezone) if access.last_seen_at else _("Never")

    @admin.display(description=gettext_lazy("made"))
    def made(self, access: DoorAccess) -> str:
        moment = local_time(access.created_at, access.event.timezone)
        return format_html("{} {}", moment, access.created_by or "")
