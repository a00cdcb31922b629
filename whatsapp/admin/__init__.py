from whatsapp.admin.sender import SenderAdmin
from whatsapp.admin.sending_settings import SendingSettingsAdmin

__all__ = ["SenderAdmin", "SendingSettingsAdmin"]
