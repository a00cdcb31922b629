"""E-mail side by side with django-post_office, django-mailer and a bare loop: the same letters, in turn, in one run."""

from collections import defaultdict
from statistics import median
from typing import Any

from benchmarks.databases import Server
from benchmarks.parts.contenders import BareLoop, Contender, DjangoMailer, PostOffice, Pregonero
from benchmarks.parts.killing import killed
from benchmarks.results import Cell, Outcome
from benchmarks.servers import mail_sink

TITLE = "E-mail"
SLOW_MS = 50
CONNECTIONS = (1, 5, 10)
KILLED_AFTER = (130, 250, 370)  # in the middle of a batch of post_office
LETTERS_OF_A_KILL = 500
Rates = dict[Contender, float]


def run(servers: list[Server], *, quick: bool) -> Outcome:
    outcome = Outcome()
    for server in servers:
        if quick:
            _table(outcome, server, 0, measured(server, [BareLoop(), Pregonero(5)], 0, letters=20, rounds=1))
            continue
        everybody = contenders()
        instant = measured(server, everybody, 0, letters=500, rounds=3)
        slow = measured(server, everybody, SLOW_MS, letters=300, rounds=2)
        _table(outcome, server, 0, instant)
        _table(outcome, server, SLOW_MS, slow)
        _judge(outcome, server, instant, slow)
        _kills(outcome, server)
    outcome.notes.append(
        "Pregonero writes a record of its own for each person before the call and commits the answer after it; "
        "post_office writes after a whole batch, django-mailer after each letter, the bare loop nothing. "
        "Pregonero renders its HTML while it sends; the others get it finished. "
        "The mail server is benchmarks/smtp_sink.py, a process of its own."
    )
    return outcome


def contenders() -> list[Contender]:
    several = [kind(number) for number in CONNECTIONS for kind in (PostOffice, Pregonero)]
    return [BareLoop(), DjangoMailer(), *several, PostOffice(5, batch=1000), PostOffice(5, processes=2)]


def measured(server: Server, everybody: list[Contender], latency_ms: int, *, letters: int, rounds: int) -> Rates:
    """Letters a second; the contenders take turns, so that a busy minute of the machine hits all of them."""
    taken: dict[Contender, list[float]] = defaultdict(list)
    for _ in range(rounds):
        for contender in everybody:
            taken[contender].append(_rate(server, contender, latency_ms, letters))
    return {contender: median(rates) for contender, rates in taken.items()}


def _rate(server: Server, contender: Contender, latency_ms: int, letters: int) -> float:
    with server.fresh(contender.settings) as url, mail_sink(latency_ms) as sink:
        contender.queue(url, letters)
        seconds = contender.send(url, sink, letters)["seconds"]
        arrived = len({letter.recipient for letter in sink.log()})
    assert arrived == letters, f"{contender}: {arrived} of {letters} letters arrived"
    return letters / seconds


def _table(outcome: Outcome, server: Server, latency_ms: int, rates: Rates) -> None:
    bare = rates[next(one for one in rates if isinstance(one, BareLoop))]
    columns = ["Sender", "Connections", "letters/s", "x bare loop", "x post_office, same connections"]
    rows: list[list[Cell]] = []
    for contender, rate in rates.items():
        peer = rates.get(PostOffice(contender.connections))
        rows.append([str(contender), contender.connections, rate, rate / bare, rate / peer if peer else None])
    outcome.table(f"A mail server that takes {latency_ms} ms for each letter: {server.name}", columns, rows)


def _judge(outcome: Outcome, server: Server, instant: Rates, slow: Rates) -> None:
    for number in CONNECTIONS:
        what = f"E-mail, {SLOW_MS} ms, against post_office with as many connections ({number}), {server.name}"
        outcome.at_least(what, 1.0, slow[Pregonero(number)] / slow[PostOffice(number)], " x")
    best = max(rate for one, rate in instant.items() if isinstance(one, PostOffice))
    ours = max(rate for one, rate in instant.items() if isinstance(one, Pregonero))
    outcome.at_least(f"E-mail, instant server, best against best of post_office, {server.name}", 0.8, ours / best, " x")


def _kills(outcome: Outcome, server: Server) -> None:
    """kill -9 in the middle, then again until it is done: who got it twice, and about whom does nobody know?"""
    rows: list[list[Cell]] = []
    for contender in (Pregonero(5), PostOffice(5), DjangoMailer()):
        results = [killed(server, contender, SLOW_MS, LETTERS_OF_A_KILL, after) for after in KILLED_AFTER]
        rows.append([str(contender), *(_fate(result) for result in results)])
        if isinstance(contender, Pregonero):
            _judge_kills(outcome, server, contender, results)
    columns = ["Killed after", *(f"{after} letters" for after in KILLED_AFTER)]
    outcome.table(f"kill -9 among {LETTERS_OF_A_KILL} letters, then started again: {server.name}", columns, rows)


def _fate(result: dict[str, int]) -> str:
    words = [f"{result['doubled']} doubled", f"{result['lost']} lost"]
    return ", ".join([*words, f"{result['uncertain']} uncertain"] if "uncertain" in result else words)


def _judge_kills(outcome: Outcome, server: Server, ours: Contender, results: list[dict[str, Any]]) -> None:
    doubled, uncertain = sum(r["doubled"] + r["lost"] for r in results), max(r["uncertain"] for r in results)
    outcome.at_most(f"E-mail, kill -9: doubled or lost, {server.name}", 0, doubled)
    outcome.at_most(f"E-mail, kill -9: uncertain, {server.name}", ours.connections, uncertain)
