"""How many messages left, failed or became uncertain in each part of a run.

An attempt does not name its campaign, and joining a million of them to their deliveries takes seconds. So a run is
counted from the deliveries, by two indexes made for it: `delivery_by_sending` holds the moment at which each message
left, `delivery_by_failing` that of the few which did not. Each part of the run is a range of such an index, which a
database counts without reading a row; all of them together are one statement.
"""

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from itertools import pairwise
from typing import NamedTuple

from django.db import connection

from campaigns.models import Campaign, Delivery

# The condition of the partial index stands there word for word: only so does SQLite know that it may use it.
_LOST = "status IN ('failed', 'uncertain') AND status = %s AND status_changed_at >= %s AND status_changed_at < %s"
_LEFT = "sent_at >= %s AND sent_at < %s"


class Counted(NamedTuple):
    """Of one part of a run, by the moment at which each message left, or at which it was known not to have."""

    sent: int
    failed: int
    uncertain: int


def count_parts(campaign: Campaign, edges: Sequence[datetime]) -> list[Counted]:
    """One for each two edges that follow each other; a part begins with its first moment and ends before its last."""
    if len(edges) < 2:
        return []
    moments = [connection.ops.adapt_datetimefield_value(edge) for edge in edges]
    params: list[int | str | None] = []
    for first, last in pairwise(moments):
        params += [campaign.pk, first, last]
        params += [campaign.pk, "failed", first, last, campaign.pk, "uncertain", first, last]
    with connection.cursor() as cursor:
        cursor.execute(_sql(len(edges) - 1), params)
        found = cursor.fetchone()
    return [Counted(*found[at : at + 3]) for at in range(0, len(found), 3)]


@cache
def _sql(parts: int) -> str:
    table = connection.ops.quote_name(Delivery._meta.db_table)
    one = f"(SELECT COUNT(*) FROM {table} WHERE campaign_id = %s AND "  # noqa: S608  (names of our own model)
    return "SELECT " + ", ".join([f"{one}{_LEFT}), {one}{_LOST}), {one}{_LOST})"] * parts)
