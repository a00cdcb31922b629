"""What the simulator keeps, and that it does not keep everything."""

from concurrent.futures import ThreadPoolExecutor

from whatsapp.simulator import world
from whatsapp.simulator.options import Options
from whatsapp.simulator.world import Picture, World


def test_only_the_last_messages_are_kept_and_all_are_counted(monkeypatch):
    monkeypatch.setattr(world, "REMEMBERED", 3)
    simulated = World(Options())
    for number in range(5):
        simulated.deliver("573000000001", f"Hola {number}", None, 0.0)
    assert [arrival.text for arrival in simulated.arrivals()] == ["Hola 2", "Hola 3", "Hola 4"]
    assert simulated.state()["delivered"] == 5


def test_pictures_of_older_messages_go_first(monkeypatch):
    monkeypatch.setattr(world, "PICTURE_BYTES", 25)
    simulated = World(Options())
    for _ in range(3):
        simulated.deliver("573000000001", "Hola", Picture("image/png", bytes(10)), 0.0)
    assert [simulated.picture(number) is not None for number in (1, 2, 3)] == [False, True, True]
    assert [arrival.has_media for arrival in simulated.arrivals()] == [True, True, True]


def test_ids_are_never_those_of_an_earlier_run():
    ids = {World(Options()).deliver("573000000001", "Hola", None, 0.0) for _ in range(20)}
    assert len(ids) == 20


def test_many_at_once_are_all_counted_once():
    simulated = World(Options())
    with ThreadPoolExecutor(8) as pool:
        ids = set(pool.map(lambda n: simulated.deliver("573000000001", str(n), None, 0.0), range(500)))
    assert (len(ids), simulated.state()["delivered"]) == (500, 500)
    assert [arrival.number for arrival in simulated.arrivals()] == list(range(1, 501))


def test_collapses_are_remembered_when_the_profile_changes():
    simulated = World(Options(profile="collapsing", max_calls=1))
    for _ in range(2):
        simulated.judge("573000000001")
    simulated.choose({"profile": "steady"})
    assert simulated.state()["collapses"] == 1
