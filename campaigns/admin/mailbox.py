"""Mailboxes: from whom e-mails come, and the mail server behind each. The password goes in and never comes out."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.forms import ModelForm
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from campaigns.enums import LanePause
from campaigns.kicks import kick_dispatchers
from campaigns.mailbox_forms import EventWithMailboxForm, MailboxForm, server_words
from campaigns.mailboxes import sender_of, wake_lanes
from campaigns.models import Mailbox
from campaigns.trial_letters import Trial, try_mailbox
from tickets.admin.event import EventAdmin
from tickets.admin.permissions import NoDeleteMixin
from tickets.admin.showing import badge
from tickets.enums import Action
from tickets.history import record
from tickets.models import Event

# What a letter that was taken proves to be over; a server that asked to go slower is still waited for.
PROVED_WELL = frozenset({LanePause.AUTH, LanePause.BLOCKED, LanePause.UNREACHABLE, LanePause.BREAKER})


@admin.register(Mailbox)
class MailboxAdmin(NoDeleteMixin, admin.ModelAdmin):
    """What was sent from a mailbox points to it: it is switched off, not deleted."""

    form = MailboxForm
    list_display = ("name", "from_address", "server", "use")
    search_fields = ("name", "from_address")
    show_full_result_count = False
    list_per_page = 50
    empty_hint = gettext_lazy(
        "E-mails leave from the sender of this installation. Add a mailbox for an event that has a sender of its own."
    )
    change_form_template = "campaigns/mailbox_form.html"
    change_list_template = "campaigns/mailbox_list.html"
    readonly_fields = ("server",)
    fieldsets = (
        (gettext_lazy("The sender"), {"fields": ("name", "from_address", "reply_to", "is_enabled")}),
        (gettext_lazy("The mail server"), {"fields": ("new_url", "use_own")}),
    )

    def get_fieldsets(self, request: HttpRequest, obj: Mailbox | None = None) -> Any:
        sender, (title, _options) = self.fieldsets
        if obj is not None and not self.has_change_permission(request, obj):
            return [sender, (title, {"fields": ("server",)})]
        has_server = obj is not None and "use_own" in self.form(instance=obj).fields
        return [sender, (title, {"fields": ("new_url", "use_own") if has_server else ("new_url",)})]

    def save_model(self, request: HttpRequest, obj: Model, form: ModelForm, change: bool) -> None:
        """What was not typed is not written: somebody else may be changing it at this moment."""
        assert isinstance(form, MailboxForm)
        if not change:
            obj.save()
        elif form.changes:
            obj.save(update_fields=form.changes)

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        return [
            path("own/test/", wrap(require_POST(self.test_own)), name="campaigns_mailbox_test_own"),
            path("<int:pk>/test/", wrap(require_POST(self.test)), name="campaigns_mailbox_test"),
            *super().get_urls(),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        context = {"own_sender": sender_of(None), "can_test": self.has_change_permission(request)}
        return super().changelist_view(request, context | (extra_context or {}))

    def test(self, request: HttpRequest, pk: int) -> HttpResponse:
        if not self.has_change_permission(request):
            raise PermissionDenied
        mailbox = self.get_object(request, str(pk))
        if mailbox is None:
            raise Http404
        trial = _try(request, mailbox)
        record(request.user, mailbox, Action.CHECKED, after={"answer": trial.sentence})
        return HttpResponseRedirect(reverse("admin:campaigns_mailbox_change", args=[pk]))

    def test_own(self, request: HttpRequest) -> HttpResponse:
        if not self.has_change_permission(request):
            raise PermissionDenied
        _try(request, None)
        return HttpResponseRedirect(reverse("admin:campaigns_mailbox_changelist"))

    @admin.display(description=gettext_lazy("mail server"))
    def server(self, mailbox: Mailbox) -> str:
        return server_words(mailbox)

    @admin.display(description=gettext_lazy("use"), ordering="is_enabled")
    def use(self, mailbox: Mailbox) -> str:
        return badge(_("In use"), "ok") if mailbox.is_enabled else badge(_("Switched off"), "neutral")


def _try(request: HttpRequest, mailbox: Mailbox | None) -> Trial:
    """Also what sets e-mails in motion again, after somebody has mended what stopped them."""
    assert request.user.is_authenticated
    trial = try_mailbox(mailbox, to=request.user.email)
    messages.add_message(request, messages.SUCCESS if trial.arrived else messages.ERROR, trial.sentence)
    if trial.arrived and wake_lanes(mailbox, reasons=PROVED_WELL):
        kick_dispatchers(now=timezone.now())
    return trial


class MailboxOfEvent(EventAdmin):
    """The form of an event, with the choice of its mailbox where there is one to choose."""

    form = EventWithMailboxForm

    def get_fieldsets(self, request: HttpRequest, obj: Event | None = None) -> Any:
        fieldsets = super().get_fieldsets(request, obj)
        if not Mailbox.objects.exists():
            return fieldsets
        *first, last = fieldsets
        return [*first, (_("E-mails"), {"fields": ("mailbox",)}), last]

    def save_model(self, request: HttpRequest, obj: Model, form: ModelForm, change: bool) -> None:
        super().save_model(request, obj, form, change)
        assert isinstance(obj, Event)
        assert isinstance(form, EventWithMailboxForm)
        form.save_mailbox(obj)

    @admin.display(description=gettext_lazy("e-mails leave from"))
    def mailbox(self, event: Event) -> str:
        chosen = getattr(event, "mailbox_choice", None)
        return str(chosen.mailbox) if chosen else sender_of(None)
