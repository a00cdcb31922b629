"""While somebody writes: the message as one of its people gets it, how many people there are, and who can be added."""

from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, QueryDict
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from campaigns.audience import Person
from campaigns.audience_choice import ids_of, typed_audience
from campaigns.audience_count import Head, count_audience, first_people, sample_of
from campaigns.audience_words import audience_words
from campaigns.enums import CampaignKind, Channel, Channels, SkipReason
from campaigns.models import Campaign
from campaigns.people import searched
from campaigns.personal import names_for
from campaigns.template_form import PlacesForm, TemplatePart
from campaigns.views.base import CampaignViews
from campaigns.writing import placeholders_among, preview_of, whose
from tickets.enums import TicketStatus
from tickets.models import Contact, Event, Ticket

TYPED = ("name", "body", "email_body", "subject", "link", "link_text")
SHOWN_NAMED = 30  # of the people that were chosen one by one
MOST_FOUND = 10


class ComposeViews(CampaignViews):
    """Answers to what is typed and not saved yet. POSTs because of their length; nothing is kept."""

    def preview(self, request: HttpRequest, pk: int = 0) -> HttpResponse:
        campaign = self._typed(request, pk)
        context = preview_context(campaign, first_people(campaign), request.POST, part=True)
        return TemplateResponse(request, "campaigns/_preview.html", context)

    def count(self, request: HttpRequest, pk: int = 0) -> HttpResponse:
        campaign = self._typed(request, pk)
        return TemplateResponse(
            request, "campaigns/_count.html", {"audience": counted(campaign, first_people(campaign))}
        )

    def find(self, request: HttpRequest, pk: int = 0) -> HttpResponse:
        campaign = self._typed(request, pk)
        return TemplateResponse(request, "campaigns/_found.html", {"found": found_people(campaign, request.POST)})

    def template(self, request: HttpRequest, pk: int = 0) -> HttpResponse:
        """The places of the template that was just chosen."""
        campaign = self._typed(request, pk)
        return TemplateResponse(request, "campaigns/_template_places.html", {"f": PlacesForm(TemplatePart(campaign))})

    def picture(self, request: HttpRequest, pk: int) -> FileResponse:
        campaign = self.campaign(request, pk)
        if not campaign.image:
            raise Http404(_("This campaign has no picture."))
        response = FileResponse(campaign.image.open("rb"), content_type="image/jpeg")
        response.headers["Cache-Control"] = "private, no-store"
        return response

    def _typed(self, request: HttpRequest, pk: int) -> Campaign:
        if not (self.admin.has_change_permission(request) or self.admin.has_add_permission(request)):
            raise PermissionDenied
        campaign = Campaign.objects.select_related("event").filter(pk=pk).first() if pk else Campaign()
        if campaign is None:
            raise Http404(_("This campaign does not exist."))
        type_into(campaign, request.POST)
        return campaign


def type_into(campaign: Campaign, typed: QueryDict, *, has_file: bool = True) -> None:
    """In memory only. Of a page that is shown again the browser has forgotten the file that was chosen."""
    for name in TYPED:
        setattr(campaign, name, typed.get(name, ""))
    if (channels := str(typed.get("channels"))) in Channels.values:
        campaign.channels = channels
    if typed.get("image-clear"):
        campaign.image = ""
    if has_file and typed.get("has_picture"):
        campaign.image = "picture.jpg"  # the file itself comes when it is saved
    if campaign.kind == CampaignKind.TICKETS:
        campaign.attach_qr = bool(typed.get("attach_qr"))
        campaign.attach_pdf = bool(typed.get("attach_pdf"))
    else:
        event = next(iter(ids_of(typed, "event")), None)
        campaign.event = Event.objects.filter(pk=event).first() if event else None
    campaign.audience = typed_audience(typed, campaign)
    template = TemplatePart(campaign, typed)
    if template.typed is not None:
        campaign.template = template.stored


def preview_context(campaign: Campaign, first: list[Person], asked: QueryDict, *, part: bool = False) -> dict[str, Any]:
    known = names_for(campaign)
    preview = preview_of(campaign, first, chosen=asked.get("as", ""), search=asked.get("as_find", ""), known=known)
    return {
        "preview": preview,
        "campaign": campaign,
        "placeholders": placeholders_among(known),
        "is_part": part,
        "is_new_picture": part and bool(asked.get("has_picture")),
    }


@dataclass(frozen=True)
class Skipped:
    channel: str
    reason: str
    number: int


@dataclass(frozen=True)
class Counted:
    head: Head
    words: str
    sample: list[Person]
    skipped: list[Skipped]
    whatsapp: int
    email: int


def counted(campaign: Campaign, first: list[Person]) -> Counted:
    """The numbers of the launch page, for the page of the draft; `first` are the first few hundred people."""
    head = count_audience(campaign)
    skipped = [
        Skipped(str(Channel(channel).label), str(SkipReason(reason).label), number)
        for (channel, reason), number in head.skipped.most_common()
    ]
    whatsapp, email = head.recipients[Channel.WHATSAPP], head.recipients[Channel.EMAIL]
    return Counted(head, audience_words(campaign), sample_of(first), skipped, whatsapp, email)


@dataclass(frozen=True)
class Named:
    """Somebody who can be chosen one by one: a contact, or a ticket of a ticket campaign."""

    pk: int
    name: str
    note: str
    is_added: bool = False


@dataclass(frozen=True)
class FoundPeople:
    search: str
    people: list[Named]
    is_asked: bool  # somebody typed a name


def found_people(campaign: Campaign, asked: QueryDict) -> FoundPeople:
    """Those who are ticked already, then whom the search finds and the campaign has not."""
    search, ticked = searched(asked.get("find", "")), ids_of(asked, "add")
    is_tickets = campaign.kind == CampaignKind.TICKETS
    rows: Any = _tickets(campaign) if is_tickets else Contact.objects.order_by("name", "pk")
    added = [_named(row, is_added=True) for row in rows.filter(pk__in=ticked)] if ticked else []
    people = list(added)
    if search:
        known = {one.pk for one in added}
        found = rows.filter(whose(search, "holder__") | Q(code__iexact=search) if is_tickets else whose(search))
        people += [_named(row) for row in found[:MOST_FOUND] if row.pk not in known]
    return FoundPeople(search, people, bool(search))


def named_people(campaign: Campaign) -> tuple[list[Named], int]:
    """The first of those who were chosen one by one, and how many there are."""
    is_tickets = campaign.kind == CampaignKind.TICKETS
    chosen = campaign.audience.get("tickets" if is_tickets else "contacts", [])
    rows: Any = _tickets(campaign) if is_tickets else Contact.objects.order_by("name", "pk")
    first = chosen[:SHOWN_NAMED]
    return [_named(row) for row in rows.filter(pk__in=first)] if first else [], len(chosen)


def _tickets(campaign: Campaign) -> Any:
    valid = Ticket.objects.filter(event=campaign.event, status=TicketStatus.VALID)
    return valid.select_related("holder").order_by("holder__name", "pk")


def _named(row: Any, *, is_added: bool = False) -> Named:
    if isinstance(row, Ticket):
        return Named(row.pk, row.holder.name, row.code, is_added)
    return Named(row.pk, row.name, row.phone or row.email, is_added)
