"""Taking an import back: people that only it brought and that nobody has used since, and the tags that it gave.

What it changed about people who existed before stays: nobody knows any more what stood there.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import reduce
from operator import or_
from typing import Any

from django.db import transaction
from django.db.models import BooleanField, Count, Exists, F, Func, OuterRef, Q

from tickets.enums import ImportState
from tickets.models import Contact, Import, ImportedPerson, NotDuplicate, PhoneAlias, Ticket

BATCH = 500
Use = Callable[[], Q]
_uses: list[Use] = []
Links = Contact.tags.through


def add_use(use: Use) -> None:
    """For what means people without a column that points to them. Called once at start-up.

    `use` gives the rows of ImportedPerson whose contact is in use; it is asked anew for every batch.
    """
    _uses.append(use)


class Among(Func):
    """Is this number in that list, which is kept as JSON?"""

    output_field = BooleanField()

    def as_sql(self, compiler: Any, connection: Any, *args: Any, **context: Any) -> Any:
        (number, numbers), (listed, lists) = map(compiler.compile, self.source_expressions)
        if connection.vendor == "postgresql":
            return f"({listed} @> to_jsonb({number}))", (*lists, *numbers)
        return f"({number} IN (SELECT value FROM json_each({listed})))", (*numbers, *lists)  # noqa: S608  (our columns)


@dataclass(frozen=True)
class UndoPlan:
    """What undoing would do now."""

    removed: int = 0
    kept: int = 0  # created by the import and used or edited since
    with_ticket: int = 0  # of those
    untagged: int = 0
    existed: int = 0  # were there before
    # Which those tags are, each with how often: as many others are another plan.
    tags: tuple[tuple[int, int], ...] = field(default=(), compare=False)

    @property
    def mark(self) -> str:
        """Of what a person saw: they confirm these numbers and tags and no others."""
        numbers = (self.removed, self.kept, self.with_ticket, self.untagged, self.existed)
        return "-".join([*map(str, numbers), *(f"{tag}x{times}" for tag, times in self.tags)])

    @property
    def kept_otherwise(self) -> int:
        return self.kept - self.with_ticket


def undo_plan(job: Import) -> UndoPlan:
    people = ImportedPerson.objects.filter(imported_in=job)
    created = people.filter(was_created=True)
    numbers = people.aggregate(
        created=Count("pk", filter=Q(was_created=True)),
        existed=Count("pk", filter=Q(was_created=False)),
    )
    removed = created.exclude(_in_use(job)).count()
    tags = _tags_given(job)
    return UndoPlan(
        removed=removed,
        kept=numbers["created"] - removed,
        with_ticket=created.filter(Exists(Ticket.objects.filter(holder=OuterRef("contact")))).count(),
        untagged=sum(times for _tag, times in tags),
        existed=numbers["existed"],
        tags=tags,
    )


def _tags_given(job: Import) -> tuple[tuple[int, int], ...]:
    """The tags that people still have from the import, each with how many have it."""
    people = ImportedPerson.objects.filter(imported_in=job, given__gt=0)
    own = people.filter(Among(OuterRef("pk"), F("links")), contact=OuterRef("contact_id"))
    links = Links.objects.filter(Exists(own), contact__in=people.values("contact"))
    return tuple(links.order_by("tag_id").values_list("tag_id").annotate(times=Count("pk")))


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
    """Anything means the person, an edit or another tag came since, or another list brought them too."""
    pointed_at = [
        Exists(relation.related_model.objects.filter(**{relation.field.name: OuterRef("contact")}))
        for relation in _relations()
    ]
    other_lists = ImportedPerson.objects.filter(contact=OuterRef("contact")).exclude(imported_in=job)
    # Which, and not how many: somebody may have put one tag in the place of another.
    tags = Links.objects.filter(contact_id=OuterRef("contact_id"))
    other_tags = tags.exclude(Among(F("pk"), OuterRef("links")))
    edited = ~Q(contact__updated_at=F("left_at"))
    found = [*pointed_at, Exists(other_lists), Exists(other_tags), *(use() for use in _uses)]
    return reduce(or_, (Q(one) for one in found), edited)


def _relations() -> list[Any]:
    """From every table that has a column for a contact, those of other apps too.

    Not our own notes, the tags, what follows from a number, and that two are not one.
    """
    ours = {ImportedPerson, Links, PhoneAlias, NotDuplicate}
    return [
        field
        for field in Contact._meta.get_fields(include_hidden=True)
        if field.auto_created and not field.concrete and field.related_model not in ours
    ]
