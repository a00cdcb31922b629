"""From the rows that somebody ticked in a list to the contacts that are meant: tags and segments stand for theirs."""

from collections.abc import Callable
from typing import Any

from django.db.models import Model, QuerySet

from tickets.models import Contact, Tag

_FUNCTIONS: dict[type[Model], Callable[[QuerySet[Any]], QuerySet[Contact]]] = {}


def register_holders(model: type[Model], function: Callable[[QuerySet[Any]], QuerySet[Contact]]) -> None:
    """Say who is meant by rows of `model`. Called once for each model, at start-up.

    `function` gets a queryset of `model`, in any order and perhaps of all its rows, and returns a queryset of contacts
    in which everybody is once. It is asked again for each page and each step, so it reads nothing by itself.
    """
    _FUNCTIONS[model] = function


def holders_of(chosen: QuerySet[Any]) -> QuerySet[Contact]:
    """Raises LookupError for a model that nobody registered."""
    try:
        function = _FUNCTIONS[chosen.model]
    except KeyError:
        raise LookupError(f"nobody said which contacts a {chosen.model.__name__} stands for") from None
    return function(chosen)


def _themselves(contacts: QuerySet[Contact]) -> QuerySet[Contact]:
    return Contact.objects.filter(pk__in=contacts.order_by().values("pk"))


def _with_any_tag(tags: QuerySet[Tag]) -> QuerySet[Contact]:
    tagged = Contact.objects.filter(tags__in=tags.order_by().values("pk"))
    return Contact.objects.filter(pk__in=tagged.values("pk"))


register_holders(Contact, _themselves)
register_holders(Tag, _with_any_tag)
