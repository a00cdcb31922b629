"""The form of a door access, and the one that asks why an entry is taken back."""

from datetime import datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tickets.checkin import LONGEST_REASON
from tickets.doors import usual_hours
from tickets.forms.event import no_such_hour
from tickets.forms.fields import WallTimeField
from tickets.models import DoorAccess, Event
from tickets.validators import validate_single_line
from tickets.walltimes import NoSuchHour, moment_at, wall_time

HOURS = ("opens_at", "closes_at")


class DoorAccessForm(forms.ModelForm):
    """Hours are those of a clock at the event; left empty, they are the usual ones."""

    opens_at = WallTimeField(
        label=gettext_lazy("from"),
        required=False,
        help_text=gettext_lazy("Local time of the event. Empty: one hour before the doors open."),
    )
    closes_at = WallTimeField(
        label=gettext_lazy("until"),
        required=False,
        help_text=gettext_lazy("Local time of the event. Empty: two hours after its end."),
    )

    class Meta:
        model = DoorAccess
        fields = ("event", "name", "gate", "opens_at", "closes_at", "can_undo")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.moments_before = {name: getattr(self.instance, name) for name in HOURS}
        if self.instance.pk:
            self._show(self.instance.event, [self.instance.opens_at, self.instance.closes_at])
        elif event := self.initial.get("event"):
            self._show(event, list(usual_hours(event)))
        if "name" in self.fields:
            self.fields["name"].help_text = _("Whoever gets the link, for example “Juan, north gate”.")
        if "gate" in self.fields:
            self.fields["gate"].help_text = _("Stands beside each scan. It can be changed on the phone.")

    def _show(self, event: Event, moments: list[datetime]) -> None:
        for name, moment in zip(HOURS, moments, strict=True):
            self.initial[name] = wall_time(moment, event.timezone).replace(second=0, microsecond=0)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        event = cleaned.get("event") or getattr(self.instance, "event", None)
        if event is None:  # it has an error of its own
            return cleaned
        for name, usual in zip(HOURS, usual_hours(event), strict=True):
            self._clean_moment(name, cleaned.get(name), event, usual)
        opens, closes = (self.cleaned_data.get(name) for name in HOURS)
        if opens and closes and closes <= opens:
            self.add_error("closes_at", ValidationError(_("The access would end before it begins. Check both times.")))
        return self.cleaned_data

    def _clean_moment(self, name: str, wall: datetime | None, event: Event, usual: datetime) -> None:
        if name in self.errors:
            return
        try:
            self.cleaned_data[name] = moment_at(wall, event.timezone) if wall else usual
        except NoSuchHour as error:
            self.add_error(name, ValidationError(no_such_hour(error, event.timezone), code="no_such_hour"))


class TakeBackForm(forms.Form):
    reason = forms.CharField(
        label=gettext_lazy("why"),
        max_length=LONGEST_REASON,
        validators=[validate_single_line],
        help_text=gettext_lazy("For example “Scanned by mistake”. It stays on record with your name."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
