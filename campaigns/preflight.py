"""What a launch would do, found out before it: who gets it, who not and why, how long it takes."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from campaigns.audience import Person, people_of
from campaigns.enums import Channel
from campaigns.finish import finish_of, whatsapp_lanes
from campaigns.forecast import Forecast, waiting_time
from campaigns.models import Campaign
from campaigns.personal import Finished, Writer
from campaigns.scene import Scene
from whatsapp.models import Sender

EXAMPLES = 5


@dataclass
class Preflight:
    """Numbers and examples for the page that asks "really?". A person on two channels counts on each."""

    campaign: Campaign
    recipients: Counter[str] = field(default_factory=Counter)  # by channel
    skipped: Counter[tuple[str, str]] = field(default_factory=Counter)  # by channel and reason
    skipped_people: dict[tuple[str, str], list[str]] = field(default_factory=dict)  # a few names each
    merged: int = 0  # people whose address had its message already
    too_long: list[tuple[str, str]] = field(default_factory=list)  # name and numbers
    fallbacks: Counter[str] = field(default_factory=Counter)
    samples: list[tuple[Person, Finished]] = field(default_factory=list)
    senders: list[Sender] = field(default_factory=list)
    waiting_seconds: float = 0.0
    finish: Forecast | None = None  # when it is launched now; None when it cannot be
    latest_at: datetime | None = None  # with all that chance may add to the pauses

    @property
    def messages(self) -> int:
        """The number on the button; the launch makes exactly so many pending deliveries."""
        return self.recipients.total()

    @property
    def finish_at(self) -> datetime | None:
        return self.finish.ends_at if self.finish else None

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
            found.append("no_number")
        if self.too_long:
            found.append("too_long")
        return found


def preflight(campaign: Campaign, *, now: datetime) -> Preflight:
    """Read the whole audience once, as the launch will. Raises BadTemplate when the text cannot be filled in."""
    writer = Writer.of(campaign)
    plan = Preflight(campaign)
    for person, is_repeated in distinct(campaign):
        _count(plan, person, writer, is_repeated=is_repeated)
    _estimate(plan, now=now)
    return plan


def distinct(campaign: Campaign) -> Iterator[tuple[Person, bool]]:
    """Each person of the audience, and whether their address stood in the list before."""
    seen: set[tuple[str, str]] = set()
    for people in people_of(campaign):
        for person in people:
            key = (person.channel, person.dedupe_key)
            yield person, key in seen
            seen.add(key)


def _count(plan: Preflight, person: Person, writer: Writer, *, is_repeated: bool) -> None:
    if is_repeated:
        plan.merged += 1
    elif person.skip:
        key = (person.channel, str(person.skip))
        plan.skipped[key] += 1
        names = plan.skipped_people.setdefault(key, [])
        if len(names) < EXAMPLES:
            names.append(person.contact.name)
    else:
        _count_recipient(plan, person, writer.write(person))


def _count_recipient(plan: Preflight, person: Person, finished: Finished) -> None:
    plan.recipients[person.channel] += 1
    plan.fallbacks.update(finished.fallbacks)
    if finished.too_long:
        plan.too_long.append((person.contact.name, finished.too_long))
    if len(plan.samples) < EXAMPLES:
        plan.samples.append((person, finished))


def _estimate(plan: Preflight, *, now: datetime) -> None:
    scene = Scene(now)
    plan.senders = [lane.sender for lane in scene.usable(Channel.WHATSAPP) if lane.sender]
    if not plan.messages or (plan.whatsapp and not plan.senders):
        return
    plan.waiting_seconds = waiting_time(plan.whatsapp, [lane.pace for lane in whatsapp_lanes(scene)])
    plan.finish = finish_of(plan.campaign, plan.recipients, scene)
    if plan.whatsapp and scene.limits.settings.jitter_percent:
        plan.latest_at = finish_of(plan.campaign, plan.recipients, scene, chance=1.0).ends_at
