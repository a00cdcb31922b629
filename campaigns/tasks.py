"""Entry points of the background: fetch, call one function, return a small summary."""

import time
from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone

from campaigns import adoption, installation, preparing, slots
from campaigns import tick as ticking
from campaigns.dispatch import Dispatch
from campaigns.kicks import kick
from campaigns.models import Dispatcher
from campaigns.replies.writers import ask_gateways
from campaigns.steps import Steps
from campaigns.stopping import STOP
from campaigns.work import idle_lanes
from tickets.importing import keeping
from tickets.importing import moves as imports
from whatsapp import number_checks
from whatsapp.tasks import tidy_webhooks


def dispatch(slot: int) -> str:
    """One slice of one dispatcher slot."""
    if STOP.is_set():
        return "stopping"
    if reason := installation.check_place(now=timezone.now()):
        Dispatcher.objects.filter(slot=slot).update(kicked_at=None)  # another computer may be asked at once
        return f"held: {reason}"
    held = slots.take_slot(slot, now=timezone.now())
    if held is None:
        return "taken"
    loop = Dispatch(budget=settings.DISPATCH_SECONDS, heartbeat=held.beat)

    def hand_over() -> None:
        held.free()
        _succeed(slot)

    try:
        recorded = loop.run(hand_over)
    finally:
        held.free()
    return f"{recorded} calls"


def _succeed(slot: int) -> None:
    """For what is due before the next tick. A slice stays for that, so that slices never follow each other at once."""
    now = timezone.now()
    if STOP.is_set() or not idle_lanes(now=now, before=now + timedelta(seconds=settings.TICK_SECONDS)):
        return
    for dispatcher in Dispatcher.objects.filter(slot=slot):  # gone where another computer has fewer slots
        kick(dispatcher, now=now)


def tick() -> dict[str, int]:
    """Tidy up and kick what has due work. What fails is raised at the end, so that the list of tasks shows it."""
    rest = Steps()
    try:
        done = ticking.tick(now=timezone.now())
    finally:
        # Whatever went wrong above: these stand on their own, and a hint that was lost is read by nobody else.
        rest.run("reports", tidy_webhooks)
        rest.run("number checks", lambda: number_checks.forget_old(timezone.now()))
        # Last: a file that cannot be deleted must keep nobody from their message.
        rest.run("imports", lambda: imports.wake(now=timezone.now()))
        rest.run("old imports", lambda: keeping.clear_old(now=timezone.now()))
    rest.raise_first()
    return {} if done is None else {name: count for name, count in vars(done).items() if count}


def prepare(campaign_id: int) -> str:
    """Write the list of people of a launched campaign."""
    written = preparing.prepare(campaign_id, budget=settings.DISPATCH_SECONDS, stop=STOP)
    return f"{written} people"


def find_writers() -> str:
    """Ask gateways who wrote, where they may know."""
    ends = time.monotonic() + settings.DISPATCH_SECONDS
    found = ask_gateways(ends=lambda: STOP.is_set() or time.monotonic() > ends, clock=timezone.now)
    return f"{found} found"


def adopt_place(generation: int, decided_at: str) -> str:
    """On the computer of a worker, after somebody decided on a page that this database sends."""
    done = adoption.adopt_place(generation, datetime.fromisoformat(decided_at), now=timezone.now())
    return "adopted" if done else "too late"
