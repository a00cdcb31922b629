"""The part of a draft's form that says for whom it is, and the list of people that may come with it."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from campaigns.audience_choice import CHOSEN, EVENT, typed_audience
from campaigns.audience_filters import TicketState
from campaigns.enums import CampaignKind
from campaigns.models import Campaign
from campaigns.models.campaign import LISTED
from campaigns.people_lists import Found, find_people, read_file
from tickets.models import Event, Segment, Tag

MOST_EVENTS = 100
MOST_CAMPAIGNS = 30
MOST_CHIPS = 40  # more tags than these are a list to scroll in, which weighs less too
TAG_FIELDS = ("tags", "all_tags", "no_tags")


class AudienceForm(forms.ModelForm):
    scope = forms.ChoiceField(
        label=_("Which tickets"),
        required=False,
        widget=forms.RadioSelect,
        choices=[(EVENT, _("The valid tickets of the event")), (CHOSEN, _("Only the chosen ones"))],
    )
    everybody = forms.BooleanField(label=_("everybody in the list of contacts"), required=False)
    tags = forms.ModelMultipleChoiceField(Tag.objects.all(), label=_("tags"), required=False)
    segments = forms.ModelMultipleChoiceField(
        Segment.objects.all(), label=_("segments"), required=False, widget=forms.CheckboxSelectMultiple
    )
    holders_event = forms.ModelChoiceField(
        Event.objects.all(), label=_("people with a ticket of"), required=False, empty_label=_("no event")
    )
    ticket_state = forms.ChoiceField(label=_("of these tickets"), required=False, choices=TicketState.choices)
    all_tags = forms.ModelMultipleChoiceField(Tag.objects.all(), label=_("only with all of these tags"), required=False)
    no_tags = forms.ModelMultipleChoiceField(Tag.objects.all(), label=_("without any of these tags"), required=False)
    not_reached_by = forms.ModelMultipleChoiceField(
        Campaign.objects.filter(LISTED, launched_at__isnull=False),
        label=_("without the people whom these campaigns reached"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    people_file = forms.FileField(
        label=_("people of a file"),
        required=False,
        help_text=_("A text or CSV file with numbers or e-mail addresses. Whoever is not among the contacts is told."),
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,text/plain,text/csv"}),
    )
    people_text = forms.CharField(
        label=_("or paste numbers and addresses here"), required=False, widget=forms.Textarea(attrs={"rows": 3})
    )

    found: Found | None = None  # the people of a file, or of what was pasted

    def prepare_audience(self) -> None:
        chosen = self.instance.audience
        is_tickets = str(self.instance.kind) == CampaignKind.TICKETS
        holders = chosen.get("holders") or {}
        state = chosen.get("ticket_state", "") if is_tickets else holders.get("state", "")
        self.initial.update(
            {name: chosen.get(name, []) for name in (*TAG_FIELDS, "segments", "not_reached_by")},
            everybody=bool(chosen.get("everybody")),
            scope=EVENT if chosen.get("event_tickets") else CHOSEN,
            holders_event=holders.get("event"),
            ticket_state=state,
        )
        for name in ("everybody", "holders_event") if is_tickets else ("scope",):
            self.fields.pop(name, None)
        self._offer_tags()
        self.fields["segments"].choices = list(Segment.objects.values_list("pk", "name"))  # type: ignore[attr-defined]
        self._offer_campaigns(chosen.get("not_reached_by", []))
        if not is_tickets:
            self._offer_events(holders.get("event"))

    def _offer_tags(self) -> None:
        """Read once for the three lists."""
        tags = list(Tag.objects.values_list("pk", "name"))
        many = len(tags) > MOST_CHIPS
        for name in TAG_FIELDS:
            field: Any = self.fields[name]
            field.widget = forms.SelectMultiple(attrs={"size": 6}) if many else forms.CheckboxSelectMultiple()
            field.widget.is_required = False
            field.choices = tags

    def _offer_campaigns(self, chosen: list[int]) -> None:
        field: Any = self.fields["not_reached_by"]
        known = field.queryset.exclude(pk=self.instance.pk).order_by("-launched_at", "-pk")
        rows = list(known.values_list("pk", "name")[:MOST_CAMPAIGNS])
        missing = set(chosen) - {pk for pk, _name in rows}
        field.choices = [*rows, *(known.filter(pk__in=missing).values_list("pk", "name") if missing else ())]

    def _offer_events(self, chosen: int | None) -> None:
        """The latest of them, and the one that is chosen."""
        field: Any = self.fields["holders_event"]
        rows = list(Event.objects.order_by("-starts_at", "-pk").values_list("pk", "name")[:MOST_EVENTS])
        if chosen and chosen not in {pk for pk, _name in rows}:
            rows += Event.objects.filter(pk=chosen).values_list("pk", "name")
        field.choices = [("", field.empty_label), *rows]

    def clean_people_file(self) -> Any:
        file = self.cleaned_data["people_file"]
        return read_file(file) if file else None

    def find_listed(self, cleaned: dict[str, Any]) -> None:
        """Look for the people of the list. Nothing that was typed is lost when there are none."""
        for name, lines in (
            ("people_file", cleaned.get("people_file")),
            ("people_text", (cleaned.get("people_text") or "").splitlines()),
        ):
            if not lines:
                continue
            try:
                found = find_people(lines, self.instance)
            except ValidationError as error:
                self.add_error(name, error)
            else:
                self.found = found if self.found is None else self.found.and_also(found)

    def put_audience(self) -> None:
        typed, found = self.data, self.found.ids if self.found else ()
        assert isinstance(typed, QueryDict)
        self.instance.audience = typed_audience(typed, self.instance, found=found)
