"""Steps of a task that stand on their own: one that fails takes none of the others with it."""

import logging
from collections.abc import Callable
from typing import TypeVar

from django.db import InterfaceError, OperationalError

from campaigns.outages import forget_broken_connection

logger = logging.getLogger(__name__)
T = TypeVar("T")

# Locked, restarting or gone. What else a database complains of is a fault of the step.
AWAY = (OperationalError, InterfaceError)


class Steps:
    """Run one after another. What fails is logged at once, and raised in the end by `raise_first`, to be seen."""

    def __init__(self) -> None:
        self.failed: dict[str, Exception] = {}
        self.outages = 0

    def run(self, name: str, step: Callable[[], T]) -> T | None:
        """None where it failed. Steps have transactions of their own, or none, so that the next one finds none open.

        Everything is caught, since this is the outermost loop of the tick: an error of ours in a birthday greeting must
        not keep a BAJA from being heard. A database that fails twice is away, and that is the same for all that is
        left: each would wait for it as long as the first.
        """
        try:
            return step()
        except Exception as error:
            logger.exception("A step of the tick failed: %s", name)
            self.failed[name] = error
            forget_broken_connection()
            self.outages += isinstance(error, AWAY)
            if self.outages > 1:
                raise
            return None

    def raise_first(self) -> None:
        for error in self.failed.values():
            raise error
