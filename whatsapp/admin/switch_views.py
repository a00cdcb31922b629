"""Draining a number, switching it off and on: what stops work asks first, what gives it back does not."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from whatsapp.admin.cards import card_of
from whatsapp.admin.changes import announce
from whatsapp.admin.part import NumberPart, back_from
from whatsapp.models import Sender
from whatsapp.switching import MOVES, can, make

ASKS: dict[str, tuple[str | Promise, str | Promise, str | Promise]] = {
    "drain": (
        gettext_lazy("Drain “%(name)s”?"),
        gettext_lazy("It takes no new work. What is leaving now ends, and other numbers take over the rest."),
        gettext_lazy("Drain it"),
    ),
    "off": (
        gettext_lazy("Switch off “%(name)s”?"),
        gettext_lazy("Nothing leaves from it any more until somebody switches it on. Nothing is lost meanwhile."),
        gettext_lazy("Switch it off"),
    ),
    "work": (
        gettext_lazy("Give work to “%(name)s” again?"),
        gettext_lazy("It sends again at once, if something waits."),
        gettext_lazy("Take work again"),
    ),
    "on": (
        gettext_lazy("Switch on “%(name)s”?"),
        gettext_lazy("It sends again at once, if something waits."),
        gettext_lazy("Switch it on"),
    ),
}


class SwitchViews(NumberPart):
    def urls(self) -> list[URLPattern]:
        view = self.admin.admin_site.admin_view(require_http_methods(["GET", "HEAD", "POST"])(self.use))
        return [path("<int:pk>/use/<slug:name>/", view, name="whatsapp_sender_use")]

    def use(self, request: HttpRequest, pk: int, name: str) -> HttpResponse:
        if not self.admin.has_switch_permission(request):
            raise PermissionDenied
        if name not in MOVES:
            raise Http404
        sender = self.sender(request, pk)
        if request.method == "POST":
            self._make(request, sender, name)
            return back_from(request, sender)
        if not can(sender, MOVES[name]):
            self._say_too_late(request, sender)
            return back_from(request, sender)
        title, text, button = ASKS[name]
        context = {
            "card": card_of(self.admin, request, sender, where="page"),
            "title": str(title) % {"name": sender.name},
            "text": text,
            "button": button,
            "stops": name in ("drain", "off"),
            "without": _without(sender, name),
        }
        return self.render(request, "whatsapp/use.html", context)

    def _make(self, request: HttpRequest, sender: Sender, name: str) -> None:
        move = MOVES[name]
        before = {field: getattr(sender, field) for field in move.after}
        with transaction.atomic():
            if is_made := make(sender, move):
                announce(request.user, sender, move.action, before=before, after=move.after)
        if not is_made:
            sender.refresh_from_db()
            self._say_too_late(request, sender)
            return
        messages.success(request, str(move.done) % {"name": sender.name})

    def _say_too_late(self, request: HttpRequest, sender: Sender) -> None:
        words = {"name": sender.name, "use": use_words(sender)}
        messages.info(request, _("Nothing was changed. “%(name)s”: %(use)s.") % words)


def use_words(sender: Sender) -> str:
    if not sender.is_enabled:
        return _("Switched off")
    return _("Draining") if sender.is_draining else _("In use")


def _without(sender: Sender, name: str) -> Sender:
    """The number as it would be: in memory only, to say what campaigns would do then."""
    twin = Sender(**{field.attname: getattr(sender, field.attname) for field in Sender._meta.concrete_fields})
    for field, value in MOVES[name].after.items():
        setattr(twin, field, value)
    return twin
