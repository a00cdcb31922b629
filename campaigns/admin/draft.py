"""The form of a draft: one page for whom, how and what, with its preview, its count and a test."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import admin, messages
from django.db import IntegrityError, transaction
from django.db.models import Exists, Model, QuerySet
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from campaigns.audience_count import first_people
from campaigns.enums import CampaignKind, CampaignStatus, DeliveryStatus
from campaigns.forms import CampaignForm
from campaigns.models import Campaign
from campaigns.people_lists import Found
from campaigns.scene import scene_of
from campaigns.template_checks import in_use
from campaigns.template_form import HAS_NUMBERS
from campaigns.trials import SentAlready, address_of, latest_trials, opens_at, send_trial, why_not
from campaigns.views.base import back_to, launch_page_of, page_of
from campaigns.views.compose import counted, found_people, named_people, preview_context, type_into
from campaigns.views.showing import CAMPAIGN_TONES, DELIVERY_TONES, when
from campaigns.views.template_reading import MAY_READ, read_templates
from campaigns.writing import preview_of
from tickets.admin.permissions import BigTableMixin
from tickets.enums import Action
from tickets.history import record
from tickets.masks import masked
from tickets.models import Contact

S = CampaignStatus
ASKED = ("as", "as_find", "find")  # what the page shows, and is no part of the draft
MISSING = "campaign_missing_people"  # in the session: who of a list is not known
MOST_MISSING = 500
LONG_LIST = 20_000  # contacts


class NotDraft(Exception):
    """The campaign was launched while somebody was editing it."""


class DraftAdmin(BigTableMixin, admin.ModelAdmin):
    """Everything about campaigns that were not launched yet."""

    form = CampaignForm
    fieldsets_of_tickets = (
        (gettext_lazy("The tickets"), {"fields": ("name", "event_name", "chosen_people")}),
        (gettext_lazy("How it is sent"), {"fields": ("channels",)}),
        (
            gettext_lazy("The message"),
            {"fields": ("body", ("attach_qr", "attach_pdf"), "image", ("link", "link_text"))},
        ),
        (gettext_lazy("By e-mail"), {"fields": ("subject", "email_body")}),
    )
    fieldsets_of_announcements = (
        (gettext_lazy("The announcement"), {"fields": ("name", "event")}),
        (gettext_lazy("For whom"), {"fields": ("chosen_people",)}),
        (gettext_lazy("How it is sent"), {"fields": ("channels",)}),
        (gettext_lazy("The message"), {"fields": ("body", "image", ("link", "link_text"))}),
        (gettext_lazy("By e-mail"), {"fields": ("subject", "email_body")}),
    )
    fieldset_of_hours = (
        gettext_lazy("Hours"),
        {"classes": ("collapse",), "fields": (("window_from", "window_to"), "zone", "not_after", "seen")},
    )

    def get_fieldsets(self, request: HttpRequest, obj: Campaign | None = None) -> Any:
        is_tickets = obj is not None and obj.kind == CampaignKind.TICKETS
        own: Any = self.fieldsets_of_tickets if is_tickets else self.fieldsets_of_announcements
        return (
            own if obj is not None and not self.has_change_permission(request, obj) else [*own, self.fieldset_of_hours]
        )

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """The same page sent twice makes one draft."""
        if request.method == "POST" and (made := _made_by(request)):
            return back_to(made)
        can_launch = request.user.has_perm("campaigns.launch_campaign")
        context = {"title": _("New announcement"), "can_launch": can_launch} | (extra_context or {})
        if request.method != "POST":  # a look takes no turn of those who write
            return super().add_view(request, form_url, context)
        read_templates(request)
        try:
            with transaction.atomic():
                return super().add_view(request, form_url, context)
        except IntegrityError:
            if made := _made_by(request):
                return back_to(made)
            raise

    def _draft_view(
        self, request: HttpRequest, object_id: str, form_url: str, campaign: Campaign | None, extra_context: Any
    ) -> HttpResponse:
        context = {"show_save_and_add_another": False} | (extra_context or {})
        context["can_launch"] = request.user.has_perm("campaigns.launch_campaign")
        context["can_cancel"] = request.user.has_perm("campaigns.cancel_campaign")
        context["can_duplicate"] = request.user.has_perm("campaigns.add_campaign")
        if request.method != "POST" or campaign is None:
            return super().change_view(request, object_id, form_url, context)
        read_templates(request)
        try:
            with transaction.atomic():  # two that save at once take turns, and the second is told
                Campaign.objects.select_for_update().only("pk").get(pk=campaign.pk)
                return super().change_view(request, object_id, form_url, context)
        except NotDraft:
            campaign.refresh_from_db()
            return self._refuse(request, campaign)

    def _refuse(self, request: HttpRequest, campaign: Campaign) -> HttpResponse:
        sentence = _("“%(name)s” is no draft any more (%(status)s), so nothing was changed.")
        words = {"name": campaign.name, "status": str(campaign.get_status_display()).lower()}
        messages.error(request, sentence % words)
        return back_to(campaign)

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        """Looked up once for a page; again where something is written."""
        known = getattr(request, "draft", None)
        if known is None or request.method == "POST" or str(known.pk) != object_id:
            known = super().get_object(request, object_id, from_field)
            request.draft = known  # type: ignore[attr-defined]
        return known

    def get_queryset(self, request: HttpRequest) -> QuerySet[Campaign]:
        found = super().get_queryset(request).select_related("event")
        return found.annotate(**{HAS_NUMBERS: Exists(in_use())})

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        """What is typed is shown, whether it can be saved or not."""
        obj = kwargs.get("obj")
        campaign = obj if isinstance(obj, Campaign) else Campaign()
        asked: QueryDict = request.GET
        if request.method == "POST":
            asked = request.POST
            campaign = Campaign.objects.select_related("event").get(pk=obj.pk) if obj else Campaign()
            type_into(campaign, request.POST, has_file=False)
        context |= self._compose_context(request, campaign, asked)
        return super().render_change_form(request, context, *args, **kwargs)

    def _compose_context(self, request: HttpRequest, campaign: Campaign, asked: QueryDict) -> dict[str, Any]:
        named, named_total = named_people(campaign)
        missing = request.session.get(MISSING, {})
        shown: dict[str, Any] = {"campaign": campaign, "preview": None, "audience": None}
        if not self.has_change_permission(request) or not _comes_later(request, asked):
            first = first_people(campaign)
            shown = preview_context(campaign, first, asked) | {"audience": counted(campaign, first)}
        return shown | {
            "is_tickets": campaign.kind == CampaignKind.TICKETS,
            "named": named,
            "named_total": named_total,
            "named_more": max(0, named_total - len(named)),
            "found": found_people(campaign, asked),
            "missing": missing if campaign.pk and missing.get("campaign") == campaign.pk else None,
            "can_try": request.user.has_perm("campaigns.send_trial"),
            "trials": _trial_rows(campaign) if campaign.pk else [],
            "can_read_templates": request.user.has_perm(MAY_READ),
            "dropped": asked.getlist("drop"),
        }

    def save_model(self, request: HttpRequest, obj: Model, form: ModelForm, change: bool) -> None:
        """Only what the form holds is written, and only while it is a draft: Django has opened the transaction."""
        assert isinstance(obj, Campaign)
        assert isinstance(form, CampaignForm)
        form.put_audience()
        form.put_template()
        if not change:
            obj.created_by = request.user  # type: ignore[assignment]
            obj.form_key = form.cleaned_data.get("form_key", "")
            obj.save()
        else:
            if not Campaign.objects.select_for_update().filter(pk=obj.pk, status=S.DRAFT).exists():
                raise NotDraft
            own = {field.name for field in Campaign._meta.concrete_fields} - {"form_key"}
            obj.save(update_fields=[*(name for name in form.fields if name in own), "audience", "template"])
        if form.found is not None:
            tell_found(request, obj, form.found)

    def log_change(self, request: HttpRequest, obj: Model, message: Any) -> Any:
        """A page that was saved as it stood, for example to send a test, changed nothing."""
        return super().log_change(request, obj, message) if message else None

    def response_add(self, request: HttpRequest, obj: Model, post_url_continue: str | None = None) -> HttpResponse:
        answer = self._onwards(request, obj) or super().response_add(request, obj, post_url_continue)
        return _still_asked(request, answer)

    def response_change(self, request: HttpRequest, obj: Model) -> HttpResponse:
        answer = self._onwards(request, obj) or super().response_change(request, obj)
        return _still_asked(request, answer)

    def _onwards(self, request: HttpRequest, obj: Any) -> HttpResponse | None:
        """The buttons “Continue to launch” and “Send the test” save, and go on."""
        if "_launch" in request.POST and request.user.has_perm("campaigns.launch_campaign"):
            return HttpResponseRedirect(launch_page_of(obj))
        if "_test" in request.POST and request.user.has_perm("campaigns.send_trial"):
            self._try(request, obj)
            return HttpResponseRedirect(f"{page_of(obj)}#c-test")
        return None

    def _try(self, request: HttpRequest, campaign: Campaign) -> None:
        to = address_of(request.POST.get("test_to", ""))  # the form has judged it
        if problem := why_not(campaign, to.channel, scene_of(request)):
            messages.error(request, problem)
            return
        person = preview_of(campaign, first_people(campaign), chosen=request.POST.get("as", "")).person
        key, now = request.POST.get("form_key", "")[:32], timezone.now()
        try:
            trial = send_trial(campaign, to, person, user=request.user, key=f"{key}-test" if key else "", now=now)
        except SentAlready:
            messages.info(request, _("This test was sent already. It is listed below."))
            return
        words = {"address": to.address, "name": person.contact.name}
        sentence = _("The test to %(address)s is on its way, as %(name)s would get it.") % words
        if opens := opens_at(trial, now=now):
            closed = _("The hours are closed now. It leaves at this time: %(moment)s.")
            sentence += " " + closed % {"moment": when(opens, campaign.zone, now=now)}
        messages.success(request, sentence)
        record(request.user, campaign, Action.TRIED, after={"address": masked(to.address)})


def tell_found(request: HttpRequest, campaign: Campaign, found: Found) -> None:
    """What became of a list, with those who were not found."""
    parts = [
        ngettext("Of %(lines)d line of the list", "Of %(lines)d lines of the list", found.lines)
        % {"lines": found.lines},
        ngettext("%(n)d was added", "%(n)d were added", len(found.ids)) % {"n": len(found.ids)},
    ]
    sentence = ": ".join(parts) + "."
    lost = [*found.missing, *found.without_ticket]
    if not lost:
        request.session.pop(MISSING, None)
        messages.success(request, sentence)
        return
    if found.missing:
        not_known = ngettext(
            "%(n)d is not among the contacts.", "%(n)d are not among the contacts.", len(found.missing)
        )
        sentence += " " + not_known % {"n": len(found.missing)}
    if found.without_ticket:
        number = len(found.without_ticket)
        without = ngettext(
            "%(n)d has no valid ticket of the event.", "%(n)d have no valid ticket of the event.", number
        )
        sentence += " " + without % {"n": number}
    # Kept with the session, and not with the campaign: most of them are strangers.
    request.session[MISSING] = {
        "campaign": campaign.pk,
        "missing": found.missing[:MOST_MISSING],
        "without_ticket": found.without_ticket[:MOST_MISSING],
        "total": len(lost),
    }
    messages.warning(request, sentence)


def _comes_later(request: HttpRequest, asked: QueryDict) -> bool:
    """With many contacts the page is there at once; count and preview come after it, or when they are asked for."""
    if request.method == "POST" or asked.get("count"):
        return False
    # Counted as far as needed: the newest number says little where a database has given out and taken back many.
    return bool(Contact.objects.order_by("pk").values("pk")[LONG_LIST : LONG_LIST + 1])


def _trial_rows(campaign: Campaign) -> list[dict[str, Any]]:
    """The latest tests, each with what became of it."""
    rows = []
    for trial in latest_trials(campaign):
        state, tone = trial.campaign.get_status_display(), CAMPAIGN_TONES[S(trial.campaign.status)]
        if trial.delivery is not None:
            state = trial.delivery.get_status_display()
            tone = DELIVERY_TONES[DeliveryStatus(trial.delivery.status)]
        rows.append({"trial": trial, "state": state, "tone": tone, "url": page_of(trial.campaign)})
    return rows


def _made_by(request: HttpRequest) -> Campaign | None:
    key = request.POST.get("form_key", "").replace("\0", "")
    return Campaign.objects.filter(form_key=key, created_by=request.user.pk).first() if key else None


def _still_asked(request: HttpRequest, answer: HttpResponse) -> HttpResponse:
    """“Save and look” looks at the same person and at the same search."""
    asked = {name: request.POST[name] for name in ASKED if request.POST.get(name)}
    if isinstance(answer, HttpResponseRedirect) and asked and ("_continue" in request.POST or "_test" in request.POST):
        address, hash_sign, place = answer.headers["Location"].partition("#")
        joint = "&" if "?" in address else "?"
        answer.headers["Location"] = f"{address}{joint}{urlencode(asked)}{hash_sign}{place}"
    return answer
