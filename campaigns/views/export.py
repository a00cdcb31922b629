"""The people of a campaign as a file. A POST, because it is written into the history who took what."""

from typing import Any
from urllib.parse import parse_qsl, urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from campaigns.enums import Channel, DeliveryStatus
from campaigns.explanations import explain
from campaigns.export import WIDTHS, Sheet
from campaigns.models import Campaign
from campaigns.people import Choice, address_typed, count
from campaigns.progress import totals
from campaigns.safe_mode import masked
from campaigns.views.base import CampaignViews, back_to
from tickets.dates import in_zone
from tickets.enums import Action
from tickets.history import record
from tickets.history_words import say_values
from tickets.spreadsheets import csv_pieces, xlsx_pieces
from whatsapp.models import Sender

SHORTEST_ADDRESS = 7  # digits, from which on a search that is no whole number is masked like one
CSV, XLSX = "csv", "xlsx"
TYPES = {
    CSV: "text/csv; charset=utf-8",
    XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


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
        return _file(campaign, choice, kind)


def _file(campaign: Campaign, choice: Choice, kind: str) -> HttpResponseBase:
    sheet = Sheet(campaign, choice)
    if kind == XLSX:
        pieces = xlsx_pieces(sheet.header, sheet.rows(), title=_("People"), widths=WIDTHS)
    else:
        separator = ";" if (get_language() or "es").startswith("es") else ","
        pieces = csv_pieces(sheet.header, sheet.rows(), separator=separator)
    day = in_zone(timezone.now(), campaign.zone)
    name = f"{slugify(campaign.name)[:60] or 'campaign'}-{day:%Y-%m-%d-%H%M}.{kind}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return StreamingHttpResponse(pieces, content_type=TYPES[kind], headers=headers)


def _facts(number: int, kind: str, choice: Choice) -> dict[str, Any]:
    """For the history: how many, as what, and by which filters."""
    asked = {name: value for name, value in choice.fields.items() if name != "number"}
    if choice.search:
        asked["q"] = _as_kept(choice.search)
    facts: dict[str, Any] = {"rows": number, "format": kind.upper(), "filters": urlencode(asked)}
    if choice.number:  # by its name of now: a list of entries does not look up one number after the other
        facts["number"] = _number_name(choice)
    return {name: value for name, value in facts.items() if value != ""}


def _as_kept(typed: str) -> str:
    """The history outlives the people in it: of an address, or what may be one, only enough to recognise it by."""
    address = address_typed(typed)
    looks_like_one = sum(letter.isdecimal() for letter in typed) >= SHORTEST_ADDRESS
    return masked(address or typed) if address or looks_like_one else typed


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
