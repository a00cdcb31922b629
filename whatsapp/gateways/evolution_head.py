"""The id of a message, from the beginning of an answer that is too long to be read whole.

With “Webhook base64” switched on, Evolution API puts the whole file into its answer, behind everything that matters:
the message was taken, and its id is there to follow it. Without this every ticket with a picture would be uncertain.
"""

import json
import re

from whatsapp.gateways.http import Answer

_LENGTH = 4096  # bytes; what is read of it has a few hundred
_TEXT = r'"(?:[^"\\]|\\.)*"'
# From the first character on, and nothing left out up to `message`: inside that stands what people write, and there
# anybody could write a key.
_HEAD = re.compile(
    rf'\s*\{{\s*"key"\s*:\s*(?P<key>\{{[^{{}}]*\}})\s*,'
    rf'\s*(?:"pushName"\s*:\s*(?:{_TEXT}|null)\s*,\s*)?'
    r'(?:"status"\s*:\s*"(?P<status>\w+)"\s*,\s*)?'
    r'"message"\s*:\s*\{'
)


def id_in_head(answer: Answer) -> str:
    """Empty unless it is a 201 that only our own limit cut short, and begins as a message that was taken does."""
    if answer.status != 201 or not answer.is_cut:
        return ""
    found = _HEAD.match(answer.body[:_LENGTH].decode("utf-8", "replace"))
    if not found or found["status"] == "ERROR":
        return ""
    try:
        key = json.loads(found["key"])
    except ValueError:
        return ""
    message_id = key.get("id")
    return message_id.strip() if isinstance(message_id, str) and key.get("fromMe") is True else ""
