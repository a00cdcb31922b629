"""Three numbers behind three gateways at once: the engine on the travelling clock, real HTTP, and what telephones got."""

import contextlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

import time_machine
from django.core.cache import cache
from django.utils import timezone, translation
from django.utils.html import escape

from campaigns import lifecycle
from campaigns.audience import describe
from campaigns.dispatch import Dispatch
from campaigns.models import Campaign, Delivery, Lane
from campaigns.preparing import prepare
from campaigns.progress import snapshot
from campaigns.scene import Scene
from campaigns.stopping import StopPipe
from campaigns.templatetags.campaigns import until_words
from campaigns.tick import tick
from campaigns.waiting import Waiting
from tests.campaigns.conftest import browser_of
from tests.campaigns.driving import TravellingStop
from tests.campaigns.pages import page
from tests.factories import make_campaign, make_contact, make_delivery, make_sender, make_user
from tests.fake_gateway import FakeProcess
from tests.fakes import Clock
from tests.whatsapp.contract.bench import OPTIONS
from tests.whatsapp.hooks import hook_url
from tickets.models import Contact
from whatsapp.models import Sender
from whatsapp.registry import gateway_for
from whatsapp.webhooks.reading import read_posts

SECRET = "secreto-de-los-informes-4d5e6f"
MINUTE = 60.0


@dataclass
class Number:
    """One of ours and the gateway behind it. Both have the name of the gateway."""

    fake: FakeProcess
    sender: Sender

    @property
    def lane(self) -> Lane:
        return Lane.objects.select_related("sender").get(sender=self.sender)

    @property
    def rest(self) -> tuple[str, datetime | None]:
        """Why it rests and until when."""
        lane = self.lane
        return lane.pause_reason, lane.paused_until

    def phones(self) -> list[str]:
        """Who got something from it, in that order."""
        return [f"+{message['phone']}" for message in self.fake.messages()]

    def reports_to(self, server: str) -> None:
        """Its gateway posts to our own door there, and proves that it is the gateway in its own way."""
        self.fake.post_to(server + hook_url(self.sender), SECRET)


def number_at(fake: FakeProcess, **fields: object) -> Number:
    values = {
        "name": fake.name.title(),
        "gateway": fake.name,
        "base_url": fake.url,
        "session_name": fake.session,
        "api_key": fake.dialect.key,
        "options": OPTIONS.get(fake.name, {}),
        "webhook_secret": SECRET,
    }
    return Number(fake, make_sender(**values | fields))


class _Stop(TravellingStop):
    """What other processes of the worker do meanwhile is done in the waits: what was posted before an answer is read
    before the answer is on record."""

    def __init__(self, clock: Clock, do: Callable[[], None]):
        super().__init__(clock)
        self.do = do

    def wait(self, seconds: float, also: Iterable[int] = ()) -> None:
        super().wait(seconds, also)
        self.do()


class Engine:
    """One dispatcher, the reader of reports and a tick a minute. They speak to real addresses; hours pass in moments.

    It begins in the present, for gateways are processes of their own and date what they post; a minute later than that,
    so that everything was there before.
    """

    def __init__(self) -> None:
        self.clock = Clock(timezone.now() + timedelta(minutes=1))
        self.looking = browser_of(make_user())

    @property
    def now(self) -> datetime:
        return self.clock.now

    def work(self, seconds: float) -> None:
        ends = self.now + timedelta(seconds=seconds)
        while self.now < ends:
            slice_ends = min(ends, self.now + timedelta(seconds=MINUTE))
            self._read_and_prepare()
            self._slice((slice_ends - self.now).total_seconds())
            self.clock.now = slice_ends
            tick(now=self.now)

    def _slice(self, seconds: float) -> None:
        stop = _Stop(self.clock, self._read_and_prepare)
        stop.loop = Dispatch(budget=seconds, clock=self.clock, stop=stop, gateway=gateway_for)
        stop.loop.run()

    def _read_and_prepare(self) -> None:
        while read_posts(now=self.now, limit=100):
            pass
        for campaign in Campaign.objects.filter(status="sending", prepared_at=None):
            prepare(campaign.pk, budget=60, stop=StopPipe(), clock=self.clock)

    def announce(self, persons: Iterable[Contact], **fields: object) -> Campaign:
        audience = describe(contacts=[person.pk for person in persons])
        return self.launch(make_campaign(status="draft", audience=audience, **fields))

    def launch(self, campaign: Campaign) -> Campaign:
        lifecycle.launch(campaign, now=self.now)
        self._read_and_prepare()
        return Campaign.objects.get(pk=campaign.pk)

    # --- what people see

    def page(self, campaign: Campaign) -> str:
        return self.see(page("change", campaign.pk))

    def see(self, address: str) -> str:
        cache.clear()
        with self.watching():
            answer = self.looking.get(address)
        assert answer.status_code == 200
        return answer.content.decode()

    def press(self, address: str) -> None:
        with self.watching():
            assert self.looking.post(address).status_code == 302

    @contextlib.contextmanager
    def watching(self) -> Iterator[None]:
        """At the moment of the clock, in English."""
        with time_machine.travel(self.now, tick=False), translation.override("en"):
            yield

    def said(self, sentence: str, reason: str, until: datetime, campaign: Campaign) -> str:
        """The sentence as a page has it, with the words for its end."""
        with self.watching():
            return escape(f"{sentence} {until_words(Waiting(reason, until, ''), campaign)}")

    def waiting(self, campaign: Campaign) -> tuple[str, datetime | None] | None:
        """The one reason of the campaign, with its end."""
        found = snapshot(Campaign.objects.get(pk=campaign.pk), Scene(self.now)).waiting
        return (str(found.reason), found.until) if found else None


def people(count: int, **fields: object) -> list[Contact]:
    return [make_contact(email="", **fields) for _ in range(count)]


def known_to(number: Number, count: int, *, now: datetime) -> list[Contact]:
    """People whom this number has reached before."""
    known = people(count)
    written_to(number, known, now=now)
    return known


def written_to(number: Number, persons: Iterable[Contact], *, now: datetime) -> None:
    before = now - timedelta(days=9)
    campaign = make_campaign(status="finished", finished_at=before)
    for person in persons:
        make_delivery(campaign=campaign, contact=person, status="sent", sent_at=before, sender=number.sender)


def reached(*numbers: Number) -> Counter[str]:
    """How many messages each person got, from all numbers together."""
    return sum((Counter(number.phones()) for number in numbers), Counter())


def texts_to(person: Contact, *numbers: Number) -> list[tuple[str, str]]:
    """From which number each came, in the order of its numbers, and how it begins."""
    return [
        (number.fake.name, message["text"][:5])
        for number in numbers
        for message in number.fake.messages()
        if f"+{message['phone']}" == person.phone
    ]


def once(persons: Iterable[Contact]) -> Counter[str]:
    return Counter(person.phone for person in persons)


def states(campaign: Campaign) -> Counter[str]:
    return Counter(Delivery.objects.filter(campaign=campaign).values_list("status", flat=True))
