"""Deliveries and the calls that were made for them: to read, with a million rows as fast as with ten."""

from typing import Any

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns.enums import AttemptOutcome, DeliveryStatus
from campaigns.explanations import SENT_ONLY, explain
from campaigns.models import Delivery, DeliveryAttempt
from campaigns.people import address_typed
from campaigns.template_choice import Choice
from campaigns.template_texts import values_in
from campaigns.views.showing import DELIVERY_TONES, OUTCOME_TONES, is_unconfirmed, when
from tickets.admin.permissions import ReadOnlyMixin
from tickets.admin.showing import badge
from tickets.preferences import without_real_links
from whatsapp.gateways.cloud_templates import filled
from whatsapp.said import in_words


class RecordAdmin(ReadOnlyMixin, admin.ModelAdmin):
    """What the engine writes: never added, changed or deleted by hand, not even by a superuser."""

    show_facets = admin.ShowFacets.NEVER
    actions = None
    sortable_by = ()
    search_help_text = gettext_lazy("Beginning of a name, or a whole number or e-mail address")
    address_field = "address"
    ways: tuple[str, ...] = ()  # other lists may point here with these filters

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        return lookup in self.ways or super().lookup_allowed(lookup, value, request)  # type: ignore[arg-type]

    def get_search_results(self, request: HttpRequest, queryset: QuerySet, search_term: str) -> tuple[QuerySet, bool]:
        address = address_typed(search_term)
        if address:
            return queryset.filter(**{self.address_field: address}), False
        return super().get_search_results(request, queryset, search_term)


@admin.register(Delivery)
class DeliveryAdmin(RecordAdmin):
    list_display = ("recipient", "address", "channel", "state", "reason", "campaign_link", "since")
    list_filter = ("status", "channel")
    list_select_related = ("campaign",)
    search_fields = ("^recipient",)
    ways = ("campaign__id__exact",)
    empty_hint = gettext_lazy("Every message to every person appears here as soon as a campaign is launched.")
    fieldsets = (
        (None, {"fields": ("state", "reason", "advice", "detail", "campaign_link")}),
        (gettext_lazy("The person"), {"fields": (("recipient", "address", "channel"), ("contact", "ticket"))}),
        (gettext_lazy("The message"), {"fields": ("subject", "message", "by_template", "attach_qr", "attach_pdf")}),
        (
            gettext_lazy("When"),
            {
                "fields": (
                    ("created", "due"),
                    ("left", "arrived", "was_read"),
                    ("sender", "gateway_message_id"),
                    ("calls", "settled_by"),
                )
            },
        ),
    )

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> Any:
        return [name for _title, options in self.fieldsets for name in _flat(options["fields"])]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Delivery]:
        return (
            super().get_queryset(request).defer("text", "campaign__audience", "campaign__body", "campaign__email_body")
        )

    @admin.display(description=gettext_lazy("status"))
    def state(self, delivery: Delivery) -> str:
        shown = badge(delivery.get_status_display(), DELIVERY_TONES[DeliveryStatus(delivery.status)])
        if delivery.due_at is None:
            return shown
        next_try = _("Next try: %(moment)s") % {"moment": _moment(delivery, "due_at")}
        return format_html('{} <small class="nowrap">{}</small>', shown, next_try)

    @admin.display(description=gettext_lazy("reason"))
    def reason(self, delivery: Delivery) -> str:
        return str(explain(delivery.error_kind).sentence) if delivery.error_kind else "–"

    @admin.display(description=gettext_lazy("detail"))
    def detail(self, delivery: Delivery) -> str:
        return in_words(delivery.error_detail) or "–"

    @admin.display(description=gettext_lazy("what to do"))
    def advice(self, delivery: Delivery) -> str:
        if is_unconfirmed(delivery):
            return f"{SENT_ONLY.sentence} {SENT_ONLY.suggestion}"
        return str(explain(delivery.error_kind).suggestion) if delivery.error_kind else "–"

    @admin.display(description=gettext_lazy("campaign"))
    def campaign_link(self, delivery: Delivery) -> str:
        address = reverse("admin:campaigns_campaign_change", args=[delivery.campaign_id])
        return _marked(format_html('<a href="{}">{}</a>', address, delivery.campaign), delivery)

    @admin.display(description=gettext_lazy("text"))
    def message(self, delivery: Delivery) -> str:
        return format_html('<div class="p-text">{}</div>', without_real_links(delivery.text))

    @admin.display(description=gettext_lazy("through Meta"))
    def by_template(self, delivery: Delivery) -> str:
        """What a number at Meta sends instead."""
        choice = Choice.of(delivery.campaign.template) if delivery.template else None
        if choice is None:
            return "–"
        text = filled(choice.places, values_in(choice, delivery.template))
        words = {"name": choice.template.name, "language": choice.template.language}
        said = _("Template “%(name)s” (%(language)s)") % words
        return format_html('<small>{}</small><div class="p-text">{}</div>', said, without_real_links(text))

    @admin.display(description=gettext_lazy("since"))
    def since(self, delivery: Delivery) -> str:
        return _moment(delivery, "status_changed_at")

    @admin.display(description=gettext_lazy("listed"))
    def created(self, delivery: Delivery) -> str:
        return _moment(delivery, "created_at")

    @admin.display(description=gettext_lazy("next try"))
    def due(self, delivery: Delivery) -> str:
        return _moment(delivery, "due_at")

    @admin.display(description=gettext_lazy("sent"))
    def left(self, delivery: Delivery) -> str:
        return _moment(delivery, "sent_at")

    @admin.display(description=gettext_lazy("delivered"))
    def arrived(self, delivery: Delivery) -> str:
        return _moment(delivery, "delivered_at")

    @admin.display(description=gettext_lazy("read"))
    def was_read(self, delivery: Delivery) -> str:
        return _moment(delivery, "read_at")

    @admin.display(description=gettext_lazy("calls"))
    def calls(self, delivery: Delivery) -> str:
        rows = format_html_join(
            "", "<li>{} {} <small>{}</small></li>", (_call_words(c, delivery) for c in delivery.attempts.order_by("pk"))
        )
        return format_html('<ul class="p-lines">{}</ul>', rows) if rows else _("None yet")


