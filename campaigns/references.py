"""What we call a message towards a provider that gives our own word back with its receipts.

It settles a message whose answer was lost, so it names the call and not only the delivery.
"""

import re

from campaigns.models import Delivery

_FORM = re.compile(r"delivery-(\d{1,18})-(\d{1,5})")


def reference_of(delivery: Delivery) -> str:
    """Of the call that is made now."""
    return f"delivery-{delivery.pk}-{delivery.attempts_made}"


def parse_reference(text: str) -> tuple[int, int] | None:
    """The delivery and the number of the attempt; None for anything that is not ours."""
    found = _FORM.fullmatch(text)
    return (int(found[1]), int(found[2])) if found else None
