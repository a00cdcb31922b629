"""One life of an installation: a few people, two numbers, dispatchers that live and die, and staff. Driven by the
state machine, one happening after another."""

import contextlib
from datetime import datetime, timedelta

import pytest

from campaigns import lifecycle, settling
from campaigns.audience import describe
from campaigns.calls import Call
from campaigns.lifecycle import IllegalMove
from campaigns.models import Campaign, Delivery, DeliveryAttempt, Lane
from campaigns.preparing import prepare
from campaigns.stopping import StopPipe
from campaigns.tick import tick
from tests.campaigns.driving import run_until_idle
from tests.campaigns.processes import Process, Telephones
from tests.campaigns.promises import NEVER_LEFT, LaneMemory, Ledger, check_start, check_tidy
from tests.factories import NOW, make_campaign, make_contact, make_event, make_sender, make_settings, make_ticket
from tests.fakes import Clock
from tickets.models import Contact, Ticket
from whatsapp.limits import pace_of
from whatsapp.models import Sender, SendingSettings

START = NOW + timedelta(days=400)  # after the rows were made by the real clock
PEOPLE, NUMBERS, MOST_CAMPAIGNS, MOST_PROCESSES = 5, 2, 6, 4
BUDGET = 40.0
PACES = (
    {},
    {"base_delay": 1, "step": 1, "every": 2, "maximum_delay": 4},
    {"base_delay": 7, "maximum_delay": 9, "batch_size": 2, "batch_pause_minutes": 1},
    {"daily_cap": 2, "breaker_threshold": 2},
    {"window_from": "08:00", "window_to": "18:00"},
    {"retry_attempts": 2, "retry_base_seconds": 5, "quiet_minutes": 1},
)
PLAIN = {
    field.name: field.get_default() for field in SendingSettings._meta.fields if field.name not in ("id", "updated_at")
}
MOMENTS = (1, 2, 5, 12, 46, 100, 1900, 3600, 86_400)  # seconds; 46 is just beyond a lease
KINDS = ("tickets", "announcement")
SOURCES = {"launch": {"draft"}, "pause": {"sending"}, "resume": {"paused"}, "cancel": {"draft", "sending", "paused"}}
TARGETS = {"launch": "sending", "pause": "paused", "resume": "sending", "cancel": "cancelled"}


