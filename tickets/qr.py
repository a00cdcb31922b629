"""The QR code of a ticket, drawn whenever it is asked for and never stored."""

import io
import math

import segno
from django.conf import settings

from tickets.codes import ticket_url
from tickets.models import Ticket

QUIET_ZONE = 4  # modules, as the standard asks; readers find nothing without it
SMALLEST_SIDE = 600  # pixels: still sharp after WhatsApp made it smaller


def public_link(ticket: Ticket) -> str:
    """The ticket's page, which is also what its QR says."""
    return ticket_url(settings.PUBLIC_URL, ticket.token)


def ticket_qr(ticket: Ticket) -> bytes:
    return qr_png(public_link(ticket))


def qr_png(text: str) -> bytes:
    """Black on opaque white with its quiet zone, so that it also scans from a dark page."""
    code = segno.make_qr(text, error="m", boost_error=True)
    modules, _height = code.symbol_size(scale=1, border=QUIET_ZONE)
    picture = io.BytesIO()
    code.save(
        picture,
        kind="png",
        scale=math.ceil(SMALLEST_SIDE / modules),
        border=QUIET_ZONE,
        dark="black",
        light="white",
    )
    return picture.getvalue()
