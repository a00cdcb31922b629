"""With Redis as the broker: it loses tasks at every kill, and nobody notices."""

import shutil
import socket
import subprocess

import pytest

from campaigns import lifecycle
from campaigns.audience import describe
from tests.conftest import missing
from tests.factories import make_campaign, make_contact
from tests.processes.supervised import kill_group, wait_until
from tests.processes.test_kill import assert_nobody_lost_or_doubled, status_of

pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def redis_url(tmp_path):
    program = shutil.which("redis-server")
    if program is None:
        missing("redis-server")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [program, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(tmp_path)]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL)

    def answers():
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", port)) == 0

    wait_until(answers, what="the start of Redis")
    yield f"redis://127.0.0.1:{port}/0"
    server.terminate()
    server.wait(10)


@pytest.mark.timeout(180)
def test_everybody_is_reached_once_over_redis_and_kills(worker, sender, simulator, redis_url):
    for _ in range(40):
        make_contact(email="")
    campaign = make_campaign(status="draft", audience=describe(everybody=True))
    lifecycle.launch(campaign)  # this hint goes to the database's queue, which nobody reads: the tick finds the work
    with worker(Q_REDIS_URL=redis_url) as supervised:
        for struck in (5, 15, 25):
            wait_until(lambda n=struck: len(simulator.messages()) >= n, seconds=90, what=f"{struck} messages")
            kill_group(supervised.process.pid)
        wait_until(lambda: status_of(campaign) == "finished", seconds=90, what="the end of the campaign")
    assert supervised.starts == 4
    assert_nobody_lost_or_doubled(campaign, simulator, 40)
