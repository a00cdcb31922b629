"""QR codes that gateways hand out, as text or finished. Nothing but such a text or a real PNG is passed on."""

import base64
import binascii

_PNG = b"\x89PNG\r\n\x1a\n"
_PREFIX = "data:image/png;base64,"
_LONGEST = 2900  # characters: a QR code holds hardly more, and those of WhatsApp have about 250


def code_text(value: object) -> str:
    """What a QR code to be drawn says; empty for a page, a data URL or a sentence."""
    if not isinstance(value, str) or not value.isascii() or len(value) > _LONGEST or value.startswith(("<", "data:")):
        return ""
    return "" if any(map(str.isspace, value)) else value


def png(content: bytes) -> bytes:
    return content if content.startswith(_PNG) else b""


def png_in_data_url(text: object) -> bytes:
    if not isinstance(text, str) or not text.startswith(_PREFIX):
        return b""
    try:
        return png(base64.b64decode(text.removeprefix(_PREFIX), validate=True))
    except (binascii.Error, ValueError):
        return b""
