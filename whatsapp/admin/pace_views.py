"""The pace of one number: its own values, with what they would mean before they are saved."""

from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from whatsapp.admin.changes import announce, changed_values
from whatsapp.admin.pace_preview import preview_of, without_preview
from whatsapp.admin.part import NumberPart, page_of
from whatsapp.limits import heaviest_weight, pace_of
from whatsapp.models import Sender, SendingSettings
from whatsapp.pace_form import PACE_FIELDS, PaceForm, stale_sentence


class PaceViews(NumberPart):
    def urls(self) -> list[URLPattern]:
        wrap = self.admin.admin_site.admin_view
        preview = self.admin.admin_site.part_of_form(require_safe(self.preview))  # type: ignore[attr-defined]
        page = require_http_methods(["GET", "HEAD", "POST"])(self.pace)
        return [
            path("<int:pk>/pace/", wrap(page), name="whatsapp_sender_pace"),
            path("<int:pk>/pace/preview/", preview, name="whatsapp_sender_pace_preview"),
        ]

    def pace(self, request: HttpRequest, pk: int) -> HttpResponse:
        sender = self._sender(request, pk)
        settings, heaviest = SendingSettings.load(), heaviest_weight()
        form = PaceForm(request.POST or None, instance=sender)
        now = pace_of(settings, sender, heaviest=heaviest)
        if request.method == "POST" and "_preview" not in request.POST and form.is_valid():
            return self._save(request, sender, form)
        context = {
            "sender": sender,
            "title": _("Pace of “%(name)s”") % {"name": sender.name},
            "form": form,
            "fields": [(form[name], _general(settings, name)) for name in PACE_FIELDS],
            "preview": _preview(form, now, settings, heaviest) if form.is_bound else preview_of(now, now),
            "typed": form.instance,
        }
        return self.render(request, "whatsapp/pace.html", context)

    def preview(self, request: HttpRequest, pk: int) -> HttpResponse:
        """For the numbers in the address: a question, nothing is kept."""
        sender = self._sender(request, pk)
        settings, heaviest = SendingSettings.load(), heaviest_weight()
        now = pace_of(settings, sender, heaviest=heaviest)
        form = PaceForm(request.GET, instance=sender)
        context = {"preview": _preview(form, now, settings, heaviest), "typed": form.instance}
        return TemplateResponse(request, "whatsapp/_pace_preview.html", context)

    def _save(self, request: HttpRequest, sender: Sender, form: PaceForm) -> HttpResponse:
        if not form.has_changed():
            messages.info(request, _("Nothing was changed."))
        elif self._save_pace(request, sender, form):
            messages.success(
                request, _("The pace of “%(name)s” is saved. The very next wait obeys it.") % {"name": sender.name}
            )
        else:
            messages.error(request, stale_sentence())
        return HttpResponseRedirect(page_of(sender))

    def _save_pace(self, request: HttpRequest, sender: Sender, form: PaceForm) -> bool:
        with transaction.atomic():
            if not form.save_pace():
                return False
            before, after = changed_values(form)
            announce(request.user, sender, "settings", before=before, after=after)
        return True

    def _sender(self, request: HttpRequest, pk: int) -> Sender:
        if not self.admin.has_pace_permission(request):
            raise PermissionDenied
        return self.sender(request, pk)


def _preview(form: PaceForm, now: Any, settings: SendingSettings, heaviest: int) -> dict[str, Any]:
    """Of what is typed, which is put on the instance in memory only; while it cannot be used, the reason."""
    form.is_valid()
    for name in PACE_FIELDS:
        for error in form.errors.get(name, ()):
            return without_preview(f"{form.fields[name].label}: {error}")
    return preview_of(now, pace_of(settings, form.instance, heaviest=heaviest))


def _general(settings: SendingSettings, name: str) -> str:
    """What an empty field follows, with its unit."""
    value = getattr(settings, name)
    if isinstance(value, Decimal):
        return f"{number_format(value.normalize(), use_l10n=True)} s"
    return ngettext("%(n)d message", "%(n)d messages", value) % {"n": value} if value else _("no limit")
