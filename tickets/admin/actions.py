"""What is done to many people at once: tags given and taken, tickets issued."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.db import transaction
from django.db.models import Count, QuerySet, Sum
from django.db.models.functions import Least
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _

from tickets.admin.confirm import CannotDo, Question, ask
from tickets.enums import Action, TicketStatus
from tickets.forms import IssueForm, TagForm
from tickets.history import record
from tickets.holders import holders_of
from tickets.issuing import Limit, issue_tickets, limits_of
from tickets.models import Contact, Event, Tag, Ticket
from tickets.tagging import add_tag, remove_tag
from tickets.tasks import issue_later
from tickets.types import CannotIssue

Page = TemplateResponse | None
MANY = 5000  # tickets that are still issued while somebody waits for the page


@admin.action(description=gettext_lazy("Add a tag…"), permissions=["change"])
def add_tag_action(model_admin: admin.ModelAdmin, request: HttpRequest, queryset: QuerySet[Contact]) -> Page:
    text = _("Whoever has the tag already keeps it.")
    return ask_to_tag(model_admin, request, queryset, action="add_tag_action", text=text)


@admin.action(description=gettext_lazy("Remove a tag…"), permissions=["change"])
def remove_tag_action(model_admin: admin.ModelAdmin, request: HttpRequest, queryset: QuerySet[Contact]) -> Page:
    return ask_to_untag(model_admin, request, queryset, action="remove_tag_action")


def ask_to_tag(model_admin: admin.ModelAdmin, request: HttpRequest, queryset: QuerySet, **question: Any) -> Page:
    """For everybody whom the chosen rows stand for; `question` is what else the page says."""
    return _ask_for_tag(
        model_admin,
        request,
        queryset,
        (add_tag, Action.TAGGED),
        lambda n: ngettext("%(n)d person got the tag “%(tag)s”.", "%(n)d people got the tag “%(tag)s”.", n),
        title=_("Add a tag"),
        button=_("Add the tag"),
        **question,
    )


def ask_to_untag(model_admin: admin.ModelAdmin, request: HttpRequest, queryset: QuerySet, **question: Any) -> Page:
    """As `ask_to_tag`."""
    return _ask_for_tag(
        model_admin,
        request,
        queryset,
        (remove_tag, Action.UNTAGGED),
        lambda n: ngettext("%(n)d person lost the tag “%(tag)s”.", "%(n)d people lost the tag “%(tag)s”.", n),
        title=_("Remove a tag"),
        text=_("The people stay; only the tag is taken from them."),
        button=_("Remove the tag"),
        **question,
    )


def _ask_for_tag(
    model_admin: admin.ModelAdmin,
    request: HttpRequest,
    queryset: QuerySet,
    change: tuple[Callable[[Tag, QuerySet[Contact]], int], Action],
    says: Callable[[int], str],
    **question: Any,
) -> Page:
    def run(chosen: QuerySet, form: TagForm) -> str:
        tag, (move, action) = form.cleaned_data["tag"], change
        with transaction.atomic():
            changed = move(tag, holders_of(chosen))
            record(request.user, tag, action, after={"people": changed})
        return says(changed) % {"n": changed, "tag": tag}

    return ask(model_admin, request, queryset, Question(run=run, form_class=TagForm, **question))


@admin.action(description=gettext_lazy("Issue tickets for…"), permissions=["issue"])
def issue_action(model_admin: admin.ModelAdmin, request: HttpRequest, queryset: QuerySet) -> Page:
    """For the chosen contacts, or for everybody whom the chosen tags or segments stand for."""

    def run(chosen: QuerySet, form: IssueForm) -> str:
        ids = list(holders_of(chosen).values_list("pk", flat=True))
        is_many = len(ids) * form.cleaned_data["each"] > MANY
        return (_issue_many if is_many else _issue_now)(request, ids, **form.cleaned_data)

    return ask(
        model_admin,
        request,
        queryset,
        Question(
            action="issue_action",
            title=_("Issue tickets"),
            text=_("Nobody gets more tickets of a type than you say here. Issuing sends nothing yet."),
            button=_("Issue the tickets"),
            form_class=IssueForm,
            summary=issue_summary,
            run=run,
        ),
    )


def _issue_now(request: HttpRequest, ids: list[int], *, event: Event, companions: int, **order: Any) -> str:
    bring_along = dict.fromkeys(ids, companions) if companions else {}
    try:
        result = issue_tickets(event, Contact.objects.filter(pk__in=ids), companions=bring_along, **order)
    except CannotIssue as error:
        raise CannotDo(str(error)) from error
    # One line for the event says more than one for each of thousands of people.
    record(request.user, event, Action.ISSUED, after={"tickets": result.created, "existing": result.existing})
    issued = ngettext("%(n)d ticket was issued.", "%(n)d tickets were issued.", result.created)
    had_one = f" {_had_some(result.existing, order['each'])}" if result.existing else ""
    return issued % {"n": result.created} + had_one


def _issue_many(request: HttpRequest, ids: list[int], *, event: Event, **order: Any) -> str:
    """So many take longer than a page may: the workers do it."""
    issue_later(event, ids, **order, user_id=request.user.pk or 0, language=get_language() or "es")
    return _("The tickets are being issued. That takes a moment; the history of the event says when it is done.")


def issue_summary(chosen: QuerySet, form: IssueForm) -> list[str]:
    order = form.cleaned_data
    event, type_, each, companions = (order[name] for name in ("event", "type", "each", "companions"))
    holders = holders_of(chosen)
    existing = _existing(holders, event, type_, each)
    fresh = holders.count() * each - existing
    lines = [
        _("Event: %(event)s") % {"event": event},
        ngettext("%(n)d new ticket of the type “%(type)s”", "%(n)d new tickets of the type “%(type)s”", fresh)
        % {"n": fresh, "type": type_},
    ]
    if each > 1:
        lines.append(_("%(n)d tickets for each person") % {"n": each})
    if existing:
        lines.append(_had_some(existing, each))
    if companions:
        words = ngettext("With %(n)d companion each", "With %(n)d companions each", companions)
        lines.append(words % {"n": companions})
    lines += [f"{name}: {text}" for name, text in order["attributes"].items()]
    return lines + [_places(limit, fresh * (companions + 1)) for limit in limits_of(event, type_)]


def _existing(holders: QuerySet[Contact], event: Event, type_: str, each: int) -> int:
    """How many of the wished tickets are there already."""
    held = Ticket.objects.filter(event=event, type=type_, status__in=TicketStatus.held, holder__in=holders.values("pk"))
    by_holder = held.order_by().values("holder").annotate(number=Least(Count("pk"), each))
    return by_holder.aggregate(all=Sum("number"))["all"] or 0


def _had_some(count: int, each: int) -> str:
    if each == 1:
        return ngettext("%(n)d person has one already.", "%(n)d people have one already.", count) % {"n": count}
    return ngettext("%(n)d of them exists already.", "%(n)d of them exist already.", count) % {"n": count}


def _places(limit: Limit, wanted: int) -> str:
    facts = {"type": limit.type, "capacity": limit.capacity, "taken": limit.taken(), "wanted": wanted}
    if limit.type:
        return _("Places of “%(type)s”: %(capacity)d in all, %(taken)d taken, %(wanted)d needed now") % facts
    return _("Places: %(capacity)d in all, %(taken)d taken, %(wanted)d needed now") % facts
