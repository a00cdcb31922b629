"""Contacts as a file: a page that says how many and which, and a POST that is written into the history."""

from dataclasses import dataclass

from django.contrib import admin, messages
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tickets.admin.files import TYPES, file_of
from tickets.admin.people_base import PeopleViews
from tickets.enums import Action
from tickets.exporting import ContactSheet
from tickets.history import record
from tickets.masks import search_masked
from tickets.models import Contact

CHOSEN, MOST_CHOSEN = "chosen", 200


@admin.action(description=gettext_lazy("Export…"), permissions=["export"])
def export_action(model_admin: admin.ModelAdmin, request: HttpRequest, queryset: QuerySet) -> HttpResponse:
    """Only opens the page that says how many. All of the list are meant by its filters, some by their numbers."""
    asked = request.GET.copy()
    if request.POST.get("select_across") != "1":
        ids = queryset.order_by("pk").values_list("pk", flat=True)[:MOST_CHOSEN]
        asked = QueryDict(mutable=True)
        asked[CHOSEN] = ".".join(map(str, ids))
    return HttpResponseRedirect(f"{reverse('admin:tickets_contact_export')}?{asked.urlencode()}")


@dataclass(frozen=True)
class Wanted:
    """Who is to be exported, and in words by what they were chosen."""

    contacts: QuerySet[Contact]
    number: int
    filters: list[str]


class ExportViews(PeopleViews):
    def export(self, request: HttpRequest) -> HttpResponseBase:
        """Exactly the people that the list shows, or those who were ticked; streamed, and nothing is kept here."""
        if not (self.admin.has_view_permission(request) and self.admin.has_export_permission(request)):
            raise PermissionDenied
        wanted = self._wanted(request)
        if wanted is None:
            return HttpResponseRedirect(reverse("admin:tickets_contact_changelist"))
        if request.method == "POST" and wanted.number:
            kind = request.POST.get("format", "")
            if kind in TYPES:
                facts = {"rows": wanted.number, "format": kind.upper(), "only": wanted.filters}
                record(request.user, Contact, Action.EXPORTED, after={k: v for k, v in facts.items() if v})
                sheet = ContactSheet(wanted.contacts)
                return file_of(sheet, kind, title=_("Contacts"), name=_("contacts"), at=timezone.localtime())
            messages.error(request, _("Choose a kind of file: Excel or CSV."))
        context = {"title": _("Export contacts"), "wanted": wanted, "back": _back(request)}
        return self.render(request, "tickets/contact_export.html", context)

    def _wanted(self, request: HttpRequest) -> Wanted | None:
        """None when the address asks for something that the list does not know."""
        if CHOSEN in request.GET:
            ids = [int(one) for one in request.GET[CHOSEN].split(".") if one.isascii() and one.isdecimal()]
            chosen = Contact.objects.filter(pk__in=[one for one in ids[:MOST_CHOSEN] if one < 2**63])
            return Wanted(chosen, chosen.count(), [_("chosen one by one")])
        try:
            found = self.admin.get_changelist_instance(request)
        except IncorrectLookupParameters:
            return None
        return Wanted(found.queryset, found.result_count, filter_words(found))


def filter_words(found: ChangeList) -> list[str]:
    """By what a list is filtered and searched, as its page says it."""
    words = []
    for spec in found.filter_specs:
        for number, choice in enumerate(spec.choices(found)):
            if number and choice.get("selected"):
                words.append(f"{spec.title}: {choice['display']}")
    if found.query:
        words.append(": ".join((_("Search"), search_masked(found.query))))
    return words


def _back(request: HttpRequest) -> str:
    kept = "" if CHOSEN in request.GET else request.GET.urlencode()
    return reverse("admin:tickets_contact_changelist") + (f"?{kept}" if kept else "")
