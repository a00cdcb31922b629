"""The WhatsApp numbers: their state, their gateway, their own pace."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from whatsapp.admin.sender_views import SenderViews, panel_context
from whatsapp.advice import TONES
from whatsapp.forms import SenderForm
from whatsapp.models import Sender
from whatsapp.registry import gateway_choices


@admin.register(Sender)
class SenderAdmin(admin.ModelAdmin):
    form = SenderForm
    list_display = ("name", "state_badge", "use", "phone", "gateway_label", "last_message")
    list_filter = ("state", "is_enabled")
    search_fields = ("name", "phone")
    show_full_result_count = False
    list_per_page = 50
    empty_hint = gettext_lazy("Add the WhatsApp number that messages leave from, and the address of its gateway.")
    change_form_template = "whatsapp/sender_form.html"
    readonly_fields = ("key_stored",)
    fieldsets = (
        (gettext_lazy("The number"), {"fields": (("name", "phone"), "is_enabled", "is_draining", "weight", "is_new")}),
        (
            gettext_lazy("Its gateway"),
            {"fields": ("gateway", "base_url", "session_name", "new_key", "remove_key")},
        ),
        (
            gettext_lazy("Its own pace"),
            {
                "classes": ("collapse",),
                "description": gettext_lazy("Only where this number should differ from the sending settings."),
                "fields": (("base_delay", "step"), ("every", "maximum_delay"), "daily_cap"),
            },
        ),
    )

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """What was sent from a number points to it: it is switched off instead."""
        return False

    def has_check_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("whatsapp.change_sender") or self.has_restart_permission(request)

    def has_restart_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("whatsapp.restart_sender") and self.has_view_permission(request)

    def get_fieldsets(self, request: HttpRequest, obj: Sender | None = None) -> Any:
        may_write = self.has_change_permission(request, obj) if obj else True
        swap = {
            "new_key": "new_key" if may_write else "key_stored",
            "remove_key": "remove_key" if may_write and obj and obj.api_key else None,
        }
        return [(title, options | {"fields": _swapped(options["fields"], swap)}) for title, options in self.fieldsets]

    def get_urls(self) -> list[URLPattern]:
        return [*SenderViews(self).urls(), *super().get_urls()]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        sender = self.get_object(request, object_id)
        panel = panel_context(self, request, sender) if sender else {}
        return super().change_view(request, object_id, form_url, panel | (extra_context or {}))

    @admin.display(description=gettext_lazy("state"), ordering="state")
    def state_badge(self, sender: Sender) -> str:
        since = _("since %(time)s") % {"time": _moment(sender.state_since)} if sender.state_since else ""
        return format_html(
            '<span class="p-badge p-badge-{}">{}</span> <small class="nowrap">{}</small>',
            TONES[sender.state],
            sender.get_state_display(),
            since,
        )

    @admin.display(description=gettext_lazy("use"), ordering="is_enabled")
    def use(self, sender: Sender) -> str:
        tone, word = ("neutral", _("Switched off"))
        if sender.is_enabled:
            tone, word = ("warn", _("Draining")) if sender.is_draining else ("ok", _("In use"))
        return format_html('<span class="p-badge p-badge-{}">{}</span>', tone, word)

    @admin.display(description=gettext_lazy("gateway"), ordering="gateway")
    def gateway_label(self, sender: Sender) -> str:
        return dict(gateway_choices()).get(sender.gateway, sender.gateway)

    @admin.display(description=gettext_lazy("last message"), ordering="last_send_at")
    def last_message(self, sender: Sender) -> str:
        return _moment(sender.last_send_at) if sender.last_send_at else _("none yet")

    @admin.display(description=gettext_lazy("key of the gateway"))
    def key_stored(self, sender: Sender) -> str:
        return _("A key is stored.") if sender.api_key else _("No key is stored.")


def _swapped(fields: Any, swap: dict[str, str | None]) -> tuple[Any, ...]:
    named = [swap.get(field, field) if isinstance(field, str) else field for field in fields]
    return tuple(field for field in named if field)


def _moment(moment: Any) -> str:
    return date_format(localtime(moment), "j M Y, H:i")
