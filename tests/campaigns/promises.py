"""What must hold at every moment, judged by the rows and by what the telephones got. Used by the state machine."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from campaigns.audience_rules import has_opted_out
from campaigns.enums import DeliveryStatus
from campaigns.models import Campaign, Delivery, DeliveryAttempt
from whatsapp.limits import pace_of
from whatsapp.models import SendingSettings
from whatsapp.pacing import Pace, delay_after

D = DeliveryStatus
EXACT = timedelta(microseconds=1)
NEVER_LEFT = frozenset(
    {"not ready", "throttled", "throttled for 90 s", "unreachable", "blocked", "blocked for an hour", "later"}
)


@dataclass
class LaneMemory:
    """What is needed to judge the pace of one lane without asking the engine: never more than it must remember."""

    started_at: datetime | None = None
    ended_at: datetime | None = None  # only where the holder of the lane has recorded the end
    index: int = 0  # of the last call in its run, at least
    position: int = 0
    days: Counter[date] = field(default_factory=Counter)
    paces: list[Pace] = field(default_factory=list)  # all that were in force since the last call started

    def note_start(self, now: datetime, pace: Pace, day: date) -> None:
        is_new_run = self.started_at is None or now - self.started_at >= timedelta(seconds=pace.quiet)
        self.index = 0 if is_new_run else self.position
        self.position = self.index + 1
        self.started_at, self.ended_at, self.paces = now, None, [pace]
        self.days[day] += 1

    def note_nothing_left(self, day: date) -> None:
        self.position = max(self.position - 1, 0)
        self.days[day] -= 1

    def earliest(self, pace: Pace) -> datetime:
        """The rule: from the end of one call to the start of the next; from its start where the end is not known."""
        assert self.started_at is not None
        gap = min(delay_after(self.index, each) for each in [*self.paces, pace])
        return (self.ended_at or self.started_at) + timedelta(seconds=gap)


def check_start(attempt_id: int, memory: LaneMemory, *, now: datetime) -> None:
    """At the moment when a call leaves: is it allowed to?"""
    attempt = DeliveryAttempt.objects.select_related("delivery__campaign", "lane__sender").get(pk=attempt_id)
    delivery, campaign, sender = attempt.delivery, attempt.delivery.campaign, attempt.lane.sender
    assert (campaign.status, delivery.status, attempt.outcome) == ("sending", D.CLAIMED, "started")
    assert campaign.prepared_at is not None
    assert (sender.is_enabled, sender.is_draining) == (True, False)
    if campaign.kind == "tickets":
        assert delivery.ticket.status == "valid"
    else:
        assert not has_opted_out(delivery.contact, delivery.channel)
    limits = SendingSettings.load()
    local = now.astimezone(limits.window_timezone)
    if limits.window_from is not None:
        assert limits.window_from <= local.time() < limits.window_to
    pace = pace_of(limits, sender)
    if memory.started_at is not None:
        assert now >= memory.earliest(pace) - EXACT, "sooner than the rule allows"
    if pace.daily_cap:
        assert memory.days[local.date()] < pace.daily_cap, "more than the day allows"
    memory.note_start(now, pace, local.date())


class Ledger:
    """Everything that was promised about rows that do not change any more."""

    def __init__(self) -> None:
        self.closed: dict[int, tuple] = {}
        self.allowed: Counter[str] = Counter()  # beyond the first message: what people asked for by name
        self.counted: set[int] = set()  # deliveries that somebody counted as sent
        self.keys: dict[int, frozenset[str]] = {}  # by campaign, who was on its list when it was complete

    def check(self, arrived: Counter[str]) -> None:
        deliveries = list(Delivery.objects.select_related("campaign").order_by("pk"))
        attempts = list(DeliveryAttempt.objects.order_by("pk").values_list())
        names = [each.attname for each in DeliveryAttempt._meta.concrete_fields]
        rows = [dict(zip(names, row, strict=True)) for row in attempts]
        self._check_attempts(rows)
        self._check_states(deliveries, rows)
        self._check_messages(deliveries, arrived)
        self._check_lists(deliveries)

    def _check_attempts(self, rows: list[dict]) -> None:
        """Never deleted, never edited; an unknown end may become known."""
        now = {row["id"]: tuple(row.items()) for row in rows if row["outcome"] != "started"}
        assert set(self.closed) <= set(now), "a closed attempt is gone"
        for pk, before in self.closed.items():
            assert now[pk] == before or dict(before)["outcome"] == "uncertain", "a closed attempt was edited"
        self.closed = now
        open_on = Counter(row["lane_id"] for row in rows if row["outcome"] == "started")
        assert all(count == 1 for count in open_on.values()), "two open attempts on one lane"

    def _check_states(self, deliveries: list[Delivery], rows: list[dict]) -> None:
        is_open = {row["delivery_id"] for row in rows if row["outcome"] == "started"}
        accepted = {row["delivery_id"] for row in rows if row["outcome"] == "accepted"}
        assert {d.pk for d in deliveries if d.status == D.CLAIMED} == is_open, "claimed and under way must be the same"
        assert {d.pk for d in deliveries if d.status == D.SENT} <= accepted | self.counted
        for delivery in deliveries:
            if delivery.status in D.withdrawable and delivery.campaign.status in ("cancelled", "finished"):
                # An answer that was late: “it did not leave”. The next tick takes it up.
                assert (delivery.attempts_made > 0, delivery.error_kind != "") == (True, True)
            if delivery.campaign.status == "draft":
                raise AssertionError("a draft has nobody on its list")

    def _check_messages(self, deliveries: list[Delivery], arrived: Counter[str]) -> None:
        """Nobody got more than what was asked for; who got all of it is not in any queue."""
        by_ticket: Counter[int] = Counter()
        may_by_ticket: Counter[int] = Counter()
        for delivery in deliveries:
            got, may = arrived[delivery.text], 1 + self.allowed[delivery.text]
            assert got <= may, f"{delivery.text} came {got} times"
            if got == may:
                assert delivery.status in D.left, f"{delivery.text} has arrived and is {delivery.status}"
            if delivery.ticket_id:
                by_ticket[delivery.ticket_id] += got
                may_by_ticket[delivery.ticket_id] += may - 1
        assert all(got <= 1 + may_by_ticket[ticket] for ticket, got in by_ticket.items()), "one ticket twice"
        assert set(arrived) <= {delivery.text for delivery in deliveries}

    def _check_lists(self, deliveries: list[Delivery]) -> None:
        """The list that was complete once stays as it is: the states always add up to the same total."""
        on_list: dict[int, set[str]] = {}
        for delivery in deliveries:
            on_list.setdefault(delivery.campaign_id, set()).add(delivery.dedupe_key)
        for campaign in Campaign.objects.filter(prepared_at__isnull=False):
            keys = frozenset(on_list.get(campaign.pk, ()))
            assert self.keys.setdefault(campaign.pk, keys) == keys, "the list has changed"
            assert len(keys) == sum(d.campaign_id == campaign.pk for d in deliveries)


def check_tidy() -> None:
    """After a tick nothing of what is over is left in a queue."""
    assert not Delivery.objects.filter(
        campaign__status__in=["cancelled", "finished"], status__in=sorted(D.open - {D.CLAIMED})
    ).exists()
