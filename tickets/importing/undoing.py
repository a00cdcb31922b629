"""Taking an import back: people that only it brought and that nobody has used since, and the tags that it gave.

What it changed about people who existed before stays: nobody knows any more what stood there.
"""

from collections.abc import Callable
from dataclasses import astuple, dataclass
from datetime import datetime, timedelta
from functools import reduce
from operator import or_
from typing import Any

from django.db import transaction
from django.db.models import Count, Exists, F, OuterRef, Q, Subquery, Sum
from django.db.models.functions import Coalesce

from tickets.enums import ImportState
from tickets.models import Contact, Import, ImportedPerson, Ticket

BATCH = 500
Links = Contact.tags.through


@dataclass(frozen=True)
class UndoPlan:
    """What undoing would do now."""

    removed: int = 0
    kept: int = 0  # created by the import and used or edited since
    with_ticket: int = 0  # of those
    untagged: int = 0
    existed: int = 0  # were there before

    @property
    def mark(self) -> str:
        """Of the numbers that a person saw: they confirm these and no others."""
        return "-".join(map(str, astuple(self)))

    @property
    def kept_otherwise(self) -> int:
        return self.kept - self.with_ticket


def undo_plan(job: Import) -> UndoPlan:
    people = ImportedPerson.objects.filter(imported_in=job)
    created = people.filter(was_created=True)
    numbers = people.aggregate(
        created=Count("pk", filter=Q(was_created=True)),
        existed=Count("pk", filter=Q(was_created=False)),
        tags=Coalesce(Sum("given"), 0),
    )
    removed = created.exclude(_in_use(job)).count()
    return UndoPlan(
        removed=removed,
        kept=numbers["created"] - removed,
        with_ticket=created.filter(Exists(Ticket.objects.filter(holder=OuterRef("contact")))).count(),
        untagged=numbers["tags"],
        existed=numbers["existed"],
    )


def undo_some(job: Import, *, budget: timedelta, clock: Callable[[], datetime]) -> bool:
    """For about as long as `budget`. Returns whether anything is left. May be run twice, or by two at once."""
    ends = clock() + budget
    while _undo_batch(job, now=clock()):
        if clock() >= ends:
            return True
    return False


def _undo_batch(job: Import, *, now: datetime) -> bool:
    with transaction.atomic():
        # Whoever comes second waits here, and then finds the rows of the first gone.
        if not Import.objects.filter(pk=job.pk, state=ImportState.UNDOING).update(seen_at=now):
            return False
        people = list(ImportedPerson.objects.filter(imported_in=job).order_by("pk")[:BATCH])
        if not people:
            return False
        # Locked before it is asked whether they are used, so that no ticket comes in between.
        ids = [person.contact_id for person in people if person.was_created]
        list(Contact.objects.select_for_update().filter(pk__in=ids).order_by("pk").values_list("pk", flat=True))
        of_batch = ImportedPerson.objects.filter(pk__in=[person.pk for person in people])
        links = [link for person in people for link in person.links]
        unused = list(of_batch.filter(was_created=True).exclude(_in_use(job)).values_list("contact_id", flat=True))
        untagged = Links.objects.filter(pk__in=links).delete()[0]
        of_batch.delete()
        Contact.objects.filter(pk__in=unused).delete()
        Import.objects.filter(pk=job.pk).update(
            removed=F("removed") + len(unused),
            kept=F("kept") + len(ids) - len(unused),
            untagged=F("untagged") + untagged,
        )
    return True


def _in_use(job: Import) -> Q:
    """Anything points to the person, an edit or another tag came since, or another list brought them too."""
    pointed_at = [
        Exists(relation.related_model.objects.filter(**{relation.field.name: OuterRef("contact")}))
        for relation in _relations()
    ]
    other_lists = ImportedPerson.objects.filter(contact=OuterRef("contact")).exclude(imported_in=job)
    tags = Links.objects.filter(contact_id=OuterRef("contact_id")).order_by().values("contact_id")
    more_tags = Coalesce(Subquery(tags.values_list(Count("pk"))), 0)
    edited = ~Q(contact__updated_at=F("left_at"))
    return reduce(or_, (Q(one) for one in [*pointed_at, Exists(other_lists)]), edited | Q(given__lt=more_tags))


def _relations() -> list[Any]:
    """From every table that has a column for a contact, those of other apps too; not our own notes and the tags."""
    ours = {ImportedPerson, Links}
    return [
        field
        for field in Contact._meta.get_fields(include_hidden=True)
        if field.auto_created and not field.concrete and field.related_model not in ours
    ]
