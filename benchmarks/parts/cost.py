"""What a message costs when much has been sent before, and when a paused campaign stands in front."""

import contextlib
from dataclasses import dataclass, field
from statistics import median

from benchmarks.databases import Server
from benchmarks.parts.rate import rate_of
from benchmarks.processes import run_job
from benchmarks.results import Cell, Outcome
from benchmarks.servers import GatewayServer, gateway

TITLE = "Cost of a message in a big database"
SIZES = (10_000, 100_000, 1_000_000)
PAUSED = 50_000
PEOPLE = 50_000  # whom the past reached, again and again
FIRST_PERSON = 200_000_000  # of the campaigns that are measured: nobody from the history


@dataclass
class Place:
    """One database with its past, in which a fresh campaign is sent in every round."""

    name: str
    url: str
    calls: GatewayServer
    rates: list[float] = field(default_factory=list)
    cpu_ms: list[float] = field(default_factory=list)

    @property
    def ms(self) -> float:
        """Of one message, on the clock."""
        return 1000 / median(self.rates)

    def send(self, messages: int) -> None:
        seen = len(self.calls.log())
        run_job("seed:more", self.url, messages=messages, first=FIRST_PERSON + seen)
        sent = run_job("sending:drain", self.url)
        log = self.calls.log(since=seen)
        assert len(log) == messages, f"{len(log)} of {messages} messages arrived"
        self.rates.append(rate_of(log))
        self.cpu_ms.append(1000 * sent["cpu_seconds"] / messages)


def run(servers: list[Server], *, quick: bool) -> Outcome:
    outcome = Outcome()
    sizes, paused, messages, rounds = ((200, 400), 100, 20, 1) if quick else (SIZES, PAUSED, 400, 5)
    for server in servers:
        with contextlib.ExitStack() as stack:
            places = [_place(stack, server, size) for size in sizes]
            places.append(_place(stack, server, sizes[0], paused=paused))
            for _ in range(rounds):  # in turn: a busy minute of the machine hits all of them
                for place in places:
                    place.send(messages)
        _report(outcome, server, places)
    outcome.notes.append(
        "Each row of the past has its contact and its call. One lane, no delay, no latency, one dispatcher."
    )
    return outcome


def _place(stack: contextlib.ExitStack, server: Server, size: int, *, paused: int = 0) -> Place:
    url, calls = stack.enter_context(server.fresh()), stack.enter_context(gateway(0))
    run_job("history:fill", url, rows=size, people=min(size, PEOPLE), gateway=calls.url)
    if paused:
        run_job("history:paused", url, rows=paused, people=min(size, PEOPLE))
    return Place(f"{size:,}" + (f" and a paused campaign of {paused:,} in front" if paused else ""), url, calls)


def _report(outcome: Outcome, server: Server, places: list[Place]) -> None:
    first, biggest, paused = places[0], places[-2], places[-1]
    rows: list[list[Cell]] = [
        [place.name, 1000 / place.ms, place.ms, place.ms / first.ms, median(place.cpu_ms)] for place in places
    ]
    columns = ["Deliveries before", "messages/s", "ms each", "x the smallest", "ms of processor each"]
    outcome.table(f"Cost of a message: {server.name}", columns, rows)
    what = f"Cost of a message, {biggest.name} rows against {first.name}, {server.name}"
    outcome.at_most(what, 1.2, biggest.ms / first.ms, " x")
    outcome.at_most(f"Cost of a message behind a paused campaign, {server.name}", 1.2, paused.ms / first.ms, " x")
