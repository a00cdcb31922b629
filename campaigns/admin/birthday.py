"""The birthday greeting: one row, with its message as somebody gets it and the birthdays of the next days."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from campaigns.audience import describe
from campaigns.audience_count import first_people
from campaigns.birthdays import AHEAD, Day, coming, due_day, next_people, people_of_day, was_made
from campaigns.enums import Channels
from campaigns.forms_birthday import BirthdayForm, campaign_of
from campaigns.models import BirthdayGreeting, Campaign
from campaigns.template_form import CHOICE, PlacesForm, TemplatePart
from campaigns.views.compose import preview_context
from campaigns.views.template_reading import MAY_READ, read_templates
from tickets.admin.permissions import NoDeleteMixin
from tickets.admin.recording import RecordedMixin
from tickets.date_formats import formatted

SHOWN = 20  # people to look at the message as


@admin.register(BirthdayGreeting)
class BirthdayGreetingAdmin(RecordedMixin, NoDeleteMixin, admin.ModelAdmin):
    form = BirthdayForm
    change_form_template = "campaigns/birthday.html"
    fieldsets = (
        (gettext_lazy("When and for whom"), {"fields": ("is_enabled", ("hour", "zone"), "tag", "channels")}),
        (gettext_lazy("The message"), {"fields": ("body", "subject")}),
    )

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def get_urls(self) -> list[URLPattern]:
        part: Any = self.admin_site.part_of_form  # type: ignore[attr-defined]
        return [
            path("preview/", part(require_POST(self.preview_view)), name="campaigns_birthdaygreeting_preview"),
            path("template/", part(require_POST(self.template_view)), name="campaigns_birthdaygreeting_template"),
            *super().get_urls(),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        return HttpResponseRedirect(_page())

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        """The defaults where nothing was saved yet: only saving makes the row."""
        return BirthdayGreeting.load() if object_id == "1" else None

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        context = {"show_save_and_continue": False} | (extra_context or {})
        if request.method == "POST" and self.has_change_permission(request):
            read_templates(request)
        return super().changeform_view(request, object_id, form_url, context)

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        """What is typed is shown, whether it can be saved or not."""
        greeting, now = BirthdayGreeting.load(), timezone.now()
        asked = request.POST if request.method == "POST" else request.GET
        shown = _typed(greeting, request.POST) if request.method == "POST" else campaign_of(greeting)
        days = coming(greeting, now)
        context |= _preview(shown, greeting, asked) | {
            "days": [(_day_words(day, greeting, now), day.people) for day in days],
            "people_ahead": sum(day.people for day in days),
            "days_ahead": AHEAD,
            "title": _("Birthday greetings"),
            "template_url": reverse("admin:campaigns_birthdaygreeting_template"),
            "can_read_templates": request.user.has_perm(MAY_READ),
        }
        return super().render_change_form(request, context, *args, **kwargs)

    def preview_view(self, request: HttpRequest) -> HttpResponse:
        """The message as it is being typed: nothing is kept."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        greeting = BirthdayGreeting.load()
        context = _preview(_typed(greeting, request.POST), greeting, request.POST, part=True)
        return TemplateResponse(request, "campaigns/_preview.html", context)

    def template_view(self, request: HttpRequest) -> HttpResponse:
        """The places of the template that was just chosen."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        part = TemplatePart(_typed(BirthdayGreeting.load(), request.POST))
        return TemplateResponse(request, "campaigns/_template_places.html", {"f": PlacesForm(part)})

    def construct_change_message(self, request: HttpRequest, form: Any, formsets: Any, add: bool = False) -> Any:
        """Of the template what it says, and not the fields in which that was typed."""
        before, after = super().construct_change_message(request, form, formsets, add)
        if after.pop(CHOICE, None) is not None:
            before.pop(CHOICE)
            before["template"], after["template"] = str(form.template.before or ""), str(form.template.choice or "")
        return before, after

    def save_model(self, request: HttpRequest, obj: Model, form: ModelForm, change: bool) -> None:
        """Only what was changed is written, so that two people who save at once keep both changes."""
        assert isinstance(obj, BirthdayGreeting)
        assert isinstance(form, BirthdayForm)
        form.put_template()
        changed = {"template" if name == CHOICE else name for name in form.changed_data}
        if "is_enabled" in changed and obj.is_enabled:
            obj.enabled_at = timezone.now()
            changed.add("enabled_at")
        if obj._state.adding:
            obj.save()
        elif changed:
            obj.save(update_fields=[*sorted(changed), "updated_at"])

    def response_change(self, request: HttpRequest, obj: Any) -> HttpResponse:
        """There is no list to go back to."""
        super().response_change(request, obj)
        if sentence := _leaves_now(obj):
            messages.info(request, sentence)
        return HttpResponseRedirect(_page())


def _page() -> str:
    return reverse("admin:campaigns_birthdaygreeting_change", args=[1])


def _leaves_now(greeting: BirthdayGreeting) -> str:
    """Nobody should be surprised by what the next tick does."""
    day = due_day(greeting, timezone.now()) if greeting.is_enabled else None
    number = 0 if day is None or was_made(day) else people_of_day(greeting, day).count()
    if not number:
        return ""
    sentence = ngettext(
        "%(n)d person has their birthday: their greeting leaves in the next minutes.",
        "%(n)d people have their birthday: their greetings leave in the next minutes.",
        number,
    )
    return sentence % {"n": number}


def _typed(greeting: BirthdayGreeting, typed: QueryDict) -> Campaign:
    campaign = campaign_of(greeting)
    campaign.body, campaign.subject = typed.get("body", ""), typed.get("subject", "")
    template = TemplatePart(campaign, typed)
    if template.typed is not None:
        campaign.template = template.stored
    if (channels := str(typed.get("channels"))) in Channels.values:
        campaign.channels = channels
    return campaign


def _preview(campaign: Campaign, greeting: BirthdayGreeting, asked: Any, *, part: bool = False) -> dict[str, Any]:
    """As those get it whose birthday is next, or somebody invented."""
    campaign.audience = describe(contacts=next_people(greeting, timezone.now(), limit=SHOWN))
    return preview_context(campaign, first_people(campaign), asked, part=part)


def _day_words(day: Day, greeting: BirthdayGreeting, now: Any) -> str:
    if day.date == now.astimezone(greeting.zone).date():
        return _("today")
    return formatted(day.date, "l j M")