@admin.register(DeliveryAttempt)
class DeliveryAttemptAdmin(RecordAdmin):
    list_display = ("started", "person", "result", "reason", "lane", "http_status", "latency_ms")
    list_filter = ("outcome",)
    list_select_related = ("delivery", "delivery__campaign", "lane", "lane__sender")
    search_fields = ("^delivery__recipient",)
    address_field = "delivery__address"
    ways = ("delivery__id__exact", "delivery__campaign__id__exact")
    empty_hint = gettext_lazy("Every call to WhatsApp and to the mail server is written down here.")
    fields = (
        "result",
        "person",
        "number",
        "reason",
        "said",
        ("started", "finished", "latency_ms"),
        ("lane", "sender"),
        ("http_status", "gateway_message_id"),
    )

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> Any:
        return _flat(self.fields)

    def get_queryset(self, request: HttpRequest) -> QuerySet[DeliveryAttempt]:
        heavy = ("text", "campaign__audience", "campaign__body", "campaign__email_body")
        return super().get_queryset(request).defer(*(f"delivery__{name}" for name in heavy))

    @admin.display(description=gettext_lazy("started"))
    def started(self, attempt: DeliveryAttempt) -> str:
        return when(attempt.started_at, attempt.delivery.campaign.zone, now=timezone.now())

    @admin.display(description=gettext_lazy("finished"))
    def finished(self, attempt: DeliveryAttempt) -> str:
        return when(attempt.finished_at, attempt.delivery.campaign.zone, now=timezone.now())

    @admin.display(description=gettext_lazy("person"))
    def person(self, attempt: DeliveryAttempt) -> str:
        address = reverse("admin:campaigns_delivery_change", args=[attempt.delivery_id])
        return _marked(format_html('<a href="{}">{}</a>', address, attempt.delivery), attempt.delivery)

    @admin.display(description=gettext_lazy("detail"))
    def said(self, attempt: DeliveryAttempt) -> str:
        return in_words(attempt.detail) or "–"

    @admin.display(description=gettext_lazy("outcome"))
    def result(self, attempt: DeliveryAttempt) -> str:
        return badge(attempt.get_outcome_display(), OUTCOME_TONES[AttemptOutcome(attempt.outcome)])

    @admin.display(description=gettext_lazy("reason"))
    def reason(self, attempt: DeliveryAttempt) -> str:
        return str(explain(attempt.error_kind).sentence) if attempt.error_kind else "–"


def _marked(link: SafeString, delivery: Delivery) -> str:
    """What a test sent is listed with everything else, and said to be one."""
    return format_html("{} {}", link, badge(_("Test"), "neutral")) if delivery.campaign.trial_of_id else link


def _moment(delivery: Delivery, name: str) -> str:
    return when(getattr(delivery, name), delivery.campaign.zone, now=timezone.now()) or "–"


def _call_words(attempt: DeliveryAttempt, delivery: Delivery) -> tuple[str, SafeString, str]:
    result = badge(attempt.get_outcome_display(), OUTCOME_TONES[AttemptOutcome(attempt.outcome)])
    return when(attempt.started_at, delivery.campaign.zone, now=timezone.now()), result, in_words(attempt.detail)


def _flat(fields: Any) -> list[str]:
    return [name for entry in fields for name in ((entry,) if isinstance(entry, str) else entry)]
