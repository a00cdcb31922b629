"""What an action on many rows asks before it starts."""

from django import forms
from django.utils.translation import gettext_lazy as _

from tickets.models import Event, Tag
from tickets.models.ticket import MOST_COMPANIONS


class TagForm(forms.Form):
    tag = forms.ModelChoiceField(Tag.objects.all(), label=_("tag"), empty_label=None)


class IssueForm(forms.Form):
    event = forms.ModelChoiceField(Event.objects.filter(is_active=True), label=_("event"), empty_label=_("Choose one"))
    type = forms.CharField(
        label=_("type"), initial="General", max_length=60, help_text=_("What the ticket is called, for example VIP.")
    )
    companions = forms.IntegerField(
        label=_("companions"),
        initial=0,
        min_value=0,
        max_value=MOST_COMPANIONS,
        help_text=_("How many people each of them may bring along."),
    )
