"""While somebody writes: the message as one of its people will get it, and the picture that goes with it."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from campaigns.audience import Person, describe, people_of
from campaigns.enums import CampaignKind, Channel
from campaigns.models import Campaign
from campaigns.personal import Writer
from campaigns.placeholders import BadTemplate
from campaigns.text_messages import sentences_for
from campaigns.views.base import CampaignViews
from tickets.models import Contact, Event

MOST_PEOPLE = 5
TYPED = ("name", "body", "email_body", "subject", "link", "link_text")


class ComposeViews(CampaignViews):
    def preview(self, request: HttpRequest, pk: int = 0) -> HttpResponse:
        """Of what is typed and not saved yet. A POST because of its length; nothing is kept."""
        if not (self.admin.has_change_permission(request) or self.admin.has_add_permission(request)):
            raise PermissionDenied
        campaign = Campaign.objects.select_related("event").filter(pk=pk).first() if pk else Campaign()
        if campaign is None:
            raise Http404(_("This campaign does not exist."))
        _type_into(campaign, request.POST)
        return TemplateResponse(request, "campaigns/_preview.html", preview_of(campaign, request.POST.get("as", "")))

    def picture(self, request: HttpRequest, pk: int) -> FileResponse:
        campaign = self.campaign(request, pk)
        if not campaign.image:
            raise Http404(_("This campaign has no picture."))
        response = FileResponse(campaign.image.open("rb"), content_type="image/jpeg")
        response.headers["Cache-Control"] = "private, no-store"
        return response


def preview_of(campaign: Campaign, chosen: str = "") -> dict[str, Any]:
    """As one of the first people of the audience, or as somebody invented while there is none."""
    people = _first_people(campaign)
    person = next((p for p in people if str(p.contact.pk) == chosen), people[0] if people else _somebody())
    context: dict[str, Any] = {"campaign": campaign, "people": people, "person": person}
    try:
        writer = Writer.of(campaign)
    except BadTemplate as error:
        return context | {"problems": sentences_for(error)}
    context["whatsapp"] = writer.write(_on(person, Channel.WHATSAPP))
    context["email"] = writer.write(_on(person, Channel.EMAIL))
    context["has_qr"] = campaign.attach_qr and campaign.kind == CampaignKind.TICKETS
    return context


def _first_people(campaign: Campaign) -> list[Person]:
    first = next(people_of(campaign), [])
    by_contact = {person.contact.pk: person for person in reversed(first)}
    return [by_contact[pk] for pk in sorted(by_contact)][:MOST_PEOPLE]


def _somebody() -> Person:
    return Person(Contact(name=_("Ana Example")), None, Channel.WHATSAPP, "", None)


def _on(person: Person, channel: str) -> Person:
    return Person(person.contact, person.ticket, channel, "", None)


def _type_into(campaign: Campaign, typed: Any) -> None:
    """In memory only."""
    for name in TYPED:
        setattr(campaign, name, typed.get(name, ""))
    if campaign.kind == CampaignKind.TICKETS:
        campaign.attach_qr = bool(typed.get("attach_qr"))
        return
    event = typed.get("event", "")
    campaign.event = Event.objects.filter(pk=event).first() if event.isdecimal() else None
    tags = [int(tag) for tag in typed.getlist("tags") if tag.isdecimal()]
    contacts = campaign.audience.get("contacts", [])
    campaign.audience = describe(contacts=contacts, tags=tags, everybody=bool(typed.get("everybody")))
