"""The form of a segment: rules of which all hold together, at least one of them."""

from datetime import date
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.dates import MONTHS
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tickets.models import Event, Segment, Tag
from tickets.segments import TAG_RULES, Holds, Wants, YesNo

MOST_CHIPS = 40  # more tags than these are a list to scroll in
MOST_EVENTS = 100
SINGLE = ("language", "phone", "email", "wants", "holds", "text")


class SegmentForm(forms.ModelForm):
    any_tags = forms.ModelMultipleChoiceField(
        Tag.objects.all(), label=gettext_lazy("with one of these tags"), required=False
    )
    all_tags = forms.ModelMultipleChoiceField(
        Tag.objects.all(), label=gettext_lazy("with all of these tags"), required=False
    )
    no_tags = forms.ModelMultipleChoiceField(
        Tag.objects.all(), label=gettext_lazy("without any of these tags"), required=False
    )
    text = forms.CharField(label=gettext_lazy("name or number contains"), required=False, max_length=100)
    language = forms.ChoiceField(
        label=gettext_lazy("language"), required=False, choices=[("", YesNo.ANY.label), *settings.LANGUAGES]
    )
    phone = forms.ChoiceField(label=gettext_lazy("has a WhatsApp number"), required=False, choices=YesNo.choices)
    email = forms.ChoiceField(label=gettext_lazy("has an e-mail address"), required=False, choices=YesNo.choices)
    wants = forms.ChoiceField(label=gettext_lazy("gets announcements"), required=False, choices=Wants.choices)
    holds = forms.ChoiceField(label=gettext_lazy("tickets"), required=False, choices=Holds.choices)
    event = forms.ModelChoiceField(
        Event.objects.all(), label=gettext_lazy("of the event"), required=False, empty_label=gettext_lazy("any event")
    )
    since = forms.DateField(
        label=gettext_lazy("added since"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    birth_month = forms.TypedChoiceField(
        label=gettext_lazy("birthday in"), required=False, coerce=int, empty_value=None
    )
    datum_name = forms.CharField(
        label=gettext_lazy("other data"),
        required=False,
        max_length=60,
        help_text=gettext_lazy("Its name, as in your list, for example mesa."),
    )
    datum_value = forms.CharField(
        label=gettext_lazy("is"),
        required=False,
        max_length=200,
        help_text=gettext_lazy("Its value, in capitals or not, for example 12."),
    )

    class Meta:
        model = Segment
        fields = ("name",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.rules_before = dict(self.instance.rules)
        for name, value in fields_of(self.instance.rules).items():
            self.initial.setdefault(name, value)
        months: Any = self.fields["birth_month"]
        months.choices = [("", YesNo.ANY.label), *((n, str(name).capitalize()) for n, name in MONTHS.items())]
        self._offer_tags()
        self._offer_events()

    def _offer_tags(self) -> None:
        """Read once for the three lists."""
        tags = list(Tag.objects.values_list("pk", "name"))
        for name in TAG_RULES:
            field: Any = self.fields[name]
            many = len(tags) > MOST_CHIPS
            field.widget = forms.SelectMultiple(attrs={"size": 6}) if many else forms.CheckboxSelectMultiple()
            field.widget.is_required = False
            field.choices = tags

    def _offer_events(self) -> None:
        field: Any = self.fields["event"]
        rows = list(Event.objects.order_by("-starts_at", "-pk").values_list("pk", "name")[:MOST_EVENTS])
        chosen = self.instance.rules.get("event")
        if chosen and chosen not in {pk for pk, _name in rows}:
            rows += Event.objects.filter(pk=chosen).values_list("pk", "name")
        field.choices = [("", field.empty_label), *rows]

    def clean_since(self) -> date | None:
        since: date | None = self.cleaned_data["since"]
        if since and since > timezone.localdate():
            raise ValidationError(_("This day has not come yet."), code="future")
        return since

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if bool(cleaned.get("datum_name")) != bool(cleaned.get("datum_value")):
            missing = "datum_value" if cleaned.get("datum_name") else "datum_name"
            self.add_error(missing, _("Give both: the name and the value."))
        if cleaned.get("event") and not cleaned.get("holds") and "holds" not in self.errors:
            self.add_error("holds", _("Say what people have, or have not, of this event."))
        rules = rules_of(cleaned)
        if not rules and not self.errors.keys() - {"name"}:
            raise ValidationError(_("Choose at least one rule. For everybody you need no segment."), code="no_rules")
        self.instance.rules = rules
        return cleaned


def rules_of(cleaned: dict[str, Any]) -> dict[str, Any]:
    """As they are stored: only what was chosen, as plain values."""
    rules: dict[str, Any] = {name: [tag.pk for tag in cleaned.get(name) or ()] for name in TAG_RULES}
    rules |= {name: cleaned.get(name) or "" for name in SINGLE}
    rules["event"] = cleaned["event"].pk if cleaned.get("event") else None
    rules["since"] = cleaned["since"].isoformat() if cleaned.get("since") else ""
    rules["birth_month"] = cleaned.get("birth_month")
    if cleaned.get("datum_name") and cleaned.get("datum_value"):
        rules["datum"] = [cleaned["datum_name"], cleaned["datum_value"]]
    return {name: value for name, value in rules.items() if value}


def fields_of(rules: dict[str, Any]) -> dict[str, Any]:
    """The other way round, for the form that changes them."""
    fields = {name: value for name, value in rules.items() if name != "datum"}
    name, value = rules.get("datum") or ("", "")
    fields["since"] = parse_date(rules.get("since", ""))
    return fields | {"datum_name": name, "datum_value": value}
