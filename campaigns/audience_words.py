"""Who a campaign is for, in words, before anybody is counted."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from campaigns.audience_filters import TicketState
from campaigns.enums import CampaignKind
from campaigns.models import Campaign
from tickets.models import Event, Tag


def audience_words(campaign: Campaign) -> str:
    chosen: Mapping[str, Any] = campaign.audience
    if trial := chosen.get("trial"):
        return _("A test to %(address)s") % {"address": trial["address"]}
    names = _tag_names(chosen)
    is_tickets = campaign.kind == CampaignKind.TICKETS
    parts = [_ticket_words(chosen, names)] if is_tickets else _people_words(chosen, names)
    if not parts:
        return _("Nobody yet")
    return "; ".join([*parts, *_limit_words(chosen, names)])


def _people_words(chosen: Mapping[str, Any], names: Mapping[int, str]) -> list[str]:
    if chosen.get("everybody"):
        return [_("Everybody in the list of contacts")]
    parts = []
    if tags := chosen.get("tags"):
        parts.append(_("Whoever has the tag %(names)s") % {"names": _listed(tags, names)})
    if holders := chosen.get("holders"):
        parts.append(_holder_words(holders))
    if people := chosen.get("contacts"):
        parts.append(ngettext("%(n)d chosen person", "%(n)d chosen people", len(people)) % {"n": len(people)})
    if not parts and chosen.get("all_tags"):
        return [_("Everybody in the list of contacts")]
    return parts


def _holder_words(holders: Mapping[str, Any]) -> str:
    event = Event.objects.filter(pk=holders["event"]).values_list("name", flat=True).first() or "–"
    state = holders.get("state", "")
    words = _("Whoever holds a valid ticket of “%(event)s”") % {"event": event}
    return f"{words} ({TicketState(state).label})" if state in TicketState.values and state else words


def _ticket_words(chosen: Mapping[str, Any], names: Mapping[int, str]) -> str:
    number = len(chosen.get("tickets", []))
    words = ngettext("%(n)d chosen ticket", "%(n)d chosen tickets", number) % {"n": number}
    if chosen.get("event_tickets"):
        words = _("Whoever holds a valid ticket of the event")
    state = chosen.get("ticket_state", "")
    if state in TicketState.values and state:
        words += f" ({TicketState(state).label})"
    if tags := chosen.get("tags"):
        words += "; " + _("only with one of the tags %(names)s") % {"names": _listed(tags, names)}
    return words


def _limit_words(chosen: Mapping[str, Any], names: Mapping[int, str]) -> list[str]:
    parts = []
    if tags := chosen.get("all_tags"):
        parts.append(_("only with all of the tags %(names)s") % {"names": _listed(tags, names)})
    if tags := chosen.get("no_tags"):
        parts.append(_("without the tags %(names)s") % {"names": _listed(tags, names)})
    if campaigns := chosen.get("not_reached_by"):
        found = Campaign.objects.filter(pk__in=campaigns).values_list("name", flat=True)
        parts.append(_("without those whom %(names)s reached") % {"names": ", ".join(f"“{name}”" for name in found)})
    return parts


def _tag_names(chosen: Mapping[str, Any]) -> dict[int, str]:
    wanted = {tag for name in ("tags", "all_tags", "no_tags") for tag in chosen.get(name, [])}
    return dict(Tag.objects.filter(pk__in=wanted).values_list("pk", "name")) if wanted else {}


def _listed(tags: list[int], names: Mapping[int, str]) -> str:
    return ", ".join(f"“{name}”" for tag, name in names.items() if tag in tags) or "–"
