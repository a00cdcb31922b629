"""The addresses that gateways post to hold a secret: no log of ours repeats them. Standard library only."""

import logging
import re
from typing import Any

_PLACE = "/hooks/whatsapp/"
_ADDRESS = re.compile(rf"({_PLACE}\d+/)[^\s\"'?]+")


class MaskHookAddress(logging.Filter):
    """For the loggers that name the address of a request. Every line stays, without the secret and the request."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg = _masked(record.msg)
        if isinstance(record.args, tuple):
            record.args = tuple(_masked(value) for value in record.args)
        if str(getattr(getattr(record, "request", None), "path", "")).startswith(_PLACE):
            record.request = None  # handlers that send mail would print all of it
        return True


def _masked(value: Any) -> Any:
    return _ADDRESS.sub(r"\1…", value) if isinstance(value, str) else value
