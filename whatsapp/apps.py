from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class WhatsappConfig(AppConfig):
    name = "whatsapp"
    verbose_name = _("WhatsApp numbers")

    def ready(self) -> None:
        from whatsapp import health, template_news  # noqa: F401, PLC0415  (they register themselves)
