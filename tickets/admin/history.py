"""The history as one list: who did what, to what, when, with the values before and after. To read only."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any
from urllib.parse import parse_qsl

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.contrib.auth import get_user_model
from django.contrib.contenttypes.models import ContentType
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.html import format_html, format_html_join
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tickets.admin.permissions import ReadOnlyMixin
from tickets.admin.showing import badge
from tickets.enums import Action
from tickets.history_words import action_words, details_of, moment_words, tone_of, who
from tickets.models import HistoryEntry

SYSTEM, COMMANDS = "system", "commands"
MOST_PEOPLE = 100
YEARS = (2000, 2200)
DAYS = {"today": 0, "yesterday": 1, "week": 6, "month": 29}


class PersonFilter(admin.SimpleListFilter):
    title = gettext_lazy("person")
    parameter_name = "person"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        people = get_user_model().objects.filter(is_staff=True).order_by("username")
        named = [(str(pk), name) for pk, name in people.values_list("pk", "username")[:MOST_PEOPLE]]
        return [*named, (SYSTEM, _("the system")), (COMMANDS, _("commands"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        match self.value():
            case None:
                return queryset
            case "system":
                return queryset.filter(user=None, actor="")
            case "commands":
                return queryset.filter(user=None, actor__startswith="manage.py ")
            case chosen:
                return queryset.filter(user=int(chosen)) if _is_number(chosen) else queryset.none()


class ActionFilter(admin.SimpleListFilter):
    title = gettext_lazy("action")
    parameter_name = "action"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(str(value), label) for value, label in Action.choices]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        chosen = self.value()
        if not chosen:
            return queryset
        return queryset.filter(action=chosen) if chosen.isprintable() else queryset.none()


class KindFilter(admin.SimpleListFilter):
    """Of which list the entry's object is; only lists that exist."""

    title = gettext_lazy("about what")
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        kinds = ContentType.objects.get_for_models(*model_admin.admin_site._registry).items()
        named = [(str(kind.pk), capfirst(model._meta.verbose_name_plural)) for model, kind in kinds]
        return sorted(named, key=lambda pair: pair[1].casefold())

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        chosen = self.value()
        if not chosen:
            return queryset
        return queryset.filter(content_type=int(chosen)) if _is_number(chosen) else queryset.none()


class DayFilter(admin.SimpleListFilter):
    """The last days, or one day that somebody names. Days are those of the site's own zone."""

    title = gettext_lazy("day")
    parameter_name = "day"
    template = "admin/filter_day.html"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("today", _("Today")),
            ("yesterday", _("Yesterday")),
            ("week", _("Last 7 days")),
            ("month", _("Last 30 days")),
        ]

    def choices(self, changelist: ChangeList) -> Iterator[Any]:
        """Beside the links a field for any day, with whatever else is asked for."""
        day = parse_day(self.value())
        asked = changelist.get_query_string(remove=[self.parameter_name, "p"])
        for choice in super().choices(changelist):
            yield {**choice, "day": day.isoformat() if day else "", "others": _pairs(asked)}

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        chosen = self.value()
        if not chosen:
            return queryset
        today = timezone.localdate()
        first = parse_day(chosen) or (today - timedelta(days=DAYS[chosen]) if chosen in DAYS else None)
        if first is None:
            return queryset.none()
        last = first if chosen not in ("week", "month") else today
        return queryset.filter(at__gte=_midnight(first), at__lt=_midnight(last + timedelta(days=1)))


def _is_number(typed: str) -> bool:
    return typed.isascii() and typed.isdecimal() and len(typed) < 10


def parse_day(typed: str | None) -> date | None:
    """None for anything that is no day of our times."""
    try:
        day = parse_date(typed or "")
    except ValueError:  # the 31st of a month that has thirty
        return None
    return day if day and YEARS[0] <= day.year <= YEARS[1] else None


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


def _pairs(query: str) -> list[tuple[str, str]]:
    return parse_qsl(query.lstrip("?"))


class HistoryList(ChangeList):
    def get_queryset(self, *args: Any, **kwargs: Any) -> QuerySet:
        return super().get_queryset(*args, **kwargs).select_related("content_type")

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        self.result_list = [_for_reader(entry, request) for entry in self.result_list]


def _for_reader(entry: HistoryEntry, request: HttpRequest) -> HistoryEntry:
    """With the address of what it is about, for whoever may open that."""
    model = entry.content_type.model_class() if entry.content_type else None
    own = admin.site.get_model_admin(model) if model and admin.site.is_registered(model) else None
    may_open = own is not None and own.has_view_or_change_permission(request)
    entry.address = page_of(entry) if may_open else ""  # type: ignore[attr-defined]
    return entry


@admin.register(HistoryEntry)
class HistoryEntryAdmin(ReadOnlyMixin, admin.ModelAdmin):
    list_display = ("moment", "person", "did", "thing", "details")
    list_filter = (DayFilter, PersonFilter, ActionFilter, KindFilter)
    search_fields = ("object_name", "actor", "sentence")
    search_help_text = gettext_lazy("Name of what was changed, of a person, or a word of the text")
    sortable_by = ()
    show_facets = admin.ShowFacets.NEVER
    list_display_links = None
    actions = None
    empty_hint = gettext_lazy("Whatever somebody launches, pauses, changes or exports is written down here.")
    fields = ("moment", "person", "did", "thing", "details")
    readonly_fields = fields

    class Media:
        css = {"all": ["pregonero/people.css"]}

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return HistoryList

    def get_object(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HistoryEntry | None:
        entry = super().get_object(request, *args, **kwargs)
        return _for_reader(entry, request) if entry else None

    @admin.display(description=gettext_lazy("when"))
    def moment(self, entry: HistoryEntry) -> str:
        return format_html('<span class="nowrap">{}</span>', moment_words(entry.at))

    @admin.display(description=gettext_lazy("who"))
    def person(self, entry: HistoryEntry) -> str:
        return who(entry)

    @admin.display(description=gettext_lazy("action"))
    def did(self, entry: HistoryEntry) -> str:
        return badge(action_words(entry.action), tone_of(entry.action))

    @admin.display(description=gettext_lazy("about what"))
    def thing(self, entry: HistoryEntry) -> str:
        if entry.content_type is None:
            return entry.object_name
        kind = capfirst(entry.content_type.name)
        if not entry.object_name:
            return kind
        address = getattr(entry, "address", "")
        name = format_html('<a href="{}">{}</a>', address, entry.object_name) if address else entry.object_name
        return format_html('{} <small class="quiet">{}</small>', name, kind)

    @admin.display(description=gettext_lazy("what changed"))
    def details(self, entry: HistoryEntry) -> str:
        lines = format_html_join("", "<li>{}</li>", ((line,) for line in details_of(entry)))
        return format_html('<ul class="h-details">{}</ul>', lines) if lines else ""


def page_of(entry: HistoryEntry) -> str:
    """The page of the entry's object; empty when it has none. Whether it still exists is asked when it is opened."""
    kind = entry.content_type
    if kind is None or not entry.object_id or entry.action in (Action.DELETED, Action.MERGED_AWAY):
        return ""
    try:
        return reverse(f"admin:{kind.app_label}_{kind.model}_change", args=[entry.object_id])
    except NoReverseMatch:
        return ""
