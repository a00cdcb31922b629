"""What gateways say of people who have no WhatsApp: when they are asked anew, and when it is not believed.

Some say it also when they could not look a number up. Then a whole campaign would fail while the link of one is slow.
"""

from collections.abc import Collection
from dataclasses import replace

from django.db.models import QuerySet

from campaigns import safe_mode
from campaigns.attempts import Ended
from campaigns.audience import Person
from campaigns.audience_filters import TicketState
from campaigns.enums import Channel
from campaigns.models import Campaign, Delivery, Lane
from whatsapp import number_checks
from whatsapp.gateways.base import ErrorKind, NotSent
from whatsapp.registry import class_of

NOES_IN_A_ROW = 5


def ask_anew(deliveries: QuerySet[Delivery]) -> None:
    """Somebody sends these again: what was kept of their numbers must not fail them without a question."""
    on_whatsapp = deliveries.filter(channel=Channel.WHATSAPP).order_by()
    number_checks.forget_noes(_asked_about() or on_whatsapp.values("address"))


def ask_anew_on(campaign: Campaign, people: Collection[Person]) -> None:
    """The same for those of a campaign that sends tickets once more, or those that have not arrived."""
    chosen = campaign.audience
    if chosen.get("again") or chosen.get("ticket_state") == TicketState.UNDELIVERED:
        on_whatsapp = [person.address for person in people if person.channel == Channel.WHATSAPP]
        number_checks.forget_noes(_asked_about() or on_whatsapp)


def _asked_about() -> list[str]:
    """In safe mode the test numbers stand for everybody's."""
    return safe_mode.addresses(Channel.WHATSAPP)


def doubted(ended: Ended, lane: Lane | None, *, rest_seconds: float) -> Ended:
    """The same end, or, of so many "no" in a row that may be wrong, that of a number that has to rest.

    The run begins anew then: after the rest this person is asked about once more, and a list full of wrong numbers
    comes to its end. Counted on the row of the lane, which the caller holds and saves.
    """
    if lane is None or lane.sender is None:
        return ended
    if _was_found(ended):
        lane.noes_in_a_row = 0
    elif _is_doubtful(ended, lane):
        lane.noes_in_a_row += 1
    if ended.error is None or lane.noes_in_a_row < NOES_IN_A_ROW:
        return ended
    lane.noes_in_a_row = 0
    number_checks.distrust(lane.sender.gateway)
    error = NotSent(ended.error.detail, kind=ErrorKind.NOBODY_FOUND, retry_after=rest_seconds)
    return replace(ended, error=error, look=None)  # what it found is not kept either


def _was_found(ended: Ended) -> bool:
    found = ended.look.found if ended.look else None
    return ended.accepted is not None or (found is not None and found.exists is True)


def _is_doubtful(ended: Ended, lane: Lane) -> bool:
    """It was said just now: what was kept from before is no news of the gateway."""
    if ended.kind != ErrorKind.NOT_ON_WHATSAPP or lane.sender is None:
        return False
    if ended.look and ended.look.known and ended.look.known.exists is False:
        return False
    gateway = class_of(lane.sender)
    return gateway is not None and gateway.capabilities.no_may_be_wrong
