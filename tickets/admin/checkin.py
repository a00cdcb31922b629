"""Every scan at a door, to read."""

from django.contrib import admin
from django.utils.translation import gettext_lazy

from tickets.admin.permissions import ReadOnlyMixin
from tickets.admin.showing import TONES, badge, local_time
from tickets.enums import CheckInResult
from tickets.models import CheckIn


@admin.register(CheckIn)
class CheckInAdmin(ReadOnlyMixin, admin.ModelAdmin):
    list_display = ("scanned", "at_local", "event", "verdict", "why", "admitted", "gate", "user")
    list_filter = (("event", admin.RelatedOnlyFieldListFilter), "result", "reason")
    list_select_related = ("event", "user")
    search_fields = ("=scanned", "=ticket__code")
    search_help_text = gettext_lazy("Code of a ticket")
    sortable_by = ()
    actions = None
    empty_hint = gettext_lazy("Scans appear here as soon as the doors open.")
    fields = ("at_local", "event", "ticket", "scanned", "verdict", "why", "admitted", "gate", "user")
    readonly_fields = fields

    @admin.display(description=gettext_lazy("time"))
    def at_local(self, checkin: CheckIn) -> str:
        return local_time(checkin.at, checkin.event.timezone)

    @admin.display(description=gettext_lazy("reason"))
    def why(self, checkin: CheckIn) -> str:
        return checkin.get_reason_display() if checkin.reason else ""

    @admin.display(description=gettext_lazy("result"))
    def verdict(self, checkin: CheckIn) -> str:
        return badge(checkin.get_result_display(), TONES[CheckInResult(checkin.result)])
