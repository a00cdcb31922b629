"""What gateways posted, as it came, for whoever has to find out what happened. People's numbers and words are in it."""

import json
from datetime import datetime
from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timezone import localtime
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
    list_display = ("received", "sender", "state", "news")
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
        (None, {"fields": (("sender", "received", "read"), ("state", "news"))}),
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
        return ("sender", "received", "read", "state", "news", "shown_body")

    def get_queryset(self, request: HttpRequest) -> QuerySet[WebhookPost]:
        return super().get_queryset(request).defer("body")

    @admin.display(description=gettext_lazy("received"))
    def received(self, post: WebhookPost) -> str:
        return _to_the_second(post.received_at)

    @admin.display(description=gettext_lazy("read"))
    def read(self, post: WebhookPost) -> str:
        return _to_the_second(post.applied_at) if post.applied_at else "–"

    @admin.display(description=gettext_lazy("state"))
    def state(self, post: WebhookPost) -> str:
        if post.problem:
            words = problem_words(post.problem)
            return format_html("{} <small>{}</small>", _badge("warn", _("With a problem")), words)
        return _badge("ok", _("Read")) if post.applied_at else _badge("info", _("Unread"))

    @admin.display(description=gettext_lazy("body"))
    def shown_body(self, post: WebhookPost) -> str:
        return format_html('<pre class="n-body" dir="auto" tabindex="0">{}</pre>', pretty(post.body))


def _badge(tone: str, words: str) -> SafeString:
    return format_html('<span class="p-badge p-badge-{}">{}</span>', tone, words)


def _to_the_second(moment: datetime) -> str:
    """Gateways tell several things within one minute, and their order matters."""
    return f"{localtime(moment):%Y-%m-%d %H:%M:%S}"


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
