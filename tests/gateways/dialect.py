"""What all dialects have in common: routes, and the order in which a gateway finds reasons not to send."""

import re
from abc import abstractmethod
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar
from urllib.parse import unquote

from tests.gateways.posts.base import Posts
from tests.gateways.wire import Answer, Request, page, say
from tests.gateways.world import Arrived, Order, World

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(64))  # the picture of a QR code
QR_TEXT = "2@Zm9vYmFyYmF6cXV4,Y29udHJhY3Q=,c3VpdGU=,ZmFrZQ=="

Handler = Callable[..., Answer]
Reply = Callable[[Any, Arrived], Answer]


@dataclass(frozen=True)
class Trap:
    """An answer of this gateway that invites a wrong conclusion."""

    name: str
    delivers: bool
    ends: frozenset[str]  # what is right to conclude: "accepted", or kinds of errors
    answer: Reply
    doc: str


@dataclass(frozen=True)
class Call:
    kind: str  # status, qr, restart, check, send, upload, templates, ...; unknown
    run: Callable[[], Answer]


def route(method: str, path: str, kind: str) -> Callable[[Handler], Handler]:
    """`{name}` in the path is an argument."""
    pattern = re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", path))

    def mark(handler: Handler) -> Handler:
        handler.__dict__.setdefault("routes", []).append((method, pattern, kind))
        return handler

    return mark


def trap(delivers: bool, ends: str | Iterable[str]) -> Callable[[Reply], Reply]:
    def mark(reply: Reply) -> Reply:
        words = frozenset({ends} if isinstance(ends, str) else ends)
        reply.trap = Trap(reply.__name__, delivers, words, reply, reply.__doc__ or "")  # type: ignore[attr-defined]
        return reply

    return mark


def digits(text: object) -> str:
    return re.sub(r"\D", "", str(text))


class Dialect:
    name: ClassVar[str]
    key: ClassVar[str] = "llave-de-prueba-7f3a9c"
    session: ClassVar[str] = "taquilla"
    own: ClassVar[str] = "12025550100"  # the number behind it
    posts: ClassVar[type[Posts]]
    # What it is right to conclude from its answer to a message for somebody without WhatsApp, and where there is no such
    # session.
    absent: ClassVar[frozenset[str]] = frozenset({"not_on_whatsapp"})
    missing: ClassVar[frozenset[str]] = frozenset({"not_ready"})
    shows_locks: ClassVar[bool] = True  # some take the message, and only report a failure later
    code_disturbs: ClassVar[bool] = False  # asking for a QR code ends the one that was shown before
    refuses_restart: ClassVar[bool] = False  # with the mode `variant` "no_restart", in its own way
    check_names_person: ClassVar[bool] = False  # its check for a number says under which digits WhatsApp knows them
    uploads_first: ClassVar[bool] = False  # pictures and documents are handed over in a call of their own
    shapes: ClassVar[tuple[str, ...]] = ()  # of its success: values of the mode `variant`
    codes: ClassVar[dict[str, frozenset[str]]] = {}  # of its errors, likewise, and what is right to conclude from each
    resolves: ClassVar[bool] = (
        False  # it sends to the digits that WhatsApp knows a person under, and not to those given
    )
    silence_is_success: ClassVar[bool] = False  # a 2xx with nothing readable in it means that it was taken
    lock_tells_end: ClassVar[bool] = True  # of an account's lock: here in a header, as a limiter before it would
    status_tells_end: ClassVar[bool] = False  # the status says it
    traps: ClassVar[dict[str, Trap]] = {}
    _handlers: ClassVar[list[Handler]] = []

    def __init_subclass__(cls) -> None:
        found = [each for parent in reversed(cls.__mro__) for each in vars(parent).values()]
        cls._handlers = [each for each in found if hasattr(each, "routes")]
        cls.traps = {each.trap.name: each.trap for each in found if hasattr(each, "trap")}

    def __init__(self, world: World):
        self.world = world

    def find(self, request: Request) -> Call:
        for handler, kind, words in self._matches(request):
            return Call(kind, partial(self._run, handler, request, words))
        return Call("unknown", partial(self.no_route, request))

    def _run(self, handler: Handler, request: Request, words: dict[str, str]) -> Answer:
        return self.guard(request, **words) or handler(self, request, **words)

    def _matches(self, request: Request) -> Iterator[tuple[Handler, str, dict[str, str]]]:
        for handler in self._handlers:
            for method, pattern, kind in handler.routes:  # type: ignore[attr-defined]
                if method == request.method and (found := pattern.fullmatch(request.path)):
                    yield handler, kind, {name: unquote(word) for name, word in found.groupdict().items()}

    # --- each dialect's own words ---------------------------------------------------------------------------------

    def guard(self, request: Request, **words: str) -> Answer | None:
        """The answer to somebody without the key."""
        return None

    def no_route(self, request: Request) -> Answer:
        return page(404)

    @abstractmethod
    def accepted(self, message: Arrived) -> Answer: ...

    @abstractmethod
    def not_ready(self) -> Answer: ...

    @abstractmethod
    def not_on_whatsapp(self, order: Order) -> Answer: ...

    def too_many(self) -> Answer:
        """In the gateway's own way. Most have no limit of their own, so this is what a limiter before them says."""
        return say(429, {"statusCode": 429, "message": "Too Many Requests"}, **self.wait_headers())

    def locked(self, order: Order) -> Answer:
        raise NotImplementedError(f"{self.name} never says so at once")

    def new_id(self) -> str:
        return ""

    # --- what becomes of a message --------------------------------------------------------------------------------

    def take(self, order: Order) -> Answer:
        if answer := self.obstacle(order):
            return answer
        own = self.traps.get(self.world.modes.trap)
        self.world.is_dry = self.world.is_dry or (own is not None and not own.delivers)
        message = self.world.arrive(order, self.new_id(), resolves=self.resolves)
        return own.answer(self, message) if own else self.accepted(message)

    def obstacle(self, order: Order) -> Answer | None:
        modes = self.world.modes
        if modes.limited:
            return page(429, **self.wait_headers()) if modes.limited == "page" else self.too_many()
        if modes.phase != "ready":
            return self.not_ready()
        if modes.lock == "account" or (modes.lock == "contact" and order.phone in modes.strangers):
            return self.locked(order)
        return self.not_on_whatsapp(order) if order.phone in modes.absent else None

    def wait_headers(self) -> dict[str, str]:
        return {"Retry_After": self.world.modes.retry_after} if self.world.modes.retry_after else {}

    def lock_headers(self) -> dict[str, str]:
        """Only an account's lock has an end."""
        return self.wait_headers() if self.world.modes.lock == "account" else {}
