"""The form that issues one ticket by hand."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from tickets.enums import TicketStatus
from tickets.models import Ticket


class TicketForm(forms.ModelForm):
    class Meta:
        model = Ticket
        fields = ("event", "holder", "type", "companions")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if all(cleaned.get(name) for name in ("event", "holder", "type")):
            self._refuse_second_ticket(cleaned)
        return cleaned

    def _refuse_second_ticket(self, cleaned: dict[str, Any]) -> None:
        """Said here in a sentence; the constraint stays the judge when two people issue at once."""
        same = {name: cleaned[name] for name in ("event", "holder", "type")}
        ticket = Ticket.objects.filter(**same, status=TicketStatus.VALID).first()
        if ticket:
            sentence = _("%(name)s has a valid ticket of this type for this event already: %(code)s.")
            raise ValidationError(sentence % {"name": cleaned["holder"], "code": ticket.code}, code="issued")
