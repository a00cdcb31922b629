"""What a post may look like before anybody asks what it says. Pure: standard library only."""

import json
from typing import Any


class NotJson(ValueError):
    """Nothing of the body is repeated here: it is what people wrote."""


def text_of_body(body: bytes) -> str:
    """The body as every database can keep it. Raises NotJson.

    A letter that is broken is replaced: whoever wrote it, the report around it counts. A zero byte, which PostgreSQL
    takes in no text, is written as JSON writes it, so that the text still says the same.
    """
    text = body.decode("utf-8", "replace").removeprefix("\ufeff").replace("\0", "\\u0000")
    parsed(text)
    return text


def parsed(text: str) -> Any:
    """Raises NotJson, also for what is nested so deep that nobody could have meant it."""
    try:
        return json.loads(text, strict=False)
    except (ValueError, RecursionError):
        raise NotJson("no JSON") from None
