"""Writing down what was done: by whom, to what, with the values before and after.

What it says is made into a sentence when somebody reads it (`tickets.history_words`), in their language. Never a
secret: names that sound like one lose their value, and addresses lose their passwords and keys.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime, time
from decimal import Decimal
from enum import Enum
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db.models import Model, QuerySet
from django.utils import timezone
from django.utils.functional import Promise

from tickets.models import DoorAccess, HistoryEntry

HIDDEN = "•••"
LONGEST_NAME = 200
LONGEST_ACTOR = 150
# In place of a user: the contact, on a page of their own. With brackets, which no name of a user has.
THE_PERSON = "(the person)"

_SECRET_NAME = re.compile(r"key|password|passwd|secret|token|credential|clave|contraseña", re.IGNORECASE)
_LOGIN_IN_URL = re.compile(r"(?<=://)[^/\s@]+@")
# The name is looked through once and not again for each place where it could be cut: texts can be long.
_SECRET_IN_URL = re.compile(
    r"([?&](?=[^=&?\s]*?(?:key|token|secret|pass|auth))[^=&?\s]*+=)[^&\s]+|(\bbearer\s+)\S+", re.IGNORECASE
)


def record(
    user: Any,
    obj: Model | type[Model] | None,
    action: str,
    *,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    sentence: str | Promise = "",
    now: datetime | None = None,
) -> HistoryEntry:
    """One line of history. Part of the caller's transaction: what is rolled back was not done.

    `user`: whoever did it; a door access; the name of a management command; THE_PERSON; None for what the system does
    by itself.
    `obj`: the row, its class when it is about a whole list, or None.
    `action`: one of `tickets.enums.Action`, or another short word.
    `before`, `after`: values by the name of a field, or by one of the words in `history_words.FACTS`. What both have in
    common is left out.
    `sentence`: only for what a person wrote, such as a reason. It is not translated.
    """
    return HistoryEntry.objects.create(
        **_fields(user, obj, action, before or {}, after or {}, sentence, now or timezone.now())
    )


def record_each(
    user: Any,
    rows: Iterable[Model],
    action: str,
    *,
    after: Mapping[Any, Mapping[str, Any]] | None = None,
    sentence: str = "",
) -> None:
    """The same line for each of many rows, at the same moment; `after` is by the number of the row."""
    now, known = timezone.now(), after or {}
    HistoryEntry.objects.bulk_create(
        HistoryEntry(**_fields(user, row, action, {}, known.get(row.pk, {}), sentence, now)) for row in rows
    )


def _fields(
    user: Any,
    obj: Model | type[Model] | None,
    action: str,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    sentence: str | Promise,
    at: datetime,
) -> dict[str, Any]:
    name, account = _actor(user)
    kept_before, kept_after = _differences(before, after)
    row = obj if isinstance(obj, Model) else None
    return {
        "at": at,
        "user_id": account,
        "actor": name,
        "action": str(action)[:30],
        "content_type": ContentType.objects.get_for_model(obj) if obj is not None else None,
        "object_id": str(row.pk) if row is not None else "",
        "object_name": without_secrets(str(row))[:LONGEST_NAME] if row is not None else "",
        "before": kept_before,
        "after": kept_after,
        "sentence": without_secrets(str(sentence)),
    }


def entries_of(obj: Model) -> QuerySet[HistoryEntry]:
    """The history of one row, the newest first."""
    return entries_of_numbers(type(obj), [obj.pk])


def entries_of_numbers(model: type[Model], numbers: Iterable[Any]) -> QuerySet[HistoryEntry]:
    """The same for several rows, which need not exist any more."""
    kind, names = ContentType.objects.get_for_model(model), [str(number) for number in numbers]
    chosen = {"object_id": names[0]} if len(names) == 1 else {"object_id__in": names}
    return HistoryEntry.objects.filter(content_type=kind, **chosen).order_by("-at", "-pk")


def changed_values(form: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """Before and after of what a bound, valid model form changed."""
    names = [name for name in form.changed_data if name in form.cleaned_data]
    return (
        {name: form.initial.get(name) for name in names},
        {name: form.cleaned_data[name] for name in names},
    )


def without_secrets(text: str) -> str:
    text = _LOGIN_IN_URL.sub(f"{HIDDEN}@", text)
    return _SECRET_IN_URL.sub(lambda found: f"{found[1] or found[2]}{HIDDEN}", text)


def _actor(user: Any) -> tuple[str, Any]:
    if user == THE_PERSON:
        return THE_PERSON, None
    if isinstance(user, str):
        return f"manage.py {user}"[:LONGEST_ACTOR], None
    if isinstance(user, DoorAccess):
        return user.name[:LONGEST_ACTOR], None
    if user is None or user.pk is None:
        return "", None
    return user.get_username()[:LONGEST_ACTOR], user.pk


def _differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    was, became = ({name: _plain(value) for name, value in side.items()} for side in (before, after))
    same = {name for name in was if name in became and was[name] == became[name]}
    return tuple(  # type: ignore[return-value]
        {name: _kept(name, value) for name, value in side.items() if name not in same} for side in (was, became)
    )


def _kept(name: str, value: Any) -> Any:
    """That a secret changed is worth knowing; what it is, is not."""
    return HIDDEN if value not in ("", None) and _SECRET_NAME.search(name) else value


def _plain(value: Any) -> Any:
    """As JSON holds it: moments in ISO 8601 with their zone, rows by their name."""
    match value:
        case None | bool() | int() | float():
            return value
        case Enum():
            return value.value
        case Decimal():
            return f"{value.normalize():f}"
        case datetime() | date():
            return value.isoformat()
        case time():
            return value.isoformat("seconds" if value.second else "minutes")
        case Mapping():
            return {str(name): _kept(str(name), _plain(one)) for name, one in value.items()}
        case QuerySet() | list() | tuple() | set() | frozenset():
            return [_plain(one) for one in value]
        case _:
            return without_secrets(str(value))
