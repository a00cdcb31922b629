"""Tags: the groups that people are in."""

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.db.models import Count, Model
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from tickets.admin.actions import issue_action
from tickets.admin.showing import TAG_TONES, badge
from tickets.models import Contact, Tag
from tickets.segments import segments_with_tag


@admin.register(Tag)
class TagAdmin(admin.ModelAdmin):
    list_display = ("name", "look", "people")
    search_fields = ("name",)
    show_full_result_count = False
    list_per_page = 50
    empty_hint = gettext_lazy(
        "Tags group people, for example “Volunteers” or “Class of 2026”, to write to them together."
    )
    actions = [issue_action]

    def has_issue_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("tickets.add_ticket")

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        actions = super().get_actions(request)
        actions.pop("delete_selected", None)  # one by one, after seeing how many people have it
        return actions

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).annotate(people_count=Count("contacts"))

    def get_deleted_objects(self, objs: Iterable[Model], request: HttpRequest) -> tuple[Any, ...]:
        """Counted instead of listed: a tag may be on a hundred thousand people, who all stay."""
        tags = list(objs)
        people = Contact.tags.through.objects.filter(tag__in=[tag.pk for tag in tags]).count()
        counts = {Tag._meta.verbose_name_plural: len(tags)}
        sentence = ngettext("%(n)d person has it, and stays.", "%(n)d people have it, and stay.", people)
        used = [
            _("The segment “%(name)s” uses it.") % {"name": one} for tag in tags for one in segments_with_tag(tag.pk)
        ]
        forbidden = set() if self.has_delete_permission(request) else {Tag._meta.verbose_name}
        return [*(str(tag) for tag in tags), sentence % {"n": people}], counts, forbidden, used

    @admin.display(description=gettext_lazy("look"))
    def look(self, tag: Tag) -> str:
        return badge(tag.name, TAG_TONES[Tag.Color(tag.color)])

    @admin.display(description=gettext_lazy("people"), ordering="people_count")
    def people(self, tag: Tag) -> str:
        address = reverse("admin:tickets_contact_changelist") + f"?tags__id__exact={tag.pk}"
        shown = '<a href="{}">{} <span class="visually-hidden">{}</span></a>'
        return format_html(shown, address, getattr(tag, "people_count", 0), _("people: show them"))
