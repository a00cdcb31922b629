"""Who may not get a message, asked before the launch and once more at the moment of sending."""

from campaigns.enums import CampaignKind, Channel, Channels, Origin, ReplyMeaning, SkipReason
from campaigns.models import Campaign, Delivery
from tickets.enums import TicketStatus
from tickets.models import Contact


def address_of(contact: Contact, channel: str) -> str:
    return contact.phone if channel == Channel.WHATSAPP else contact.email


def missing_address(channel: str) -> SkipReason:
    return SkipReason.NO_PHONE if channel == Channel.WHATSAPP else SkipReason.NO_EMAIL


def has_opted_out(contact: Contact, channel: str) -> bool:
    return (contact.whatsapp_opt_out_at if channel == Channel.WHATSAPP else contact.email_opt_out_at) is not None


def one_message_on(campaign: Campaign, channel: str) -> tuple[str, ...]:
    """The channels on which a ticket that arrived is the one of this channel: with “e-mail for whoever has no number”
    everybody gets one message, with “both” one on each."""
    return tuple(Channel.values) if campaign.channels == Channels.WHATSAPP_FIRST else (channel,)


def reason_to_skip(delivery: Delivery, campaign: Campaign) -> SkipReason | None:
    """The reason why this person may not get this message any more; tickets are a service and still go."""
    if delivery.contact is None:
        # A test goes to an address that somebody of the staff typed, a reminder to one of themselves.
        return None if campaign.is_aside else SkipReason.CONTACT_DELETED
    if campaign.kind == CampaignKind.TICKETS:
        is_valid = delivery.ticket is not None and delivery.ticket.status == TicketStatus.VALID
        return None if is_valid else SkipReason.TICKET_NOT_VALID
    if campaign.origin == Origin.REPLY:
        return _untrue(campaign, has_opted_out(delivery.contact, delivery.channel))
    if has_opted_out(delivery.contact, delivery.channel):
        return SkipReason.OPTED_OUT
    return None


def asks_for_consent(campaign: Campaign) -> bool:
    """Whether an opt-out stops it: tickets are a service, and who wrote to us gets the answer to that."""
    return campaign.kind == CampaignKind.ANNOUNCEMENT and campaign.origin != Origin.REPLY


def _untrue(campaign: Campaign, is_out: bool) -> SkipReason | None:
    """An answer says what holds now. Whoever has changed their mind since must not be told the contrary."""
    if campaign.audience.get("answers") == ReplyMeaning.STOP:
        return None if is_out else SkipReason.CHANGED_MIND
    return SkipReason.OPTED_OUT if is_out else None
