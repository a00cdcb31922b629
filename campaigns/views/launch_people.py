"""Everybody of one group of the launch page, a page at a time: who gets it, who does not, who was merged into whom."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.translation import gettext as _

from campaigns.audience import Person
from campaigns.audience_rules import address_of
from campaigns.enums import CampaignKind, DeliveryStatus, SkipReason
from campaigns.headcount import MERGED, SKIPPED, TOO_LONG, Group, Headcount
from campaigns.kept_counts import kept_headcount
from campaigns.lifecycle import LAUNCHABLE
from campaigns.models import Campaign, Delivery
from campaigns.personal import Writer
from campaigns.placeholders import BadTemplate
from campaigns.views.base import CampaignViews, back_to, launch_page_of, page_of
from campaigns.views.groups import lines_of, query_of, reason_of
from campaigns.views.plan import Options
from campaigns.views.showing import when
from tickets.models import Contact, Ticket

PER_PAGE = 50


@dataclass(frozen=True)
class Row:
    contact: Contact
    ticket: Ticket | None
    note: str


class LaunchPeopleViews(CampaignViews):
    def people(self, request: HttpRequest, pk: int) -> HttpResponse:
        campaign = self.campaign(request, pk, "launch_campaign", whole=True)
        if campaign.status not in LAUNCHABLE:
            return back_to(campaign)
        options = Options.of(campaign, request.GET)
        options.put_on(campaign)
        try:
            count = kept_headcount(campaign)
        except BadTemplate:  # the launch page says what is wrong
            return HttpResponseRedirect(launch_page_of(campaign))
        lines = lines_of(count, options.query)
        group = _asked(count, request.GET)
        page = Paginator(count.groups.get(group, ()), PER_PAGE).get_page(request.GET.get("page"))
        rows = _rows(campaign, count, group, list(page))
        context = {
            "title": reason_of(group) if group in count.groups else _("Nobody any more"),
            "campaign": campaign,
            "page_url": page_of(campaign),
            "launch_url": f"{launch_page_of(campaign)}?{options.query}",
            "lines": [line for kind in lines.values() for line in kind],
            "group": group,
            "query": f"{options.query}&{query_of(group)}",
            "page": page,
            "rows": rows,
            "has_notes": any(row.note for row in rows),
            "is_tickets": campaign.kind == CampaignKind.TICKETS,
        }
        return self.render(request, "campaigns/launch_people.html", context)


def _asked(count: Headcount, asked: Any) -> Group:
    """What makes no sense is a group with nobody in it: people may have left it since the link was made."""
    return Group(asked.get("who", ""), asked.get("on", ""), asked.get("why", ""))


def _rows(campaign: Campaign, count: Headcount, group: Group, ids: Collection[int]) -> list[Row]:
    """In the order of the list. Whoever was deleted since it was counted is not there."""
    found = _fetched(campaign, ids)
    notes = _notes(campaign, count, group, found)
    return [Row(*found[key], notes.get(key, "")) for key in ids if key in found]


def _fetched(campaign: Campaign, ids: Collection[int]) -> dict[int, tuple[Contact, Ticket | None]]:
    if campaign.kind == CampaignKind.TICKETS:
        tickets = Ticket.objects.filter(pk__in=ids).select_related("holder")
        return {ticket.pk: (ticket.holder, ticket) for ticket in tickets}
    return {contact.pk: (contact, None) for contact in Contact.objects.filter(pk__in=ids)}


def _notes(
    campaign: Campaign, count: Headcount, group: Group, found: dict[int, tuple[Contact, Ticket | None]]
) -> dict[int, str]:
    """What is worth knowing of each of these people beside the reason that all of them share, by their ids."""
    if group.kind == MERGED:
        return _about_merged(campaign, count, group.channel, found)
    if group.kind == TOO_LONG:
        return _about_lengths(campaign, group.channel, found)
    if group.kind == SKIPPED and group.word == SkipReason.OPTED_OUT:
        return {key: _since(campaign, contact, group.channel) for key, (contact, _ticket) in found.items()}
    if group.kind == SKIPPED and group.word == SkipReason.ALREADY_SENT:
        return _about_earlier(campaign, group.channel, found)
    return {}


def _about_merged(campaign: Campaign, count: Headcount, channel: str, found: Collection[int]) -> dict[int, str]:
    """With whom they share their address, and what becomes of that one."""
    into = {key: count.merged_into[channel, key] for key in found}
    others = _fetched(campaign, set(into.values()))
    reasons = {
        key: reason_of(group)
        for group, ids in count.groups.items()
        if (group.kind, group.channel) == (SKIPPED, channel)
        for key in others.keys() & set(ids)
    }
    notes = {}
    for key, other in into.items():
        if other not in others:
            continue
        words = {"name": others[other][0].name, "why": reasons.get(other, "")}
        skipped = _("Same address as %(name)s, who is skipped: %(why)s")
        notes[key] = (skipped if other in reasons else _("Same address as %(name)s, who gets it")) % words
    return notes


def _about_lengths(campaign: Campaign, channel: str, found: dict[int, tuple[Contact, Ticket | None]]) -> dict[int, str]:
    writer = Writer.of(campaign)
    people = {
        key: Person(contact, ticket, channel, address_of(contact, channel), None)
        for key, (contact, ticket) in found.items()
    }
    lengths = {key: writer.measure(person).too_long for key, person in people.items()}
    return {key: _("%(lengths)s characters") % {"lengths": lengths[key]} for key in lengths}


def _since(campaign: Campaign, contact: Contact, channel: str) -> str:
    moment = getattr(contact, f"{channel}_opt_out_at")
    if moment is None:  # back since it was counted
        return ""
    return _("since %(moment)s") % {"moment": when(moment, campaign.zone, now=timezone.now())}


def _about_earlier(campaign: Campaign, channel: str, found: Collection[int]) -> dict[int, str]:
    """The campaign that sent each ticket, or is about to."""
    taken = Delivery.objects.filter(ticket__in=found, channel=channel, status__in=sorted(DeliveryStatus.taken))
    rows = taken.exclude(campaign=campaign).order_by("pk").values_list("ticket", "campaign__name")
    return {ticket: _("with “%(name)s”") % {"name": name} for ticket, name in rows}
