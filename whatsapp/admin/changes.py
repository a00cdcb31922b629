"""What a form changed, with the values before and after, for the history."""

from datetime import time
from decimal import Decimal
from typing import Any

from django.forms import ModelForm
from django.utils.text import capfirst
from django.utils.translation import gettext as _


def changes_in_words(form: ModelForm) -> str:
    changed = [name for name in form.changed_data if name in form.cleaned_data]
    return "; ".join(
        _("%(field)s: %(before)s → %(after)s")
        % {
            "field": capfirst(str(form.fields[name].label)),
            "before": _value(form.initial.get(name)),
            "after": _value(form.cleaned_data[name]),
        }
        for name in changed
    )


def _value(value: Any) -> str:
    if value in (None, ""):
        return _("nothing")
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    if isinstance(value, time):
        return f"{value:%H:%M}"
    return str(value)
