"""The form of a contact: the number in its one form, other data line by line, and what the person does not want."""

from datetime import datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tickets.accepted_numbers import as_written
from tickets.birth_dates import birthday_of, read_birthday
from tickets.countries import default_country
from tickets.forms.fields import BirthdayField, NamedValuesField
from tickets.importing.cells import has_substance
from tickets.models import Contact
from tickets.phone_messages import bad_phone_sentence, phone_sentence
from tickets.phones import BadPhone, PhoneFault, normalize_phone


class ContactForm(forms.ModelForm):
    attributes = NamedValuesField(
        label=gettext_lazy("other data"),
        required=False,
        help_text=gettext_lazy(
            "One on each line, as “mesa: 12”. Each one can be used in a message by its name, for example {mesa}."
        ),
        widget=forms.Textarea(attrs={"rows": 5}),
    )
    birthday = BirthdayField(
        label=gettext_lazy("birthday"),
        required=False,
        help_text=gettext_lazy("Day and month, for example 29/02. The year is not kept."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "size": 8}),
    )
    accept_number = forms.BooleanField(
        label=gettext_lazy("take this number as it is: I know that it works"),
        required=False,
        widget=forms.HiddenInput,  # shown when there is such a number
    )
    no_whatsapp = forms.BooleanField(
        label=gettext_lazy("wants no announcements over WhatsApp"),
        required=False,
        help_text=gettext_lazy("Tickets still arrive: they are what the person asked for."),
    )
    no_email = forms.BooleanField(label=gettext_lazy("wants no announcements by e-mail"), required=False)

    class Meta:
        model = Contact
        fields = "__all__"  # the admin's fieldsets choose

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.notes: list[str] = []
        self.initial.setdefault("birthday", str(birthday_of(self.instance) or ""))

    def clean_name(self) -> str:
        """As in lists: a sign alone is nobody's name."""
        name: str = self.cleaned_data["name"]
        if not has_substance(name):
            raise ValidationError(_("Write a name with letters, so that people know who this is."), code="no_name")
        return name

    def clean_phone(self) -> str:
        typed = self.cleaned_data["phone"].strip()
        if not typed:
            return ""
        try:
            phone = normalize_phone(typed, default_country())
        except BadPhone as error:
            return self._accepted(typed, error)
        self._refuse_second_owner(phone.e164)
        if phone.warning:
            self.notes.append(phone_sentence(phone.warning, typed))
        return phone.e164

    def _accepted(self, typed: str, error: BadPhone) -> str:
        """A number that somebody vouches for, or has vouched for before. Raises ValidationError."""
        number = as_written(typed)
        may_be_right = bool(number) and error.code in (PhoneFault.INVALID, PhoneFault.TOO_SHORT, PhoneFault.TOO_LONG)
        if may_be_right and (number == self.initial.get("phone") or self._vouches()):
            self._refuse_second_owner(number)
            self.instance.accepted_number = number
            return number
        if may_be_right and "accept_number" in self.fields:
            self.fields["accept_number"].widget = forms.CheckboxInput()
        raise ValidationError(bad_phone_sentence(error), code=error.code) from error

    def _vouches(self) -> bool:
        return "accept_number" in self.fields and self.data.get(self.add_prefix("accept_number")) == "on"

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if "birthday" in cleaned:
            day = read_birthday(cleaned["birthday"]) if cleaned["birthday"] else None
            self.instance.birth_day, self.instance.birth_month = day or (None, None)
        return cleaned

    def _refuse_second_owner(self, e164: str) -> None:
        owner = Contact.objects.filter(phone=e164).exclude(pk=self.instance.pk).first()
        if owner:
            sentence = _("%(number)s is the number of %(name)s already.") % {"number": e164, "name": owner.name}
            raise ValidationError(sentence, code="taken")

    def note_opt_outs(self, *, source: str, now: datetime) -> None:
        """Write down what was ticked for somebody new."""
        for channel in ("whatsapp", "email"):
            if self.cleaned_data.get(f"no_{channel}"):
                setattr(self.instance, f"{channel}_opt_out_at", now)
                setattr(self.instance, f"{channel}_opt_out_source", source)


class ContactChangeForm(ContactForm):
    """Of somebody who is in the list already. What they want is written down on their own page."""

    no_whatsapp = None  # type: ignore[assignment]
    no_email = None  # type: ignore[assignment]
