"""When a campaign is to start: at an hour on the wall, or counted from its event. Works without JavaScript."""

from datetime import UTC, datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from campaigns.enums import ScheduleFrom
from campaigns.models import Campaign
from campaigns.scheduling import MINUTES_PER_DAY, Schedule, schedule_words, schedule_zone, twice_words, why_not
from tickets.forms.event import no_such_hour
from tickets.forms.fields import WallTimeField
from tickets.walltimes import NoSuchHour, moment_at

MOST = 999
AT, EVENT = "at", "event"
UNITS = {"days": MINUTES_PER_DAY, "hours": 60, "minutes": 1}
SIDES = {
    "before_start": (ScheduleFrom.EVENT_START, -1),
    "after_start": (ScheduleFrom.EVENT_START, 1),
    "before_end": (ScheduleFrom.EVENT_END, -1),
    "after_end": (ScheduleFrom.EVENT_END, 1),
}


class ScheduleForm(forms.Form):
    """What is counted, and an hour that comes twice, is shown as a moment before it is planned: `moment` was seen."""

    how = forms.ChoiceField(choices=[(AT, AT), (EVENT, EVENT)], required=False)
    at = WallTimeField(required=False)
    number = forms.IntegerField(label=gettext_lazy("how many"), required=False, min_value=0, max_value=MOST, initial=1)
    unit = forms.ChoiceField(
        label=gettext_lazy("of what"),
        required=False,
        choices=[
            ("days", pgettext_lazy("unit", "days")),
            ("hours", pgettext_lazy("unit", "hours")),
            ("minutes", pgettext_lazy("unit", "minutes")),
        ],
    )
    side = forms.ChoiceField(
        label=gettext_lazy("counted from"),
        required=False,
        choices=[
            ("before_start", gettext_lazy("before the beginning of the event")),
            ("after_start", gettext_lazy("after the beginning of the event")),
            ("before_end", gettext_lazy("before the end of the event")),
            ("after_end", gettext_lazy("after the end of the event")),
        ],
    )
    moment = forms.CharField(required=False)

    def __init__(self, data: Any = None, *, campaign: Campaign, now: datetime) -> None:
        super().__init__(data, auto_id="c-%s", initial={"how": AT})
        self.campaign, self.now = campaign, now
        self.schedule: Schedule | None = None

    @property
    def is_counted(self) -> bool:
        """Which of the two is chosen at the moment."""
        return self.has_event and self["how"].value() == EVENT

    @property
    def has_event(self) -> bool:
        return self.campaign.event is not None

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if self.errors:
            return cleaned
        schedule = self._counted(cleaned) if self.has_event and cleaned["how"] == EVENT else self._at(cleaned)
        if problem := why_not(self.campaign, schedule, now=self.now):
            raise ValidationError(problem)
        self.schedule = schedule
        return cleaned

    def _at(self, cleaned: dict[str, Any]) -> Schedule:
        wall = cleaned["at"]
        if wall is None:
            raise ValidationError(_("Give a date and a time."))
        try:
            return Schedule(moment_at(wall, self.campaign.zone).astimezone(UTC))
        except NoSuchHour as error:
            raise ValidationError(no_such_hour(error, self.campaign.zone)) from error

    def _counted(self, cleaned: dict[str, Any]) -> Schedule:
        assert self.campaign.event is not None
        if cleaned["number"] is None:
            raise ValidationError(_("Write how many days or hours before or after the event."))
        counted_from, sign = SIDES[cleaned["side"] or "before_start"]
        minutes = sign * cleaned["number"] * UNITS[cleaned["unit"] or "days"]
        return Schedule.counted(self.campaign.event, counted_from, minutes)

    # --- the look before it is planned

    @property
    def twice(self) -> str:
        return twice_words(self.schedule.at, schedule_zone(self.campaign, self.schedule)) if self.schedule else ""

    @property
    def words(self) -> str:
        return schedule_words(self.schedule, self.campaign, now=self.now) if self.schedule else ""

    @property
    def shown_moment(self) -> str:
        return self.schedule.at.isoformat() if self.schedule else ""

    def is_settled(self) -> bool:
        """Valid, and the moment is what somebody typed, or has seen."""
        if not self.is_valid() or self.schedule is None:
            return False
        needs_look = bool(self.schedule.counted_from or self.twice)
        return not needs_look or self.cleaned_data["moment"] == self.shown_moment
