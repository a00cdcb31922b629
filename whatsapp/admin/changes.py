"""What a form changed, with the values before and after, for the history."""

from collections.abc import Collection
from datetime import time
from decimal import Decimal
from typing import Any

from django.forms import ModelForm
from django.utils.text import capfirst
from django.utils.translation import gettext as _


def changes_in_words(form: ModelForm, *, secret: Collection[str] = ()) -> str:
    """Of a `secret` field only that it was changed."""
    changed = [name for name in form.changed_data if name in form.cleaned_data]
    return "; ".join(_secret(form, name) if name in secret else _change(form, name) for name in changed)


def _change(form: ModelForm, name: str) -> str:
    return _("%(field)s: %(before)s → %(after)s") % {
        "field": capfirst(str(form.fields[name].label)),
        "before": _value(form.initial.get(name)),
        "after": _value(form.cleaned_data[name]),
    }


def _secret(form: ModelForm, name: str) -> str:
    return _("%(field)s: changed") % {"field": capfirst(str(form.fields[name].label))}


def _value(value: Any) -> str:
    if value in (None, ""):
        return _("nothing")
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    if isinstance(value, time):
        return f"{value:%H:%M}"
    return str(value)
