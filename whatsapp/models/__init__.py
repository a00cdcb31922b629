from whatsapp.models.sender import Sender
from whatsapp.models.sending_settings import SendingSettings

__all__ = ["Sender", "SendingSettings"]
