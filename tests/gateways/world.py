"""What is so inside a fake: its modes, what reached a phone, and what was asked of it."""

import hashlib
import secrets
import threading
from collections import Counter
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any

SETTLING_SECONDS = 20.0  # nobody waits this long unless something is broken


@dataclass(frozen=True)
class Modes:
    """How the gateway is. Numbers of people are digits only."""

    phase: str = "ready"  # needs_qr, starting, logged_out; missing: there is no such session
    absent: tuple[str, ...] = ()  # people without WhatsApp
    variants: dict[str, str] = field(default_factory=dict)  # whom WhatsApp knows under other digits
    limited: str = ""  # too many calls: "seconds" says so in the gateway's own way, "page" as a proxy does
    retry_after: str = "17"  # of both, and of a lock that has an end; empty: none is named
    raw: dict[str, Any] = field(default_factory=dict)  # of the traps "raw" (status, body, headers) and "bent"
    lock: str = ""  # error 463: "contact" for those in `strangers`, "account" for everybody and with an end
    strangers: tuple[str, ...] = ()
    trap: str = ""  # one of `traps.TRAPS`, or of the dialect's own
    trap_on: tuple[str, ...] = ("send",)  # kinds of calls; "all"
    delivers: bool = True  # whether the message reached the phone before the trap closed
    variant: str = ""  # of a dialect that answers in several ways: its engine, or the code of an error
    receipts: tuple[str, ...] = ()  # posted by itself for each message that arrives
    is_early: bool = False  # ... before the call is answered

    def changed(self, changes: dict[str, Any]) -> "Modes":
        """Raises ValueError for a name that is none."""
        if unknown := set(changes) - {each.name for each in fields(self)}:
            raise ValueError(f"no such mode: {', '.join(sorted(unknown))}")
        return replace(self, **{name: tuple(v) if isinstance(v, list) else v for name, v in changes.items()})


@dataclass(frozen=True)
class Order:
    """A message as the gateway understood it."""

    phone: str  # digits
    kind: str  # text, image, document, template
    text: str
    content: bytes = b""
    reference: str = ""
    id: str = ""  # chosen by the client, where the gateway lets it
    notes: tuple[str, ...] = ()  # what became of it that nobody can have wanted
    parameters: tuple[str, ...] = ()


@dataclass(frozen=True)
class Arrived:
    """What a phone shows."""

    number: int
    id: str  # as receipts name it
    phone: str
    kind: str
    text: str
    size: int
    sha256: str
    reference: str
    notes: tuple[str, ...]
    parameters: tuple[str, ...]


class World:
    def __init__(self, session: str = "") -> None:
        self.first_session = session
        self.media: dict[str, bytes] = {}  # what was uploaded before it was sent; kept, as clients keep its ids
        self.lock = threading.RLock()
        self._settled = threading.Condition()
        self._open: set[int] = set()
        self._turns = 0
        self.reset()

    def reset(self, session: str = "") -> None:
        with self.lock:
            self.session = session or self.first_session
            self.modes = Modes()
            self.arrived: list[Arrived] = []
            self.calls: Counter[str] = Counter()
            self.header_names: set[str] = set()
            self.strange: list[str] = []  # what a real one would not know, or should not have been told
            self.posts: list[dict[str, Any]] = []
            self.restarts = 0
            self.reused = 0  # connections on which a second request came
            self.hidden: dict[str, str] = {}  # people who are known by an id that is no number
            self.is_dry = False

    def arrive(self, order: Order, message_id: str = "", *, resolves: bool = True) -> Arrived:
        """Reaches the phone, or only seems to: where a trap closes before, or nobody has WhatsApp under those digits."""
        digest = hashlib.sha256(order.content).hexdigest() if order.content else ""
        message = Arrived(
            len(self.arrived) + 1,
            order.id or message_id or "3EB0" + secrets.token_hex(9).upper(),
            self.modes.variants.get(order.phone, order.phone) if resolves else order.phone,
            order.kind,
            order.text,
            len(order.content),
            digest,
            order.reference,
            order.notes,
            order.parameters,
        )
        if not self.is_dry and message.phone not in self.modes.variants:
            self.arrived.append(message)
        return message

    def hide(self, phone: str) -> str:
        """The id, fifteen digits that are nobody's number."""
        lid = f"9001{phone[-8:]:0>11}"
        self.hidden[lid] = phone
        return lid

    def find(self, message: object) -> Arrived:
        """By number or by id. Raises LookupError."""
        with self.lock:
            for each in self.arrived:
                if message in (each.number, each.id):
                    return each
        raise LookupError(f"no such message: {message}")

    def state(self) -> dict[str, Any]:
        with self.lock:
            return {
                "modes": asdict(self.modes) | {"raw": {}},  # may hold what no JSON can say
                "messages": [asdict(each) for each in self.arrived],
                "calls": dict(self.calls),
                "header_names": sorted(self.header_names),
                "strange": list(self.strange),
                "posts": list(self.posts),
                "restarts": self.restarts,
                "reused": self.reused,
            }

    # --- who is still at it -------------------------------------------------------------------------------------
    # A client that gave up waiting may ask what arrived before its call was even read. So each connection takes a turn
    # in the order of arrival, and whoever asks waits for those before.

    def take_turn(self) -> int:
        with self._settled:
            self._turns += 1
            self._open.add(self._turns)
            return self._turns

    def settle(self, turn: int) -> None:
        """Nothing more will arrive through this one."""
        with self._settled:
            self._open.discard(turn)
            self._settled.notify_all()

    def wait_for_those_before(self, turn: int) -> None:
        with self._settled:
            self._settled.wait_for(lambda: not any(each < turn for each in self._open), SETTLING_SECONDS)
