"""From what somebody ticked and typed to an audience: read alike by the draft's form, its preview and its count."""

from collections.abc import Collection
from typing import Any

from django.http import QueryDict

from campaigns.audience import describe
from campaigns.audience_filters import TicketState
from campaigns.enums import CampaignKind
from campaigns.models import Campaign

LONGEST_ID = 18  # digits; a database's whole numbers end there
EVENT, CHOSEN = "event", "chosen"


def typed_audience(typed: QueryDict, campaign: Campaign, *, found: Collection[int] = ()) -> dict[str, Any]:
    """The audience that a draft's form asks for. `found` are people, or tickets, out of a list that came with it.

    People that were chosen one by one stay until they are taken out: the page shows only some of them.
    """
    is_tickets = campaign.kind == CampaignKind.TICKETS
    added = {*ids_of(typed, "add"), *found}
    kept = set() if typed.get("drop_all") else {*campaign.audience.get("tickets" if is_tickets else "contacts", [])}
    named = sorted((kept - {*ids_of(typed, "drop")}) | added)
    names = ("tags", "segments", "all_tags", "no_tags", "not_reached_by")
    limits: dict[str, Any] = {name: ids_of(typed, name) for name in names}
    again = bool(campaign.audience.get("again"))
    state = typed.get("ticket_state", "")
    state = state if state in TicketState.values else ""
    if is_tickets:
        whole = _is_whole_event(typed, campaign) and not added  # somebody who adds people does not mean everybody
        return describe(event_tickets=whole, tickets=named, ticket_state=state, again=again, **limits)
    event = next(iter(ids_of(typed, "holders_event")), None)
    holders = {"event": event} | ({"state": state} if state else {}) if event else None
    everybody = bool(typed.get("everybody"))
    return describe(contacts=named, everybody=everybody, holders=holders, again=again, **limits)


def _is_whole_event(typed: QueryDict, campaign: Campaign) -> bool:
    scope = typed.get("scope")
    return scope == EVENT if scope in (EVENT, CHOSEN) else bool(campaign.audience.get("event_tickets"))


def ids_of(typed: QueryDict, name: str) -> list[int]:
    """What is no id is passed over: these lists come from boxes that were ticked."""
    given = {value for value in typed.getlist(name) if value.isascii() and value.isdecimal()}
    return sorted(int(value) for value in given if len(value) <= LONGEST_ID)