class Life:
    def __init__(self, kinds):
        make_settings(**PLAIN)
        self.clock = Clock(START)
        self.telephones, self.ledger = Telephones(), Ledger()
        self.processes: list[Process] = []
        self.alone_until: dict[int, datetime] = {}  # by lane: somebody who calls there is alive
        self.event = make_event(starts_at=START + timedelta(days=60), attach_qr=False)
        self.people = [make_contact(name=f"Ana{number}", email="") for number in range(PEOPLE)]
        self.tickets = [make_ticket(event=self.event, holder=person) for person in self.people]
        self.senders = [make_sender() for _ in range(NUMBERS)]
        self.memory = {lane.pk: LaneMemory() for lane in Lane.objects.filter(channel="whatsapp")}
        self.drafts = 0
        for kind in kinds:
            self.begin_campaign(kind)
        self.start_process()

    def begin_campaign(self, kind, chosen=range(PEOPLE), *, is_prepared=True):
        self.drafts += 1
        rows = [(self.tickets if kind == "tickets" else self.people)[index].pk for index in chosen]
        campaign = make_campaign(
            status="draft",
            kind=kind,
            event=self.event if kind == "tickets" else None,
            audience=describe(tickets=rows) if kind == "tickets" else describe(contacts=rows),
            body=f"C{self.drafts} {{nombre}}",
            priority=10 if kind == "tickets" else 20,
            launched_at=None,
            prepared_at=None,
        )
        lifecycle.launch(campaign, now=self.clock.now)
        if is_prepared:
            prepare(campaign.pk, budget=60, stop=StopPipe(), clock=self.clock)

    def campaign(self, index):
        found = Campaign.objects.order_by("pk")
        return found[index % found.count()]

    def process(self, index):
        return self.processes[index % len(self.processes)]

    # --- what people do

    def launch_another(self, index):
        if self.drafts < MOST_CAMPAIGNS:
            chosen = [person for person in range(PEOPLE) if (index + 1) >> person & 1] or [0]
            self.begin_campaign(KINDS[index % 2], chosen, is_prepared=index % 3 > 0)

    def press_a_button(self, index, step):
        """Done from the states in which it makes sense, refused from all others without a trace."""
        campaign = self.campaign(index)
        before = campaign.status
        if before in SOURCES[step]:
            getattr(lifecycle, step)(campaign, now=self.clock.now)
            assert campaign.status == TARGETS[step]
            assert step != "cancel" or not campaign.deliveries.filter(status__in=["pending", "waiting"]).exists()
            return
        with pytest.raises(IllegalMove):
            getattr(lifecycle, step)(campaign, now=self.clock.now)
        assert Campaign.objects.get(pk=campaign.pk).status == before

    def resend(self, index, uncertain):
        campaign = self.campaign(index)
        failed = set(campaign.deliveries.filter(status="failed").values_list("pk", flat=True))
        doubtful = (
            set(campaign.deliveries.filter(status="uncertain").values_list("pk", flat=True)) if uncertain else set()
        )
        with contextlib.suppress(IllegalMove):
            queued = lifecycle.resend(campaign, uncertain=uncertain, now=self.clock.now)
            assert queued == len(failed | doubtful)
            assert set(campaign.deliveries.filter(status="pending").values_list("pk", flat=True)) >= failed | doubtful
            self.allow(doubtful)

    def decide_about_uncertain(self, index, is_sent):
        chosen = self.campaign(index).deliveries.filter(status="uncertain")
        doubtful = set(chosen.values_list("pk", flat=True))
        if is_sent:
            assert settling.count_as_sent(chosen, user=None, now=self.clock.now) == len(doubtful)
            self.ledger.counted |= doubtful
            return
        done = settling.send_again(chosen, user=None, now=self.clock.now)
        assert done.queued in (0, len(doubtful))
        if done.queued:
            self.allow(doubtful)

    def allow(self, delivery_ids):
        self.ledger.allowed.update(Delivery.objects.filter(pk__in=delivery_ids).values_list("text", flat=True))

    def opt_out_or_void(self, person, is_opt_out):
        if is_opt_out:
            Contact.objects.filter(pk=self.people[person].pk).update(whatsapp_opt_out_at=self.clock.now)
        else:
            Ticket.objects.filter(pk=self.tickets[person].pk).update(status="voided")

    def switch(self, number, is_enabled, is_draining):
        sender = Sender.objects.get(pk=self.senders[number].pk)
        sender.is_enabled, sender.is_draining = is_enabled, is_draining
        sender.save()

    def change_settings(self, pace):
        make_settings(**PLAIN | pace)
        now_in_force = pace_of(SendingSettings.load())
        for memory in self.memory.values():
            memory.paces.append(now_in_force)

    # --- what the background does

    def prepare_a_part(self):
        """One batch of two people."""
        if campaign := Campaign.objects.filter(status__in=["sending", "paused"], prepared_at=None).first():
            prepare(campaign.pk, budget=-1, stop=StopPipe(), clock=self.clock)

    def start_process(self):
        if len(self.processes) < MOST_PROCESSES:
            self.processes.append(Process(self.telephones, self.clock, budget=BUDGET, started=self.call_started))
            self.turn(-1)

    def call_started(self, attempt_id):
        lane_id = DeliveryAttempt.objects.values_list("lane_id", flat=True).get(pk=attempt_id)
        assert self.clock.now >= self.alone_until.get(lane_id, START), "two calls on one number at once"
        check_start(attempt_id, self.memory[lane_id], now=self.clock.now)
        self.alone_until[lane_id] = self.clock.now + timedelta(seconds=30)

    def turn(self, index):
        if not self.processes:
            return
        process = self.process(index)
        owner, flying = process.loop.holding.owner, process.loop.flights.flying
        for answer in process.calls.answers:
            if answer.ended and (lane := self.held_lane(owner, answer.key)):
                self.memory[lane.pk].ended_at = answer.ended.finished_at
        process.turn()
        for key in process.calls.hanging:
            if key in flying and flying[key].claimed and (lane := self.held_lane(owner, key)):
                self.alone_until[lane.pk] = lane.lease_expires_at  # it is alive, and nobody else may call there
        self.processes = [each for each in self.processes if not each.is_over]

    def held_lane(self, owner, attempt_id):
        """The lane of this call, while it is still held by whoever made the call."""
        attempt = DeliveryAttempt.objects.select_related("lane").get(pk=attempt_id)
        lane = attempt.lane
        is_held = lane.lease_expires_at is not None and lane.lease_expires_at > self.clock.now
        return lane if is_held and (lane.lease_owner, lane.fence) == (owner, attempt.fence) else None

    def answer(self, index, how):
        """A call ends, and its process may be asleep."""
        hanging = [(process, key) for process in self.processes for key in process.calls.hanging]
        if hanging:
            self.end_call(*hanging[index % len(hanging)], how)

    def end_call(self, process, key, how):
        plan = process.loop.flights.flying[key]
        if isinstance(plan.call, Call) and self.held_lane(process.loop.holding.owner, key):
            del self.alone_until[plan.lane_id]
        if isinstance(plan.call, Call) and how in NEVER_LEFT:
            started = DeliveryAttempt.objects.values_list("started_at", flat=True).get(pk=key)
            self.memory[plan.lane_id].note_nothing_left(self.day_of(started))
        process.answer(key, how)

    def day_of(self, moment):
        return moment.astimezone(SendingSettings.load().window_timezone).date()

    def kill(self, index):
        """kill -9, between the write-ahead and the answer where a call hangs."""
        if self.processes:
            self.process(index).kill()
        self.processes = [each for each in self.processes if not each.is_over]

    def work(self, index, how):
        """A call takes some seconds and its end is noticed at once; without one it is waited for what comes next."""
        if not self.processes or (index % 5 == 0 and len(self.processes) < MOST_PROCESSES):
            self.start_process()
            return
        process = self.process(index)
        if process.calls.hanging:
            self.clock.tick(index % 4)
            self.end_call(process, min(process.calls.hanging), how)
        elif not process.calls.answers:
            self.clock.tick(self.seconds_to_next(process))
        self.turn(self.processes.index(process))

    def seconds_to_next(self, process):
        until = min(process.loop.next_due or process.loop.ends, process.loop.ends)
        return min(max((until - self.clock.now).total_seconds(), 0.001), 10.0)

    def tick(self):
        tick(now=self.clock.now)
        check_tidy()

    def time_passes(self, seconds):
        self.clock.tick(seconds)

    def fall_asleep_and_be_overtaken(self, index):
        """All stand still for longer than a lease; what hangs is settled, a person sends it again, another one takes it."""
        self.time_passes(46)
        self.tick()
        self.decide_about_uncertain(index, is_sent=False)
        self.start_process()

    # --- what must hold

    def promises(self):
        self.ledger.check(self.telephones.arrived)

    def everything_ends_by_itself(self):
        """All that lives dies; the staff puts its numbers and settings in order, and does nothing else."""
        for process in self.processes:
            process.kill()
        self.processes = []
        self.change_settings_to_plain()
        for sender in Sender.objects.all():
            sender.is_enabled, sender.is_draining = True, False
            sender.save()
        self.clock.tick(60)
        for _ in range(40):
            tick(now=self.clock.now)
            check_tidy()
            for campaign in Campaign.objects.filter(status__in=["sending", "paused"], prepared_at=None):
                prepare(campaign.pk, budget=60, stop=StopPipe(), clock=self.clock)
            run_until_idle(self.telephones, self.clock, budget=600.0)
            self.ledger.check(self.telephones.arrived)
            if not Campaign.objects.filter(status="sending").exists():
                break
            self.clock.tick(300)
        assert set(Campaign.objects.values_list("status", flat=True)) <= {"draft", "paused", "finished", "cancelled"}
        assert not Delivery.objects.filter(status="claimed").exists()

    def change_settings_to_plain(self):
        self.telephones.answer = "accepted"
        make_settings(**PLAIN)
