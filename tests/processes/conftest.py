import sys

import pytest

from tests.conftest import missing
from tests.factories import make_sender, make_settings
from tests.processes.supervised import Supervised
from tests.processes.three_numbers import Engine, Number, number_at


@pytest.fixture(autouse=True)
def _linux():
    if sys.platform != "linux":
        missing("Linux, whose /proc tells which process does what")


@pytest.fixture
def worker(transactional_db, tmp_path):
    """A function that makes a supervised worker on the test database."""
    made = []

    def make(**env):
        made.append(Supervised(log=tmp_path / f"worker{len(made)}.log", **env))
        return made[-1]

    yield make
    for supervised in made:
        if supervised.starts:
            supervised.stop()


@pytest.fixture
def sender(transactional_db, simulator):
    """A number at the simulator, at a hundredth of the seed's delays."""
    make_settings(base_delay="0.02", step="0.005", maximum_delay="0.05", retry_base_seconds=1, breaker_threshold=100)
    return make_sender(base_url=simulator.url)


@pytest.fixture
def engine(db, monkeypatch) -> Engine:
    for user in ("limits", "recording"):  # waits are drawn from an interval: half of it here
        monkeypatch.setattr(f"campaigns.{user}.chance", lambda: 0.5)
    return Engine()


@pytest.fixture
def numbers(db, fake_of):
    """A function that makes a number at each of these gateways. What no such gateway has must not be asked of it."""
    made: list[Number] = []

    def make(*names: str, **fields: object) -> list[Number]:
        for name in names:
            fake_of(name).reset()
            made.append(number_at(fake_of(name), **fields))
        return made

    yield make
    assert {number.fake.name: strange for number in made if (strange := number.fake.state()["strange"])} == {}
