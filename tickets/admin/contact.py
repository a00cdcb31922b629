"""Contacts: who they are, how to reach them, and what they do not want."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import admin, messages
from django.contrib.admin.views.main import ChangeList
from django.db.models import Model, Q, QuerySet
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tickets.admin.actions import add_tag_action, issue_action, remove_tag_action
from tickets.admin.export import export_action
from tickets.admin.people import people_urls
from tickets.admin.people_base import person_page
from tickets.admin.permissions import BigTableMixin
from tickets.admin.recording import RecordedMixin
from tickets.admin.searching import phone_query
from tickets.admin.segment import SegmentFilter
from tickets.admin.showing import badge, tag_badges
from tickets.aliases import keep_aliases
from tickets.birth_dates import birthday_of
from tickets.enums import Action
from tickets.forms import ContactChangeForm, ContactForm
from tickets.history import record
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


class PeopleList(ChangeList):
    """A name leads to the person, and from there to the form."""

    def url_for_result(self, result: Any) -> str:
        return super().url_for_result(result) if self.is_popup else person_page(result.pk)

    @property
    def segment_query(self) -> str:
        """The filters of the list as rules of a new segment; empty where it has none that a segment knows."""
        way = self.params.get("channels", "")
        rules = {
            "any_tags": self.params.get("tags__id__exact", ""),
            "language": self.params.get("language__exact", ""),
            "wants": way if way in ("whatsapp", "email") else "",
            "phone": "no" if way == "no_phone" else "",
            "text": self.query,
        }
        return urlencode({name: value for name, value in rules.items() if value})

    @property
    def export_query(self) -> str:
        return self.get_query_string(remove=["p", "o", "all"])


@admin.action(description=gettext_lazy("Merge two into one…"), permissions=["merge"])
def merge_action(model_admin: admin.ModelAdmin, request: HttpRequest, queryset: QuerySet) -> HttpResponse | None:
    """Only opens the page that shows both. The older entry stays unless somebody turns them round there."""
    chosen = list(queryset.order_by("pk").values_list("pk", flat=True)[:3])
    if len(chosen) != 2:
        messages.error(request, _("Tick exactly two people, the two that are the same person."))
        return None
    keep, gone = chosen
    return HttpResponseRedirect(reverse("admin:tickets_contact_merge", args=[keep]) + f"?with={gone}")


@admin.register(Contact)
class ContactAdmin(RecordedMixin, BigTableMixin, admin.ModelAdmin):
    form = ContactForm
    list_display = ("name", "phone", "email", "tag_list", "wishes")
    list_filter = ("tags", "language", ChannelFilter, SegmentFilter)
    search_fields = ("name", "email")
    search_help_text = gettext_lazy("Name, number or e-mail")
    empty_hint = gettext_lazy("Import a list of people, or add them one by one.")
    autocomplete_fields = ("tags",)
    actions = [add_tag_action, remove_tag_action, issue_action, merge_action, export_action]
    sortable_by = ("name", "phone", "email")
    readonly_fields = (
        "whatsapp_opt_out_at",
        "whatsapp_opt_out_source",
        "whatsapp_opt_out_text",
        "email_opt_out_at",
        "email_opt_out_source",
        "email_opt_out_text",
        "whatsapp_consent_at",
        "whatsapp_consent_source",
        "whatsapp_consent_text",
        "email_consent_at",
        "email_consent_source",
        "email_consent_text",
        "other_data",
        "birthday_shown",
        "created_at",
        "updated_at",
    )
    fieldsets = (
        (
            gettext_lazy("The person"),
            {"fields": (("name", "nickname"), ("phone", "email"), "accept_number", ("language", "birthday"), "tags")},
        ),
        (gettext_lazy("Other data"), {"fields": ("attributes",)}),
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
    # Wishes of somebody new are ticked in the form. Later they change on a page of their own, with a reason and a
    # source: a form that was opened earlier must not undo what somebody asked for meanwhile.
    wishes_of_new = (gettext_lazy("What this person does not want"), {"fields": ("no_whatsapp", "no_email")})
    wishes_of_now = (
        gettext_lazy("What this person does not want"),
        {
            "description": gettext_lazy("It is changed on the page of the person, with a reason."),
            "fields": (
                ("whatsapp_opt_out_at", "whatsapp_opt_out_source"),
                "whatsapp_opt_out_text",
                ("email_opt_out_at", "email_opt_out_source"),
                "email_opt_out_text",
            ),
        },
    )
    # What a form field asks, and what somebody who may only look sees in its place.
    FOR_READING = {"attributes": "other_data", "birthday": "birthday_shown"}

    def has_issue_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("tickets.add_ticket")

    def has_merge_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perms(["tickets.view_contact", "tickets.merge_contact"])

    def has_export_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("tickets.export_contact")

    def get_urls(self) -> list[URLPattern]:
        return [*people_urls(self), *super().get_urls()]

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return PeopleList

    def get_fieldsets(self, request: HttpRequest, obj: Contact | None = None) -> Any:
        person, other, agreed = self.fieldsets
        fieldsets = [person, other, self.wishes_of_new if obj is None else self.wishes_of_now, agreed]
        if obj is None or self.has_change_permission(request, obj):
            return fieldsets
        return [(title, options | {"fields": self._for_reading(options["fields"])}) for title, options in fieldsets]

    def _for_reading(self, fields: Any) -> tuple[Any, ...]:
        return tuple(
            self.FOR_READING.get(field, field) if isinstance(field, str) else self._for_reading(field)
            for field in fields
            if field != "accept_number"
        )

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        """A tick that is not on the page would read as "not ticked", and would undo a wish."""
        if obj is not None:
            kwargs["form"] = ContactChangeForm
        return super().get_form(request, obj, change=change, **kwargs)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Contact]:
        return super().get_queryset(request).prefetch_related("tags")

    def get_search_results(self, request: HttpRequest, queryset: QuerySet, search_term: str) -> tuple[QuerySet, bool]:
        by_phone = phone_query(search_term)
        if by_phone is not None:
            return queryset.filter(by_phone), False
        return super().get_search_results(request, queryset, search_term)

    def save_model(self, request: HttpRequest, obj: Any, form: ModelForm, change: bool) -> None:
        """Of somebody who exists only what the form asks is written."""
        for note in getattr(form, "notes", ()):
            messages.warning(request, note)
        if change:
            own = {field.name for field in Contact._meta.concrete_fields}
            birthday = ("birth_day", "birth_month") if "birthday" in form.fields else ()
            obj.save(update_fields=[*(name for name in form.fields if name in own), *birthday, "updated_at"])
            if "phone" in form.changed_data:
                keep_aliases({obj.pk: obj.phone})
            return
        if isinstance(form, ContactForm):
            source = _("staff: %(user)s") % {"user": request.user.get_username()}
            form.note_opt_outs(source=source[:120], now=timezone.now())
        super().save_model(request, obj, form, change)
        keep_aliases({obj.pk: obj.phone})
        if obj.accepted_number:
            taken = {"phone": obj.phone, "accept_number": True}
            record(request.user, obj, Action.CHANGED, after=taken)

    def response_post_save_change(self, request: HttpRequest, obj: Model) -> HttpResponseRedirect:
        return HttpResponseRedirect(person_page(obj.pk))

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

    @admin.display(description=gettext_lazy("birthday"))
    def birthday_shown(self, contact: Contact) -> str:
        return str(birthday_of(contact) or "–")

    @admin.display(description=gettext_lazy("other data"))
    def other_data(self, contact: Contact) -> str:
        pairs = ((name, value) for name, value in contact.attributes.items())
        rows = format_html_join("", "<dt>{}</dt><dd>{}</dd>", pairs)
        return format_html('<dl class="p-facts">{}</dl>', rows) if rows else _("None")
