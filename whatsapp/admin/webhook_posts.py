"""What gateways posted, as it came, for whoever has to find out what happened. People's numbers and words are in it."""

import json
from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from whatsapp.models import WebhookPost
from whatsapp.webhooks.bodies import NotJson, parsed
from whatsapp.webhooks.problems import problem_words

LONGEST = 200_000  # characters: what is nested deep would grow a hundredfold


class StateFilter(admin.SimpleListFilter):
    title = gettext_lazy("state")
    parameter_name = "state"
    conditions = {
        "unread": Q(applied_at=None),
        "read": Q(applied_at__isnull=False, problem=""),
        "problem": ~Q(problem=""),
    }

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("unread", _("Unread")), ("read", _("Read")), ("problem", _("With a problem"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        condition = self.conditions.get(self.value() or "")
        return queryset.filter(condition) if condition is not None else queryset


@admin.register(WebhookPost)
class WebhookPostAdmin(admin.ModelAdmin):
    list_display = ("received_at", "sender", "state", "news", "trouble")
    list_filter = (StateFilter, "sender", "received_at")
    list_select_related = ("sender",)
    list_per_page = 50
    list_max_show_all = 200
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    sortable_by = ()
    actions = None
    empty_hint = gettext_lazy("What the gateways of your numbers tell about messages appears here as it came.")
    fieldsets = (
        (None, {"fields": (("sender", "received_at"), ("state", "applied_at", "news"), "trouble")}),
        (
            gettext_lazy("As it came"),
            {
                "description": gettext_lazy("Numbers and words of people are in it. Pass it on to nobody."),
                "fields": ("shown_body",),
            },
        ),
    )

    class Media:
        css = {"all": ["pregonero/numbers.css"]}

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("whatsapp.view_webhookpost")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return ("sender", "received_at", "state", "applied_at", "news", "trouble", "shown_body")

    def get_queryset(self, request: HttpRequest) -> QuerySet[WebhookPost]:
        return super().get_queryset(request).defer("body")

    @admin.display(description=gettext_lazy("state"))
    def state(self, post: WebhookPost) -> str:
        if post.problem:
            tone, words = "warn", _("With a problem")
        else:
            tone, words = ("ok", _("Read")) if post.applied_at else ("info", _("Unread"))
        return format_html('<span class="p-badge p-badge-{}">{}</span>', tone, words)

    @admin.display(description=gettext_lazy("problem"))
    def trouble(self, post: WebhookPost) -> str:
        return problem_words(post.problem) or "–"

    @admin.display(description=gettext_lazy("body"))
    def shown_body(self, post: WebhookPost) -> str:
        return format_html('<pre class="n-body" dir="auto" tabindex="0">{}</pre>', pretty(post.body))


def pretty(text: str) -> str:
    """A line for each value; as it came where that would be no help."""
    try:
        shown = ""
        for piece in json.JSONEncoder(indent=2, ensure_ascii=False).iterencode(parsed(text)):
            shown += piece
            if len(shown) > LONGEST:
                return text
    except (NotJson, RecursionError):
        return text
    return shown.encode("utf-8", "replace").decode()  # half a letter cannot be sent to a browser
