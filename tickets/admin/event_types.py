"""The types of an event's tickets, as rows of its form."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.forms import BaseInlineFormSet
from django.utils.translation import gettext as _

from tickets.models import TicketType
from tickets.types import has_tickets, rename_type


class TypesFormSet(BaseInlineFormSet):
    """A type goes only when no ticket is of it, and with a new name go all tickets of the old one."""

    def clean(self) -> None:
        super().clean()
        kept = [form for form in self.forms if _name(form) and form not in self.deleted_forms]
        sentences = [*map(self._why_not_deleted, self.deleted_forms), *map(self._why_not_renamed, kept)]
        names = [_name(form).casefold() for form in kept]
        if len(set(names)) < len(names):
            sentences.append(_("Two types have the same name. Give each its own."))
        if said := [sentence for sentence in sentences if sentence]:
            raise ValidationError(said)

    def _why_not_deleted(self, form: Any) -> str:
        name = form.initial.get("name", "")
        if not name or not has_tickets(self.instance, name):
            return ""
        return _("There are tickets of the type “%(name)s”, so it cannot be deleted.") % {"name": name}

    def _why_not_renamed(self, form: Any) -> str:
        before, after = form.initial.get("name", ""), _name(form)
        if not before or before == after or not has_tickets(self.instance, after):
            return ""
        sentence = _("There are tickets called “%(after)s” already, so “%(before)s” cannot be called that too.")
        return sentence % {"before": before, "after": after}

    def save_existing(self, form: Any, obj: Any, commit: bool = True) -> Any:
        before = form.initial.get("name", "")
        saved = super().save_existing(form, obj, commit=commit)
        if "name" in form.changed_data:
            rename_type(saved.event, before, saved.name)
        return saved


class TicketTypeInline(admin.TabularInline):
    model = TicketType
    formset = TypesFormSet
    template = "admin/tickets/event/types.html"
    fields = ("name", "capacity")
    extra = 2

    @property
    def media(self) -> forms.Media:
        """Rows without a script."""
        return forms.Media()


def _name(form: Any) -> str:
    return str(getattr(form, "cleaned_data", {}).get("name") or "")
