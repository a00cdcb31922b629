"""Runs the dispatching loop on a clock that only moves when nothing is under way: hours pass in milliseconds."""

import select

from campaigns.dispatch import Dispatch
from campaigns.stopping import StopPipe
from tests.fakes import Clock

LONGEST_JUMP = 12.0


class TravellingStop(StopPipe):
    """Instead of sleeping it moves the clock; while a call is under way it waits for its answer in real time."""

    def __init__(self, clock):
        super().__init__()
        self.clock = clock
        self.loop = None

    def wait(self, seconds, also=()):
        if set(self.loop.flights.flying) - {answer.key for answer in self.loop.flights.unrecorded}:
            assert select.select(list(also), [], [], 30)[0], "a call did not end"
        else:  # straight to the next moment at which something may happen, but not past the renewal of a lease
            until = min(self.loop.next_due or self.loop.ends, self.loop.ends)
            self.clock.tick(min(max((until - self.clock.now).total_seconds(), 0.001), LONGEST_JUMP))


def make_dispatch(gateway, clock=None, *, budget=3600.0, **options):
    """A loop for tests; `gateway` is a FakeGateway or a function of the sender."""
    clock = clock or Clock()
    stop = TravellingStop(clock)
    choose = gateway if callable(gateway) else lambda sender: gateway
    loop = Dispatch(budget=budget, clock=clock, stop=stop, gateway=choose, **options)
    stop.loop = loop
    return loop


def run_until_idle(gateway, clock=None, **options):
    """One slice to its end; returns the number of recorded calls."""
    return make_dispatch(gateway, clock, **options).run()
