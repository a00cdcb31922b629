"""What is done to many rows at once: tags given and taken, tickets issued and voided."""

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _

from tickets.admin.confirm import CannotDo, Question, ask
from tickets.enums import Action, TicketStatus
from tickets.forms import IssueForm, TagForm
from tickets.history import record, record_each
from tickets.issuing import EventFull, issue_tickets, people_expected, void_tickets
from tickets.models import Contact, Event, Tag, Ticket
from tickets.tagging import add_tag, remove_tag
from tickets.tasks import issue_later

Page = TemplateResponse | None
MANY = 5000  # tickets that are still issued while somebody waits for the page
AT_ONCE = 1000  # rows in a transaction, which keeps others from writing


@admin.action(description=gettext_lazy("Add a tag…"), permissions=["change"])
def add_tag_action(model_admin: admin.ModelAdmin, request: HttpRequest, queryset: QuerySet[Contact]) -> Page:
    def run(contacts: QuerySet[Contact], form: TagForm) -> str:
        tag = form.cleaned_data["tag"]
        with transaction.atomic():
            changed = add_tag(tag, contacts)
            record(request.user, tag, Action.TAGGED, after={"people": changed})
        sentence = ngettext("%(n)d person got the tag “%(tag)s”.", "%(n)d people got the tag “%(tag)s”.", changed)
        return sentence % {"n": changed, "tag": tag}

    return ask(
        model_admin,
        request,
        queryset,
        Question(
            action="add_tag_action",
            title=_("Add a tag"),
            text=_("Whoever has the tag already keeps it."),
            button=_("Add the tag"),
            form_class=TagForm,
            run=run,
        ),
    )


@admin.action(description=gettext_lazy("Remove a tag…"), permissions=["change"])
def remove_tag_action(model_admin: admin.ModelAdmin, request: HttpRequest, queryset: QuerySet[Contact]) -> Page:
    def run(contacts: QuerySet[Contact], form: TagForm) -> str:
        tag = form.cleaned_data["tag"]
        with transaction.atomic():
            changed = remove_tag(tag, contacts)
            record(request.user, tag, Action.UNTAGGED, after={"people": changed})
        sentence = ngettext("%(n)d person lost the tag “%(tag)s”.", "%(n)d people lost the tag “%(tag)s”.", changed)
        return sentence % {"n": changed, "tag": tag}

    return ask(
        model_admin,
        request,
        queryset,
        Question(
            action="remove_tag_action",
            title=_("Remove a tag"),
            text=_("The people stay; only the tag is taken from them."),
            button=_("Remove the tag"),
            form_class=TagForm,
            run=run,
        ),
    )


@admin.action(description=gettext_lazy("Issue tickets for…"), permissions=["issue"])
def issue_action(model_admin: admin.ModelAdmin, request: HttpRequest, queryset: QuerySet) -> Page:
    """For the chosen contacts, or for everybody with one of the chosen tags."""

    def run(chosen: QuerySet, form: IssueForm) -> str:
        ids = list(holders_of(chosen).values_list("pk", flat=True))
        return (_issue_many if len(ids) > MANY else _issue_now)(request, ids, **form.cleaned_data)

    return ask(
        model_admin,
        request,
        queryset,
        Question(
            action="issue_action",
            title=_("Issue tickets"),
            text=_("Nobody gets a second ticket of the same type. Issuing sends nothing yet."),
            button=_("Issue the tickets"),
            form_class=IssueForm,
            summary=issue_summary,
            run=run,
        ),
    )


def _issue_now(request: HttpRequest, ids: list[int], *, event: Event, type: str, companions: int) -> str:  # noqa: A002
    bring_along = dict.fromkeys(ids, companions) if companions else {}
    try:
        result = issue_tickets(event, Contact.objects.filter(pk__in=ids), type=type, companions=bring_along)
    except EventFull as error:
        raise CannotDo(str(error)) from error
    # One line for the event says more than one for each of thousands of people.
    record(request.user, event, Action.ISSUED, after={"tickets": result.created, "existing": result.existing})
    issued = ngettext("%(n)d ticket was issued.", "%(n)d tickets were issued.", result.created)
    had_one = f" {_had_one(result.existing)}" if result.existing else ""
    return issued % {"n": result.created} + had_one


def _issue_many(request: HttpRequest, ids: list[int], *, event: Event, **order: Any) -> str:
    """So many take longer than a page may: the workers do it."""
    issue_later(event, ids, **order, user_id=request.user.pk or 0, language=get_language() or "es")
    return _("The tickets are being issued. That takes a moment; the history of the event says when it is done.")


def holders_of(chosen: QuerySet) -> QuerySet[Contact]:
    """The contacts themselves, or those with one of the tags."""
    if chosen.model is Tag:
        return Contact.objects.filter(pk__in=Contact.objects.filter(tags__in=chosen.values("pk")).values("pk"))
    return Contact.objects.filter(pk__in=chosen.order_by().values("pk"))


def issue_summary(chosen: QuerySet, form: IssueForm) -> list[str]:
    event, companions = form.cleaned_data["event"], form.cleaned_data["companions"]
    holders = holders_of(chosen)
    people = holders.count()
    served = Ticket.objects.filter(
        event=event,
        type=form.cleaned_data["type"],
        status__in=TicketStatus.held,
        number=1,
        holder__in=holders.values("pk"),
    ).count()
    fresh = people - served
    lines = [
        _("Event: %(event)s") % {"event": event},
        ngettext("%(n)d new ticket of the type “%(type)s”", "%(n)d new tickets of the type “%(type)s”", fresh)
        % {"n": fresh, "type": form.cleaned_data["type"]},
    ]
    if served:
        lines.append(_had_one(served))
    if companions:
        lines.append(
            ngettext("With %(n)d companion each", "With %(n)d companions each", companions) % {"n": companions}
        )
    if event.capacity is not None:
        lines.append(_places(event, wanted=fresh * (companions + 1)))
    return lines


@admin.action(description=gettext_lazy("Void…"), permissions=["change"])
def void_action(model_admin: admin.ModelAdmin, request: HttpRequest, queryset: QuerySet[Ticket]) -> Page:
    def run(tickets: QuerySet[Ticket], form: None) -> str:
        ids = sorted(tickets.order_by().values_list("pk", flat=True))
        voided = sum(_void(request.user, ids[start : start + AT_ONCE]) for start in range(0, len(ids), AT_ONCE))
        sentence = ngettext("%(n)d ticket is void now.", "%(n)d tickets are void now.", voided)
        return sentence % {"n": voided}

    return ask(
        model_admin,
        request,
        queryset,
        Question(
            action="void_action",
            title=_("Void tickets"),
            text=_("A void ticket lets nobody in, and it cannot be made valid again. Issue a new one instead."),
            button=_("Void them"),
            is_dangerous=True,
            run=run,
        ),
    )


@transaction.atomic
def _void(user: Any, ids: Sequence[int]) -> int:
    voided = void_tickets(ids)
    record_each(user, voided, Action.VOIDED)
    return len(voided)


def _had_one(count: int) -> str:
    return ngettext("%(n)d person has one already.", "%(n)d people have one already.", count) % {"n": count}


def _places(event: Event, *, wanted: int) -> str:
    return _("Places: %(capacity)d in all, %(taken)d taken, %(wanted)d needed now") % {
        "capacity": event.capacity,
        "taken": people_expected(event),
        "wanted": wanted,
    }
