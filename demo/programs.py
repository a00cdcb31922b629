"""What runs during the demo, and how it is known that it does."""

import sys
import time
from collections.abc import Callable

from django.utils import timezone

from campaigns import watchdog
from demo import gateway
from demo.environment import STOP_SECONDS
from demo.options import Options
from scripts.supervision import GaveUp, Program, Supervision, web, worker

START_SECONDS = 60
LOOK_SECONDS = 0.1


def programs(options: Options) -> list[Program]:
    command = [sys.executable, "manage.py", "whatsapp_simulator", "--port", str(options.gateway_port)]
    simulator = Program("simulator", [*command, "--profile", options.profile])
    return [simulator, web(options.port), worker(STOP_SECONDS)]


def wait_for_simulator(running: Supervision, options: Options) -> None:
    _wait(lambda: gateway.answers(options.gateway_port, "/status"), running, "simulator")


def wait_for_all(running: Supervision, options: Options) -> None:
    wait_for_simulator(running, options)
    _wait(lambda: gateway.answers(options.port, "/admin/login/"), running, "web")
    _wait(lambda: not watchdog.is_tick_due(now=timezone.now()), running, "worker")


def _wait(condition: Callable[[], bool], running: Supervision, name: str) -> None:
    ends = time.monotonic() + START_SECONDS
    while not condition():
        running.check()
        if time.monotonic() > ends:
            raise GaveUp(name)
        time.sleep(LOOK_SECONDS)
