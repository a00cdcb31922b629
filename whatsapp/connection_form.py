"""The part of a number's form that depends on its gateway: what that asks for, in its words, and how it is stored."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.validators import RegexValidator
from django.utils.translation import gettext as _

from whatsapp.gateways.base import Field, Gateway
from whatsapp.gateways.names import NameField
from whatsapp.models import Sender

COLUMNS = ("base_url", "session_name")
SECRETS = {"new_key": "api_key", "new_webhook_secret": "webhook_secret"}  # what is typed, and where it is kept
OPTION = "option_"


def name_of(field: Field) -> str:
    """Of the form's field: a column, a secret, or an option of its own."""
    return field.name if field.name in COLUMNS or field.name in SECRETS else f"{OPTION}{field.name}"


def names_of(gateway: type[Gateway] | None) -> list[str]:
    """Those that are always in sight."""
    if gateway is None:
        return [*COLUMNS, "new_key"]
    return [name_of(field) for field in gateway.fields if not isinstance(field, NameField)]


def rare_names_of(gateway: type[Gateway] | None) -> list[str]:
    return [name_of(field) for field in _names(gateway)]


def _names(gateway: type[Gateway] | None) -> list[NameField]:
    return [field for field in gateway.fields if isinstance(field, NameField)] if gateway else []


def extra_fields(gateway: type[Gateway] | None) -> dict[str, forms.Field]:
    """The fields that are no column of the number."""
    known = gateway.fields if gateway else ()
    return {name: _made(field) for field in known if (name := name_of(field)) not in (*COLUMNS, "new_key")}


def _made(field: Field) -> forms.Field:
    if field.name in SECRETS:
        return secret_field()
    return forms.CharField(required=field.is_required, initial=field.default, max_length=200, strip=True)


def secret_field() -> forms.CharField:
    """Goes in and never comes out again."""
    widget = forms.PasswordInput(render_value=False, attrs={"autocomplete": "new-password"})
    return forms.CharField(required=False, strip=True, widget=widget)


def fit(form: Any, gateway: type[Gateway]) -> None:
    """Labels, help, rules and values of the gateway's own fields in a form that was just made."""
    for field in gateway.fields:
        shown = form.fields.get(name_of(field))
        if shown is None:
            continue
        shown.label = _(field.label)
        shown.help_text = _(field.help) if field.help else ""
        if field.name in SECRETS:
            _fit_secret(shown, bool(getattr(form.instance, SECRETS[field.name])), is_required=field.is_required)
        else:
            shown.required = shown.widget.is_required = field.is_required
        if field.pattern:
            shown.validators.append(RegexValidator(rf"\A(?:{field.pattern})\Z", _rule(field)))
    _fill(form, gateway)


def _rule(field: Field) -> str:
    if isinstance(field, NameField) and field.rule:
        return _(field.rule)
    return _("This does not look like it should. Copy it once more from the gateway.")


def _fit_secret(shown: forms.Field, is_stored: bool, *, is_required: bool) -> None:
    if is_stored:
        shown.help_text = " ".join([str(shown.help_text), _("One is stored. Leave this empty to keep it.")]).strip()
    shown.required = is_required and not is_stored
    shown.widget.is_required = shown.required


def _fill(form: Any, gateway: type[Gateway]) -> None:
    """What the number has; of another gateway than that, what the new one begins with."""
    is_its_own = form.instance.pk is not None and form.instance.gateway == gateway.name
    for field in gateway.fields:
        name = name_of(field)
        if name.startswith(OPTION):
            form.initial[name] = form.instance.options.get(field.name, "" if is_its_own else field.default)
        elif name in COLUMNS and not is_its_own:
            form.initial[name] = field.default or (gateway.default_url if name == "base_url" else "")


def options_in(cleaned: Mapping[str, Any], gateway: type[Gateway]) -> dict[str, str]:
    """As they are stored: those that were filled in."""
    names = (field.name for field in gateway.fields)
    return {name: value for name in names if (value := cleaned.get(f"{OPTION}{name}"))}


def doubled_in(cleaned: Mapping[str, Any], gateway: type[Gateway]) -> list[str]:
    """Fields of the form in which a name was typed that something else beside it has: one of the two would be lost."""
    meant = {name_of(field): (field.place, cleaned.get(name_of(field)) or field.usual) for field in _names(gateway)}
    times = Counter(meant.values())
    return [name for name, named in meant.items() if times[named] > 1 and cleaned.get(name)]


def is_connection(name: str) -> bool:
    """Whether the form's field says how the gateway is reached."""
    return name in (*COLUMNS, *SECRETS, "gateway", "remove_key") or name.startswith(OPTION)


def unsaved(sender: Sender, cleaned: Mapping[str, Any], gateway: type[Gateway]) -> dict[str, Any]:
    """The connection as it was typed."""
    key = "" if cleaned.get("remove_key") else sender.api_key
    return {
        "base_url": cleaned.get("base_url") or sender.base_url,
        "session_name": cleaned.get("session_name", ""),
        "api_key": cleaned.get("new_key") or key,
        "options": options_in(cleaned, gateway),
    }
