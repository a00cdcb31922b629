"""The form of the birthday greeting: its texts are checked like those of a campaign."""

from collections.abc import Collection
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from campaigns.enums import CampaignKind, Channels, Origin
from campaigns.models import BirthdayGreeting, Campaign
from campaigns.own_data import known_attributes
from campaigns.placeholders import known_names
from campaigns.template_form import TemplateFormPart
from campaigns.text_messages import check_text
from tickets.zones import ZoneChoices


def known_in_greetings() -> frozenset[str]:
    """What may stand between braces: a greeting has no event and no ticket."""
    return known_names(has_event=False, has_ticket=False, attributes=known_attributes())


def campaign_of(greeting: BirthdayGreeting) -> Campaign:
    """In memory only: the announcement that would be made."""
    return Campaign(
        kind=CampaignKind.ANNOUNCEMENT,
        origin=Origin.BIRTHDAY,
        channels=greeting.channels,
        body=greeting.body,
        subject=greeting.subject,
        template=greeting.template,
    )


class BirthdayForm(TemplateFormPart):
    class Meta:
        model = BirthdayGreeting
        fields = ("is_enabled", "channels", "body", "subject", "hour", "zone", "tag")
        widgets = {
            "channels": forms.RadioSelect,
            "body": forms.Textarea(attrs={"rows": 7}),
            "hour": forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "zone" in self.fields:
            self.fields["zone"].choices = ZoneChoices(str(self.instance.zone))  # type: ignore[attr-defined]
            for name in ("zone", "hour", "body", "subject", "channels"):  # their defaults are no values of somebody
                self.fields[name].show_hidden_initial = False
        if "tag" in self.fields:
            for way in ("add", "change", "delete", "view"):  # a greeting is no place to make tags
                setattr(self.fields["tag"].widget, f"can_{way}_related", False)
        self.prepare_template(campaign_of(self.instance))

    @cached_property
    def changed_data(self) -> list[str]:
        return self.changed_of_template(super().changed_data)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        known = known_in_greetings()
        for name in ("body", "subject"):
            if cleaned.get(name):
                self._check_text(name, cleaned[name], known)
        self.check_template(known)
        if cleaned.get("channels") != Channels.WHATSAPP and "subject" in cleaned and not cleaned["subject"]:
            sentence = _("An e-mail needs a subject. Write one, or send the greeting by WhatsApp only.")
            self.add_error("subject", ValidationError(sentence, code="required"))
        return cleaned

    def _check_text(self, name: str, text: str, known: Collection[str]) -> None:
        try:
            check_text(text, known)
        except ValidationError as error:
            self.add_error(name, error)
