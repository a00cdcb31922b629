"""What a launch would do, found out before it: who gets it, who not and why, how long it takes."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from campaigns.enums import Channel
from campaigns.finish import finish_of, whatsapp_lanes
from campaigns.forecast import Forecast, waiting_time
from campaigns.headcount import MERGED, RECIPIENT, SKIPPED, Headcount, headcount
from campaigns.models import Campaign, Lane
from campaigns.scene import Scene
from campaigns.template_checks import template_problem
from campaigns.template_lanes import may_take
from whatsapp.models import Sender


@dataclass
class Preflight:
    """Numbers and examples for the page that asks "really?". A person on two channels counts on each."""

    campaign: Campaign
    scene: Scene
    count: Headcount
    lanes: list[Lane] = field(default_factory=list)  # of the WhatsApp numbers that would send
    lacking: list[Sender] = field(default_factory=list)  # numbers that would, if it had one of their templates
    template_problem: str = ""  # a sentence
    waiting_seconds: float = 0.0
    finish: Forecast | None = None  # when it is launched now; None when it cannot be
    latest_at: datetime | None = None  # with all that chance may add to the pauses

    def __post_init__(self) -> None:
        self.recipients = self.count.by_channel(RECIPIENT)
        lists = self.count.groups.items()
        self.skipped = Counter({(group.channel, group.word): len(ids) for group, ids in lists if group.kind == SKIPPED})
        self.skipped_people = {  # a few names each
            (group.channel, group.word): names for group, names in self.count.names.items() if group.kind == SKIPPED
        }
        self.merged = self.count.total(MERGED)  # people whose address had its message already

    @property
    def messages(self) -> int:
        """The number on the button; the launch makes exactly so many pending deliveries."""
        return self.recipients.total()

    @property
    def senders(self) -> list[Sender]:
        return [lane.sender for lane in self.lanes if lane.sender]

    @property
    def too_long(self) -> list[tuple[str, str]]:
        """Name and numbers of everybody whose channel would refuse their message."""
        return self.count.too_long

    @property
    def finish_at(self) -> datetime | None:
        return self.finish.ends_at if self.finish else None

    @property
    def days(self) -> int:
        """On how many days messages leave; 0 when it cannot be launched."""
        return self.finish.days if self.finish else 0

    @property
    def whatsapp(self) -> int:
        return self.recipients[Channel.WHATSAPP]

    @property
    def email(self) -> int:
        return self.recipients[Channel.EMAIL]

    @property
    def skipped_total(self) -> int:
        return self.skipped.total()

    @property
    def problems(self) -> list[str]:
        """Stable words for what forbids the launch."""
        found = []
        if not self.messages:
            found.append("nobody")
        if self.whatsapp and not self.senders:
            found.append("no_template" if self.lacking else "no_number")
        if self.whatsapp and self.template_problem:
            found.append("template")
        if self.too_long:
            found.append("too_long")
        return found


def preflight(
    campaign: Campaign,
    *,
    now: datetime,
    scene: Scene | None = None,
    count: Callable[[Campaign], Headcount] = headcount,
) -> Preflight:
    """Raises BadTemplate when the text cannot be filled in. `count` says how the audience is counted."""
    plan = Preflight(campaign, scene or Scene(now), count(campaign))
    _estimate(plan)
    return plan


def _estimate(plan: Preflight) -> None:
    scene, campaign = plan.scene, plan.campaign
    usable = [lane for lane in scene.usable(Channel.WHATSAPP) if lane.sender]
    plan.lanes = [lane for lane in usable if may_take(lane.sender, campaign)]
    plan.lacking = [lane.sender for lane in usable if lane.sender and not may_take(lane.sender, campaign)]
    plan.template_problem = template_problem(campaign, plan.senders)
    if not plan.messages or (plan.whatsapp and not plan.lanes):
        return
    plan.waiting_seconds = waiting_time(plan.whatsapp, [lane.pace for lane in whatsapp_lanes(campaign, scene)])
    plan.finish = finish_of(plan.campaign, plan.recipients, scene)
    if plan.whatsapp and scene.limits.settings.jitter_percent:
        plan.latest_at = finish_of(plan.campaign, plan.recipients, scene, chance=1.0).ends_at
