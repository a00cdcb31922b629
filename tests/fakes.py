"""Stand-ins for the outside: a clock that only moves when told, a gateway that answers as told."""

from collections.abc import Callable
from datetime import datetime, timedelta

from tests.factories import NOW
from whatsapp.gateways.base import Accepted, Connection, Gateway, GatewayError, Message, State, Status


class Clock:
    def __init__(self, now: datetime = NOW):
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def tick(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


class FakeGateway(Gateway):
    """Answers with what `answers` holds, one after another, then accepts everything."""

    name = "fake"
    label = "Fake"

    def __init__(self, *answers: GatewayError | Exception | Callable[[Message], Accepted]):
        super().__init__(Connection("http://localhost"))
        self.answers = list(answers)
        self.sent: list[Message] = []
        self.state = State.READY

    def send(self, message: Message) -> Accepted:
        answer = self.answers.pop(0) if self.answers else None
        if isinstance(answer, Exception):
            raise answer
        self.sent.append(message)
        return answer(message) if answer else Accepted(message_id=f"ID{len(self.sent)}", http_status=200)

    def status(self) -> Status:
        return Status(self.state)

    def restart(self) -> str:
        return "ok"
