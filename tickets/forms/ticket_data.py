"""What a ticket has beyond its type: a seat, a table; and the PIN of a page."""

from typing import Any

from django import forms
from django.contrib.auth.hashers import make_password
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tickets.forms.fields import NamedValuesField

MOST_VALUES = 20
LONGEST_VALUE = 200


class TicketDataField(NamedValuesField):
    """One "name: value" on each line, few and short enough to stand on a ticket, with names that a message can use."""

    def __init__(self, **options: Any) -> None:
        words: dict[str, Any] = {
            "label": gettext_lazy("other data"),
            "required": False,
            "help_text": gettext_lazy(
                "A seat, a table: one on each line, as “mesa: 12”. It stands on the ticket, and a message with the "
                "ticket can use it by its name, for example {mesa}."
            ),
            "widget": forms.Textarea(attrs={"rows": 3}),
        }
        super().__init__(**words | options)

    def to_python(self, value: Any) -> Any:
        values = super().to_python(value)
        if len(values) > MOST_VALUES:
            raise ValidationError(_("These are too many: at most %(most)d lines.") % {"most": MOST_VALUES})
        for name, text in values.items():
            self._check(name, text)
        return values

    def _check(self, name: str, text: str) -> None:
        if any(char in "{}|" for char in name) or not any(char.isalpha() for char in name):
            sentence = _("“%(name)s” cannot be a name: use letters, and none of the signs { } |.")
            raise ValidationError(sentence % {"name": name})
        if len(text) > LONGEST_VALUE or not text.isprintable():
            sentence = _("What stands at “%(name)s” is too long: at most %(most)d characters.")
            raise ValidationError(sentence % {"name": name, "most": LONGEST_VALUE})


class PinInput(forms.PasswordInput):
    """Typed and never shown again; not the password of whoever types it."""

    def __init__(self) -> None:
        super().__init__({"autocomplete": "new-password", "inputmode": "numeric", "maxlength": 8})


class PinForm(forms.ModelForm):
    """For a model with a `pin`, of which only the hash is kept. Whoever saves the row asks `pin_to_keep`."""

    new_pin = forms.CharField(
        label=gettext_lazy("PIN"),
        required=False,
        widget=PinInput,
        validators=[RegexValidator(r"^[0-9]{4,8}\Z", gettext_lazy("Write 4 to 8 digits, and nothing else."))],
        help_text=gettext_lazy("4 to 8 digits. Leave it empty to keep what there is."),
    )
    remove_pin = forms.BooleanField(label=gettext_lazy("remove the PIN"), required=False)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("new_pin") and cleaned.get("remove_pin"):
            self.add_error("remove_pin", _("Either write a new PIN or remove it, not both."))
        return cleaned

    @property
    def changes_pin(self) -> bool:
        return bool(self.cleaned_data.get("new_pin") or self.cleaned_data.get("remove_pin"))

    def pin_to_keep(self) -> str:
        """The hash of the new one, nothing, or what there was."""
        if new := self.cleaned_data.get("new_pin"):
            return make_password(new)
        return "" if self.cleaned_data.get("remove_pin") else str(self.instance.pin)
