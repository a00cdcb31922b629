"""Contacts that are probably one person: pages of groups, the way to merge them, and “not the same”."""

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from tickets.admin.people_base import PeopleViews
from tickets.duplicates import LIKENESS_WORDS, Group, find_groups, keep_apart
from tickets.models import Contact, NotDuplicate

PER_PAGE = 10
MOST_MEMBERS = 8  # shown of one group
KEY, KEPT = "possible-duplicates", 60  # seconds: turning the pages does not look through the whole list again


class DuplicateViews(PeopleViews):
    def duplicates(self, request: HttpRequest) -> HttpResponse:
        if not self.admin.has_view_permission(request):
            raise PermissionDenied
        if request.method == "POST":
            return self._keep_apart(request)
        page = Paginator(_groups(), PER_PAGE).get_page(request.GET.get("page"))
        context = {
            "title": _("Possible duplicates"),
            "page": page,
            "groups": _shown(list(page.object_list)),
            "can_merge": self.admin.has_merge_permission(request),
        }
        return self.render(request, "tickets/duplicates.html", context)

    def _keep_apart(self, request: HttpRequest) -> HttpResponse:
        if not self.admin.has_merge_permission(request):
            raise PermissionDenied
        typed = request.POST.get("ids", "").split(".")
        ids = [int(one) for one in typed if one.isascii() and one.isdecimal() and len(one) < 19][:MOST_MEMBERS]
        if len(ids) > 1 and keep_apart(ids, user=request.user):
            cache.delete(KEY)
            messages.success(request, _("They are different people. They are not shown together any more."))
        else:
            messages.info(request, _("This was done already, so nothing was done again."))
        number = request.POST.get("page", "")
        query = f"?page={number}" if number.isascii() and number.isdecimal() else ""
        return HttpResponseRedirect(reverse("admin:tickets_contact_duplicates") + query)


def _groups() -> list[Group]:
    """As they were a moment ago; what was merged or decided since is left out."""
    groups: list[Group] | None = cache.get(KEY)
    if groups is None:
        groups = find_groups()
        cache.set(KEY, groups, KEPT)
    return groups


def _shown(groups: Sequence[Group]) -> list[dict[str, Any]]:
    ids = [pk for group in groups for pk in group.ids[:MOST_MEMBERS]]
    people = {one.pk: one for one in Contact.objects.filter(pk__in=ids).prefetch_related("tags")}
    apart = set(NotDuplicate.objects.filter(first__in=ids, second__in=ids).values_list("first", "second"))
    shown = []
    for group in groups:
        members = [people[pk] for pk in group.ids[:MOST_MEMBERS] if pk in people]
        if len(members) > 1 and not (len(members) == 2 and (members[0].pk, members[1].pk) in apart):
            shown.append(
                {
                    "first": members[0],
                    "members": members,
                    "left_out": len(group.ids) - MOST_MEMBERS,
                    "reasons": [LIKENESS_WORDS[reason] for reason in group.reasons],
                    "ids": ".".join(str(one.pk) for one in members),
                }
            )
    return shown
