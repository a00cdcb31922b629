"""The form of a number is that of its gateway: which one that is, and what was found out about the connection."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from whatsapp.connection_form import COLUMNS, extra_fields, names_of, rare_names_of
from whatsapp.connection_trial import Trial, try_connection
from whatsapp.forms import SenderForm
from whatsapp.gateway_words import words_of
from whatsapp.gateways.base import Gateway
from whatsapp.models import Sender
from whatsapp.registry import gateways

if TYPE_CHECKING:
    from whatsapp.admin.sender import SenderAdmin

CHOOSE = "gateways"  # in the address: show which there are


def chosen_name(request: HttpRequest, sender: Sender | None) -> str:
    """The gateway whose form is shown: what was posted, what a link asked for, or what the number has."""
    wanted = request.POST.get("gateway") or request.GET.get("gateway") or ""
    if wanted in gateways():
        return wanted
    return sender.gateway if sender else ""


def chosen(request: HttpRequest, sender: Sender | None) -> type[Gateway] | None:
    return gateways().get(chosen_name(request, sender))


def form_class(request: HttpRequest, sender: Sender | None, without: Iterable[str]) -> type[SenderForm]:
    """A class for this request: with the fields of the gateway, and what trying the connection has shown."""
    gateway = chosen(request, sender)
    fields: dict[str, Any] = dict.fromkeys(name for name in without if name in SenderForm.declared_fields)
    fields |= extra_fields(gateway)
    return type("SenderForm", (SenderForm,), fields | {"gateway_class": gateway, "trial": trial_of(request)})


def fieldset(request: HttpRequest, sender: Sender | None, *, may_write: bool) -> tuple[Any, dict[str, Any]]:
    """The part of the form about the gateway, in its own order. Who may only look sees no field for a key."""
    names = names_of(chosen(request, sender))
    if not may_write:
        shown = [name for name in names if name in COLUMNS]
        return _("Its gateway"), {"fields": (*shown, "key_stored"), "description": label_of(request, sender)}
    extra = {"new_key": ("new_key", "remove_key")} if sender and sender.api_key else {}
    fields = [part for name in names for part in extra.get(name, (name,))]
    trial = trial_of(request)
    retry = ("save_anyway",) if trial and trial.is_wrong else ()
    return _("Its gateway"), {
        "fields": ("gateway", *fields, *(("asks_first",) if checks_numbers(request, sender) else ()), *retry),
        "description": description(request, sender),
    }


def rare_fieldsets(request: HttpRequest, sender: Sender | None) -> list[tuple[Any, dict[str, Any]]]:
    """Folded away: what hardly anybody needs. None for gateways that ask for no such thing."""
    names = rare_names_of(chosen(request, sender))
    description = _("Only for a service that calls these things otherwise. Leave empty what you do not know.")
    options = {"classes": ("collapse",), "description": description, "fields": tuple(names)}
    return [(_("Names that the gateway reads"), options)] if names else []


def checks_numbers(request: HttpRequest, sender: Sender | None) -> bool:
    gateway = chosen(request, sender)
    return bool(gateway and gateway.capabilities.checks_numbers)


def label_of(request: HttpRequest, sender: Sender | None) -> str:
    gateway = chosen(request, sender)
    return gateway.label if gateway else _("%(name)s (not installed)") % {"name": sender.gateway if sender else ""}


def description(request: HttpRequest, sender: Sender | None) -> SafeString:
    """Which one it is, with the way to another, and what its licence asks to be shown."""
    gateway = chosen(request, sender)
    link = format_html('<a href="?{}=1">{}</a>', CHOOSE, _("Another gateway…"))
    line = format_html("<strong>{}</strong> · {}", label_of(request, sender), link)
    notice = format_html("<br>{}", _(gateway.notice)) if gateway and gateway.notice else ""
    return format_html("{}{}", line, notice)


def trial_of(request: HttpRequest) -> Trial | None:
    return getattr(request, "connection_trial", None)


def try_it(admin: "SenderAdmin", request: HttpRequest, sender: Sender | None) -> None:
    """Before the transaction of the page begins: asking may take seconds, in which nobody else could write."""
    gateway = chosen(request, sender)
    if gateway is None or not admin.may_save(request, sender):
        return
    form = admin.get_form(request, sender, change=sender is not None)(request.POST, instance=sender)
    if form.is_to_be_tried:
        stored = admin.model.objects.get(pk=sender.pk) if sender else Sender(gateway=gateway.name)
        trial = try_connection(stored, form.cleaned_data, gateway)
        request.connection_trial = trial  # type: ignore[attr-defined]


def choose_page(admin: "SenderAdmin", request: HttpRequest, sender: Sender | None) -> TemplateResponse:
    context = {
        "title": _("Which gateway does “%(name)s” use?") % {"name": sender} if sender else _("Add a WhatsApp number"),
        "sender": sender,
        "choices": [(name, gateway.label, words_of(gateway)) for name, gateway in gateways().items()],
    }
    return admin.admin_site.page(  # type: ignore[attr-defined]
        request, "whatsapp/gateways.html", context, model=Sender
    )
