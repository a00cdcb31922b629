"""Conditions on contacts and tickets that are asked for every row, as EXISTS over an index."""

from collections.abc import Collection
from typing import Any

from django.db import models
from django.db.models import Exists, Func, OuterRef, Q

from tickets.models import Contact


class Aside(Func):
    """A column that SQLite looks at, and not for: the sign in front hides it from the indexes.

    SQLite, which keeps no statistics, would look for it first, and walk through all rows of a state for each person.
    """

    template = "%(expressions)s"

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(compiler, connection, template="+%(expressions)s", **context)


STATE = Aside("status", output_field=models.CharField())


def has_any_tag(tags: Collection[int], person: str = "pk") -> Q:
    """`person` names the column with the id of a contact."""
    return Q(Exists(Contact.tags.through.objects.filter(contact=OuterRef(person), tag__in=tags)))
