"""Actions on many rows: first a page that says what will happen and to how many, then a POST that does it.

The page carries the ticked ids of one page of the list and whether "all" was chosen, and posts to the same address
with its filters; so any number of rows can be meant. When their number changed meanwhile, it asks again. Each showing
of the page can be answered once: pressing twice or loading the page again after it was done repeats nothing.
"""

import hashlib
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _

MOST_EXAMPLES = 20
ANSWERED, MOST_ANSWERED = "answered_questions", 20  # kept in the session: nobody has more pages open

CHOSEN, CONFIRMED = "chosen", "confirmed"  # what the button of a page says by being pressed


class CannotDo(Exception):
    """It was not done; `str()` is the sentence that says why."""


@dataclass(frozen=True)
class Question:
    """What is asked before an action, and what it does. `run` returns the sentence that is shown afterwards."""

    action: str
    title: str | Promise
    button: str | Promise
    run: Callable[[QuerySet, Any], str]
    text: str | Promise = ""
    form_class: type[forms.Form] | None = None
    # What the choice in the form would do, shown on a second page before anything is done.
    summary: Callable[[QuerySet, Any], Sequence[str]] | None = None
    is_dangerous: bool = False
    words: Callable[[Any], str] = str  # of one row, among the examples


@dataclass(frozen=True)
class _Page:
    """One showing of a question: the rows it is about, and what is known of them now."""

    queryset: QuerySet
    question: Question
    form: forms.Form | None
    count: int
    lines: Sequence[str] = ()
    is_last: bool = True
    has_changed: bool = False

    @property
    def fingerprint(self) -> str:
        """Of the numbers that the person saw: they confirm these and no others."""
        seen = "\n".join([str(self.count), *self.lines])
        return hashlib.sha256(seen.encode()).hexdigest()[:20]


def ask(admin: ModelAdmin, request: HttpRequest, queryset: QuerySet, question: Question) -> TemplateResponse | None:
    """The page to show, or None when it is done and Django goes back to the list."""
    if _is_answered(request):
        messages.info(request, _("This was done already, so nothing was done again."))
        return None
    step = request.POST.get("step")
    form = _form(request, question)
    if step is None or (form is not None and not form.is_valid()):
        is_last = question.summary is None
        return _show(admin, request, _Page(queryset, question, form, queryset.count(), is_last=is_last))
    page = _Page(
        queryset, question, form, queryset.count(), question.summary(queryset, form) if question.summary else ()
    )
    if step == CHOSEN:
        return _show(admin, request, page)
    if request.POST.get("expected") != page.fingerprint:
        return _show(admin, request, replace(page, has_changed=True))
    try:
        messages.success(request, question.run(queryset, form))
        _note_answer(request)
    except CannotDo as error:
        messages.error(request, str(error))
    return None


def shown_at(request: HttpRequest) -> datetime:
    """When the page that is answered was made; now where nobody can say.

    For what would find its own results again: two answers that come at the same moment both count as the first.
    """
    try:
        return datetime.fromtimestamp(float(request.POST.get("showing", "").partition(".")[2]), tz=UTC)
    except (ValueError, OverflowError, OSError):
        return timezone.now()


def _is_answered(request: HttpRequest) -> bool:
    return request.POST.get("showing") in request.session.get(ANSWERED, [])


def _note_answer(request: HttpRequest) -> None:
    if showing := request.POST.get("showing"):
        request.session[ANSWERED] = [*request.session.get(ANSWERED, []), showing][-MOST_ANSWERED:]


def _form(request: HttpRequest, question: Question) -> forms.Form | None:
    """Unbound on the first page, where nobody can have filled it in."""
    if question.form_class is None:
        return None
    return question.form_class(request.POST if "step" in request.POST else None)


def _show(admin: ModelAdmin, request: HttpRequest, page: _Page) -> TemplateResponse:
    context = {
        "title": page.question.title,
        "page": page,
        "showing": f"{secrets.token_urlsafe(12)}.{timezone.now().timestamp()}",
        "examples": [page.question.words(row) for row in page.queryset[:MOST_EXAMPLES]],
        "left_out": max(page.count - MOST_EXAMPLES, 0),
        "step": CONFIRMED if page.is_last else CHOSEN,
        "button": page.question.button if page.is_last else _("Continue"),
        "checkbox_name": ACTION_CHECKBOX_NAME,
        "selected": request.POST.getlist(ACTION_CHECKBOX_NAME),
        "select_across": request.POST.get("select_across", "0"),
        "action_url": request.get_full_path(),
    }
    return admin.admin_site.page(request, "admin/confirm_action.html", context, model=admin.model)  # type: ignore[attr-defined]
