"""Drawn tickets without a database, and what readers find in them."""

import io
import zoneinfo
from datetime import UTC, datetime, timedelta

import pypdfium2
from PIL import Image

from tests.conftest import missing
from tickets.drawing.card import card_of
from tickets.models import Event, Ticket

TOKEN, CODE = "Ut3K8Rt4N56ppeyduUonBY", "K7MD-4QXT"
LINK = f"http://localhost:8000/t/{TOKEN}/"
EVENING = datetime(2026, 12, 13, 1, 0, tzinfo=UTC)  # 20:00 of the day before in Bogotá
LONG_EVENT = "XXVII Encuentro Iberoamericano de Estudiantes de Ingeniería Electrónica y Ciencias de la Computación " * 2
LONG_NAME = ("Juan Sebastián de los Ángeles Fernández-Montenegro y Villavicencio " * 3)[:150]
NAMES = {
    "usual": "María D'Angelo",
    "long": LONG_NAME,
    "one word": "Á" * 150,
    "arabic": "أنا تجربة (x)",
    "hebrew": "שלום עולם",
    "chinese": "王小明",
    "vietnamese": "Nguyễn Thị Ánh Nguyệt",
    "emoji": "Lucía 🎉👨‍👩‍👧‍👦🇨🇴 ❤️",
    "dressed up": "𝓜𝓪𝓻𝓲𝓪",
    "turned around": "a\u202eb\u2066c",
    "hindi": "नमस्ते",
    "broken": "a\u0301\u0301\x00\ufffe\U0010ffff",
    "nothing": "",
}


def make_card(name="María D'Angelo", *, language="es", event=None, **fields):
    values = {"name": "Noche de Prueba", "venue": "Teatro Ficticio", "address": "Calle 1 # 2-3"} | (event or {})
    times = {"starts_at": EVENING, "ends_at": values.pop("ends_at", EVENING + timedelta(hours=3))}
    zone = zoneinfo.ZoneInfo(values.pop("timezone", "America/Bogota"))
    ticket = Ticket(**{"token": TOKEN, "code": CODE, "type": "VIP", "companions": 2} | fields)
    return card_of(ticket, Event(**values, **times, timezone=zone), name=name, language=language)


def longest_card():
    event = {"name": LONG_EVENT[:150], "venue": "Auditorio " * 15, "address": "Avenida Calle 24 # 38-47 " * 10}
    event["ends_at"] = EVENING + timedelta(days=2)
    details = {f"columna número {number}": "un dato bastante largo " * 6 for number in range(9)}
    return make_card(LONG_NAME, event=event, type="Entrada general " * 4, companions=10, attributes=details)


def opened(png):
    image = Image.open(io.BytesIO(png))
    image.load()
    return image


def decoded(image):
    try:
        from pyzbar.pyzbar import decode
    except ImportError:
        missing("libzbar0")
    return [found.data.decode() for found in decode(image)]


class Pdf:
    """What a reader finds on its first page."""

    def __init__(self, content):
        self.content = content
        with pypdfium2.PdfDocument(content) as document:
            self.pages = len(document)
            self.facts = document.get_metadata_dict()
            page = document[0]
            self.size = page.get_size()
            words = page.get_textpage()
            self.text = words.get_text_range()
            self.boxes = [words.get_rect(number) for number in range(words.count_rects())]

    @property
    def image(self):
        with pypdfium2.PdfDocument(self.content) as document:
            return document[0].render(scale=2).to_pil()
