from whatsapp.models.restart import Restart
from whatsapp.models.sender import Sender
from whatsapp.models.sending_settings import SendingSettings

__all__ = ["Restart", "Sender", "SendingSettings"]
