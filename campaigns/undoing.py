"""Undoing an import keeps whoever was chosen by name for a campaign: nothing else points from there to a person."""

from django.db.models import Q

from campaigns.audience_filters import one_of
from campaigns.merging import UNLISTED
from campaigns.models import Campaign
from tickets.importing.undoing import add_use


def chosen_by_name() -> Q:
    """Of campaigns whose list is not written yet; later each of them has a message."""
    unlisted = Campaign.objects.filter(prepared_at=None, status__in=UNLISTED).order_by()
    ids: set[int] = set()
    for chosen in unlisted.filter(audience__has_key="contacts").values_list("audience__contacts", flat=True):
        ids.update(chosen)
    return one_of("contact_id", ids)


add_use(chosen_by_name)
