"""What an action on many rows asks before it starts."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from tickets.forms.suggestions import SuggestInput, suggested_types
from tickets.forms.ticket_data import TicketDataField
from tickets.issuing import LONGEST_TYPE, MOST_EACH
from tickets.models import Event, Tag
from tickets.models.ticket import MOST_COMPANIONS
from tickets.types import GENERAL, UnknownType, resolve_type
from tickets.validators import validate_single_line

LONGEST_REASON = 200


class TagForm(forms.Form):
    tag = forms.ModelChoiceField(Tag.objects.all(), label=_("tag"), empty_label=None)


class TypeField(forms.CharField):
    widget = SuggestInput

    def __init__(self, **options: Any) -> None:
        words: dict[str, Any] = {
            "label": _("type"),
            "required": False,
            "max_length": LONGEST_TYPE,
            "validators": [validate_single_line],
            "help_text": _(
                "What the ticket is called, for example VIP. Empty: the only type of the event, or “General” where it "
                "has none."
            ),
            "widget": SuggestInput({"placeholder": GENERAL}),
        }
        super().__init__(**words | options)


class EachField(forms.IntegerField):
    def __init__(self, **options: Any) -> None:
        words: dict[str, Any] = {
            "label": _("tickets for each person"),
            "required": False,
            "initial": 1,
            "min_value": 1,
            "max_value": MOST_EACH,
            "help_text": _("Whoever has fewer gets the missing ones; whoever has as many gets none."),
        }
        super().__init__(**words | options)

    def clean(self, value: Any) -> int:
        number = super().clean(value)
        return 1 if number is None else int(number)


class IssueForm(forms.Form):
    event = forms.ModelChoiceField(Event.objects.filter(is_active=True), label=_("event"), empty_label=_("Choose one"))
    type = TypeField()
    each = EachField()
    companions = forms.IntegerField(
        label=_("companions"),
        initial=0,
        min_value=0,
        max_value=MOST_COMPANIONS,
        help_text=_("How many people may come along with each ticket."),
    )
    attributes = TicketDataField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["type"].widget.suggestions = suggested_types()

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if "type" in cleaned and cleaned.get("event"):
            try:
                cleaned["type"] = resolve_type(cleaned["event"], cleaned["type"])
            except UnknownType as error:
                self.add_error("type", str(error))
        return cleaned


class OptionalReasonForm(forms.Form):
    reason = forms.CharField(
        label=_("reason"),
        max_length=LONGEST_REASON,
        required=False,
        validators=[validate_single_line],
        help_text=_("Optional. It stands on the page of the ticket and in its history."),
    )


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label=_("reason"),
        max_length=LONGEST_REASON,
        validators=[validate_single_line],
        help_text=_("It stands on the page of the ticket and in its history."),
    )
