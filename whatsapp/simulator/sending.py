"""The simulated service's POST /send and POST /send-media."""

import base64
import binascii
import re
from typing import Any

from whatsapp.simulator.arrivals import Parcel, Picture

_DATA_URL = re.compile(r"data:(image/(?:png|jpe?g|gif|webp));base64,", re.IGNORECASE)


class BadRequest(Exception):
    """What the service answers with 400."""


def parcel_from(body: Any, *, with_picture: bool) -> Parcel:
    """Raises BadRequest."""
    phone, text = (body.get("phone"), body.get("message")) if isinstance(body, dict) else (None, None)
    if not isinstance(phone, str) or not isinstance(text, str) or not phone.strip() or not text:
        raise BadRequest("Se requieren los campos phone y message")
    digits = re.sub(r"[\s()+-]", "", phone.removesuffix("@c.us"))
    if not re.fullmatch(r"[0-9]{8,15}", digits):
        raise BadRequest("El número de teléfono no es válido")
    return Parcel(digits, text, _picture_from(body.get("imageBase64")) if with_picture else None)


def _picture_from(value: Any) -> Picture:
    start = _DATA_URL.match(value) if isinstance(value, str) else None
    if not start:
        raise BadRequest("Se requiere imageBase64 con una imagen como data URL")
    try:
        content = base64.b64decode(value[start.end() :], validate=True)
    except (binascii.Error, ValueError):
        raise BadRequest("La imagen en imageBase64 no es válida") from None
    return Picture(start[1].lower(), content)
