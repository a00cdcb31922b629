"""Forms of the admin that write into the history what they changed, with the values before and after."""

from typing import Any

from django.db.models import Model
from django.http import HttpRequest

from tickets.enums import Action
from tickets.history import changed_values, record


class RecordedMixin:
    """In place of Django's log, which only names the fields."""

    def construct_change_message(self, request: HttpRequest, form: Any, formsets: Any, add: bool = False) -> Any:
        return changed_values(form)

    def log_addition(self, request: HttpRequest, obj: Model, message: Any) -> Any:
        return record(request.user, obj, Action.ADDED)

    def log_change(self, request: HttpRequest, obj: Model, message: Any) -> Any:
        before, after = message if isinstance(message, tuple) else ({}, {"reason": message})
        return record(request.user, obj, Action.CHANGED, before=before, after=after) if after else None
