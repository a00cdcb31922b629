"""The WhatsApp numbers: a card for each, with its state and what can be done, and the form behind it."""

from collections.abc import Collection
from typing import Any

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from whatsapp.accounts import share_portfolio
from whatsapp.admin import gateway_part
from whatsapp.admin.cards import card_of, with_last_restart
from whatsapp.admin.changes import PACE, SWITCHES, AnnouncedMixin, changed_values
from whatsapp.admin.hook_views import HookViews
from whatsapp.admin.pace_views import PaceViews
from whatsapp.admin.reports import reports_of
from whatsapp.admin.sender_views import SenderViews
from whatsapp.admin.switch_views import SwitchViews
from whatsapp.admin.template_views import TemplateViews, panel_of
from whatsapp.forms import SenderForm
from whatsapp.health import record_state
from whatsapp.models import Sender
from whatsapp.pace_form import PACE_FIELDS

CONNECTION = ("base_url", "session_name", "api_key", "options")
FEW = 6  # numbers that one sees at a glance: below, searching and filtering would be in the way


@admin.register(Sender)
class SenderAdmin(AnnouncedMixin, admin.ModelAdmin):
    form = SenderForm
    actions = None
    list_display = ("name",)
    list_filter = ("state", "is_enabled")
    search_fields = ("name", "phone")
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    list_per_page = 24
    empty_hint = gettext_lazy("Add the WhatsApp number that messages leave from, and the address of its gateway.")
    change_list_template = "whatsapp/numbers.html"
    change_form_template = "whatsapp/sender_form.html"
    readonly_fields = ("key_stored",)
    add_form_template = "whatsapp/sender_form.html"
    fieldsets = (
        (gettext_lazy("The number"), {"fields": (("name", "phone"), "is_enabled", "is_draining", "weight", "is_new")}),
        (gettext_lazy("Its gateway"), {"fields": ()}),  # as the gateway wants it: see `gateway_part`
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

    def has_switch_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("whatsapp.switch_sender") and self.has_view_permission(request)

    def has_pace_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("whatsapp.pace_sender") and self.has_view_permission(request)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Sender]:
        return with_last_restart(super().get_queryset(request))

    def get_readonly_fields(self, request: HttpRequest, obj: Sender | None = None) -> Any:
        """What has a page of its own is changed only there, and nothing in a form without its permission.

        A form that stayed open would else switch a number on again that somebody has switched off meanwhile.
        """
        switches = SWITCHES if obj or not self.has_switch_permission(request) else ()
        pace = () if self.has_pace_permission(request) else PACE
        return (*self.readonly_fields, *switches, *(pace or (PACE_FIELDS if obj else ())))

    def get_fieldsets(self, request: HttpRequest, obj: Sender | None = None) -> Any:
        number, _gateway, pace = self.fieldsets
        may_write = self.may_save(request, obj)
        swap: dict[str, str | None] = dict.fromkeys(SWITCHES) if obj else {}  # the card above says it, with its buttons
        shown = [
            (number[0], number[1] | {"fields": _swapped(number[1]["fields"], swap)}),
            gateway_part.fieldset(request, obj, may_write=may_write),
            *(gateway_part.rare_fieldsets(request, obj) if may_write else ()),
            pace,
        ]
        if obj and self.has_pace_permission(request):
            title, options = shown[-1]
            shown[-1] = (title, options | {"description": _("Press “Change the pace…” above to change it.")})
        return shown

    def may_save(self, request: HttpRequest, obj: Sender | None) -> bool:
        return self.has_change_permission(request, obj) if obj else self.has_add_permission(request)

    def get_form(self, request: HttpRequest, obj: Sender | None = None, change: bool = False, **kwargs: Any) -> Any:
        hidden = (
            self.get_readonly_fields(request, obj) if self.may_save(request, obj) else list(SenderForm.declared_fields)
        )
        form = gateway_part.form_class(request, obj, without=hidden)
        return super().get_form(request, obj, change, **{"form": form, **kwargs})

    def save_model(self, request: HttpRequest, obj: Model, form: ModelForm, change: bool) -> None:
        """What was not typed is not written: somebody else may be changing it at this moment."""
        if not change:
            obj.save()
        elif changed := changed_values(form)[1]:
            # Another gateway makes another connection of it, whatever was typed.
            moved = CONNECTION if "gateway" in changed else ()
            obj.save(update_fields={*changed, *moved})
        assert isinstance(obj, Sender)
        share_portfolio(obj, is_typed="option_portfolio" in form.changed_data)
        if trial := gateway_part.trial_of(request):
            record_state(obj.pk, trial.status, now=timezone.now())

    def get_urls(self) -> list[URLPattern]:
        parts = (SenderViews, SwitchViews, PaceViews, HookViews, TemplateViews)
        own = [part for views in parts for part in views(self).urls()]
        return [*own, *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        response = super().changelist_view(request, extra_context)
        shown = getattr(response, "context_data", None) or {}
        if changes := shown.get("cl"):
            cards = [card_of(self, request, sender, where="list") for sender in changes.result_list]
            shown["cards"] = sorted(cards, key=lambda card: card.urgency)  # of equals the name decides, as in the list
            shown["has_many"] = changes.result_count > FEW or changes.query or changes.has_active_filters
        return response

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        sender = self.get_object(request, object_id) if object_id else None
        wants_choice = gateway_part.CHOOSE in request.GET or (sender is None and "gateway" not in request.GET)
        if request.method in ("GET", "HEAD") and wants_choice and self.may_save(request, sender):
            return gateway_part.choose_page(self, request, sender)
        if request.method == "POST":
            gateway_part.try_it(self, request, sender)
        return super().changeform_view(request, object_id, form_url, extra_context)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        sender = self.get_object(request, object_id)
        panel: dict[str, Any] = {}
        if sender:
            panel = {"card": card_of(self, request, sender, where="page"), "reports": reports_of(self, request, sender)}
            panel |= panel_of(request, sender)
        return super().change_view(request, object_id, form_url, panel | (extra_context or {}))

    def action_of(self, names: Collection[str]) -> str:
        """By the part of the form that matters most to what is being sent."""
        if any(name in PACE for name in names):
            return "settings"
        return "switched" if any(name in SWITCHES for name in names) else "changed"

    @admin.display(description=gettext_lazy("key of the gateway"))
    def key_stored(self, sender: Sender) -> str:
        return _("A key is stored.") if sender.api_key else _("No key is stored.")


def _swapped(fields: Any, swap: dict[str, str | None]) -> tuple[Any, ...]:
    named = [swap.get(field, field) if isinstance(field, str) else field for field in fields]
    return tuple(field for field in named if field)
