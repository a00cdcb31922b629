"""What arrived outlives the simulator."""

import json

import pytest

from tests.simulator import Simulator
from whatsapp.gateways.base import Connection, Message, Picture
from whatsapp.gateways.rest import RestGateway
from whatsapp.simulator import run
from whatsapp.simulator.arrivals import Parcel
from whatsapp.simulator.journal import BadJournal, Journal
from whatsapp.simulator.options import Options
from whatsapp.simulator.world import World


@pytest.fixture
def path(tmp_path):
    return tmp_path / "arrived.jsonl"


def world_of(path) -> World:
    return World(Options(), Journal(path))


def deliver(world: World, text: str = "Hola") -> str:
    with world.call() as call:
        return call.deliver(Parcel("573000000001", text))


def texts(world: World) -> list[str]:
    return [arrival.text for arrival in world.arrivals()]


def test_the_next_one_knows_what_arrived_and_counts_on(path):
    before = world_of(path)
    ids = [deliver(before, text) for text in ("uno\nñ😀", "dos", "\ud800")]
    after = world_of(path)
    assert after.arrivals() == before.arrivals()
    ids.append(deliver(after, "tres"))
    assert ([arrival.number for arrival in after.arrivals()], len(set(ids))) == ([1, 2, 3, 4], 4)
    assert texts(world_of(path)) == ["uno\nñ😀", "dos", "\ud800", "tres"]


def test_only_the_last_are_kept_in_memory_and_all_are_counted(path, monkeypatch):
    monkeypatch.setattr(run, "REMEMBERED", 2)
    before = world_of(path)
    for text in "abc":
        deliver(before, text)
    after = world_of(path)
    assert (texts(after), after.state()["delivered"]) == (["b", "c"], 3)


@pytest.mark.parametrize("cut", [1, 5, 30])
def test_line_in_which_it_was_killed_counts_for_nothing(path, cut):
    before = world_of(path)
    for text in ("entera", "a medias"):
        deliver(before, text)
    path.write_bytes(path.read_bytes()[:-cut])
    after = world_of(path)
    # All but the line feed had been written: then it counts.
    kept = ["entera", "a medias"] if cut == 1 else ["entera"]
    assert texts(after) == kept
    deliver(after, "nueva")
    assert texts(world_of(path)) == [*kept, "nueva"]


def test_emptied_is_emptied_for_the_next_one_too(path):
    before = world_of(path)
    deliver(before, "vieja")
    before.reset()
    deliver(before, "nueva")
    assert texts(world_of(path)) == ["nueva"]


def test_message_that_was_under_way_at_a_reset_is_not_written(path):
    world = world_of(path)
    with world.call() as late:
        world.reset()
        late.deliver(Parcel("573000000001", "tarde"))
    assert texts(world_of(path)) == []


@pytest.mark.parametrize("start", [b"", b'{"journal": "wh'])
def test_file_that_was_only_begun_is_a_new_one(path, start):
    path.write_bytes(start)
    deliver(world_of(path), "primera")
    assert texts(world_of(path)) == ["primera"]


def test_file_of_something_else_is_left_alone(path):
    path.write_text("mi agenda\n")
    with pytest.raises(BadJournal):
        Journal(path)
    assert path.read_text() == "mi agenda\n"


def test_only_its_owner_may_read_it(path):
    Journal(path)
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.processes
def test_killed_and_started_again_on_the_same_port(path):
    with Simulator("--profile", "slow", "--latency-ms", "0", "--journal", str(path)) as simulator:
        gateway, address = RestGateway(Connection(simulator.url)), simulator.url
        ids = [gateway.send(Message("+573000000001", text)).message_id for text in ("uno", "dos")]
        simulator.kill()
        simulator.start_again()
        ids.append(gateway.send(Message("+573000000001", "tres", Picture(b"\x89PNG"))).message_id)
        arrived, state = simulator.messages(), simulator.state()
    assert (simulator.url, [each["id"] for each in arrived]) == (address, ids)
    assert (state["delivered"], state["profile"]) == (3, "slow")
    assert [json.loads(line).get("text") for line in path.read_text().splitlines()] == [None, "uno", "dos", "tres"]
