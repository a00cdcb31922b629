from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class TicketsConfig(AppConfig):
    name = "tickets"
    verbose_name = _("Events and people")

    def ready(self) -> None:
        from tickets import checks, history_mirror  # noqa: F401, PLC0415  (they register themselves)
