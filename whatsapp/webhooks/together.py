"""Work of several threads done together by one of them, for whatever costs as much for many as for one.

With SQLite each commit waits for the disk while nobody else may write. Threads that each commit their own get in the
way of whoever sends messages, and the longer somebody has waited there the longer they go on waiting.
"""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


@dataclass
class _Place(Generic[Item, Result]):
    """Of one thread that waits for its result."""

    item: Item
    result: Result | None = None
    error: Exception | None = None
    is_done: bool = False


class Together(Generic[Item, Result]):
    """`work` gets what came while it was busy with others, and hands back a result for each, in order.

    Where that fails each is tried by itself, so that only who is at fault hears of it.
    """

    def __init__(self, work: Callable[[Sequence[Item]], Sequence[Result]]):
        self.work = work
        self._waiting: list[_Place[Item, Result]] = []
        self._adding, self._turn = threading.Lock(), threading.Lock()

    def __call__(self, item: Item) -> Result:
        place: _Place[Item, Result] = _Place(item)
        with self._adding:
            self._waiting.append(place)
        with self._turn:
            if not place.is_done:
                self._do_all()
        if place.error is not None:
            raise place.error
        return place.result  # type: ignore[return-value]  # it is done, and there was no error

    def _do_all(self) -> None:
        with self._adding:
            taken, self._waiting = self._waiting, []
        if len(taken) == 1 or not self._is_done(taken):
            for place in taken:
                self._do_alone(place)

    def _is_done(self, places: Sequence[_Place[Item, Result]]) -> bool:
        try:
            results = self.work([place.item for place in places])
        except Exception:  # noqa: BLE001 - each hears of its own below
            return False
        for place, result in zip(places, results, strict=True):
            place.result, place.is_done = result, True
        return True

    def _do_alone(self, place: _Place[Item, Result]) -> None:
        try:
            [place.result] = self.work([place.item])
        except Exception as error:  # noqa: BLE001 - raised in the thread that it belongs to
            place.error = error
        place.is_done = True
