from campaigns.admin import timeline  # noqa: F401  (its source adds itself)
from campaigns.admin.birthday import BirthdayGreetingAdmin
from campaigns.admin.campaign import CampaignAdmin
from campaigns.admin.delivery import DeliveryAdmin, DeliveryAttemptAdmin
from campaigns.admin.engine import DispatcherAdmin, LaneAdmin
from campaigns.admin.mailbox import MailboxAdmin
from campaigns.admin.reply import ReplyAdmin
from campaigns.admin.reply_settings import ReplySettingsAdmin
from campaigns.admin.sending import SendingEventAdmin, SendingTicketAdmin, WritingContactAdmin, WritingTagAdmin

__all__ = [
    "BirthdayGreetingAdmin",
    "CampaignAdmin",
    "DeliveryAdmin",
    "DeliveryAttemptAdmin",
    "DispatcherAdmin",
    "LaneAdmin",
    "MailboxAdmin",
    "ReplyAdmin",
    "ReplySettingsAdmin",
    "SendingEventAdmin",
    "SendingTicketAdmin",
    "WritingContactAdmin",
    "WritingTagAdmin",
]
