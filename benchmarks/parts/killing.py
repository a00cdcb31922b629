"""kill -9 while letters leave, a new start, and what the mail server then has."""

import time
from collections import Counter

from benchmarks.databases import Server
from benchmarks.parts.contenders import Contender, Pregonero
from benchmarks.places import SCRATCH
from benchmarks.processes import environment, job_command, kill_group, run_job, started
from benchmarks.servers import MailSink, mail_sink

LOOK_SECONDS = 0.02
PATIENCE = 60


def killed(server: Server, contender: Contender, latency_ms: int, letters: int, after: int) -> dict[str, int]:
    """How many people got theirs twice or not at all after a kill when `after` letters had arrived."""
    with server.fresh(contender.settings) as url, mail_sink(latency_ms) as sink:
        contender.queue(url, letters)
        _kill_in_the_middle(url, contender, sink, letters, after)
        contender.send(url, sink, letters)
        reached = Counter(letter.recipient for letter in sink.log())
        result = {"doubled": sum(times - 1 for times in reached.values()), "lost": letters - len(reached)}
        if isinstance(contender, Pregonero):
            states = run_job("seed:states", url)
            result["uncertain"] = states.get("uncertain", 0)
            # Not lost, when a person is told that nobody knows.
            result["lost"] = max(result["lost"] - result["uncertain"], 0)
    return result


def _kill_in_the_middle(url: str, contender: Contender, sink: MailSink, letters: int, after: int) -> None:
    command = job_command(*contender.job(letters))
    with started(command, environment(url, **contender.env(sink)), SCRATCH / "killed.log") as process:
        ends = time.monotonic() + PATIENCE
        while len(sink.log()) < after:
            assert process.poll() is None, f"{contender} ended before {after} letters had arrived"
            assert time.monotonic() < ends, f"{contender} does not reach {after} letters"
            time.sleep(LOOK_SECONDS)
        kill_group(process)
