"""The forms of a number and of the sending settings."""

from datetime import datetime
from typing import Any, ClassVar
from urllib.parse import urlsplit

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from whatsapp.connection_form import OPTION, SECRETS, doubled_in, fit, is_connection, options_in, secret_field
from whatsapp.connection_trial import Trial
from whatsapp.decimals import shortened
from whatsapp.gateways.base import Gateway
from whatsapp.models import Sender, SendingSettings


class GatewayAddressField(forms.URLField):
    """Gateways mostly run on the same computer, where there is no https."""

    def __init__(self, **options: Any) -> None:
        super().__init__(assume_scheme="http", **options)


class ChosenGateway(forms.HiddenInput):
    """Carries the gateway whose fields the page shows; what the number had is carried beside it."""

    chosen = ""

    def format_value(self, value: Any) -> str:
        return self.chosen


class SenderForm(forms.ModelForm):
    """The keys of the gateway go in and never come out again.

    The page carries what it showed, so that only what somebody typed counts as changed, however long it was open.
    `gateway_class` and `trial` are set on a class of its own for each request (`whatsapp.admin.sender`).
    """

    gateway_class: ClassVar[type[Gateway] | None] = None
    trial: ClassVar[Trial | None] = None

    gateway = forms.CharField(label=gettext_lazy("gateway"), widget=ChosenGateway, required=False)
    new_key = secret_field()
    remove_key = forms.BooleanField(label=gettext_lazy("forget the stored key"), required=False)
    save_anyway = forms.BooleanField(label=gettext_lazy("save it all the same"), required=False)

    class Meta:
        model = Sender
        exclude = ("api_key",)
        field_classes = {"base_url": GatewayAddressField}
        widgets = {"base_url": forms.URLInput}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.has_key = bool(self.instance.api_key)
        if self.instance.pk:
            for name in self.fields.keys() - {*SECRETS, "remove_key", "save_anyway"}:
                self.fields[name].show_hidden_initial = True
        if "gateway" in self.fields:
            self.fields["gateway"].widget.chosen = self.gateway_name
        if "new_key" in self.fields:
            self.fields["new_key"].label = _("key of the gateway")
            self.fields["new_key"].help_text = (
                _("A key is stored. Leave this empty to keep it.")
                if self.has_key
                else _("Empty: the gateway needs none.")
            )
        if self.gateway_class:
            fit(self, self.gateway_class)
        if not self.has_key:
            self.fields.pop("remove_key", None)
        if self.trial is None or not self.trial.is_wrong:
            self.fields.pop("save_anyway", None)

    @property
    def gateway_name(self) -> str:
        if self.gateway_class:
            return self.gateway_class.name
        return self.instance.gateway if self.instance.pk else ""

    @property
    def is_to_be_tried(self) -> bool:
        """Somebody changed how the gateway is reached, and nothing else is wrong with what they typed."""
        return self.is_valid() and any(is_connection(name) for name in self.changed_data)

    def clean_gateway(self) -> str:
        if not self.gateway_name:
            raise ValidationError(_("There is no such gateway. Choose one that is installed."), code="unknown")
        return self.gateway_name

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        for name in doubled_in(cleaned, self.gateway_class) if self.gateway_class else ():
            self.add_error(name, ValidationError(_("Something else is called like this already."), code="doubled"))
        types_or_removes = cleaned.get("new_key") or cleaned.get("remove_key")
        if self.has_key and not types_or_removes and self._has_moved(cleaned.get("base_url", "")):
            # Else whoever may edit an address could have the stored key sent to a computer of their own.
            sentence = _("The address of the gateway is another one now. Type its key again, or forget the stored one.")
            self.add_error("new_key", ValidationError(sentence, code="moved"))
        elif self.trial and self.trial.is_wrong and not cleaned.get("save_anyway"):
            field = self.trial.field if self.trial.field in self.fields else None
            self.add_error(field, ValidationError(self.trial.sentence, code="connection"))
        return cleaned

    def _has_moved(self, address: str) -> bool:
        """Another gateway at the same address would get the key of this one."""
        if self.instance.pk and self.gateway_name != self.instance.gateway:
            return True
        if "base_url" not in self.changed_data:
            return False
        return bool(address) and urlsplit(address)[:2] != urlsplit(self.initial.get("base_url", ""))[:2]

    def save(self, commit: bool = True) -> Any:
        if self.cleaned_data.get("remove_key"):
            self.instance.api_key = ""
        for typed, column in SECRETS.items():
            if self.cleaned_data.get(typed):
                setattr(self.instance, column, self.cleaned_data[typed])
        if self.gateway_class:
            self.instance.options = self._options(self.gateway_class)
        return super().save(commit)

    def _options(self, gateway: type[Gateway]) -> dict[str, str]:
        """What was not typed stays as it is in the row: somebody else may be changing it."""
        typed = options_in(self.cleaned_data, gateway)
        if self.initial.get("gateway") != gateway.name:
            return typed
        changed = {name.removeprefix(OPTION) for name in self.changed_data if name.startswith(OPTION)}
        kept = {name: value for name, value in self.instance.options.items() if name not in changed}
        return kept | {name: value for name, value in typed.items() if name in changed}


class SendingSettingsForm(forms.ModelForm):
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    class Meta:
        model = SendingSettings
        exclude = ()
        widgets = {
            "window_from": forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
            "window_to": forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "window_timezone" in self.fields:
            self.fields["window_timezone"].show_hidden_initial = False  # the row says what was before
        self.initial = shortened(self.initial) | {"seen": version_of(self.instance.updated_at)}

    def clean(self) -> dict[str, Any]:
        """What somebody else saved meanwhile is not undone unseen."""
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("seen", "") != self.initial["seen"]:
            sentence = _("Somebody changed these settings while you were editing. Open the page again and compare.")
            raise ValidationError(sentence, code="stale")
        return cleaned


def version_of(changed_at: datetime | None) -> str:
    return changed_at.isoformat() if changed_at else ""
