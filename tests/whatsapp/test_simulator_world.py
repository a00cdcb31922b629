"""What the simulator keeps, and that it does not keep everything."""

from concurrent.futures import ThreadPoolExecutor

from whatsapp.simulator import run
from whatsapp.simulator.arrivals import Parcel, Picture
from whatsapp.simulator.options import Options
from whatsapp.simulator.world import World


def deliver(world: World, text: str = "Hola", picture: Picture | None = None) -> str:
    with world.call() as call:
        return call.deliver(Parcel("573000000001", text, picture))


def test_only_the_last_messages_are_kept_and_all_are_counted(monkeypatch):
    monkeypatch.setattr(run, "REMEMBERED", 3)
    world = World(Options())
    for number in range(5):
        deliver(world, f"Hola {number}")
    assert [arrival.text for arrival in world.arrivals()] == ["Hola 2", "Hola 3", "Hola 4"]
    assert world.state()["delivered"] == 5


def test_pictures_of_older_messages_go_first(monkeypatch):
    monkeypatch.setattr(run, "PICTURE_BYTES", 25)
    world = World(Options())
    for _ in range(3):
        deliver(world, picture=Picture("image/png", bytes(10)))
    assert [world.picture(number) is not None for number in (1, 2, 3)] == [False, True, True]
    assert [arrival.has_media for arrival in world.arrivals()] == [True, True, True]


def test_ids_are_never_those_of_an_earlier_run():
    world = World(Options())
    first = deliver(world)
    world.reset()
    assert deliver(world) != first


def test_many_at_once_are_all_counted_once():
    world = World(Options())
    with ThreadPoolExecutor(8) as pool:
        ids = set(pool.map(lambda number: deliver(world, str(number)), range(500)))
    assert (len(ids), world.state()["delivered"], world.state()["in_flight"]) == (500, 500, 0)
    assert [arrival.number for arrival in world.arrivals()] == list(range(1, 501))


def test_a_call_that_was_under_way_at_a_reset_is_not_seen_after_it():
    world = World(Options())
    with world.call() as late:
        world.reset()
        late.deliver(Parcel("573000000001", "tarde"))
        assert (world.state()["in_flight"], world.state()["max_in_flight"]) == (0, 0)
    assert (world.arrivals(), world.state()["in_flight"]) == ([], 0)


def test_collapses_are_remembered_when_the_profile_changes():
    world = World(Options(profile="collapsing", max_calls=1))
    for _ in range(2):
        with world.call() as call:
            call.judge("573000000001")
    world.choose({"profile": "steady"})
    assert world.state()["collapses"] == 1
