"""How many messages a second leave when no pause is asked for: one lane, many lanes, slow gateways."""

from collections.abc import Iterator
from typing import Any

from benchmarks.databases import POSTGRESQL, Server
from benchmarks.places import SCRATCH
from benchmarks.processes import run_job
from benchmarks.servers import Arrival, gateway

TARGETS = {"SQLite": 120, POSTGRESQL: 150}


def rate_of(log: list[Arrival]) -> float:
    """Between the first call and the last one, as the gateway saw them."""
    arrived = sorted(call.arrived for call in log)
    return (len(arrived) - 1) / (arrived[-1] - arrived[0])


def one_lane(server: Server, messages: int, *, kind: str = "announcement", **options: Any) -> dict[str, Any]:
    with server.fresh() as url, gateway(0) as calls:
        run_job("seed:campaign", url, messages=messages, gateway=calls.url, lanes=1, kind=kind)
        sent = run_job("sending:drain", url, **options)
        log = calls.log()
    assert len(log) == messages, f"{len(log)} of {messages} messages arrived"
    return {
        "database": server.name,
        "kind": kind,
        "messages": messages,
        "rate": rate_of(log),
        "cpu_ms": 1000 * sent["cpu_seconds"] / messages,
        "statements": sent["statements"],
    }


def profiles(servers: list[Server], messages: int) -> Iterator[str]:
    """For whoever makes the engine faster: where the time goes, and which statements one message costs."""
    for server in servers:
        for kind in ("announcement", "tickets"):
            plain = one_lane(server, messages, kind=kind)
            path = SCRATCH / f"rate-{server.name.lower()}-{kind}.prof"
            one_lane(server, messages, kind=kind, profile=str(path))
            counted = one_lane(server, messages, kind=kind, statements=True)["statements"]
            yield f"\n{server.name}, {kind}: {plain['rate']:.0f} messages/s, {plain['cpu_ms']:.2f} ms CPU each, {path}"
            total = sum(row["per_message"] for row in counted)
            yield f"{total:.2f} statements and {sum(r['ms_per_message'] for r in counted):.2f} ms in them per message"
            yield from (
                f"{r['per_message']:6.2f} x {r['ms_per_message']:6.3f} ms  {r['sql'][:400]}" for r in counted[:30]
            )
