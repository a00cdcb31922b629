"""The forms of campaigns: the message of a draft, and what is decided at its launch."""

import secrets
from collections.abc import Collection
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile
from django.db.models.fields.files import FieldFile
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns.audience_choice import ids_of
from campaigns.audience_form import AudienceForm
from campaigns.drafts import draft_version
from campaigns.enums import CampaignKind, Channels
from campaigns.models import Campaign
from campaigns.own_data import known_attributes, known_ticket_attributes
from campaigns.placeholders import known_names
from campaigns.template_checks import Carried, missing_media
from campaigns.template_form import CHOICE, TemplateFormPart
from campaigns.text_messages import check_text
from campaigns.trials import address_of
from campaigns.views.plan import Options
from tickets.forms.event import no_such_hour
from tickets.forms.fields import PictureInput, WallTimeField
from tickets.images import reencode
from tickets.walltimes import NoSuchHour, moment_at, wall_time
from tickets.zones import ZoneChoices

TEXTS = ("body", "email_body", "subject")
LONGEST_ADDRESS = 254


class OptionsForm(forms.Form):
    """Only shown, never validated: what arrives is read by `Options.of`."""

    channels = forms.ChoiceField(
        label=gettext_lazy("How it is sent"), choices=Channels.choices, widget=forms.RadioSelect
    )
    again = forms.BooleanField(
        label=gettext_lazy("Also to people who were sent their ticket before"),
        required=False,
        help_text=gettext_lazy("Off: nobody gets the same ticket twice."),
    )

    def __init__(self, options: Options, *, kind: str) -> None:
        super().__init__(initial={"channels": options.channels, "again": options.again}, auto_id="p-%s")
        if kind != CampaignKind.TICKETS:
            del self.fields["again"]


class LinkField(forms.URLField):
    """“example.org/programa” is what people type, and https is what they mean."""

    def __init__(self, **options: Any) -> None:
        super().__init__(assume_scheme="https", **options)


