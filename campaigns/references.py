"""What we call a message towards a provider that gives our own word back with its receipts.

It settles a message whose answer was lost, so it names the call and not only the delivery.
"""

import re
from typing import NamedTuple

from campaigns.models import Delivery

_FORM = re.compile(r"delivery-([1-9]\d{0,17})-([1-9]\d{0,4})", re.ASCII)  # not longer than the columns are


class Reference(NamedTuple):
    """One call: the delivery, and the number of the attempt."""

    delivery_id: int
    attempt: int

    def __str__(self) -> str:
        return f"delivery-{self.delivery_id}-{self.attempt}"


def reference_of(delivery: Delivery) -> str:
    """Of the call that is made now."""
    return str(Reference(delivery.pk, delivery.attempts_made))


def parse_reference(text: str) -> Reference | None:
    """None for anything that is not ours."""
    found = _FORM.fullmatch(text)
    return Reference(int(found[1]), int(found[2])) if found else None
