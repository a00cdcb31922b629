"""The forms of an import: the file, and what its columns are."""

from typing import Any
from uuid import uuid4

import phonenumbers
from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tickets.countries import COUNTRY_NAMES, country_name
from tickets.importing.faults import FileRefused
from tickets.importing.headers import Column, Field, refuse_unusable
from tickets.importing.lists import MOST_BYTES
from tickets.importing.separators import SEPARATORS
from tickets.importing.summary import encoding_words, field_words, separator_words
from tickets.models import Event, Import, Tag

ENCODINGS = ("utf-8", "utf-8-sig", "cp1252", "latin-1", "utf-16", "utf-16-le", "utf-16-be")
OTHER, LEFT_OUT = "other", "-"
# Of these a list may have several columns; they are put together.
SEVERAL = {Field.NAME, Field.SURNAME, Field.TAGS}


class UploadForm(forms.Form):
    file = forms.FileField(
        label=gettext_lazy("File"),
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,.tsv,.xlsx,.xlsm"}),
        max_length=200,
        error_messages={
            "required": gettext_lazy("Choose the file with your list first."),
            "empty": gettext_lazy("This file is empty."),
        },
    )
    key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)
    # The event from whose page somebody came: only proposed on the next page, and nothing where it is no number.
    event = forms.CharField(widget=forms.HiddenInput, required=False)

    def clean_file(self) -> UploadedFile:
        upload: UploadedFile = self.cleaned_data["file"]
        if (upload.size or 0) > MOST_BYTES:
            raise ValidationError(
                _("This file is larger than %(most)d MB. Split the list into smaller files.")
                % {"most": MOST_BYTES // 1024**2},
                code="too_large",
            )
        return upload


class ColumnsForm(forms.Form):
    """How the file is read, what each column is, and what else everybody in it gets."""

    encoding = forms.ChoiceField(label=gettext_lazy("Encoding"), required=False)
    separator = forms.ChoiceField(label=gettext_lazy("Between the cells there are"), required=False)
    sheet = forms.ChoiceField(label=gettext_lazy("Sheet"), required=False)
    country = forms.ChoiceField(
        label=gettext_lazy("Country of the numbers"),
        help_text=gettext_lazy("Of numbers that are written without + and a country code."),
    )
    tag = forms.CharField(
        label=gettext_lazy("Tag for everybody in this list"),
        required=False,
        max_length=60,
        help_text=gettext_lazy("For example “Gala 2026”. You can write to a tag later. A new one is created."),
    )
    event = forms.ModelChoiceField(
        Event.objects.none(),
        label=gettext_lazy("Issue a ticket to everybody for"),
        required=False,
        empty_label=gettext_lazy("No event"),
        help_text=gettext_lazy("Nobody gets a second ticket. Issuing sends nothing yet."),
    )

    def __init__(self, job: Import, *, may_issue: bool, data: Any = None, proposed: str = "") -> None:
        layout = job.layout
        super().__init__(
            data,
            initial={
                "encoding": layout["encoding"],
                "separator": layout["separator"],
                "sheet": layout["sheet"],
                "country": job.country,
                "tag": job.tag,
                "event": job.event_id or proposed,
            },
        )
        self.job = job
        self._choose_reading(layout)
        self._field("country").choices = country_choices()
        self.fields["tag"].widget.attrs["list"] = "i-tags"
        if may_issue:
            coming = Event.objects.filter(is_active=True, ends_at__gte=timezone.now())
            self.fields["event"].queryset = coming.order_by("starts_at")  # type: ignore[attr-defined]
        else:
            del self.fields["event"]
        for number, column in enumerate(job.columns):
            self.fields[f"column_{number}"] = _column_field(column)

    def _choose_reading(self, layout: dict[str, Any]) -> None:
        if layout["sheet"]:
            self._field("sheet").choices = [(name, name) for name in self.job.sheets]
            del self.fields["encoding"], self.fields["separator"]
            return
        del self.fields["sheet"]
        encodings = dict.fromkeys((layout["encoding"], *ENCODINGS))
        self._field("encoding").choices = [(name, encoding_choice(name)) for name in encodings]
        words = separator_words()
        signs = dict.fromkeys((layout["separator"], *SEPARATORS))
        self._field("separator").choices = [(sign, words.get(sign, sign)) for sign in signs]

    def _field(self, name: str) -> forms.ChoiceField:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        return field

    @property
    def column_rows(self) -> list[dict[str, Any]]:
        """For the page: each column with its first values and the field that says what it is."""
        return [
            {
                "number": number,
                "header": column["header"] or _("Column %(n)d") % {"n": number + 1},
                "values": [row[number] for row in self.job.preview if number < len(row) and row[number]][:3],
                "field": self[f"column_{number}"],
            }
            for number, column in enumerate(self.job.columns)
        ]

    def clean_tag(self) -> str:
        tag = Tag(name=self.cleaned_data["tag"].strip())
        try:
            if tag.name:
                tag.clean_fields()
        except ValidationError as error:
            raise ValidationError(error.messages) from error
        return tag.name

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        columns = self.columns
        for field in set(Field) - SEVERAL:
            if sum(column.field is field for column in columns) > 1:
                raise ValidationError(
                    _("Two columns are “%(field)s”. Choose one of them and leave the other out.")
                    % {"field": field_words()[field]},
                    code="twice",
                )
        try:
            refuse_unusable(columns)
        except FileRefused as refused:
            raise ValidationError(
                _("Say which column is the name, and which one is the WhatsApp number or the e-mail."), code="unusable"
            ) from refused
        return cleaned

    @property
    def columns(self) -> list[Column]:
        """As they were chosen. A column becomes other data under the name that was guessed for it."""
        return [self._column(number, column) for number, column in enumerate(self.job.columns)]

    def _column(self, number: int, column: dict[str, str]) -> Column:
        chosen = self.cleaned_data.get(f"column_{number}", LEFT_OUT)
        if chosen == LEFT_OUT:
            return Column(column["header"])
        if chosen == OTHER:
            return Column(column["header"], key=column["name"])
        return Column(column["header"], field=Field(chosen))


def _column_field(column: dict[str, str]) -> forms.ChoiceField:
    words = field_words()
    choices = [(str(field), word[:1].upper() + word[1:]) for field, word in words.items()]
    choices += [(OTHER, _("Other data: {%(name)s}") % {"name": column["name"]}), (LEFT_OUT, _("Leave it out"))]
    guess = column["field"] or (OTHER if column["key"] else LEFT_OUT)
    return forms.ChoiceField(label=column["header"], choices=choices, initial=guess)


def encoding_choice(name: str) -> str:
    words = {"utf-8": "UTF-8", "utf-8-sig": _("UTF-8 with its mark (Excel)"), "latin-1": "ISO 8859-1"}
    return words.get(name) or encoding_words(name)


def country_choices() -> list[tuple[str, str]]:
    """Where most of the lists come from by name, then all others by their two letters."""
    named = sorted(COUNTRY_NAMES, key=lambda code: str(COUNTRY_NAMES[code]))
    others = sorted(set(phonenumbers.SUPPORTED_REGIONS) - set(COUNTRY_NAMES))
    return [(code, country_name(code)) for code in [*named, *others]]
