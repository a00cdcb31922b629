"""What was done to a number or to the settings, with the values before and after, announced for the history."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from django.db.models import Model
from django.forms import ModelForm
from django.http import HttpRequest

from whatsapp.connection_form import OPTION
from whatsapp.signals import acted

Values = dict[str, Any]
STORED = "•••"  # stands for a key: that there is one, and nothing of it
SWITCHES = ("is_enabled", "is_draining")
PACE = ("weight", "is_new", "base_delay", "step", "every", "maximum_delay", "daily_cap")


def announce(
    user: Any,
    obj: Model,
    action: str,
    *,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    """`action` is a word of the history. Whoever keeps it listens."""
    acted.send(type(obj), user=user, obj=obj, action=action, before=before, after=after)


def changed_values(form: ModelForm) -> tuple[Values, Values]:
    """Before and after of the fields of the row that a bound, valid form changed. Of a key only that it changed.

    What somebody typed and the row holds already, because somebody else was faster, is no change.
    """
    own = {field.name for field in form.instance._meta.concrete_fields} & form.cleaned_data.keys()
    names = [n for n in form.changed_data if n in own and form.cleaned_data[n] != form.initial.get(n)]
    before = {name: form.initial.get(name) for name in names}
    after = {name: form.cleaned_data[name] for name in names}
    if options := [name for name in form.changed_data if name.startswith(OPTION)]:
        before["options"] = _written(form.initial.get(name) for name in options)
        after["options"] = _written(form.cleaned_data[name] for name in options)
    if form.cleaned_data.get("new_webhook_secret"):
        after["webhook_secret"] = STORED
    if form.cleaned_data.get("new_key"):
        after["api_key"] = STORED
    elif form.cleaned_data.get("remove_key"):
        before["api_key"], after["api_key"] = STORED, ""
    return before, after


def _written(values: Iterable[Any]) -> str:
    return ", ".join(str(value) for value in values if value)


class AnnouncedMixin:
    """In place of Django's log, which only names the fields: what a form changed is announced."""

    def construct_change_message(self, request: HttpRequest, form: Any, formsets: Any, add: bool = False) -> Any:
        return changed_values(form)

    def log_addition(self, request: HttpRequest, obj: Model, message: Any) -> Any:
        announce(request.user, obj, "added")

    def log_change(self, request: HttpRequest, obj: Model, message: Any) -> Any:
        """A form that was saved as it stood changed nothing."""
        before, after = message
        if after:
            announce(request.user, obj, self.action_of(after), before=before, after=after)

    def action_of(self, names: Collection[str]) -> str:
        return "settings"
