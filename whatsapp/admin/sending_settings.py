"""The sending settings: one row, with a preview of what its numbers mean."""

from typing import Any

from django.contrib import admin
from django.contrib.admin.helpers import AdminErrorList, AdminForm
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from whatsapp.admin.changes import AnnouncedMixin, changed_values
from whatsapp.admin.pace_preview import preview_of, without_preview
from whatsapp.forms import SendingSettingsForm
from whatsapp.limits import pace_of
from whatsapp.models import SendingSettings
from whatsapp.presets import presets_for, values_of

# What the preview is computed from; an error elsewhere in the form does not matter to it.
PACE_FIELDS = (
    "base_delay",
    "step",
    "every",
    "maximum_delay",
    "jitter_percent",
    "batch_size",
    "batch_pause_minutes",
)


def preview_of_form(form: ModelForm, saved: SendingSettings) -> dict[str, Any]:
    """Of what is typed and not saved yet; while it cannot be used, of nothing, with the reason."""
    now = pace_of(saved)
    form.is_valid()  # also puts what was typed on the form's instance, in memory only
    for name in PACE_FIELDS:
        for error in form.errors.get(name, ()):
            return without_preview(f"{form.fields[name].label}: {error}")
    return preview_of(now, pace_of(form.instance))


@admin.register(SendingSettings)
class SendingSettingsAdmin(AnnouncedMixin, admin.ModelAdmin):
    form = SendingSettingsForm
    change_form_template = "whatsapp/settings_form.html"
    readonly_fields = ("updated_at",)
    fieldsets = (
        (
            gettext_lazy("The pause after each message"),
            {
                "description": gettext_lazy(
                    "WhatsApp blocks numbers that send in bursts. So a pause follows each message, and it grows in a "
                    "long run. Longer is slower and safer."
                ),
                "fields": (("base_delay", "maximum_delay"), ("step", "every"), ("jitter_percent", "quiet_minutes")),
            },
        ),
        (
            gettext_lazy("Batches"),
            {
                "description": gettext_lazy("Split a long run, for example 100 messages as two batches of 50."),
                "fields": (("batch_size", "batch_pause_minutes"),),
            },
        ),
        (
            gettext_lazy("Hours and limits"),
            {
                "description": gettext_lazy("Outside these hours messages wait; nothing is lost."),
                "fields": (("window_from", "window_to"), "window_timezone", "daily_cap", "warm_up_steps"),
            },
        ),
        (
            gettext_lazy("Trying again"),
            {
                "description": gettext_lazy(
                    "Only for messages that certainly did not leave. What may have left is never repeated by itself."
                ),
                "fields": (("retry_attempts", "retry_factor"), ("retry_base_seconds", "retry_cap_seconds")),
            },
        ),
        (
            gettext_lazy("Protection"),
            {
                "description": gettext_lazy("When things go wrong, a number rests before it is used again."),
                "fields": (("breaker_threshold", "breaker_cooldown_seconds"), "auto_restart", "schedule_grace_minutes"),
            },
        ),
        (
            gettext_lazy("What gateways report"),
            {
                "description": gettext_lazy(
                    "A number that reported what became of its messages, and does not any more, may reach nobody: "
                    "other numbers take over, and it goes on by itself with its next receipt."
                ),
                "fields": (("silence_messages", "silence_minutes"), "webhook_days"),
            },
        ),
        (gettext_lazy("Phone numbers"), {"fields": ("default_country", "updated_at", "seen")}),
    )

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.part_of_form(require_safe(self.preview_view))  # type: ignore[attr-defined]
        return [path("preview/", view, name="whatsapp_sendingsettings_preview"), *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        return HttpResponseRedirect(reverse("admin:whatsapp_sendingsettings_change", args=[1]))

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> SendingSettings | None:
        """The defaults where nothing was saved yet: only saving makes the row."""
        return SendingSettings.load() if object_id == "1" else None

    def save_model(self, request: HttpRequest, obj: Model, form: ModelForm, change: bool) -> None:
        """Saved as it stood it is not changed: nobody who edits it at the same time is told so."""
        if obj._state.adding:
            obj.save()
        elif changed := changed_values(form)[1]:
            obj.save(update_fields=[*changed, "updated_at"])

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        if self.has_change_permission(request, obj):
            return self.fieldsets
        *others, (title, options) = self.fieldsets
        return [*others, (title, options | {"fields": ("default_country", "updated_at")})]

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        if request.method == "POST" and ("_preview" in request.POST or "_preset" in request.POST):
            return self._recalculated(request)
        saved = SendingSettings.load()
        now = pace_of(saved)
        context = {
            "preview": preview_of(now, now),
            "typed": saved,
            "presets": presets_for(saved),
            "show_save_and_continue": False,
        }
        return super().changeform_view(request, object_id, form_url, context | (extra_context or {}))

    def preview_view(self, request: HttpRequest) -> HttpResponse:
        """The table for the numbers in the address: a question, nothing is kept."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        form = SendingSettingsForm(request.GET, instance=SendingSettings.load())
        preview = preview_of_form(form, SendingSettings.load())
        return TemplateResponse(request, "whatsapp/_preview.html", {"preview": preview, "typed": form.instance})

    def _recalculated(self, request: HttpRequest) -> HttpResponse:
        """The page again with what was typed, or the numbers of a preset, and the preview: nothing is saved."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        saved, typed = SendingSettings.load(), request.POST.copy()
        for name, value in values_of(typed.get("_preset", "")).items():
            typed[name] = value
        form = self.get_form(request, saved, change=True)(typed, instance=SendingSettings.load())
        preview = preview_of_form(form, saved)
        shown = AdminForm(form, list(self.get_fieldsets(request, saved)), {}, self.readonly_fields, model_admin=self)
        context = {
            **self.admin_site.each_context(request),
            "title": _("Change %s") % self.opts.verbose_name,
            "adminform": shown,
            "object_id": "1",
            "original": saved,
            "is_popup": False,
            "to_field": None,
            "media": self.media + shown.media,
            "inline_admin_formsets": [],
            "errors": AdminErrorList(form, []),
            "preserved_filters": "",
            "preview": preview,
            "typed": form.instance,
            "presets": presets_for(saved),
            "show_save_and_continue": False,
        }
        return self.render_change_form(request, context, add=False, change=True, obj=saved, form_url="")

    def response_change(self, request: HttpRequest, obj: Any) -> HttpResponse:
        """There is no list to go back to."""
        super().response_change(request, obj)
        return HttpResponseRedirect(reverse("admin:whatsapp_sendingsettings_change", args=[1]))
