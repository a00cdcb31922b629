"""The pace of one number, where it differs from the settings."""

import hashlib
from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from whatsapp.decimals import shortened
from whatsapp.models import Sender

PACE_FIELDS = ("base_delay", "step", "every", "maximum_delay", "daily_cap")


class PaceForm(forms.ModelForm):
    """Empty fields follow the settings."""

    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    class Meta:
        model = Sender
        fields = PACE_FIELDS

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.before = {name: getattr(self.instance, name) for name in PACE_FIELDS}
        self.initial = shortened(self.initial) | {"seen": version_of(self.before)}

    def clean(self) -> dict[str, Any]:
        """What somebody else saved meanwhile is not undone unseen."""
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("seen", "") != self.initial["seen"]:
            raise ValidationError(stale_sentence(), code="stale")
        return cleaned

    def save_pace(self) -> bool:
        """One conditional update; False when the row has moved since it was read, and nothing was saved."""
        after = {name: self.cleaned_data[name] for name in PACE_FIELDS}
        return bool(Sender.objects.filter(pk=self.instance.pk, **_as_filter(self.before)).update(**after))


def stale_sentence() -> str:
    return _("Somebody changed the pace of this number while you were editing. Open the page again and compare.")


def version_of(pace: Mapping[str, Any]) -> str:
    """Of the numbers in a form, so that one that was open for long does not overwrite what it has not shown."""
    numbers = [None if pace[name] is None else float(pace[name]) for name in PACE_FIELDS]
    return hashlib.sha256(repr(numbers).encode()).hexdigest()[:16]


def _as_filter(before: Mapping[str, Any]) -> dict[str, Any]:
    return {f"{name}__isnull" if value is None else name: value is None or value for name, value in before.items()}
