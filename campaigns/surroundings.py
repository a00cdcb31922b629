"""What a turn knows besides its lanes: the settings, the campaigns that send, and where somebody waits."""

from datetime import datetime, timedelta
from typing import Any

from campaigns import keeping
from campaigns.enums import CampaignStatus
from campaigns.lanes import lane_veto
from campaigns.limits import RunLimits
from campaigns.models import Campaign, Lane
from campaigns.people_limit import PeopleLimits
from campaigns.statements import Select
from campaigns.windows import sending
from campaigns.work import NOTHING, work_now
from tickets.models import Event
from whatsapp.models import Sender, SendingSettings
from whatsapp.pacing import Wait

# What has to be obeyed by the very next message.
VERSION_OF_SETTINGS = Select(SendingSettings, ("updated_at",), lambda: SendingSettings.objects.filter(pk=1))
VERSION_OF_CAMPAIGNS = Select(
    Campaign,
    ("id", "status", "status_changed_at", "slot_offset", "not_after", "window_from", "window_to", "zone"),
    # The paused ones too: else a pause, a resume and a pause would look like one pause.
    lambda: Campaign.objects.filter(status__in=sorted(CampaignStatus.live), prepared_at__isnull=False).order_by("pk"),
)
VERSION_OF_NUMBERS = Select(
    Sender,
    (
        "id",
        "is_enabled",
        "is_draining",
        "is_new",
        "weight",
        "daily_cap",
        "base_delay",
        "step",
        "every",
        "maximum_delay",
        "base_url",
    ),
    lambda: Sender.objects.order_by("pk"),
)
# What is noticed with the next look.
VERSION_OF_EVENTS = Select(
    Event,
    ("id", "starts_at", "ends_at", "timezone", "name", "venue", "address"),  # the last three are drawn on tickets
    lambda: Event.objects.filter(campaigns__status=CampaignStatus.SENDING).order_by("pk"),
)
OLDEST = timedelta(seconds=10)


class Surroundings:
    """Read whole when a short question says that something changed, and now and then for what nobody asks about."""

    def __init__(self) -> None:
        self.limits = RunLimits(SendingSettings())
        self.campaigns: list[Campaign] = []
        self.work = NOTHING
        self.people = PeopleLimits()
        self._version: Any = None
        self._numbers: Any = None
        self._events: Any = None
        self._read_at: datetime | None = None

    def look(self, *, now: datetime) -> None:
        """Also at what may wait for half a second."""
        before, self._events = self._events, VERSION_OF_EVENTS.rows()
        self.numbers_changed()
        if self._events != before or self._read_at is None or now - self._read_at >= OLDEST:
            self._read(self._versions_now())
            self._read_at = now
        else:
            self.refresh()
        self.work = work_now(self.campaigns, self.limits, now=now)
        if keeping.let_go_of_unavailable(self.campaigns, self.work, self.limits, now=now):
            self.work = work_now(self.campaigns, self.limits, now=now)

    def veto(self, lane: Lane, *, now: datetime) -> Wait | None:
        """Why nothing may leave from this lane now: pacing's word, and then Meta's limit of people."""
        wait = lane_veto(lane, self.limits.pace(lane), day_zone=self.limits.day_zone, now=now)
        return wait or self.people.veto(lane, now=now)

    def numbers_changed(self) -> bool:
        """Since the last question: somebody switched a number off, or gave it another pace or limit."""
        before, self._numbers = self._numbers, VERSION_OF_NUMBERS.rows()
        if self._numbers != before:
            self._read_at = None  # their weights stretch each other's pauses
        return self._numbers != before

    def refresh(self) -> None:
        """In the transaction of a turn: a pause and a change of the settings take effect on the very next message."""
        versions = self._versions_now()
        if versions != self._version:
            self._read(versions)

    def _versions_now(self) -> Any:
        return VERSION_OF_SETTINGS.rows(), VERSION_OF_CAMPAIGNS.rows()

    def _read(self, versions: Any) -> None:
        self.limits, self.campaigns, self._version = RunLimits.load(), sending(), versions
