"""Contacts: who they are, how to reach them, and what they do not want."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import Model, Q, QuerySet
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tickets.admin.actions import add_tag_action, issue_action, remove_tag_action
from tickets.admin.permissions import BigTableMixin
from tickets.admin.searching import phone_query
from tickets.admin.showing import badge, tag_badges
from tickets.forms import ContactForm
from tickets.models import Contact


class ChannelFilter(admin.SimpleListFilter):
    """By how somebody can be reached, and by what they do not want."""

    title = gettext_lazy("channels")
    parameter_name = "channels"

    WAYS = {
        "whatsapp": (gettext_lazy("Announcements over WhatsApp"), ~Q(phone="") & Q(whatsapp_opt_out_at=None)),
        "email": (gettext_lazy("Announcements by e-mail"), ~Q(email="") & Q(email_opt_out_at=None)),
        "no_phone": (gettext_lazy("Without a WhatsApp number"), Q(phone="")),
        "no_whatsapp": (gettext_lazy("Wants no WhatsApp"), Q(whatsapp_opt_out_at__isnull=False)),
        "no_email": (gettext_lazy("Wants no e-mail"), Q(email_opt_out_at__isnull=False)),
    }

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(value, label) for value, (label, _query) in self.WAYS.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        way = self.WAYS.get(self.value() or "")
        return queryset.filter(way[1]) if way else queryset


@admin.register(Contact)
class ContactAdmin(BigTableMixin, admin.ModelAdmin):
    form = ContactForm
    list_display = ("name", "phone", "email", "tag_list", "wishes")
    list_filter = ("tags", "language", ChannelFilter)
    search_fields = ("name", "email")
    search_help_text = gettext_lazy("Name, number or e-mail")
    empty_hint = gettext_lazy("Import a list of people, or add them one by one.")
    autocomplete_fields = ("tags",)
    actions = [add_tag_action, remove_tag_action, issue_action]
    sortable_by = ("name", "phone", "email")
    readonly_fields = (
        "whatsapp_opt_out_at",
        "whatsapp_opt_out_source",
        "email_opt_out_at",
        "email_opt_out_source",
        "whatsapp_consent_at",
        "whatsapp_consent_source",
        "whatsapp_consent_text",
        "email_consent_at",
        "email_consent_source",
        "email_consent_text",
        "other_data",
        "created_at",
        "updated_at",
    )
    fieldsets = (
        (gettext_lazy("The person"), {"fields": (("name", "nickname"), ("phone", "email"), "language", "tags")}),
        (gettext_lazy("Other data"), {"fields": ("attributes",)}),
        (
            gettext_lazy("What this person does not want"),
            {
                "fields": (
                    "no_whatsapp",
                    ("whatsapp_opt_out_at", "whatsapp_opt_out_source"),
                    "no_email",
                    ("email_opt_out_at", "email_opt_out_source"),
                )
            },
        ),
        (
            gettext_lazy("What this person agreed to"),
            {
                "classes": ("collapse",),
                "fields": (
                    ("whatsapp_consent_at", "whatsapp_consent_source"),
                    "whatsapp_consent_text",
                    ("email_consent_at", "email_consent_source"),
                    "email_consent_text",
                    ("created_at", "updated_at"),
                ),
            },
        ),
    )
    # What a form field asks, and what somebody who may only look sees in its place.
    FOR_READING = {"attributes": "other_data", "no_whatsapp": None, "no_email": None}

    def has_issue_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("tickets.add_ticket")

    def get_fieldsets(self, request: HttpRequest, obj: Contact | None = None) -> Any:
        if obj is None or self.has_change_permission(request, obj):
            return self.fieldsets
        return [
            (title, options | {"fields": self._for_reading(options["fields"])}) for title, options in self.fieldsets
        ]

    def _for_reading(self, fields: Any) -> tuple[Any, ...]:
        shown = [self.FOR_READING.get(field, field) if isinstance(field, str) else field for field in fields]
        return tuple(field for field in shown if field)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Contact]:
        return super().get_queryset(request).prefetch_related("tags")

    def get_search_results(self, request: HttpRequest, queryset: QuerySet, search_term: str) -> tuple[QuerySet, bool]:
        by_phone = phone_query(search_term)
        if by_phone is not None:
            return queryset.filter(by_phone), False
        return super().get_search_results(request, queryset, search_term)

    def save_model(self, request: HttpRequest, obj: Model, form: ModelForm, change: bool) -> None:
        if isinstance(form, ContactForm):
            source = _("staff: %(user)s") % {"user": request.user.get_username()}
            form.note_opt_outs(source=source[:120], now=timezone.now())
            for note in form.notes:
                messages.warning(request, note)
        super().save_model(request, obj, form, change)

    @admin.display(description=gettext_lazy("tags"))
    def tag_list(self, contact: Contact) -> str:
        return tag_badges(contact.tags.all())

    @admin.display(description=gettext_lazy("does not want"))
    def wishes(self, contact: Contact) -> str:
        unwanted = [
            badge(label, "warn")
            for label, since in (("WhatsApp", contact.whatsapp_opt_out_at), (_("E-mail"), contact.email_opt_out_at))
            if since
        ]
        return format_html_join(" ", "{}", ((word,) for word in unwanted))

    @admin.display(description=gettext_lazy("other data"))
    def other_data(self, contact: Contact) -> str:
        pairs = ((name, value) for name, value in contact.attributes.items())
        rows = format_html_join("", "<dt>{}</dt><dd>{}</dd>", pairs)
        return format_html('<dl class="p-facts">{}</dl>', rows) if rows else _("None")
