"""What people wrote back: to read, with those to settle that no machine can give to anybody."""

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from campaigns.admin.delivery import RecordAdmin, _flat
from campaigns.enums import ReplyMeaning, ReplyState
from campaigns.models import Reply
from campaigns.replies.settling import to_settle
from campaigns.views.replies import MEANING_TONES, ReplyViews, moment_of, settle_page, who_wrote
from campaigns.views.sessions import part_of_page
from tickets.admin.showing import badge

STATE_TONES = {ReplyState.UNMATCHED: "warn", ReplyState.MATCHED: "ok", ReplyState.SETTLED: "violet"}
SHOWN = 80  # characters of a text in the list


class ToSettle(admin.SimpleListFilter):
    title = gettext_lazy("to settle")
    parameter_name = "settle"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, Any]]:
        return [("1", _("Nobody knows who wrote it"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Reply]) -> QuerySet[Reply]:
        return queryset.filter(pk__in=to_settle().order_by().values("pk")) if self.value() else queryset


@admin.register(Reply)
class ReplyAdmin(RecordAdmin):
    list_display = ("writer", "wish", "said", "sender", "received", "known")
    list_filter = (ToSettle, "meaning", "state")
    list_select_related = ("contact", "sender")
    search_fields = ("^contact__name",)
    address_field = "phone"
    ways = ("delivery__campaign__id__exact",)
    empty_hint = gettext_lazy(
        "What people answer to your messages appears here, where the WhatsApp service of the number tells us."
    )
    fields = (
        ("writer", "wish", "known"),
        "whole",
        ("received", "sender"),
        ("phone", "chat_id"),
        ("contact", "delivery"),
        ("answer_sent", "settled_by", "decided"),
    )

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> Any:
        return _flat(self.fields)

    def get_urls(self) -> list[URLPattern]:
        view = require_http_methods(["GET", "HEAD", "POST"])(ReplyViews(self).settle)
        guarded = part_of_page(self.admin_site, view)
        return [path("<int:pk>/settle/", guarded, name="campaigns_reply_settle"), *super().get_urls()]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """One that waits for somebody opens where they decide, for whoever may."""
        reply = self.get_object(request, object_id)
        if isinstance(reply, Reply) and request.method == "GET" and self.may_settle(request) and _waits(reply):
            return HttpResponseRedirect(settle_page(reply))
        return super().change_view(request, object_id, form_url, extra_context)

    def may_settle(self, request: HttpRequest) -> bool:
        """It takes finding the person among the contacts."""
        may = request.user.has_perm
        return self.has_view_permission(request) and may("campaigns.settle_reply") and may("tickets.view_contact")

    @admin.display(description=gettext_lazy("who"))
    def writer(self, reply: Reply) -> str:
        return who_wrote(reply)

    @admin.display(description=gettext_lazy("wants"))
    def wish(self, reply: Reply) -> str:
        return badge(reply.get_meaning_display(), MEANING_TONES[ReplyMeaning(reply.meaning)])

    @admin.display(description=gettext_lazy("text"))
    def said(self, reply: Reply) -> str:
        if reply.told_provider:
            return _("Told WhatsApp itself")
        return Truncator(reply.text).chars(SHOWN) or "–"

    @admin.display(description=gettext_lazy("text"))
    def whole(self, reply: Reply) -> str:
        if reply.told_provider:
            return _("Told WhatsApp itself")
        return format_html('<div class="p-text">{}</div>', reply.text) if reply.text else "–"

    @admin.display(description=gettext_lazy("received"), ordering="received_at")
    def received(self, reply: Reply) -> str:
        return moment_of(reply.received_at)

    @admin.display(description=gettext_lazy("decided"))
    def decided(self, reply: Reply) -> str:
        return moment_of(reply.settled_at) if reply.settled_at else "–"

    @admin.display(description=gettext_lazy("state"))
    def known(self, reply: Reply) -> str:
        shown = badge(reply.get_state_display(), STATE_TONES[ReplyState(reply.state)])
        if reply.state == ReplyState.SETTLED and reply.contact_id is None:
            return format_html("{} <small>{}</small>", shown, _("nobody of ours"))
        return shown

    @admin.display(description=gettext_lazy("our answer"))
    def answer_sent(self, reply: Reply) -> str:
        delivery = reply.answer.deliveries.first() if reply.answer else None
        if delivery is None:
            return "–"
        address = reverse("admin:campaigns_delivery_change", args=[delivery.pk])
        return format_html('<a href="{}">{}</a>', address, delivery.get_status_display())


def _waits(reply: Reply) -> bool:
    return reply.state == ReplyState.UNMATCHED and reply.meaning in ReplyMeaning.wishes
