"""What a launch would do, in the form in which a person judges it: numbers, reasons, samples, and what forbids it."""

import hashlib
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from campaigns.audience import Person
from campaigns.enums import CampaignKind, Channel, Channels, SkipReason
from campaigns.finish import days_words
from campaigns.models import Campaign
from campaigns.personal import Finished
from campaigns.placeholders import BadTemplate
from campaigns.preflight import Preflight, preflight
from campaigns.scheduling import last_moment_of
from campaigns.slots import nobody_works
from campaigns.text_messages import sentences_for
from campaigns.views.showing import when
from campaigns.windows import window_of
from tickets.qr import ticket_qr
from whatsapp.advice import ADVICE, TONES
from whatsapp.enums import SenderState
from whatsapp.models import Sender, SendingSettings
from whatsapp.pacing import closed_until
from whatsapp.preview import duration
from whatsapp.qr import data_url

SAMPLES = 5
MESSAGE_FIELDS = ("body", "email_body", "subject", "link", "link_text", "image", "attach_qr", "event_id")


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


@dataclass(frozen=True)
class Skipped:
    channel: str
    reason: str
    number: int
    examples: str
    has_more: bool


@dataclass(frozen=True)
class Sample:
    """One message as it will arrive."""

    name: str
    address: str
    channel: str
    subject: str
    text: str
    qr: str
    has_picture: bool


@dataclass(frozen=True)
class Number:
    """A WhatsApp number that will send, and whether it can now."""

    sender: Sender
    state: str
    tone: str
    advice: str
    is_ready: bool


@dataclass
class Plan:
    campaign: Campaign
    options: Options
    numbers: Preflight | None  # None when the text cannot be filled in
    problems: list[str] = field(default_factory=list)  # sentences; any of them forbids the launch
    warnings: list[str] = field(default_factory=list)
    samples: list[Sample] = field(default_factory=list)
    senders: list[Number] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    finish: str = ""
    latest: str = ""  # with all that chance may add

    @property
    def messages(self) -> int:
        return self.numbers.messages if self.numbers else 0

    @property
    def fallbacks(self) -> list[tuple[str, int]]:
        """As pairs: a template that asks a Counter for its “items” gets the number of items called so."""
        return self.numbers.fallbacks.most_common() if self.numbers else []

    @property
    def waiting(self) -> str:
        return duration(self.numbers.waiting_seconds) if self.numbers else ""

    @property
    def version(self) -> str:
        """Of the message that was shown: what is launched is what somebody read."""
        return message_version(self.campaign)


def message_version(campaign: Campaign) -> str:
    seen = "\n".join(f"{name}={getattr(campaign, name)}" for name in MESSAGE_FIELDS)
    return hashlib.sha256(seen.encode()).hexdigest()[:20]


def make_plan(campaign: Campaign, options: Options, *, now: datetime) -> Plan:
    options.put_on(campaign)
    try:
        numbers = preflight(campaign, now=now)
    except BadTemplate as error:
        return Plan(campaign, options, None, problems=sentences_for(error))
    return Plan(
        campaign,
        options,
        numbers,
        problems=_problems(campaign, numbers, now=now),
        warnings=_warnings(campaign, numbers, now=now),
        samples=[_sample(campaign, person, finished) for person, finished in _chosen(numbers)],
        senders=[_number(sender) for sender in numbers.senders] if numbers.whatsapp else [],
        skipped=_skipped(numbers),
        finish=when(numbers.finish_at, campaign.zone, now=now),
        latest=when(numbers.latest_at, campaign.zone, now=now),
    )


def _problems(campaign: Campaign, numbers: Preflight, *, now: datetime) -> list[str]:
    sentences = {
        "nobody": _("Nobody would get it. Choose other channels, or look below at who is skipped and why."),
        "no_number": _("There is no WhatsApp number in use. Add one or switch one on, or send it by e-mail."),
        "too_long": _("For some people the finished text is longer than the channel allows. Shorten it."),
    }
    found = [sentences[problem] for problem in numbers.problems]
    if _is_empty(campaign, numbers):
        found.insert(0, _("The message has no text yet. Write it first."))
    last = last_moment_of(campaign, launched_at=now)
    if last and last <= now:
        found.append(
            _("It may not leave later than %(moment)s, and that has passed. Change that time in the draft.")
            % {"moment": when(last, campaign.zone, now=now)}
        )
    return found


def _is_empty(campaign: Campaign, numbers: Preflight) -> bool:
    by_whatsapp = numbers.whatsapp and not campaign.body.strip()
    by_email = numbers.email and not (campaign.email_body or campaign.body).strip()
    return bool(by_whatsapp or by_email)


def _warnings(campaign: Campaign, numbers: Preflight, *, now: datetime) -> list[str]:
    found = []
    if nobody_works(now):
        found.append(_("The background worker is not running. Nothing leaves until your technician starts it."))
    if numbers.senders and numbers.whatsapp and not any(s.state == SenderState.READY for s in numbers.senders):
        found.append(_("No WhatsApp number is known to be ready. The messages wait until one is."))
    found += _about_time(campaign, numbers, now=now)
    return found


def _about_time(campaign: Campaign, numbers: Preflight, *, now: datetime) -> list[str]:
    found = []
    limits = SendingSettings.load()
    for channel in numbers.recipients:
        opens = closed_until(window_of(campaign, channel, limits), now)
        if opens is not None:
            found.append(
                _("%(channel)s: outside the hours in which messages may leave. The first one leaves at %(moment)s.")
                % {"channel": Channel(channel).label, "moment": when(opens, campaign.zone, now=now)}
            )
    if numbers.finish and (why := days_words(numbers.finish)):
        found.append(why)
    ends, limit = numbers.finish_at, last_moment_of(campaign, launched_at=now)
    if ends and limit and limit > now and ends > limit:
        found.append(
            _("At this pace it does not end before %(moment)s. Whoever has not got it by then gets nothing.")
            % {"moment": when(limit, campaign.zone, now=now)}
        )
    return found


def _chosen(numbers: Preflight) -> list[tuple[Person, Finished]]:
    """A few samples, with each channel among them."""
    firsts = {person.channel: (person, finished) for person, finished in reversed(numbers.samples)}
    rest = [pair for pair in numbers.samples if pair not in firsts.values()]
    chosen = [*firsts.values(), *rest][:SAMPLES]
    return sorted(chosen, key=lambda pair: numbers.samples.index(pair))


def _sample(campaign: Campaign, person: Person, finished: Finished) -> Sample:
    with_qr = campaign.attach_qr and person.ticket is not None
    return Sample(
        name=person.contact.name,
        address=person.address,
        channel=person.channel,
        subject=finished.subject,
        text=finished.text,
        qr=data_url(ticket_qr(person.ticket)) if with_qr and person.ticket else "",
        has_picture=bool(campaign.image) and not with_qr,
    )


def _number(sender: Sender) -> Number:
    is_ready = sender.state == SenderState.READY
    advice = "" if is_ready else str(ADVICE[sender.state])
    return Number(sender, sender.get_state_display(), TONES[sender.state], advice, is_ready)


def _skipped(numbers: Preflight) -> list[Skipped]:
    return [
        Skipped(
            channel=str(Channel(channel).label),
            reason=str(SkipReason(reason).label),
            number=number,
            examples=", ".join(numbers.skipped_people[channel, reason]),
            has_more=number > len(numbers.skipped_people[channel, reason]),
        )
        for (channel, reason), number in numbers.skipped.most_common()
    ]
