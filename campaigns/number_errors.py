"""What went wrong lately on each WhatsApp number: for the pages of numbers, which know nothing of attempts."""

from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest

from campaigns.enums import AttemptOutcome
from campaigns.explanations import Explanation, explain
from campaigns.models import DeliveryAttempt
from campaigns.scene import LATELY

SHOWN = 3  # of each number
MOST_READ = 500  # of all numbers together
WRONG = (AttemptOutcome.REFUSED, AttemptOutcome.NOT_SENT, AttemptOutcome.UNCERTAIN)


@dataclass(frozen=True)
class LastError:
    attempt_id: int
    at: datetime
    kind: str
    detail: str

    @property
    def explanation(self) -> Explanation:
        return explain(self.kind)


def last_errors() -> dict[int, list[LastError]]:
    """By number, newest first. Among the newest attempts only: a million rows are not searched for a card."""
    newest = DeliveryAttempt.objects.order_by("-pk").values_list("pk", flat=True).first()
    if newest is None:
        return {}
    wrong = DeliveryAttempt.objects.filter(pk__gt=newest - LATELY, outcome__in=WRONG, sender__isnull=False)
    rows = wrong.order_by("-pk").values_list("sender", "pk", "started_at", "error_kind", "detail")
    found: dict[int, list[LastError]] = {}
    for sender, pk, at, kind, detail in rows[:MOST_READ]:
        known = found.setdefault(sender, [])
        if len(known) < SHOWN:
            known.append(LastError(pk, at, kind, detail))
    return found


def errors_of(request: HttpRequest) -> dict[int, list[LastError]]:
    """Asked for once for all the cards of a page."""
    known: dict[int, list[LastError]] | None = getattr(request, "number_errors", None)
    if known is None:
        known = request.number_errors = last_errors()  # type: ignore[attr-defined]
    return known
