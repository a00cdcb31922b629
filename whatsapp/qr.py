"""The QR code that links a phone, as a picture."""

import base64
import io

import segno

from whatsapp.gateways.base import Status
from whatsapp.gateways.qr_images import png


def link_picture(status: Status) -> bytes:
    """What to scan, as PNG; empty where the gateway shows none. Only a real PNG of a gateway is passed on."""
    if image := png(status.qr_image):
        return image
    if not status.qr_text:
        return b""
    picture = io.BytesIO()
    segno.make_qr(status.qr_text, error="l").save(picture, kind="png", scale=6, border=4, dark="black", light="white")
    return picture.getvalue()


def data_url(picture: bytes) -> str:
    return "data:image/png;base64," + base64.b64encode(picture).decode() if picture else ""
