"""Who a campaign is for, in words, before anybody is counted."""

from collections.abc import Collection, Mapping
from typing import Any

from django.db.models import Value
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from campaigns.audience_filters import TicketState
from campaigns.enums import CampaignKind, Origin
from campaigns.models import Campaign
from tickets.models import Event, Segment, Tag

Names = Mapping[tuple[str, int], str]  # by what it is and its id


def audience_words(campaign: Campaign) -> str:
    chosen: Mapping[str, Any] = campaign.audience
    if trial := chosen.get("trial"):
        return _to_one_address(campaign.origin) % {"address": trial["address"]}
    names = _names(chosen)
    is_tickets = campaign.kind == CampaignKind.TICKETS
    parts = [_ticket_words(chosen, names)] if is_tickets else _people_words(chosen, names)
    if not parts:
        return _("Nobody yet")
    return "; ".join([*parts, *_limit_words(chosen, names)])


def _to_one_address(origin: str) -> str:
    if origin == Origin.FORWARD:
        return _("Replies, told to %(address)s")
    return _("A reminder to %(address)s") if origin == Origin.REMINDER else _("A test to %(address)s")


def _people_words(chosen: Mapping[str, Any], names: Names) -> list[str]:
    if chosen.get("everybody"):
        return [_("Everybody in the list of contacts")]
    parts = []
    if tags := chosen.get("tags"):
        parts.append(_("Whoever has the tag %(names)s") % {"names": _listed(tags, names)})
    if segments := chosen.get("segments"):
        parts.append(_("Whoever is in the segment %(names)s") % {"names": _listed(segments, names, "segment")})
    if holders := chosen.get("holders"):
        parts.append(_holder_words(holders, names))
    if people := chosen.get("contacts"):
        parts.append(ngettext("%(n)d chosen person", "%(n)d chosen people", len(people)) % {"n": len(people)})
    if not parts and chosen.get("all_tags"):
        return [_("Everybody in the list of contacts")]
    return parts


def _holder_words(holders: Mapping[str, Any], names: Names) -> str:
    event = names.get(("event", holders["event"]), "–")
    state = holders.get("state", "")
    words = _("Whoever holds a valid ticket of “%(event)s”") % {"event": event}
    return f"{words} ({TicketState(state).label})" if state in TicketState.values and state else words


def _ticket_words(chosen: Mapping[str, Any], names: Names) -> str:
    number = len(chosen.get("tickets", []))
    words = ngettext("%(n)d chosen ticket", "%(n)d chosen tickets", number) % {"n": number}
    if chosen.get("event_tickets"):
        words = _("Whoever holds a valid ticket of the event")
    state = chosen.get("ticket_state", "")
    if state in TicketState.values and state:
        words += f" ({TicketState(state).label})"
    if tags := chosen.get("tags"):
        words += "; " + _("only with one of the tags %(names)s") % {"names": _listed(tags, names)}
    if segments := chosen.get("segments"):
        words += "; " + _("only people of the segments %(names)s") % {"names": _listed(segments, names, "segment")}
    return words


def _limit_words(chosen: Mapping[str, Any], names: Names) -> list[str]:
    parts = []
    if tags := chosen.get("all_tags"):
        parts.append(_("only with all of the tags %(names)s") % {"names": _listed(tags, names)})
    if tags := chosen.get("no_tags"):
        parts.append(_("without the tags %(names)s") % {"names": _listed(tags, names)})
    if campaigns := chosen.get("not_reached_by"):
        listed = _listed(campaigns, names, "campaign")
        parts.append(_("without those whom %(names)s reached") % {"names": listed})
    return parts


def _names(chosen: Mapping[str, Any]) -> Names:
    """Of everything that the audience mentions, asked for at once."""
    tags = {tag for name in ("tags", "all_tags", "no_tags") for tag in chosen.get(name, [])}
    holders = chosen.get("holders")
    asked: dict[str, tuple[Any, Collection[int]]] = {
        "tag": (Tag, tags),
        "segment": (Segment, chosen.get("segments", [])),
        "event": (Event, [holders["event"]] if holders else []),
        "campaign": (Campaign, chosen.get("not_reached_by", [])),
    }
    parts = [
        model.objects.filter(pk__in=ids).order_by().values_list(Value(kind), "pk", "name")
        for kind, (model, ids) in asked.items()
        if ids
    ]
    if not parts:
        return {}
    return {(kind, pk): name for kind, pk, name in (parts[0].union(*parts[1:]) if parts[1:] else parts[0])}


def _listed(ids: list[int], names: Names, kind: str = "tag") -> str:
    known = sorted(names[kind, pk] for pk in ids if (kind, pk) in names)
    return ", ".join(f"“{name}”" for name in known) or "–"
