"""The page on which people see what arrived. It reloads itself; there is no script on it."""

from datetime import datetime
from pathlib import Path

from django.template import Context, Engine
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _

from whatsapp.simulator.chats import Chat, chats_of
from whatsapp.simulator.exchange import Exchange
from whatsapp.simulator.options import PROFILES

CHATS = 40  # shown; each may hold pictures
PAGES = Path(__file__).parent / "pages"
POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_engine = Engine(dirs=[str(PAGES)], libraries={"i18n": "django.templatetags.i18n"})

LABELS = {
    "steady": (_("Steady"), _("Takes every message at once.")),
    "slow": (_("Slow"), _("Takes three seconds for every message.")),
    "flaky": (_("Flaky"), _("Some calls fail, and some of those messages arrive all the same.")),
    "collapsing": (_("Collapsing"), _("Falls over when messages come too fast, and needs a while to be back.")),
    "not-ready": (_("Not ready"), _("Wants its QR code scanned. Restarting it counts as that.")),
    "asks-for-qr": (
        _("Wants a QR code"),
        _("Takes nothing until its QR code is scanned. A restart makes it ask again."),
    ),
    "rate-limited": (_("Rate limited"), _("Turns messages away when too many come in a short time.")),
    "bans": (_("Bans"), _("After some messages WhatsApp bans the number. A restart does not help.")),
    "accept-then-timeout": (_("Silent"), _("Delivers every message and does not say so.")),
    "reorders-receipts": (_("Disorder"), _("Takes every message, and reports in the wrong order what became of it.")),
}


def show(exchange: Exchange) -> None:
    """For browsers; programs get what the service says at its root."""
    if "text/html" not in exchange.asked.get("Accept", ""):
        is_ready = exchange.world.status()["ready"]
        exchange.json(200, {"service": "WhatsApp API Service", "status": "ready" if is_ready else "initializing"})
        return
    language = "en" if exchange.query.get("lang") == "en" else "es"
    with translation.override(language):
        page = _engine.get_template("inbox.html").render(Context(_context(exchange, language)))
    exchange.headers |= {"Content-Security-Policy": POLICY, "Referrer-Policy": "no-referrer"}
    exchange.reply(200, page.encode(), "text/html; charset=utf-8")


def stylesheet(exchange: Exchange) -> None:
    exchange.reply(200, (PAGES / "inbox.css").read_bytes(), "text/css; charset=utf-8")


def picture(exchange: Exchange) -> None:
    number = exchange.query.get("number", "")
    found = exchange.world.picture(int(number)) if number.isascii() and number.isdigit() and len(number) < 10 else None
    if found is None:
        exchange.reply(404, b"", "text/plain")
        return
    exchange.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    exchange.reply(200, found.content, found.mime)


def _context(exchange: Exchange, language: str) -> dict[str, object]:
    state, chats = exchange.world.state(), chats_of(exchange.world.arrivals())
    return {
        "language": language,
        "is_still": exchange.query.get("still") == "1",
        "state": state,
        "not_taken": state["calls"] - state["answers"].get("200", 0),
        "profiles": [(name, *LABELS[name], name == state["profile"]) for name in PROFILES],
        "description": LABELS[state["profile"]][1],
        "target": exchange.world.options.target,
        "chats": [_shown(chat, exchange) for chat in chats[:CHATS]],
        "more_chats": max(len(chats) - CHATS, 0),
        "zone": timezone.get_default_timezone_name(),
    }


def _shown(chat: Chat, exchange: Exchange) -> dict[str, object]:
    zone = timezone.get_default_timezone()
    bubbles = [
        {
            "number": arrival.number,
            "text": arrival.text,
            "has_media": arrival.has_media,
            "has_picture": exchange.world.picture(arrival.number) is not None,
            "time": datetime.fromtimestamp(arrival.received_at, zone),
        }
        for arrival in chat.arrivals
    ]
    return {"phone": chat.phone, "earlier": chat.earlier, "bubbles": bubbles}
