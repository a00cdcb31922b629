"""Segments: saved filters of contacts, with a count that follows the form and stands in the list."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST, require_safe

from tickets.admin import actions
from tickets.admin.recording import RecordedMixin
from tickets.forms import TagForm
from tickets.forms.segment import SegmentForm
from tickets.models import Segment
from tickets.segment_words import SegmentWords
from tickets.segments import contacts_of, in_any, people_of, uses_of

SAMPLES = 5
MOST_AT_ONCE = 100


def people_page(segment: Segment) -> str:
    """The list of contacts, with those of the segment."""
    return reverse("admin:tickets_contact_changelist") + f"?segment={segment.pk}"


class SegmentFilter(admin.SimpleListFilter):
    """For the list of contacts."""

    title = gettext_lazy("segment")
    parameter_name = "segment"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(str(pk), name) for pk, name in Segment.objects.values_list("pk", "name")]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        typed = self.value() or ""
        if not typed:
            return queryset
        is_number = typed.isascii() and typed.isdecimal() and len(typed) < 19
        found = Segment.objects.filter(pk=int(typed)) if is_number else Segment.objects.none()
        return queryset.filter(in_any(list(found.values_list("rules", flat=True))))


@admin.action(description=gettext_lazy("Add a tag to their people…"), permissions=["tag"])
def tag_people_action(model_admin: admin.ModelAdmin, request: HttpRequest, queryset: QuerySet) -> Any:
    if _are_too_many(request, queryset):
        return None
    text = _("To everybody who is in one of these segments now. Whoever comes in later does not get it.")
    question = {"action": "tag_people_action", "text": text, "summary": _how_many}
    return actions.ask_to_tag(model_admin, request, queryset, **question)


@admin.action(description=gettext_lazy("Remove a tag from their people…"), permissions=["tag"])
def untag_people_action(model_admin: admin.ModelAdmin, request: HttpRequest, queryset: QuerySet) -> Any:
    if _are_too_many(request, queryset):
        return None
    question = {"action": "untag_people_action", "summary": _how_many}
    return actions.ask_to_untag(model_admin, request, queryset, **question)


@admin.action(description=actions.issue_action.short_description, permissions=["issue"])  # type: ignore[attr-defined]
def issue_action(model_admin: admin.ModelAdmin, request: HttpRequest, queryset: QuerySet) -> Any:
    """Under the name by which its page of confirmation comes back."""
    return None if _are_too_many(request, queryset) else actions.issue_action(model_admin, request, queryset)


def _are_too_many(request: HttpRequest, segments: QuerySet) -> bool:
    """Databases limit how much one question may hold."""
    number = segments.count()
    if number > MOST_AT_ONCE:
        sentence = _("You chose %(number)d segments. Choose at most %(most)d at once.")
        messages.error(request, sentence % {"number": number, "most": MOST_AT_ONCE})
    return number > MOST_AT_ONCE


def _how_many(segments: QuerySet, form: TagForm) -> list[str]:
    number = people_of(segments).count()
    words = ngettext("%(n)d person is in these segments now.", "%(n)d people are in these segments now.", number)
    return [words % {"n": number}, _("Tag: %(tag)s") % {"tag": form.cleaned_data["tag"]}]


@admin.register(Segment)
class SegmentAdmin(RecordedMixin, admin.ModelAdmin):
    form = SegmentForm
    change_form_template = "tickets/segment_form.html"
    list_display = ("name", "rules_in_words", "people")
    search_fields = ("name",)
    show_full_result_count = False
    list_per_page = 50
    sortable_by = ("name",)
    empty_hint = gettext_lazy(
        "A segment is a filter with a name, for example “Volunteers without a ticket”. Who is in it is counted anew."
    )
    actions = [tag_people_action, untag_people_action, issue_action]

    def has_issue_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perms(["tickets.view_contact", "tickets.add_ticket"])

    def has_tag_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perms(["tickets.view_contact", "tickets.change_contact"])

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        actions = super().get_actions(request)
        actions.pop("delete_selected", None)  # one by one, after asking who uses it
        return actions

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        return [(None, {"fields": ("name",)})]

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        """All fields, which the page lays out itself."""
        if obj is None or self.has_change_permission(request, obj):
            kwargs["fields"] = ("name", *SegmentForm.declared_fields)
        return super().get_form(request, obj, change=change, **kwargs)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """From the filters of the list of contacts."""
        asked = request.GET
        tags = [one for one in asked.getlist("any_tags") if one.isascii() and one.isdecimal()]
        return {"any_tags": tags} | {
            name: asked[name] for name in ("language", "phone", "email", "wants", "text") if name in asked
        }

    def get_urls(self) -> list[URLPattern]:
        part = self.admin_site.part_of_form  # type: ignore[attr-defined]
        return [
            path("count/", part(require_POST(self.count_view)), name="tickets_segment_count"),
            path("<int:pk>/number/", part(require_safe(self.number_view)), name="tickets_segment_number"),
            *super().get_urls(),
        ]

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        changelist = super().get_changelist_instance(request)
        words = SegmentWords(changelist.result_list)
        for segment in changelist.result_list:
            segment.words = words.of(segment.rules)
        return changelist

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        segment = kwargs.get("obj")
        if segment is not None:
            context["words"] = SegmentWords([segment]).of(segment.rules)
            context["counted"] = counted(segment, sees_people=_sees_people(request))
            context["people_page"] = people_page(segment)
        return super().render_change_form(request, context, *args, **kwargs)

    def count_view(self, request: HttpRequest) -> HttpResponse:
        """Who would be in it, as the form stands; nothing is saved."""
        may_write = self.has_add_permission(request) or self.has_change_permission(request)
        if not (may_write and _sees_people(request)):  # whoever counts with any rule finds out about each person
            raise PermissionDenied
        form = SegmentForm(request.POST)
        form.is_valid()
        wrong = [error for name, errors in form.errors.items() if name != "name" for error in errors]
        found = None if wrong else counted(form.instance, sees_people=True)
        return TemplateResponse(request, "tickets/segment_count.html", {"counted": found, "wrong": wrong})

    def number_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """For the list, which does not wait for all of them."""
        segment = Segment.objects.filter(pk=pk).first()
        if not self.has_view_permission(request, segment):
            raise PermissionDenied
        if segment is None:
            raise Http404(_("There is no such segment."))
        context = {"number": contacts_of(segment).count(), "url": people_page(segment)}
        return TemplateResponse(request, "tickets/segment_number.html", context)

    def save_model(self, request: HttpRequest, obj: Segment, form: Any, change: bool) -> None:
        if not change:
            obj.created_by = request.user  # type: ignore[assignment]
        super().save_model(request, obj, form, change)

    def construct_change_message(self, request: HttpRequest, form: Any, formsets: Any, add: bool = False) -> Any:
        """The rules before and after, in words: their names in the form say little."""
        before, after = form.rules_before, form.instance.rules
        words = SegmentWords([Segment(rules=before), form.instance])
        was = {"name": form.initial.get("name"), "rules": words.of(before)}
        became = {"name": form.instance.name, "rules": words.of(after)}
        return (was, became) if was != became else ({}, {})

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        segment = self.get_object(request, object_id)
        if segment is not None and self.has_delete_permission(request, segment) and (used := uses_of(segment)):
            sentence = _("“%(name)s” is not deleted, because these use it: %(uses)s. Choose other people there first.")
            messages.error(request, sentence % {"name": segment, "uses": ", ".join(f"“{one}”" for one in used)})
            return HttpResponseRedirect(reverse("admin:tickets_segment_change", args=[segment.pk]))
        return super().delete_view(request, object_id, extra_context)

    @admin.display(description=gettext_lazy("rules"))
    def rules_in_words(self, segment: Any) -> str:
        return format_html_join("", "<div>{}</div>", ((words,) for words in segment.words))

    @admin.display(description=gettext_lazy("people"))
    def people(self, segment: Segment) -> str:
        """Counted when the row is seen; without JavaScript, the link shows them."""
        shown = '<span hx-get="{}" hx-trigger="revealed" hx-swap="innerHTML"><a href="{}">{}</a></span>'
        number = reverse("admin:tickets_segment_number", args=[segment.pk])
        return format_html(shown, number, people_page(segment), _("Show them"))


def counted(segment: Segment, *, sees_people: bool) -> dict[str, Any]:
    """How many people, and a few of them for whoever may see contacts."""
    found = contacts_of(segment)
    sample = list(found.order_by("pk").only("name", "phone", "email")[:SAMPLES]) if sees_people else []
    return {"number": found.count(), "sample": sample}


def _sees_people(request: HttpRequest) -> bool:
    return request.user.has_perm("tickets.view_contact")
