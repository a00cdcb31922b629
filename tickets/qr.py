"""The QR code of a ticket, drawn whenever it is asked for and never stored."""

import io
import math

import segno
from django.conf import settings
from PIL import Image

from tickets.codes import ticket_url
from tickets.models import Ticket

QUIET_ZONE = 4  # modules, as the standard asks; readers find nothing without it
# The standard wants the best of eight masks, and looking for it is most of the work. A token is random already: of
# hundreds of small, blurred, turned and compressed codes, those with this mask were read as often as the best.
MASK = 4
SMALLEST_SIDE = 600  # pixels: still sharp after WhatsApp made it smaller


def public_link(ticket: Ticket) -> str:
    """The ticket's page, which is also what its QR says."""
    return ticket_url(settings.PUBLIC_URL, ticket.token)


def ticket_qr(ticket: Ticket) -> bytes:
    return qr_png(public_link(ticket))


def qr_modules(text: str) -> list[list[bool]]:
    """Row by row, True where it is dark, with the quiet zone around it."""
    code = segno.make_qr(text, error="m", boost_error=True, mask=MASK)
    return [[bool(module) for module in row] for row in code.matrix_iter(border=QUIET_ZONE)]


def qr_png(text: str) -> bytes:
    """Black on opaque white with its quiet zone, so that it also scans from a dark page."""
    modules = qr_modules(text)
    side = len(modules)
    code = Image.new("1", (side, side))
    code.putdata([0 if is_dark else 1 for row in modules for is_dark in row])
    pixels = side * math.ceil(SMALLEST_SIDE / side)
    picture = io.BytesIO()
    code.resize((pixels, pixels), Image.Resampling.NEAREST).save(picture, "PNG")
    return picture.getvalue()
