"""What a launch would do, in the form in which a person judges it: numbers, reasons, samples, and what forbids it."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.utils.translation import gettext as _

from campaigns.audience import Person
from campaigns.drafts import draft_version
from campaigns.enums import CampaignKind, Channels
from campaigns.headcount import FALLBACK, MERGED, RECIPIENT, SKIPPED, TOO_LONG, Longest
from campaigns.headcount import Sample as Chosen
from campaigns.kept_counts import kept_headcount
from campaigns.models import Campaign
from campaigns.numbers import number_of
from campaigns.placeholders import BadTemplate
from campaigns.preflight import Preflight, preflight
from campaigns.scene import Scene
from campaigns.text_messages import sentences_for
from campaigns.views.groups import Line, lines_of
from campaigns.views.plan_warnings import problems_of, warnings_of
from campaigns.views.showing import when
from tickets.drawing.card import card_of
from tickets.drawing.picture import small_picture
from whatsapp.advice import TONES, advice_of
from whatsapp.enums import SenderState
from whatsapp.models import Sender
from whatsapp.preview import duration
from whatsapp.qr import data_url

TYPED_FROM = 500  # with more messages than that, their number has to be typed


@dataclass(frozen=True)
class Options:
    """What is decided on the launch page, and written into the campaign by the launch alone."""

    channels: str
    again: bool

    @classmethod
    def of(cls, campaign: Campaign, asked: Any) -> "Options":
        if asked.get("channels") not in Channels.values:
            return cls(campaign.channels, bool(campaign.audience.get("again")))
        return cls(asked["channels"], campaign.kind == CampaignKind.TICKETS and bool(asked.get("again")))

    def audience(self, campaign: Campaign) -> dict[str, Any]:
        others = {name: value for name, value in campaign.audience.items() if name != "again"}
        return others | ({"again": True} if self.again else {})

    def put_on(self, campaign: Campaign) -> None:
        """In memory only."""
        campaign.channels = self.channels
        campaign.audience = self.audience(campaign)

    @property
    def query(self) -> str:
        return urlencode({"channels": self.channels} | ({"again": "on"} if self.again else {}))


@dataclass(frozen=True)
class Sample:
    """One message as it will arrive, and why it is this one that is shown."""

    name: str
    address: str
    channel: str
    subject: str
    text: str
    qr: str
    has_picture: bool
    why: str
    template: str = ""  # what the numbers at Meta send instead
    media: str = ""  # and what stands above it
    is_only_template: bool = False  # no other number sends it


@dataclass(frozen=True)
class Length:
    """The longest message of a channel beside its limit, in characters."""

    label: str
    length: int
    limit: int
    name: str


@dataclass(frozen=True)
class Number:
    """A WhatsApp number that will send, whether it can now, and how much it may still send today."""

    sender: Sender
    state: str
    tone: str
    advice: str
    is_ready: bool
    sent_today: int
    cap_today: int  # 0: no limit
    is_warming_up: bool

    @property
    def left_today(self) -> int:
        return max(self.cap_today - self.sent_today, 0)


@dataclass
class Plan:
    campaign: Campaign
    options: Options
    numbers: Preflight | None  # None when the text cannot be filled in
    problems: list[str] = field(default_factory=list)  # sentences; any of them forbids the launch
    warnings: list[str] = field(default_factory=list)
    samples: list[Sample] = field(default_factory=list)
    senders: list[Number] = field(default_factory=list)
    lines: dict[str, list[Line]] = field(default_factory=dict)  # groups of people, by what is said of them
    lengths: list[Length] = field(default_factory=list)
    finish: str = ""
    latest: str = ""  # with all that chance may add

    @property
    def messages(self) -> int:
        return self.numbers.messages if self.numbers else 0

    @property
    def people(self) -> list[tuple[str, str]]:
        """The first few that get it: name and address."""
        first = self.numbers.count.first if self.numbers else []
        return [(person.contact.name, person.address) for person in first]

    @property
    def recipients(self) -> list[Line]:
        return self.lines.get(RECIPIENT, [])

    @property
    def skipped(self) -> list[Line]:
        return self.lines.get(SKIPPED, [])

    @property
    def merged(self) -> list[Line]:
        return self.lines.get(MERGED, [])

    @property
    def too_long(self) -> list[Line]:
        return self.lines.get(TOO_LONG, [])

    @property
    def missing(self) -> list[Line]:
        """For whom the words after the bar are written, by placeholder and channel."""
        return self.lines.get(FALLBACK, [])

    @property
    def waiting(self) -> str:
        return duration(self.numbers.waiting_seconds) if self.numbers else ""

    @property
    def days(self) -> int:
        return self.numbers.days if self.numbers else 0

    @property
    def left_today(self) -> int | None:
        """What all numbers together may still send today; None when one of them has no limit."""
        capped = bool(self.senders) and all(number.cap_today for number in self.senders)
        return sum(number.left_today for number in self.senders) if capped else None

    @property
    def must_type(self) -> bool:
        return self.messages > TYPED_FROM

    @property
    def version(self) -> str:
        """Of what was shown: what is launched is what somebody read, for whom it was meant."""
        return draft_version(self.campaign, with_channels=False)


def make_plan(campaign: Campaign, options: Options, *, now: datetime, scene: Scene | None = None) -> Plan:
    options.put_on(campaign)
    try:
        numbers = preflight(campaign, now=now, scene=scene, count=kept_headcount)
    except BadTemplate as error:
        return Plan(campaign, options, None, problems=sentences_for(error))
    return Plan(
        campaign,
        options,
        numbers,
        problems=problems_of(campaign, numbers, now=now),
        warnings=warnings_of(campaign, numbers, now=now),
        samples=[_sample(campaign, chosen, numbers) for chosen in numbers.count.samples],
        senders=_numbers(numbers, now=now) if numbers.whatsapp else [],
        lines=lines_of(numbers.count, options.query),
        lengths=[_length(channel, longest) for channel, longest in numbers.count.longest.items()],
        finish=when(numbers.finish_at, campaign.zone, now=now),
        latest=when(numbers.latest_at, campaign.zone, now=now),
    )


def _sample(campaign: Campaign, chosen: Chosen, numbers: Preflight) -> Sample:
    person, finished = chosen.person, chosen.finished
    template = finished.template
    by_template = [template is not None and template.choice.is_for(sender) for sender in numbers.senders]
    with_qr = campaign.attach_qr and person.ticket is not None
    reasons = {"longest": _("the longest one"), "fallback": _("something is not known")}
    return Sample(
        name=person.contact.name,
        address=person.address,
        channel=person.channel,
        subject=finished.subject,
        text=finished.text,
        qr=_picture_of(campaign, person) if with_qr else "",
        has_picture=bool(campaign.image) and not with_qr,
        why=reasons.get(chosen.why, ""),
        template=template.text if template and any(by_template) else "",
        media=template.choice.media if template else "",
        is_only_template=bool(by_template) and all(by_template),
    )


def _picture_of(campaign: Campaign, person: Person) -> str:
    """Of the ticket, as it will be drawn; small, since several stand on one page."""
    if person.ticket is None or campaign.event is None:
        return ""
    language = person.contact.language or settings.LANGUAGE_CODE
    card = card_of(person.ticket, campaign.event, name=person.contact.name, language=language)
    return data_url(small_picture(card))


def _length(channel: str, longest: Longest) -> Length:
    labels = {
        "whatsapp": _("Longest WhatsApp message"),
        "caption": _("Longest text under the picture"),
        "subject": _("Longest e-mail subject"),
    }
    return Length(labels[longest.part], longest.length, longest.limit, longest.person.contact.name)


def _numbers(numbers: Preflight, *, now: datetime) -> list[Number]:
    return [
        _number(sender, number_of(lane, numbers.scene.limits, now=now))
        for lane, sender in zip(numbers.lanes, numbers.senders, strict=True)
    ]


def _number(sender: Sender, today: Any) -> Number:
    is_ready = sender.state == SenderState.READY
    return Number(
        sender=sender,
        state=sender.get_state_display(),
        tone=TONES[sender.state],
        advice="" if is_ready else str(advice_of(sender)),
        is_ready=is_ready,
        sent_today=today.sent_today,
        cap_today=today.cap_today,
        is_warming_up=today.is_warming_up,
    )
