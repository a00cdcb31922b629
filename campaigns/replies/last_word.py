"""Which of a person's words is the last one, by the time at which they were written or said.

They may be heard late and out of order: a gateway was off, two reports stood in one post, or somebody found out only
days later who wrote.
"""

from datetime import datetime, timedelta

from campaigns.enums import ReplyMeaning
from campaigns.models import Reply
from tickets.models import Contact

# Gateways and we read different clocks. Between a yes and a no that are so close, the no counts.
CLOCKS_APART = timedelta(hours=1)


def stopped_since(contact: Contact, moment: datetime) -> bool:
    """A yes of `moment` was taken back."""
    return _wrote_since(contact, ReplyMeaning.STOP, moment)


def agreed_since(contact: Contact, moment: datetime) -> bool:
    """A no of `moment` was taken back: by a reply, which has the same clock, or in another way."""
    agreed = contact.whatsapp_consent_at
    if agreed is not None and agreed > moment + CLOCKS_APART:
        return True
    return _wrote_since(contact, ReplyMeaning.RESUME, moment)


def _wrote_since(contact: Contact, meaning: ReplyMeaning, moment: datetime) -> bool:
    return Reply.objects.filter(contact=contact, meaning=meaning, received_at__gt=moment).exists()
