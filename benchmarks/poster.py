"""`python -m benchmarks.poster PORT PATH MESSAGES SECONDS`: a gateway that posts three receipts for each message.

The posts are spread evenly over so many seconds, whatever the answers take, in an order that is a little wrong: READ
may come before DEVICE. Prints what was answered, what that took and when the first post left, as JSON.
"""

import asyncio
import json
import random
import sys
import time
from collections import Counter

ACKS = (1, 2, 3)
DISORDER = 30  # places that a receipt may be too early or too late
MOST_AT_ONCE = 8
LONGEST = 60.0  # seconds that an answer may take
REQUEST = (
    "POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    "Content-Length: {length}\r\nConnection: close\r\n\r\n"
)


class Poster:
    def __init__(self, port: int, path: str):
        self.port, self.path = port, path
        self.answers: Counter[str] = Counter()
        self.taken: list[float] = []
        self.room = asyncio.Semaphore(MOST_AT_ONCE)

    async def post(self, body: bytes) -> None:
        async with self.room:
            began = time.perf_counter()
            try:
                self.answers[await asyncio.wait_for(self._exchange(body), LONGEST)] += 1
            except (OSError, TimeoutError) as error:
                self.answers[type(error).__name__] += 1
            self.taken.append(1000 * (time.perf_counter() - began))

    async def _exchange(self, body: bytes) -> str:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            writer.write(REQUEST.format(path=self.path, length=len(body)).encode() + body)
            return (await reader.read()).split(b" ", 2)[1].decode()
        finally:
            writer.close()


def bodies(messages: int) -> list[bytes]:
    dice = random.Random(1)
    posts = [
        (3 * number + place + dice.uniform(0, DISORDER), number, ack)
        for number in range(1, messages + 1)
        for place, ack in enumerate(ACKS)
    ]
    return [json.dumps({"message_id": f"PAST{number}", "ack": ack}).encode() for _place, number, ack in sorted(posts)]


async def post_all(port: int, path: str, messages: int, seconds: float) -> dict[str, object]:
    poster, posts = Poster(port, path), bodies(messages)
    began, under_way = time.monotonic(), []
    for position, body in enumerate(posts):
        await asyncio.sleep(max(began + position * seconds / len(posts) - time.monotonic(), 0))
        under_way.append(asyncio.create_task(poster.post(body)))
    await asyncio.gather(*under_way)
    return {"answers": poster.answers, "taken": poster.taken, "began": began, "ended": time.monotonic()}


if __name__ == "__main__":
    print(json.dumps(asyncio.run(post_all(int(sys.argv[1]), sys.argv[2], int(sys.argv[3]), float(sys.argv[4])))))
