"""What gateways say of people who have no WhatsApp: when they are asked anew."""

from collections.abc import Collection

from django.db.models import QuerySet

from campaigns import safe_mode
from campaigns.audience import Person
from campaigns.audience_filters import TicketState
from campaigns.enums import Channel
from campaigns.models import Campaign, Delivery
from whatsapp import number_checks


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
