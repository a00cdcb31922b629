"""The machine room: from where messages leave, and who is working."""

from typing import Any

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest
from django.utils import timezone
from django.utils.timezone import get_current_timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns.enums import LanePause
from campaigns.lane_waits import rest_sentence
from campaigns.models import Dispatcher, Lane
from campaigns.views.showing import when
from tickets.admin.permissions import ReadOnlyMixin
from tickets.admin.showing import badge


class MachineAdmin(ReadOnlyMixin, admin.ModelAdmin):
    actions = None
    sortable_by = ()

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> Any:
        return self.fields


@admin.register(Lane)
class LaneAdmin(MachineAdmin):
    list_display = ("where", "channel", "work", "rests_until", "position", "delay", "sent_today", "failures_in_a_row")
    list_filter = ("channel",)
    list_select_related = ("sender",)
    empty_hint = gettext_lazy("Each WhatsApp number has one lane; e-mail has a few. They appear by themselves.")
    fields = (
        "where",
        "channel",
        "work",
        "why",
        "pause_detail",
        "rests_until",
        "next_message",
        "position",
        "delay",
        "slow_down",
        "sent_today",
        "failures_in_a_row",
        "held",
    )

    @admin.display(description=gettext_lazy("lane"))
    def where(self, lane: Lane) -> str:
        return str(lane)

    @admin.display(description=gettext_lazy("state"))
    def work(self, lane: Lane) -> str:
        if lane.is_stopped:
            return badge(_("Stopped"), "bad")
        tone = "warn" if lane.pause_reason else "ok"
        return badge(LanePause(lane.pause_reason).label, tone)

    @admin.display(description=gettext_lazy("why, and what to do"))
    def why(self, lane: Lane) -> str:
        return rest_sentence(lane) if lane.pause_reason else "–"

    @admin.display(description=gettext_lazy("rests until"))
    def rests_until(self, lane: Lane) -> str:
        if lane.is_stopped:
            return _("somebody acts")
        return _moment(lane.paused_until)

    @admin.display(description=gettext_lazy("next message not before"))
    def next_message(self, lane: Lane) -> str:
        return _moment(lane.next_send_at)

    @admin.display(description=gettext_lazy("delay"))
    def delay(self, lane: Lane) -> str:
        return _("%(seconds)s s") % {"seconds": f"{lane.current_delay:.1f}"} if lane.sender_id else ""

    @admin.display(description=gettext_lazy("held"))
    def held(self, lane: Lane) -> str:
        """Which dispatcher works on it at this moment."""
        is_held = lane.lease_expires_at is not None and lane.lease_expires_at > timezone.now()
        return _("yes, until %(moment)s") % {"moment": _moment(lane.lease_expires_at)} if is_held else _("no")


@admin.register(Dispatcher)
class DispatcherAdmin(MachineAdmin):
    list_display = ("what", "work", "sign_of_life", "host")
    empty_hint = gettext_lazy("Dispatchers appear when the worker has started once.")
    fields = ("what", "work", "sign_of_life", "asked", "host")

    @admin.display(description=gettext_lazy("what"))
    def what(self, dispatcher: Dispatcher) -> str:
        if dispatcher.slot == Dispatcher.TICK:
            return _("The minutely tidying up")
        return _("Dispatcher %(slot)d") % {"slot": dispatcher.slot}

    @admin.display(description=gettext_lazy("state"))
    def work(self, dispatcher: Dispatcher) -> str:
        is_held = dispatcher.lease_expires_at is not None and dispatcher.lease_expires_at > timezone.now()
        return badge(_("Working"), "ok") if is_held else badge(_("At rest"), "neutral")

    @admin.display(description=gettext_lazy("last sign of life"))
    def sign_of_life(self, dispatcher: Dispatcher) -> str:
        return _moment(dispatcher.heartbeat_at)

    @admin.display(description=gettext_lazy("asked to start"))
    def asked(self, dispatcher: Dispatcher) -> str:
        return _moment(dispatcher.kicked_at)


def _moment(moment: Any) -> str:
    return when(moment, get_current_timezone(), now=timezone.now()) or "–"
