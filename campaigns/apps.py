from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CampaignsConfig(AppConfig):
    name = "campaigns"
    verbose_name = _("Campaigns")

    def ready(self) -> None:
        from campaigns import (  # noqa: F401, PLC0415  (they register themselves)
            birthdays,
            checks,
            lanes,
            merging,
            receivers,
            segment_uses,
            undoing,
        )
        from campaigns.replies import people  # noqa: F401, PLC0415  (likewise)
