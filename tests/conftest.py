"""What all tests share."""

import gc
import os

import pytest
import time_machine
from django.db import connection
from hypothesis import settings

from tests.factories import count_anew
from tests.moments import BEFOREHAND
from tests.prepared import begin_with_it, empty_quickly

pytest_plugins = ["tests.simulator", "tests.fake_gateway"]
settings.register_profile("pregonero", deadline=None)  # no test is judged by how busy the machine is
settings.load_profile("pregonero")
ALL_PARTS = os.environ.get("REQUIRE_ALL_PARTS") == "1"


def missing(part: str) -> None:
    """Skip with a reason on a machine without `part`; where all parts are required, fail."""
    if ALL_PARTS:
        pytest.fail(f"{part} is required here (REQUIRE_ALL_PARTS=1) and is missing")
    pytest.skip(f"needs {part}")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item):
    """Tests pass on any day. Only processes of their own, which nobody can take along, live in the real one.
    And in any order: the rows of each are numbered from one on."""
    count_anew()
    if {"processes", "browser", "alone"} & {marker.name for marker in item.iter_markers()}:
        return (yield)
    with time_machine.travel(BEFOREHAND):
        return (yield)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix, django_db_blocker):
    begin_with_it(connection)
    with django_db_blocker.unblock():
        empty_quickly(connection)


def pytest_addoption(parser):
    parser.addoption(
        "--only-with-database", action="store_true", help="leave out what no other database could change the outcome of"
    )


@pytest.hookimpl(trylast=True)  # of what the marks have left
def pytest_collection_modifyitems(config, items):
    if config.getoption("--only-with-database"):
        without = [item for item in items if not _touches_database(item)]
        config.hook.pytest_deselected(items=without)
        items[:] = [item for item in items if _touches_database(item)]
    items[:] = _with_waiting_first(items, int(getattr(config, "workerinput", {}).get("workercount", 1)))


def _with_waiting_first(items, workers):
    """Those that start processes mostly wait: they come first, half of them with each of two workers (of which each
    begins with its share of the list), while another fills what they leave. At the end everybody would wait for them.
    """
    waiting = [item for item in items if any(item.iter_markers("processes"))]
    others = [item for item in items if not any(item.iter_markers("processes"))]
    if workers < 3:
        return waiting + others
    share = len(items) // workers - len(waiting[::2])
    return waiting[::2] + others[:share] + waiting[1::2] + others[share:]


@pytest.hookimpl(trylast=True)
def pytest_collection_finish():
    """What has been imported stays until the end, so that the collector need not go through it again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


def _touches_database(item):
    if any(item.iter_markers("any_database")):
        return False
    asked = {"db", "transactional_db", "live_server"} & set(item.fixturenames)
    return bool(asked or any(item.iter_markers("django_db")) or any(item.iter_markers("own_database")))
