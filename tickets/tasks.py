"""Work on many thousands of tickets, which is too long for a request."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib.auth import get_user_model
from django.db import transaction
from django.utils import timezone
from django.utils.translation import override
from django_q.tasks import async_task

from tickets.enums import Action
from tickets.history import record
from tickets.importing import slices
from tickets.issuing import issue_tickets
from tickets.models import Contact, Event
from tickets.types import CannotIssue


def issue_later(event: Event, holder_ids: Sequence[int], **order: Any) -> None:
    """Hand it to the workers. Twice does no harm: nobody gets more than they are to have."""
    transaction.on_commit(lambda: async_task(issue_in_background, event.pk, list(holder_ids), **order))


def issue_in_background(
    event_id: int,
    holder_ids: Sequence[int],
    *,
    type: str,  # noqa: A002 - the word of the model
    companions: int,
    user_id: int,
    language: str,
    each: int = 1,
    attributes: Mapping[str, Any] | None = None,
) -> int:
    """What came of it is in the history of the event; why it stopped, in the language of whoever asked."""
    event = Event.objects.get(pk=event_id)
    created, why_not = 0, ""
    bring_along = dict.fromkeys(holder_ids, companions) if companions else {}
    with override(language):
        try:  # all of them at once, so that those for whom there is no room leave nobody else with a ticket
            holders = (Contact(pk=pk) for pk in holder_ids)
            order: dict[str, Any] = {"type": type, "each": each, "attributes": attributes}
            created = issue_tickets(event, holders, companions=bring_along, **order).created
        except CannotIssue as error:
            why_not = str(error)
    user = get_user_model().objects.filter(pk=user_id).first()
    record(user, event, Action.ISSUED, after={"tickets": created}, sentence=why_not)
    return created


def work_on_import(import_id: int, round: int) -> str:  # noqa: A002 - the word of the model
    """One slice of an uploaded list: checked, imported or undone. It may come twice, late or never."""
    return slices.work(import_id, round, clock=timezone.now)
