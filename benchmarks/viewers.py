"""`python -m benchmarks.viewers PORT PATH SECONDS COOKIES`: browsers that ask for a part of a page every two seconds.

Prints the milliseconds of every answer as JSON. Each viewer begins at another moment, and asks again two seconds after
it asked, like htmx.
"""

import asyncio
import json
import sys
import time

EVERY = 2.0
REQUEST = (
    "GET {path} HTTP/1.1\r\nHost: localhost\r\nCookie: sessionid={cookie}\r\nHX-Request: true\r\n"
    "Accept-Language: es\r\nAccept-Encoding: gzip\r\nConnection: close\r\n\r\n"
)


async def ask(port: int, path: str, cookie: str) -> float:
    began = time.perf_counter()
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(REQUEST.format(path=path, cookie=cookie).encode())
    answer = await reader.read()
    writer.close()
    assert answer.startswith(b"HTTP/1.1 200"), answer[:300]
    return 1000 * (time.perf_counter() - began)


async def watch(port: int, path: str, cookie: str, *, delay: float, seconds: float) -> list[float]:
    await asyncio.sleep(delay)
    ends, taken = time.monotonic() + seconds, []
    while time.monotonic() < ends:
        due = time.monotonic() + EVERY
        taken.append(await ask(port, path, cookie))
        await asyncio.sleep(max(due - time.monotonic(), 0))
    return taken


async def watch_all(port: int, path: str, seconds: float, cookies: list[str]) -> list[float]:
    delays = [EVERY * position / len(cookies) for position in range(len(cookies))]
    viewers = [
        watch(port, path, cookie, delay=delay, seconds=seconds) for cookie, delay in zip(cookies, delays, strict=True)
    ]
    return [ms for taken in await asyncio.gather(*viewers) for ms in taken]


if __name__ == "__main__":
    taken = asyncio.run(watch_all(int(sys.argv[1]), sys.argv[2], float(sys.argv[3]), json.loads(sys.argv[4])))
    print(json.dumps(taken))
