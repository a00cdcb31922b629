"""Which statements a piece of work sends to the database, how often and for how long."""

import contextlib
import re
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import Any
from unittest import mock

from django.db import connection

LISTS = re.compile(r"\((?:%s, )+%s\)")
SAVEPOINTS = re.compile(r'(SAVEPOINT) "?\w+"?')
COLUMNS = re.compile(r'SELECT ("\w+"\."\w+"(?: AS "\w+")?, ){3,}.*? FROM', re.DOTALL)
COMMIT = "COMMIT"


class Statements:
    def __init__(self) -> None:
        self.seconds: dict[str, list[float]] = defaultdict(list)

    @contextlib.contextmanager
    def counting(self) -> Iterator[None]:
        commit = connection._commit  # type: ignore[attr-defined]

        def timed_commit() -> None:
            self._timed(COMMIT, commit)

        with (
            connection.execute_wrapper(self._execute),
            mock.patch.object(connection, "_commit", timed_commit),
        ):
            yield

    def total(self) -> int:
        return sum(len(times) for times in self.seconds.values())

    def per(self, messages: int) -> list[dict[str, Any]]:
        """The statements by what they cost: times and milliseconds for each message."""
        rows = [
            {"per_message": len(times) / messages, "ms_per_message": 1000 * sum(times) / messages, "sql": statement}
            for statement, times in self.seconds.items()
        ]
        return sorted(rows, key=lambda row: -row["ms_per_message"])

    def _execute(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        return self._timed(_name_of(sql), lambda: execute(sql, params, many, context))

    def _timed(self, name: str, work: Callable[[], Any]) -> Any:
        began = time.perf_counter()
        try:
            return work()
        finally:
            self.seconds[name].append(time.perf_counter() - began)


def _name_of(sql: str) -> str:
    """The statement without what differs between two of the same kind, and without long lists of columns."""
    return COLUMNS.sub("SELECT … FROM", SAVEPOINTS.sub(r"\1", LISTS.sub("(…)", sql)))
