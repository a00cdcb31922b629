"""`make demo`: everything that the product does, on this computer, with people and a gateway that do not exist."""

import logging
import os
import sys

import django

from demo import environment
from demo.signals import Stopped, listen


def main() -> int:
    place, said = environment.place_of(os.environ), environment.said(os.environ)
    values = environment.variables(place, said["PORT"])
    environment.take_on(place, values)
    listen()
    try:
        django.setup()
        logging.getLogger().setLevel(logging.WARNING)  # of this process: what it does, it says itself
        from demo.show import show  # noqa: PLC0415 - models need the settings

        return show(place, said, values)
    except Stopped as stop:
        return stop.status
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # nobody reads; Python flushes once more
        return 1


if __name__ == "__main__":
    sys.exit(main())
