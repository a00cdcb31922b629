"""The people of a campaign as a file. A POST, because it is written into the history who took what."""

from typing import Any
from urllib.parse import parse_qsl, urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext as _

from campaigns.enums import Channel, DeliveryStatus
from campaigns.explanations import explain
from campaigns.export import Sheet
from campaigns.people import Choice, count
from campaigns.progress import totals
from campaigns.views.base import CampaignViews, back_to
from tickets.admin.files import TYPES, file_of
from tickets.dates import in_zone
from tickets.enums import Action
from tickets.history import record
from tickets.history_words import say_values
from tickets.masks import search_masked
from whatsapp.models import Sender


class ExportViews(CampaignViews):
    def export(self, request: HttpRequest, pk: int) -> HttpResponse | HttpResponseBase:
        """Exactly the people that the filters ask for, streamed; nothing is kept on the server."""
        if not request.user.has_perm("campaigns.export_delivery"):
            raise PermissionDenied
        campaign = self.campaign(request, pk, "view_delivery")
        if request.method != "POST":
            return back_to(campaign)
        kind, choice = request.POST.get("format", ""), Choice.of(request.POST)
        if kind not in TYPES:
            messages.error(request, _("Choose a kind of file: Excel or CSV."))
            return back_to(campaign)
        number = count(campaign, choice, totals(campaign))
        record(request.user, campaign, Action.EXPORTED, after=_facts(number, kind, choice))
        at = in_zone(timezone.now(), campaign.zone)
        return file_of(Sheet(campaign, choice), kind, title=_("People"), name=campaign.name, at=at)


def _facts(number: int, kind: str, choice: Choice) -> dict[str, Any]:
    """For the history: how many, as what, and by which filters."""
    asked = {name: value for name, value in choice.fields.items() if name != "number"}
    if choice.search:
        asked["q"] = search_masked(choice.search)
    facts: dict[str, Any] = {"rows": number, "format": kind.upper(), "filters": urlencode(asked)}
    if choice.number:  # by its name of now: a list of entries does not look up one number after the other
        facts["number"] = _number_name(choice)
    return {name: value for name, value in facts.items() if value != ""}


def _number_name(choice: Choice) -> str:
    return Sender.objects.filter(pk=int(choice.number)).values_list("name", flat=True).first() or choice.number


def filter_words(choice: Choice) -> list[str]:
    """The filters in words, as a person chose them."""
    words = [
        (_("Status"), choice.state and DeliveryStatus(choice.state).label),
        (_("Channel"), choice.channel and Channel(choice.channel).label),
        (_("Reason"), choice.reason and explain(choice.reason).sentence),
        (_("Sent from"), choice.number and _number_name(choice)),
        (_("Search"), choice.search),
    ]
    return [f"{name}: {value}" for name, value in words if value]


say_values("filters", lambda asked: "; ".join(filter_words(Choice.of(dict(parse_qsl(asked))))) or asked)
