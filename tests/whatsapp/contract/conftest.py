"""One fake for each adapter, the same process for all tests, and as new for each."""

import socket
from collections.abc import Iterator

import pytest

from tests.fake_gateway import FakeProcess
from tests.whatsapp.contract.bench import NAMES, Bench


@pytest.fixture
def bench_of(fake_of):
    """A bench as new. Whatever an adapter asked for that no such gateway has, or should not have been told, fails."""
    used: list[FakeProcess] = []

    def make(name: str) -> Bench:
        fake = fake_of(name)
        bench = Bench(fake)
        bench.anew()
        used.append(fake)
        return bench

    yield make
    assert {fake.name: strange for fake in used if (strange := fake.state()["strange"])} == {}


@pytest.fixture(params=NAMES)
def bench(request, bench_of) -> Bench:
    return bench_of(request.param)


@pytest.fixture
def nobody() -> Iterator[str]:
    """An address where connections are refused."""
    with socket.socket() as bound:  # bound and not listening
        bound.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{bound.getsockname()[1]}"
