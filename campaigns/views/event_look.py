"""What one answer about an event needs: its parts, each counted once when it is asked for, and who asks."""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from django.http import HttpRequest

from campaigns.enums import CampaignStatus
from campaigns.event_counts import DoorCounts, TicketCounts, door_counts, kept, ticket_counts
from campaigns.event_reach import Missing, Reach, reach
from campaigns.models import Campaign
from campaigns.views.event_missing import Row, Second, campaigns_of, rows_of, second_channel
from campaigns.views.event_shown import Phase, phase_of
from tickets.models import Event

TICKETS, MESSAGES, SCANS = "tickets.view_ticket", "campaigns.view_delivery", "tickets.view_checkin"
PEOPLE = (TICKETS, MESSAGES)
EXPORT = (*PEOPLE, "campaigns.export_delivery")
SEND = (*PEOPLE, "campaigns.view_campaign", "campaigns.launch_campaign")


@dataclass
class Look:
    """The event at one moment."""

    event: Event
    now: datetime

    @cached_property
    def tickets(self) -> TicketCounts:
        return kept("tickets", self.event, ticket_counts, self.now)

    @cached_property
    def door(self) -> DoorCounts:
        return kept("door", self.event, door_counts, self.now)

    @cached_property
    def reach(self) -> Reach:
        return kept("reach", self.event, reach, self.now)

    @cached_property
    def second(self) -> Second:
        return kept("second", self.event, lambda event, now: second_channel(event, self.reach, now), self.now)

    @cached_property
    def groups(self) -> list[Missing]:
        return self.reach.missing()

    @cached_property
    def campaigns(self) -> list[Campaign]:
        return campaigns_of(self.event, self.groups)

    @cached_property
    def rows(self) -> list[Row]:
        return rows_of(self.event, self.groups, self.campaigns, self.now)

    @property
    def phase(self) -> Phase:
        return phase_of(self.event, self.now)

    def is_live(self, *, with_messages: bool) -> bool:
        """Whether the numbers may change from one moment to the next."""
        if self.phase == Phase.ON:
            return True
        return with_messages and any(campaign.status == CampaignStatus.SENDING for campaign in self.campaigns)


def rights_of(request: HttpRequest) -> dict[str, bool]:
    may = request.user.has_perm
    return {
        "can_see_tickets": may(TICKETS),
        "can_see_scans": may(SCANS),
        "can_see_campaigns": may("campaigns.view_campaign"),
        "can_see_contacts": may("tickets.view_contact"),
        "can_scan": may("tickets.add_checkin"),
        "can_change": may("tickets.change_event"),
        "can_send": request.user.has_perms(SEND),
        "can_export": request.user.has_perms(EXPORT),
    }
