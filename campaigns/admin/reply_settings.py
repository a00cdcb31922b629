"""The words that people write to us, what we answer, and who hears of everything else: one row."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns.forms_replies import ReplySettingsForm
from campaigns.models import ReplySettings
from campaigns.models.reply import LANGUAGES
from campaigns.replies.untold import last_untold
from tickets.admin.permissions import NoDeleteMixin
from tickets.admin.recording import RecordedMixin

HOW = gettext_lazy(
    "One word or phrase on each line. A message counts when it is one of them as a whole; capitals, accents, signs and "
    "emoji make no difference. The words of all languages count, whatever somebody’s own is. Answers may hold {nombre} "
    "and the other data of your contacts."
)


def _of_language(code: str) -> Any:
    names = (f"stop_words_{code}", f"resume_words_{code}"), (f"stop_answer_{code}", f"resume_answer_{code}")
    return LANGUAGES[code], {"fields": names}


@admin.register(ReplySettings)
class ReplySettingsAdmin(RecordedMixin, NoDeleteMixin, admin.ModelAdmin):
    form = ReplySettingsForm
    change_form_template = "campaigns/reply_settings.html"
    fieldsets = (
        (gettext_lazy("Replies"), {"fields": ("forward_to", "keep_days"), "description": HOW}),
        *(_of_language(code) for code in LANGUAGES),
    )

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        return HttpResponseRedirect(_page())

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        """The defaults where nothing was saved yet: only saving makes the row."""
        return ReplySettings.load() if object_id == "1" else None

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        context = {"show_save_and_continue": False, "title": _("Words and answers")} | (extra_context or {})
        return super().changeform_view(request, object_id, form_url, context)

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        context |= {
            "untold": last_untold().only("address").first(),
            "may_see_message": request.user.has_perm("campaigns.view_delivery"),
            "may_see_replies": request.user.has_perm("campaigns.view_reply"),
        }
        return super().render_change_form(request, context, *args, **kwargs)

    def save_model(self, request: HttpRequest, obj: Model, form: ModelForm, change: bool) -> None:
        """Only what was changed is written, so that two people who save at once keep both changes."""
        if obj._state.adding:
            obj.save()
        elif form.changed_data:
            obj.save(update_fields=[*sorted(form.changed_data), "updated_at"])

    def response_change(self, request: HttpRequest, obj: Any) -> HttpResponse:
        """There is no list to go back to."""
        super().response_change(request, obj)
        return HttpResponseRedirect(_page())


def _page() -> str:
    return reverse("admin:campaigns_replysettings_change", args=[1])