class CampaignForm(TemplateFormPart, AudienceForm):
    """A draft. Everything that the run writes is out of its reach."""

    link = forms.URLField(label=gettext_lazy("link"), required=False, assume_scheme="https")
    not_after = WallTimeField(label=gettext_lazy("not later than"), required=False)
    seen = forms.CharField(required=False, widget=forms.HiddenInput)
    form_key = forms.CharField(required=False, max_length=32, widget=forms.HiddenInput)
    test_to = forms.CharField(
        label=gettext_lazy("To which number or e-mail address"), required=False, max_length=LONGEST_ADDRESS
    )

    class Meta:
        model = Campaign
        fields = "__all__"  # the admin's fieldsets choose
        field_classes = {"link": LinkField}
        widgets = {
            "channels": forms.RadioSelect,
            "image": PictureInput,
            "body": forms.Textarea(attrs={"rows": 9}),
            "email_body": forms.Textarea(attrs={"rows": 5}),
            "window_from": forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
            "window_to": forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        campaign = self.instance
        self.initial["seen"] = draft_version(campaign) if campaign.pk else ""
        self.initial["form_key"] = secrets.token_hex(12)
        if campaign.not_after:
            self.initial["not_after"] = wall_time(campaign.not_after, campaign.zone).replace(second=0, microsecond=0)
        self._prepare_fields(campaign)
        if "tags" in self.fields:
            self.prepare_audience()
        self.prepare_template(self._with_typed_event())

    def _prepare_fields(self, campaign: Campaign) -> None:
        if "zone" in self.fields:
            self.fields["zone"].choices = ZoneChoices(str(campaign.zone))  # type: ignore[attr-defined]
            self.fields["zone"].show_hidden_initial = False  # on for changing defaults; the row says what was
        if "image" in self.fields and campaign.pk:
            self.fields["image"].widget.address = reverse("admin:campaigns_campaign_picture", args=[campaign.pk])
        if "not_after" in self.fields:
            self.fields["not_after"].help_text = _(
                "What has not left by then is not sent any more. In the time zone chosen here (now %(zone)s). Empty: "
                "until the end of the event, if there is one, also when the event moves."
            ) % {"zone": campaign.zone}
        if "channels" in self.fields:
            self.fields["channels"].required = False  # as it was, where a form does not ask
        if "body" in self.fields:
            self.fields["body"].required = True
        if "event" in self.fields:
            for way in ("add", "change", "view"):  # a message is no place to make events
                setattr(self.fields["event"].widget, f"can_{way}_related", False)

    def _with_typed_event(self) -> Campaign:
        """In memory: what may stand between braces depends on the event that is chosen on the page."""
        event = self.instance.event_id
        if self.is_bound and not self.is_tickets:
            event = next(iter(ids_of(self.data, "event")), None)  # type: ignore[arg-type]
        return Campaign(kind=self.instance.kind, event_id=event, template=self.instance.template)

    @property
    def is_tickets(self) -> bool:
        return str(self.instance.kind) == CampaignKind.TICKETS

    def clean_image(self) -> Any:
        """What arrives is drawn anew, so that nothing but a picture is ever stored or sent."""
        image = self.cleaned_data["image"]
        if not isinstance(image, UploadedFile):
            return image
        drawn, stored = reencode(image), self.instance.image
        return stored if _is_same(stored, drawn) else drawn  # the same page sent twice brings the same picture twice

    def _post_clean(self) -> None:
        super()._post_clean()  # type: ignore[misc]
        seen = self.cleaned_data.get("seen", "")
        if self.instance.pk and seen != self.initial["seen"] and self._would_change():
            sentence = _("Somebody changed this draft while you were editing. Open the page again and compare.")
            self.add_error("seen", ValidationError(sentence, code="stale"))

    def _would_change(self) -> bool:
        """What somebody else saved meanwhile is not undone unseen; the same page sent twice undoes nothing."""
        before, template = self.instance.audience, self.instance.template
        self.put_audience()
        self.put_template()
        version = draft_version(self.instance)
        self.instance.audience, self.instance.template = before, template
        return version != self.initial["seen"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        self._check_texts(cleaned)
        self._place_hour(cleaned)
        self.find_listed(cleaned)
        if self.is_trial:
            self._check_trial(cleaned)
        return cleaned

    @cached_property
    def changed_data(self) -> list[str]:
        """What the history names."""
        names = [name for name in super().changed_data if name not in ("seen", "form_key", "test_to")]
        return self.changed_of_template(name for name in names if name != "image" or self._has_new_image)

    @property
    def _has_new_image(self) -> bool:
        return getattr(self, "cleaned_data", {}).get("image") != self.initial.get("image")

    @property
    def is_trial(self) -> bool:
        """The button that sends a test was pressed."""
        return "_test" in self.data

    def _check_trial(self, cleaned: dict[str, Any]) -> None:
        try:
            address_of(cleaned.get("test_to") or "")
        except ValidationError as error:
            self.add_error("test_to", error)

    def _check_texts(self, cleaned: dict[str, Any]) -> None:
        """All that is wrong with every text at once, each problem quoted at its field."""
        event = cleaned.get("event") or (self.instance.event if self.is_tickets else None)
        own = known_attributes() | known_ticket_attributes(event.pk if event and self.is_tickets else None)
        known = known_names(has_event=event is not None, has_ticket=self.is_tickets, attributes=own)
        for name in TEXTS:
            if cleaned.get(name):
                self._check_text(name, cleaned[name], known)
        if "subject" in self.fields and not cleaned.get("subject") and cleaned.get("name"):
            self._check_text("name", cleaned["name"], known)  # it stands in for the subject
        self.check_template(known)
        self._check_media(cleaned)

    def _check_media(self, cleaned: dict[str, Any]) -> None:
        choice = self.template.choice
        if choice is None or "image" in self.errors:
            return
        carries = Carried(bool(cleaned.get("image")), bool(cleaned.get("attach_qr")), bool(cleaned.get("attach_pdf")))
        if problem := missing_media(choice.places, carries, is_tickets=self.is_tickets):
            self.add_error(CHOICE, ValidationError(problem, code="media"))

    def _check_text(self, name: str, text: str, known: Collection[str]) -> None:
        try:
            check_text(text, known)
        except ValidationError as error:
            self.add_error(name, error)

    def _place_hour(self, cleaned: dict[str, Any]) -> None:
        wall, zone = cleaned.get("not_after"), cleaned.get("zone") or self.instance.zone
        if wall is None:
            return
        try:
            cleaned["not_after"] = moment_at(wall, zone)
        except NoSuchHour as error:
            self.add_error("not_after", ValidationError(no_such_hour(error, zone), code="no_such_hour"))


def _is_same(stored: FieldFile, drawn: "ContentFile[bytes]") -> bool:
    try:
        if not stored or stored.size != drawn.size:
            return False
        with stored.open("rb") as file:
            is_same: bool = file.read() == drawn.read()
    except OSError:  # the stored one is gone
        return False
    drawn.seek(0)
    return is_same
