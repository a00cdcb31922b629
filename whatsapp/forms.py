"""The forms of a number and of the sending settings."""

from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from whatsapp.decimals import shortened
from whatsapp.models import Sender, SendingSettings
from whatsapp.registry import gateway_choices


class GatewayAddressField(forms.URLField):
    """Gateways mostly run on the same computer, where there is no https."""

    def __init__(self, **options: Any) -> None:
        super().__init__(assume_scheme="http", **options)


class SenderForm(forms.ModelForm):
    """The key of the gateway goes in and never comes out again.

    The page carries what it showed, so that only what somebody typed counts as changed, however long it was open.
    """

    gateway = forms.ChoiceField(
        label=gettext_lazy("gateway"), help_text=gettext_lazy("The program that speaks to WhatsApp for us.")
    )
    new_key = forms.CharField(
        label=gettext_lazy("key of the gateway"),
        required=False,
        strip=True,
        widget=forms.PasswordInput(render_value=False, attrs={"autocomplete": "new-password"}),
    )
    remove_key = forms.BooleanField(label=gettext_lazy("forget the stored key"), required=False)

    class Meta:
        model = Sender
        exclude = ("api_key",)
        field_classes = {"base_url": GatewayAddressField}
        widgets = {"base_url": forms.URLInput}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.has_key = bool(self.instance.api_key)
        if self.instance.pk:
            for name in self.fields.keys() - {"new_key", "remove_key"}:
                self.fields[name].show_hidden_initial = True
        if "gateway" in self.fields:
            self.fields["gateway"].choices = _choices(self.instance.gateway)  # type: ignore[attr-defined]
        if "new_key" in self.fields:
            self.fields["new_key"].help_text = (
                _("A key is stored. Leave this empty to keep it.")
                if self.has_key
                else _("Empty: the gateway needs none.")
            )
        if not self.has_key:
            self.fields.pop("remove_key", None)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        types_or_removes = cleaned.get("new_key") or cleaned.get("remove_key")
        if self.has_key and not types_or_removes and self._has_moved(cleaned.get("base_url", "")):
            # Else whoever may edit an address could have the stored key sent to a computer of their own.
            sentence = _("The address of the gateway is another one now. Type its key again, or forget the stored one.")
            self.add_error("new_key", ValidationError(sentence, code="moved"))
        return cleaned

    def _has_moved(self, address: str) -> bool:
        if "base_url" not in self.changed_data:
            return False
        return bool(address) and urlsplit(address)[:2] != urlsplit(self.initial.get("base_url", ""))[:2]

    def save(self, commit: bool = True) -> Any:
        if self.cleaned_data.get("remove_key"):
            self.instance.api_key = ""
        if self.cleaned_data.get("new_key"):
            self.instance.api_key = self.cleaned_data["new_key"]
        return super().save(commit)


def _choices(current: str) -> list[tuple[str, str]]:
    """A gateway that is not installed any more stays visible, so that saving something else does not change it."""
    known = gateway_choices()
    if current and current not in dict(known):
        known.append((current, _("%(name)s (not installed)") % {"name": current}))
    return known


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
