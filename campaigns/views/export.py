"""The people of a campaign as a file. A POST, because it is written into the history who took what."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from campaigns.enums import Channel, DeliveryStatus
from campaigns.explanations import explain
from campaigns.export import WIDTHS, Sheet
from campaigns.models import Campaign
from campaigns.people import Choice, count
from campaigns.progress import totals
from campaigns.spreadsheets import csv_pieces, xlsx_pieces
from campaigns.views.base import CampaignViews, back_to
from tickets.dates import in_zone
from whatsapp.models import Sender

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
        self.log(request, campaign, _sentence(number, kind, choice))
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


def _sentence(number: int, kind: str, choice: Choice) -> str:
    """For the history: how many, as what, and by which filters."""
    said = ngettext("Exported %(n)d row as %(kind)s.", "Exported %(n)d rows as %(kind)s.", number)
    filters = "; ".join(filter_words(choice))
    return said % {"n": number, "kind": kind.upper()} + (f" ({filters})" if filters else "")


def filter_words(choice: Choice) -> list[str]:
    """The filters in words, as a person chose them."""
    number = choice.number and Sender.objects.filter(pk=int(choice.number)).values_list("name", flat=True).first()
    words = [
        (_("Status"), choice.state and DeliveryStatus(choice.state).label),
        (_("Channel"), choice.channel and Channel(choice.channel).label),
        (_("Reason"), choice.reason and explain(choice.reason).sentence),
        (_("Sent from"), number or choice.number),
        (_("Search"), choice.search),
    ]
    return [f"{name}: {value}" for name, value in words if value]
