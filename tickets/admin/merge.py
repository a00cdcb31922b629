"""Merging two contacts: choosing the other one, comparing, confirming with numbers."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from tickets.admin.people_base import PeopleViews, person_page
from tickets.admin.searching import phone_query
from tickets.merging import (
    BIRTHDAY,
    FIELDS,
    GONE,
    KEEP,
    CannotMerge,
    Difference,
    LooksDifferent,
    MergedAlready,
    merge,
    plan_merge,
)
from tickets.models import Contact

MOST_FOUND = 20


class MergeViews(PeopleViews):
    def merge(self, request: HttpRequest, pk: int) -> HttpResponse:
        if not self.admin.has_merge_permission(request):
            raise PermissionDenied
        keep = self.contact(request, pk)
        if isinstance(keep, HttpResponse):
            return keep
        asked = request.POST if request.method == "POST" else request.GET
        gone = _other(keep, asked.get("with", ""))
        if gone is None and request.method == "POST":
            messages.info(request, _("One of these two was merged or deleted meanwhile, so nothing was done."))
            return HttpResponseRedirect(person_page(keep.pk))
        if gone is None:
            return self._choose(request, keep)
        if request.method == "POST":
            return self._merge(request, keep, gone)
        return self._compare(request, keep, gone)

    def _choose(self, request: HttpRequest, keep: Contact) -> HttpResponse:
        typed = request.GET.get("q", "").strip()[:100]
        found = list(_matching(keep, typed)[: MOST_FOUND + 1])
        context = {
            "title": _("Who is the same person as %(name)s?") % {"name": keep.name},
            "contact": keep,
            "typed": typed,
            "found": found[:MOST_FOUND],
            "has_more": len(found) > MOST_FOUND,
        }
        return self.render(request, "tickets/merge_choose.html", context)

    def _compare(
        self, request: HttpRequest, keep: Contact, gone: Contact, *, chosen: Any = None, has_changed: bool = False
    ) -> HttpResponse:
        plan = plan_merge(keep, gone)
        context = {
            "title": _("Merge these two into one?"),
            "contact": keep,
            "gone": gone,
            "plan": plan,
            "rows": [_row(one, chosen or {}) for one in (*plan.fields, *plan.attributes)],
            "has_changed": has_changed,
        }
        return self.render(request, "tickets/merge.html", context)

    def _merge(self, request: HttpRequest, keep: Contact, gone: Contact) -> HttpResponse:
        chosen = {key: value for key, value in request.POST.items() if value in (KEEP, GONE)}
        expected = request.POST.get("expected", "")
        try:
            merge(keep, gone, chosen, expected=expected, user=request.user, now=timezone.now())
        except LooksDifferent:
            return self._compare(request, keep, gone, chosen=chosen, has_changed=True)
        except MergedAlready as error:
            messages.info(request, str(error))
        except CannotMerge as error:
            messages.error(request, str(error))
            return self._compare(request, keep, gone, chosen=chosen)
        else:
            messages.success(request, _("%(gone)s and %(keep)s are one now.") % {"gone": gone.name, "keep": keep.name})
        return HttpResponseRedirect(person_page(keep.pk))


def _other(keep: Contact, typed: str) -> Contact | None:
    is_number = typed.isascii() and typed.isdecimal() and len(typed) < 19
    return Contact.objects.exclude(pk=keep.pk).filter(pk=int(typed)).first() if is_number else None


def _matching(keep: Contact, typed: str) -> QuerySet[Contact]:
    """What was searched for; before that, whoever has the same name or e-mail address."""
    others = Contact.objects.exclude(pk=keep.pk).order_by("name", "pk")
    if not typed:
        same = Q(name__iexact=keep.name)
        return others.filter(same | Q(email=keep.email) if keep.email else same)
    by_phone = phone_query(typed)
    if by_phone is not None:
        return others.filter(by_phone)
    words = Q()
    for word in typed.split():
        words &= Q(name__icontains=word) | Q(email__icontains=word)
    return others.filter(words)


def _row(one: Difference, chosen: Any) -> dict[str, Any]:
    is_field = one.key in FIELDS
    label = Contact._meta.get_field(one.name).verbose_name if is_field else one.name  # type: ignore[union-attr]
    if one.key == BIRTHDAY:
        label = _("birthday")
    return {
        "key": one.key,
        "label": capfirst(str(label)),
        "keep": _value(one, one.keep),
        "gone": _value(one, one.gone),
        "winner": chosen.get(one.key, one.default),
    }


def _value(one: Difference, value: Any) -> Any:
    if one.key == "language":
        return _(str(dict(settings.LANGUAGES).get(value, value)))
    return str(value or "") if one.key == BIRTHDAY else value
