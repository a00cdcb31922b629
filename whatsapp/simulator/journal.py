"""What arrived, in a file: one line for each message, so that a simulator that was killed still knows them all."""

import json
import os
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from whatsapp.simulator.arrivals import Arrival

HEADER = b'{"journal": "whatsapp_simulator"}\n'
FORGET = b'{"emptied": true}\n'


class BadJournal(ValueError):
    """A sentence."""


class Journal:
    """Lines are only ever added. They need not survive a power cut, so nothing is synchronised."""

    def __init__(self, path: Path):
        """Raises BadJournal, and OSError where the file cannot be had."""
        self._path = path
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        try:
            self._begin()
        except BadJournal:
            os.close(self._file)
            raise

    def _begin(self) -> None:
        start = os.pread(self._file, len(HEADER), 0)
        if start == HEADER:
            if os.pread(self._file, 1, os.fstat(self._file).st_size - 1) != b"\n":
                os.write(self._file, b"\n")  # it was killed in the middle of a line, which counts for nothing
        elif HEADER.startswith(start):  # new, or killed while it began
            os.ftruncate(self._file, 0)
            os.write(self._file, HEADER)
        else:
            raise BadJournal(
                _("“%(file)s” holds something else than what arrived at a simulator. Name another file with --journal.")
                % {"file": self._path}
            )

    def arrivals(self) -> list[Arrival]:
        """Since it was emptied last."""
        found: list[Arrival] = []
        for line in self._lines():
            if line.get("emptied"):
                found.clear()
            elif "number" in line:
                found.append(Arrival(**line))
        return found

    def add(self, arrival: Arrival) -> None:
        os.write(self._file, json.dumps(asdict(arrival)).encode() + b"\n")

    def empty(self) -> None:
        os.write(self._file, FORGET)

    def _lines(self) -> Iterator[dict[str, Any]]:
        with self._path.open("rb") as lines:
            for line in lines:
                try:
                    yield json.loads(line)
                except ValueError:  # the line in which it was killed
                    continue
