from whatsapp.models.people import ChatIdentity, NumberCheck
from whatsapp.models.restart import Restart
from whatsapp.models.sender import Sender
from whatsapp.models.sending_settings import SendingSettings
from whatsapp.models.template import MessageTemplate
from whatsapp.models.webhook import EarlyReceipt, ReadingTurn, WebhookPost

__all__ = [
    "ChatIdentity",
    "EarlyReceipt",
    "MessageTemplate",
    "NumberCheck",
    "ReadingTurn",
    "Restart",
    "Sender",
    "SendingSettings",
    "WebhookPost",
]
