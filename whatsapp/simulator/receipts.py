"""Which receipts follow a message, and when. Pure: the dice are seeded, the clock is not asked."""

from dataclasses import dataclass
from random import Random

from whatsapp.simulator.options import Options

Report = tuple[str, int]  # status and ack

# With the library's numbers: -1 error, 0 pending, 1 at the server, 2 on the phone, 3 read.
_WORDS: dict[str, tuple[Report, ...]] = {
    "right": (("sent", 1), ("delivered", 2), ("read", 3)),
    # The service that the simulator stands in for: each word is one too low for its number.
    "seed": (("failed", 0), ("pending", 1), ("sent", 2), ("delivered", 3)),
}
_ENDS_BADLY: dict[str, tuple[Report, ...]] = {
    "right": (("sent", 1), ("failed", -1)),
    "seed": (("failed", 0), ("pending", 1), ("failed", -1)),
}


@dataclass(frozen=True)
class Receipt:
    delay: float  # seconds after the message was taken
    message_id: str
    status: str
    ack: int

    @property
    def body(self) -> dict[str, object]:
        return {"message_id": self.message_id, "status": self.status, "ack": self.ack}


class Reporter:
    """The same seed and the same messages in the same order: the same receipts."""

    def __init__(self, options: Options):
        self._options = options
        self._dice = Random(f"{options.seed} receipts")  # noqa: S311  # repeatable on purpose

    def receipts(self, message_id: str, phone: str) -> list[Receipt]:
        if not self._options.receipts_to:
            return []
        delay, start = self._options.receipts_delay_ms / 1000, self._start()
        reports = enumerate(self._arranged(self._reports(phone)), start=1)
        return [Receipt(start + number * delay, message_id, status, ack) for number, (status, ack) in reports]

    def _start(self) -> float:
        return self._options.receipts_late_seconds if self._options.receipt_order == "late" else 0.0

    def _reports(self, phone: str) -> list[Report]:
        ending = self._options.receipts_fail
        table = _ENDS_BADLY if ending and phone.endswith(ending) else _WORDS
        return list(table[self._options.receipts_words])

    def _arranged(self, reports: list[Report]) -> list[Report]:
        if self._options.receipt_order == "duplicated":
            return reports * 2
        if self._options.receipt_order != "shuffled":
            return reports
        arranged = list(reports)
        while arranged == reports:  # one that came out right would rehearse nothing
            self._dice.shuffle(arranged)
        return arranged
