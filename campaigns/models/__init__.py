from campaigns.models.birthday import BirthdayGreeted, BirthdayGreeting
from campaigns.models.campaign import Campaign
from campaigns.models.delivery import Delivery, DeliveryAttempt
from campaigns.models.engine import Dispatcher, Installation, Lane
from campaigns.models.mailbox import EventMailbox, Mailbox
from campaigns.models.reply import Reply, ReplySettings

__all__ = [
    "BirthdayGreeted",
    "BirthdayGreeting",
    "Campaign",
    "Delivery",
    "DeliveryAttempt",
    "Dispatcher",
    "EventMailbox",
    "Installation",
    "Lane",
    "Mailbox",
    "Reply",
    "ReplySettings",
]
