"""An opt-out, or the end of one, as somebody of the staff writes it down: when, how, and what the person said."""

from datetime import datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tickets.optouts import LONGEST_SOURCE
from tickets.validators import validate_single_line

WAYS = (
    gettext_lazy("Said so in person"),
    gettext_lazy("Said so on the telephone"),
    gettext_lazy("Wrote a WhatsApp message"),
    gettext_lazy("Wrote an e-mail"),
    gettext_lazy("On paper"),
)
MOMENT = "%Y-%m-%dT%H:%M"


class WishForm(forms.Form):
    at = forms.DateTimeField(
        label=gettext_lazy("when"),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format=MOMENT),
    )
    source = forms.CharField(
        label=gettext_lazy("how"),
        max_length=LONGEST_SOURCE,
        validators=[validate_single_line],
        help_text=gettext_lazy("How you know it. Choose one of the suggestions or write it in your own words."),
        widget=forms.TextInput(attrs={"list": "p-ways", "autocomplete": "off"}),
    )
    text = forms.CharField(
        label=gettext_lazy("what the person said"),
        max_length=1000,
        required=False,
        help_text=gettext_lazy("Optional, in their own words. It stays on the page of this person."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, *args: Any, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.now = now
        self.fields["at"].initial = timezone.localtime(now).replace(second=0, microsecond=0)

    def clean_at(self) -> datetime:
        at: datetime = self.cleaned_data["at"]
        if at > self.now:
            raise ValidationError(
                _("That lies in the future. Give the time at which the person said it."), code="future"
            )
        return at


class ConsentForm(WishForm):
    """They want announcements again: on record with what they were asked or said."""

    text = forms.CharField(
        label=gettext_lazy("what the person was asked or said"),
        max_length=1000,
        help_text=gettext_lazy("This is the proof that the person agreed, so write it as exactly as you can."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )
