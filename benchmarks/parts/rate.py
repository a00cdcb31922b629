"""How many messages a second leave when no pause is asked for: one lane, many lanes, slow gateways."""

from collections import defaultdict
from collections.abc import Iterator
from itertools import product
from statistics import median
from typing import Any

from benchmarks.databases import Server
from benchmarks.places import SCRATCH
from benchmarks.processes import run_job
from benchmarks.results import Cell, Outcome
from benchmarks.servers import Arrival, gateway

TITLE = "Rate of lanes"
LEAST = {"SQLite": 120, "PostgreSQL": 150}
LANES = (1, 2, 4, 8, 16, 32)
LATENCIES = (0, 150, 1000)
SECONDS = 6  # that a measurement of a slow gateway takes
PACED_GAP, PACED_LATENCY = 2.0, 1.0


def run(servers: list[Server], *, quick: bool) -> Outcome:
    outcome = Outcome()
    _one_lane(outcome, servers, messages=40 if quick else 1000, rounds=1 if quick else 3)
    if not quick:
        _many_lanes(outcome, servers)
        _paced_lanes(outcome, servers, messages=10)
    outcome.notes.append("One dispatcher; the gateway is benchmarks/gateway.py, a process of its own.")
    return outcome


def _one_lane(outcome: Outcome, servers: list[Server], *, messages: int, rounds: int) -> None:
    measured: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    for _, server, kind in product(range(rounds), servers, ("announcement", "tickets")):
        measured[server.name, kind].append(one_lane(server, messages, kind=kind))
    columns = ["Database", "Messages", "per second, median", "best", "ms of processor each"]
    rows = []
    for (name, kind), taken in measured.items():
        rates = [each["rate"] for each in taken]
        rows.append([f"{name}, {kind}", messages, median(rates), max(rates), median(each["cpu_ms"] for each in taken)])
        if kind == "announcement":
            outcome.at_least(f"One lane, no delay, {name}", LEAST[name], median(rates), "/s")
    outcome.table("One lane, no delay, gateway without latency", columns, rows)


def one_lane(server: Server, messages: int, *, kind: str = "announcement", **options: Any) -> dict[str, Any]:
    log, sent = _sent(server, messages, kind=kind, **options)
    return {"rate": rate_of(log), "cpu_ms": 1000 * sent["cpu_seconds"] / messages, "statements": sent["statements"]}


def _sent(
    server: Server,
    messages: int,
    *,
    lanes: int = 1,
    latency_ms: float = 0,
    kind: str = "announcement",
    pace: Any = None,
    **options: Any,
) -> tuple[list[Arrival], dict[str, Any]]:
    """Send so many messages with one dispatcher, and hand back what the gateway saw and what it cost."""
    seed: dict[str, Any] = {"messages": messages, "lanes": lanes, "kind": kind} | ({"pace": pace} if pace else {})
    with server.fresh() as url, gateway(latency_ms) as calls:
        run_job("seed:campaign", url, gateway=calls.url, **seed)
        sent = run_job("sending:drain", url, **options)
        log = calls.log()
    assert len(log) == messages, f"{len(log)} of {messages} messages arrived"
    return log, sent


def rate_of(log: list[Arrival]) -> float:
    """From the first call to the last answer, as the gateway saw them."""
    return len(log) / (max(call.answered for call in log) - min(call.arrived for call in log))


def _many_lanes(outcome: Outcome, servers: list[Server]) -> None:
    for server in servers:
        rows: list[list[Cell]] = []
        for lanes in LANES:
            rates = [_rate(server, lanes, latency) for latency in LATENCIES]
            rows.append(
                [str(lanes), *rates, f"{100 * rates[1] / (lanes / 0.15):.0f} %", f"{100 * rates[2] / lanes:.0f} %"]
            )
        columns = ["Lanes", *(f"{latency} ms" for latency in LATENCIES), "of the possible at 150 ms", "at 1000 ms"]
        outcome.table(f"Messages a second over all lanes, no delay, by gateway latency: {server.name}", columns, rows)


def _rate(server: Server, lanes: int, latency_ms: int) -> float:
    messages = round(lanes * SECONDS / (latency_ms / 1000)) if latency_ms else 600
    return rate_of(_sent(server, min(messages, 1500), lanes=lanes, latency_ms=latency_ms)[0])


def _paced_lanes(outcome: Outcome, servers: list[Server], *, messages: int) -> None:
    rows: list[list[Cell]] = []
    pace = {"base_delay": PACED_GAP, "step": 0, "maximum_delay": PACED_GAP}
    for server, lanes in product(servers, (1, 8, 32)):
        log, _ = _sent(server, messages * lanes, lanes=lanes, latency_ms=1000 * PACED_LATENCY, pace=pace)
        kept = kept_pace(log, PACED_GAP + PACED_LATENCY, lanes)
        rows.append([f"{server.name}, {lanes} lanes", 100 * median(kept), 100 * min(kept)])
        if lanes == 32:
            outcome.at_least(f"32 lanes keep their pace (slowest lane), {server.name}", 95, 100 * min(kept), " %")
    outcome.table(
        "Share of the pace that is kept: gateway takes 1 s, delay 2 s",
        ["Lanes on one dispatcher", "median lane, %", "slowest lane, %"],
        rows,
    )


def kept_pace(log: list[Arrival], interval: float, lanes: int) -> list[float]:
    """For each lane, the time that its calls should have taken over the time that they took; 0 where it had none."""
    by_lane: dict[int, list[float]] = {lane: [] for lane in range(1, lanes + 1)}
    for call in log:
        by_lane[call.lane].append(call.arrived)
    return [interval * (len(at) - 1) / (max(at) - min(at)) if len(at) > 1 else 0.0 for at in by_lane.values()]


def profiles(servers: list[Server], messages: int) -> Iterator[str]:
    """For whoever makes the engine faster: where the time goes, and which statements one message costs."""
    for server, kind in product(servers, ("announcement", "tickets")):
        plain = one_lane(server, messages, kind=kind)
        path = SCRATCH / f"rate-{server.name.lower()}-{kind}.prof"
        one_lane(server, messages, kind=kind, profile=str(path))
        counted = one_lane(server, messages, kind=kind, statements=True)["statements"]
        yield f"\n{server.name}, {kind}: {plain['rate']:.0f} messages/s, {plain['cpu_ms']:.2f} ms CPU each, {path}"
        total = sum(row["per_message"] for row in counted)
        yield f"{total:.2f} statements and {sum(r['ms_per_message'] for r in counted):.2f} ms in them per message"
        yield from (f"{r['per_message']:6.2f} x {r['ms_per_message']:6.3f} ms  {r['sql'][:400]}" for r in counted[:30])
