from whatsapp.admin.sender import SenderAdmin
from whatsapp.admin.sending_settings import SendingSettingsAdmin
from whatsapp.admin.webhook_posts import WebhookPostAdmin

__all__ = ["SenderAdmin", "SendingSettingsAdmin", "WebhookPostAdmin"]
