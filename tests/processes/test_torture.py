"""The short form of `make torture`: one strike of every kind, of which each database has its share."""

import random
import subprocess
import sys

import pytest
from django.db import connection

from tests.conftest import missing
from tests.processes.servers import has_redis, postgres_programs
from tests.processes.strikes import kinds_for
from tests.processes.supervised import ROOT

pytestmark = [pytest.mark.processes, pytest.mark.own_database]

SHARES = {
    "sqlite": ("orm", "dispatcher group main sentinel monitor pusher freeze-group"),
    "postgresql": ("redis", "idle freeze-dispatcher freeze-turn database redis simulator"),
}


def test_every_kind_has_its_share():
    struck = {kind for _, kinds in SHARES.values() for kind in kinds.split()}
    assert struck == set(kinds_for(postgres=True, redis=True))


@pytest.mark.timeout(400)
def test_nobody_is_lost_or_doubled_whatever_falls_over():
    if connection.vendor == "postgresql" and not postgres_programs():
        missing("PostgreSQL's own programs")
    if connection.vendor == "postgresql" and not has_redis():
        missing("redis-server")
    broker, kinds = SHARES[connection.vendor]
    command = [sys.executable, "-W", "ignore", "-m", "tests.processes.torture"]
    command += ["--database", connection.vendor, "--broker", broker, "--seed", str(random.randrange(10**6))]
    command += ["--rounds", str(len(kinds.split())), "--kinds", kinds.replace(" ", ",")]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as torture:
        try:
            said, _ = torture.communicate(timeout=360)
        finally:
            torture.terminate()  # it ends what it started
    assert torture.returncode == 0, said
