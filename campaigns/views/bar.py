"""The bar of a campaign: every state with its share, drawn without a style attribute, which the policy forbids."""

from collections.abc import Mapping
from dataclasses import dataclass

from campaigns.enums import DeliveryStatus

D = DeliveryStatus

WIDTH = 1000  # of the drawing, in its own units
LEAST = 6  # one failed message of a million is still to be seen
# What is good first, then what needs somebody, then what nobody gets; what is still to come is the rest of the bar.
ORDER = (D.READ, D.DELIVERED, D.SENT, D.UNCERTAIN, D.FAILED, D.EXPIRED, D.SKIPPED, D.CANCELLED, D.CLAIMED)


@dataclass(frozen=True)
class Segment:
    """One state: where it begins and how wide it is, in units of the drawing."""

    state: str
    label: str
    number: int
    x: int
    width: int


def segments_of(by_state: Mapping[str, int]) -> list[Segment]:
    """In the order of the bar. Together they are never wider than the bar, however small some are."""
    total = sum(by_state.values())
    shown = [(state, by_state[state]) for state in ORDER if by_state.get(state)]
    widths = [max(WIDTH * number // total, LEAST) for _state, number in shown]
    if (excess := sum(widths) - WIDTH) > 0:
        widths[widths.index(max(widths))] -= excess
    segments, x = [], 0
    for (state, number), width in zip(shown, widths, strict=True):
        segments.append(Segment(state.value, str(state.label), number, x, width))
        x += width
    return segments
