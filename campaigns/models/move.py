"""When a campaign went from one state to another: what its chart marks, whoever or whatever moved it."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from campaigns.enums import CampaignStatus
from campaigns.models.campaign import Campaign


class CampaignMove(models.Model):
    """Written together with the move and never edited. The history of actions says who asked for it."""

    campaign = models.ForeignKey(
        Campaign, models.CASCADE, verbose_name=_("campaign"), related_name="moves", db_index=False
    )
    at = models.DateTimeField(_("time"))
    status = models.CharField(_("status"), max_length=12, choices=CampaignStatus)
    reason = models.CharField(_("reason"), max_length=200, blank=True)

    class Meta:
        ordering = ("at", "pk")
        verbose_name = _("move of a campaign")
        verbose_name_plural = _("moves of campaigns")
        constraints = [models.CheckConstraint(condition=Q(status__in=CampaignStatus.values), name="move_is_known")]
        indexes = [models.Index(fields=["campaign", "at", "id"], name="move_by_campaign")]

    def __str__(self) -> str:
        return f"{self.campaign_id}: {self.get_status_display()}"
