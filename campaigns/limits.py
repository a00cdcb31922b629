"""The settings as they are now, frozen for one turn of a dispatcher."""

import random
from dataclasses import dataclass
from datetime import tzinfo

from campaigns.attempts import RetryRule
from campaigns.models import Lane
from campaigns.retries import backoff
from whatsapp.limits import heaviest_weight, pace_of
from whatsapp.models import SendingSettings
from whatsapp.pacing import Pace

chance = random.SystemRandom().random


@dataclass(frozen=True)
class RunLimits:
    """Read anew in every turn that sends: a change is obeyed by the very next wait."""

    settings: SendingSettings
    heaviest: int = 1  # the greatest weight among the numbers that send

    @classmethod
    def load(cls) -> "RunLimits":
        return cls(SendingSettings.load(), heaviest_weight())

    @property
    def day_zone(self) -> tzinfo:
        return self.settings.window_timezone

    def pace(self, lane: Lane) -> Pace:
        return pace_of(self.settings, lane.sender, heaviest=self.heaviest)

    def retry(self, tries: int) -> RetryRule:
        return RetryRule(attempts=self.settings.retry_attempts, wait=self.backoff(tries))

    def backoff(self, tries: int) -> float:
        return backoff(
            tries,
            base=self.settings.retry_base_seconds,
            factor=float(self.settings.retry_factor),
            cap=self.settings.retry_cap_seconds,
            chance=chance(),
        )
