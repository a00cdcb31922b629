"""The product's pages, and beside them at /measured how many queries they cost since the last time that was asked."""

import json
from collections import Counter
from collections.abc import Callable, Iterable
from threading import Lock
from typing import Any

from django.core.wsgi import get_wsgi_application
from django.db.backends.signals import connection_created

product = get_wsgi_application()

from campaigns.views import live  # noqa: E402  (needs the settings)

_lock = Lock()
_counts: Counter[str] = Counter()


def _count(name: str) -> None:
    with _lock:
        _counts[name] += 1


def _counted(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
    _count("queries")
    return execute(sql, params, many, context)


def _watch(connection: Any, **kwargs: Any) -> None:
    if _counted not in connection.execute_wrappers:
        connection.execute_wrappers.append(_counted)


def _look(*args: Any, **kwargs: Any) -> Any:
    _count("looks")
    return _plain_look(*args, **kwargs)


connection_created.connect(_watch)
_plain_look, live._look = live._look, _look


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    if environ["PATH_INFO"] != "/measured":
        _count("requests")
        return product(environ, start_response)
    with _lock:
        body = json.dumps(_counts).encode()
        _counts.clear()
    start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
    return [body]
