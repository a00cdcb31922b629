"""Fields that speak the language of whoever fills them in."""

from typing import Any, NamedTuple

from django import forms
from django.core.exceptions import ValidationError
from django.db.models.fields.files import FieldFile
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tickets.birth_dates import BadBirthday, read_birthday
from tickets.importing.cells import without_controls
from tickets.models.contact import LONGEST_VALUE

LONGEST_NAME = 60


class WallTimeInput(forms.DateTimeInput):
    """The browser's own date and time picker, which phones do well."""

    input_type = "datetime-local"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs=attrs, format="%Y-%m-%dT%H:%M")


class WallTimeField(forms.DateTimeField):
    """A time without a zone: the form that owns the field knows in which zone it is meant."""

    widget = WallTimeInput
    default_error_messages = {
        "invalid": gettext_lazy("Write a date and a time, for example 2026-12-31 20:00."),
        "required": gettext_lazy("Give a date and a time."),
    }

    def to_python(self, value: Any) -> Any:
        if value in self.empty_values or not isinstance(value, str):
            return value or None
        try:
            parsed = parse_datetime(value.strip())
        except ValueError:
            parsed = None
        if parsed is None:
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return parsed.replace(tzinfo=None, second=0, microsecond=0)


class SavedPicture(NamedTuple):
    """What the file widget shows of the picture that is there."""

    url: str
    name: str

    def __str__(self) -> str:
        return self.name


class PictureInput(forms.ClearableFileInput):
    """A file field whose link goes through a view that checks who asks: uploads have no address of their own."""

    address = ""

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({"accept": "image/*"} | (attrs or {}))

    def is_initial(self, value: Any) -> bool:
        return isinstance(value, FieldFile) and bool(value) and bool(self.address)

    def format_value(self, value: Any) -> Any:
        return SavedPicture(self.address, _("the picture of now")) if self.is_initial(value) else None


class BirthdayField(forms.CharField):
    """Day and month in one field, however it is written; its value is such as “29/02”."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=40, **kwargs)

    def clean(self, value: Any) -> str:
        typed = super().clean(value)
        if not typed:
            return ""
        try:
            return str(read_birthday(typed))
        except BadBirthday as bad:
            sentence = _("There is no day “%(value)s”. The day comes first: 29/02.")
            if not bad.is_date:
                sentence = _("“%(value)s” is no birthday. Write day and month, for example 29/02.")
            raise ValidationError(sentence % {"value": typed}, code="invalid") from bad

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return self.clean(data) != (initial or "")
        except ValidationError:
            return True


class NamedValuesField(forms.CharField):
    """A dictionary, written as one "name: value" on each line."""

    widget = forms.Textarea

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, dict):
            return "\n".join(f"{name}: {text}" for name, text in value.items())
        return value

    def to_python(self, value: Any) -> Any:
        values: dict[str, str] = {}
        for number, line in enumerate((value or "").splitlines(), start=1):
            if line.strip():
                name, text = self._pair(number, line)
                if name in values:
                    raise ValidationError(
                        _("Line %(line)d: “%(name)s” is there twice.") % {"line": number, "name": name}
                    )
                values[name] = text
        return values

    def _pair(self, number: int, line: str) -> tuple[str, str]:
        name, colon, text = line.partition(":")
        # No database keeps a null character, and none of the others is ever meant.
        name, text = (without_controls(part).strip() for part in (name, text))
        if not colon or not name or len(name) > LONGEST_NAME:
            raise ValidationError(_("Line %(line)d: write a name, a colon and the value.") % {"line": number})
        if len(text) > LONGEST_VALUE:
            sentence = _("Line %(line)d: write at most %(most)d characters, there are %(count)d.")
            raise ValidationError(sentence % {"line": number, "most": LONGEST_VALUE, "count": len(text)})
        return name, text

    def validate(self, value: Any) -> None:
        """A dictionary: what there was to check was checked line by line."""

    def run_validators(self, value: Any) -> None:
        """The validators of a text do not fit."""

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return bool(self.to_python(data) != {name: str(text) for name, text in (initial or {}).items()})
        except ValidationError:
            return True
