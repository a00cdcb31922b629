"""The form of an event: hours in the event's own zone, a checked message, a checked picture."""

from collections.abc import Callable
from datetime import datetime, tzinfo
from itertools import count
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.module_loading import import_string
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tickets.forms.fields import PictureInput, WallTimeField
from tickets.forms.ticket_data import PinForm
from tickets.images import reencode
from tickets.models import Event
from tickets.walltimes import NoSuchHour, comes_twice, moment_at, wall_time
from tickets.zones import ZoneChoices

WALL_TIMES = ("starts_at", "ends_at", "doors_open_at")
LONGEST_WAIT = 24 * 14  # hours after which nobody waits for a message any more


class EventForm(PinForm):
    starts_at = WallTimeField(label=gettext_lazy("starts"))
    ends_at = WallTimeField(label=gettext_lazy("ends"))
    doors_open_at = WallTimeField(label=gettext_lazy("doors open"), required=False)
    second_channel_hours = forms.IntegerField(
        label=gettext_lazy("second channel after (hours)"),
        required=False,
        min_value=1,
        max_value=LONGEST_WAIT,
        help_text=Event._meta.get_field("second_channel_hours").help_text,
    )

    class Meta:
        model = Event
        fields = "__all__"  # the admin's fieldsets choose
        widgets = {"image": PictureInput}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.notes: list[str] = []  # what the person should know after saving
        self._show_wall_times()
        if "slug" in self.fields:
            self.fields["slug"].required = False
        if "timezone" in self.fields:
            self.fields["timezone"].show_hidden_initial = False  # on for changing defaults; the row says what was
            self.fields["timezone"].choices = ZoneChoices(str(self.instance.timezone))  # type: ignore[attr-defined]
        if "image" in self.fields and self.instance.pk:
            self.fields["image"].widget.address = reverse("admin:tickets_event_picture", args=[self.instance.pk])

    def _show_wall_times(self) -> None:
        zone = self.instance.timezone
        sentence = _("Local time of the event, in the time zone chosen here (now %(zone)s).") % {"zone": zone}
        for name in WALL_TIMES:
            moment = getattr(self.instance, name)
            if self.instance.pk and moment:
                self.initial[name] = wall_time(moment, zone).replace(second=0, microsecond=0)
            if name in self.fields:
                self.fields[name].help_text = sentence
        if "doors_open_at" in self.fields:
            self.fields["doors_open_at"].help_text = Event._meta.get_field("doors_open_at").help_text

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        zone = cleaned.get("timezone") or self.instance.timezone  # a wrong zone has its own error; no second one here
        for name in WALL_TIMES:
            wall = cleaned.get(name)
            if wall is not None:
                del cleaned[name]
                self._clean_moment(name, wall, zone)
        return cleaned

    def _clean_moment(self, name: str, wall: datetime, zone: tzinfo) -> None:
        try:
            self.cleaned_data[name] = moment_at(wall, zone)
        except NoSuchHour as error:
            self.add_error(name, ValidationError(no_such_hour(error, zone), code="no_such_hour"))
            return
        if comes_twice(wall, zone):
            self.notes.append(
                _("The clocks are put back then, so %(hour)s comes twice. The first of the two was taken.")
                % {"hour": date_format(wall, "DATETIME_FORMAT")}
            )

    def clean_slug(self) -> str:
        """Nobody has to think of one: it follows from the name."""
        return self.cleaned_data["slug"] or _free_slug(self.cleaned_data.get("name", ""))

    def clean_ticket_text(self) -> str:
        return self._checked("ticket_text")

    def clean_email_subject(self) -> str:
        return self._checked("email_subject")

    def clean_email_text(self) -> str:
        return self._checked("email_text")

    def _checked(self, name: str) -> str:
        """Broken or unknown placeholders are refused. The rules belong to the campaigns, which we do not know."""
        text: str = self.cleaned_data[name]
        check: Callable[[str, int | None], None] = import_string(settings.TICKET_TEXT_CHECK)
        check(text, self.instance.pk)
        return text

    def clean_image(self) -> Any:
        """What arrives is drawn anew, so that nothing but a picture is ever stored or sent."""
        image = self.cleaned_data["image"]
        return reencode(image) if isinstance(image, UploadedFile) else image


def no_such_hour(error: NoSuchHour, zone: tzinfo) -> str:
    return _(
        "%(hour)s does not exist in %(zone)s: the clocks jump ahead there. Choose a time from %(after)s on, or an "
        "earlier one."
    ) % {
        "hour": date_format(error.wall, "DATETIME_FORMAT"),
        "zone": zone,
        "after": date_format(error.after, "TIME_FORMAT"),
    }


def _free_slug(name: str) -> str:
    stem = slugify(name)[:50] or "evento"
    taken = set(Event.objects.filter(slug__startswith=stem).values_list("slug", flat=True))
    return next(slug for number in count(1) if (slug := stem if number == 1 else f"{stem}-{number}") not in taken)
