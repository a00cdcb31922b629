"""The forms of one ticket: issuing it by hand, and its data afterwards."""

import hashlib
import json
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tickets.enums import TicketStatus
from tickets.forms.actions import EachField, TypeField
from tickets.forms.suggestions import suggested_types
from tickets.forms.ticket_data import PinForm, TicketDataField
from tickets.issuing import EventFull, limits_of
from tickets.models import Ticket
from tickets.types import UnknownType, resolve_type


class TicketForm(forms.ModelForm):
    type = TypeField()
    each = EachField()
    data_lines = TicketDataField()

    class Meta:
        model = Ticket
        fields = ("event", "holder", "companions")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["type"] = kwargs.get("initial", {}).get("type", "")
        if "type" in self.fields:
            self.fields["type"].widget.suggestions = suggested_types()

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if "type" in cleaned and cleaned.get("event"):
            try:
                cleaned["type"] = resolve_type(cleaned["event"], cleaned["type"])
            except UnknownType as error:
                self.add_error("type", str(error))
        if all(cleaned.get(name) for name in ("event", "holder", "type", "each")):
            self._refuse_more(cleaned)
        return cleaned

    def _refuse_more(self, cleaned: dict[str, Any]) -> None:
        """Said here in a sentence; the constraint stays the judge when two people issue at once."""
        same = {name: cleaned[name] for name in ("event", "holder", "type")}
        held = Ticket.objects.filter(**same, status__in=TicketStatus.held).order_by("number")
        codes = list(held.values_list("code", flat=True))
        if len(codes) < cleaned["each"]:
            self._refuse_too_many(cleaned, cleaned["each"] - len(codes))
            return
        sentence = ngettext(
            "%(name)s has a ticket of this type for this event already: %(codes)s. Write a higher number of tickets "
            "for one more.",
            "%(name)s has %(n)d tickets of this type for this event already: %(codes)s. Write a higher number of "
            "tickets for one more.",
            len(codes),
        )
        facts = {"name": cleaned["holder"], "n": len(codes), "codes": ", ".join(codes)}
        raise ValidationError(sentence % facts, code="issued")

    def _refuse_too_many(self, cleaned: dict[str, Any], missing: int) -> None:
        try:
            for limit in limits_of(cleaned["event"], cleaned["type"]):
                limit.refuse(missing * (cleaned.get("companions") or 0) + missing)
        except EventFull as error:
            raise ValidationError(str(error), code="full") from error


class TicketChangeForm(PinForm):
    """What can be changed on a ticket that was issued. All else is a move, with a page of its own."""

    data_lines = TicketDataField()
    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    class Meta:
        model = Ticket
        fields: tuple[str, ...] = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.update(data_lines=self.instance.attributes, seen=_digest(self.instance))

    def clean(self) -> dict[str, Any]:
        """Part of the transaction of the page: nobody changes the ticket between this look and the writing."""
        cleaned = super().clean()
        ticket = Ticket.objects.select_for_update(no_key=True).get(pk=self.instance.pk)
        if ticket.status not in TicketStatus.held:
            raise ValidationError(_("This ticket is not valid any more, so nothing of it can be changed."))
        if cleaned.get("seen") != _digest(ticket):
            raise ValidationError(
                _(
                    "Somebody changed this ticket after you opened the page, so nothing was saved. Open it again "
                    "and repeat your change."
                )
            )
        return cleaned

    def changes(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """Before and after, by the names of the fields; never the PIN."""
        before, after = {}, {}
        if "data_lines" in self.changed_data:
            before["attributes"] = dict(self.initial["data_lines"])
            after["attributes"] = self.cleaned_data["data_lines"]
        if self.changes_pin:
            after["pin"] = bool(self.cleaned_data.get("new_pin"))
        return before, after

    def written(self) -> dict[str, Any]:
        """The columns to write."""
        columns: dict[str, Any] = {}
        if "data_lines" in self.changed_data:
            columns["attributes"] = self.cleaned_data["data_lines"]
        if self.changes_pin:
            columns["pin"] = self.pin_to_keep()
        return columns


def _digest(ticket: Ticket) -> str:
    """Changes with what this form changes, and tells nothing of it."""
    seen = json.dumps([ticket.pk, ticket.attributes, ticket.pin], sort_keys=True)
    return hashlib.sha256(seen.encode()).hexdigest()[:20]
