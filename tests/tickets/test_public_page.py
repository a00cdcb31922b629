from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.factories import make_contact, make_event, make_ticket
from tickets.enums import TicketStatus
from tickets.models import Ticket
from tickets.ticket_moves import replace_ticket, transfer_ticket

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]

TOKEN = "Ut3K8Rt4N56ppeyduUonBY"
PAGE, QR = f"/t/{TOKEN}/", f"/t/{TOKEN}/qr.png"
FILES = [f"{PAGE}{name}" for name in ("qr.png", "entrada.png", "entrada.pdf", "evento.ics")]
EVENING = datetime(2026, 12, 13, 1, 0, tzinfo=UTC)  # 20:00 of the day before in Bogotá
CSS = Path(settings.BASE_DIR) / "static" / "pregonero" / "ticket.css"


@pytest.fixture
def ticket():
    event = make_event(
        name="Noche de Prueba", venue="Teatro Ficticio", address="Calle 1 # 2-3", starts_at=EVENING, capacity=None
    )
    holder = make_contact(name="María D'Angelo & Cía <b>")
    return make_ticket(token=TOKEN, code="K7MD-4QXT", event=event, holder=holder, companions=2, type="VIP")


class Page(HTMLParser):
    """Every tag with its attributes, and the visible text."""

    def __init__(self, html):
        super().__init__()
        self.tags, self.words = [], []
        self.feed(html)
        self.text = " ".join(" ".join(self.words).split())

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, words):
        self.words.append(words)

    def all(self, tag):
        return [attributes for name, attributes in self.tags if name == tag]


def read(client, url=PAGE, status=200):
    response = client.get(url)
    assert response.status_code == status
    return Page(response.content.decode())


def speak_english(ticket):
    ticket.holder.language = "en"
    ticket.holder.save(update_fields=["language"])


def test_the_page_shows_what_somebody_at_the_door_needs(client, ticket):
    speak_english(ticket)
    text = read(client).text

    for words in ("Noche de Prueba", "Teatro Ficticio", "Calle 1 # 2-3", "K7MD-4QXT", "VIP"):
        assert words in text
    assert "María D'Angelo & Cía <b>" in text
    assert "and 2 companions · 3 people enter" in text
    assert "Valid ticket" in text


def test_the_time_is_that_of_the_event_with_its_zone_named(client, ticket):
    speak_english(ticket)
    page = read(client)

    assert "Saturday 12 December 2026 20:00 – 23:00 (Bogotá time)" in page.text
    assert page.all("time")[0]["datetime"] == "2026-12-12T20:00:00-05:00"


def test_an_event_of_several_days_says_until_when(client, ticket):
    speak_english(ticket)
    ticket.event.ends_at = EVENING + timedelta(days=2)
    ticket.event.save(update_fields=["ends_at"])

    assert "20:00 (Bogotá time) until Monday 14 December 2026, 20:00 (Bogotá)" in read(client).text


def test_alone_nobody_is_counted(client, ticket):
    Ticket.objects.update(companions=0)
    speak_english(ticket)

    assert "companion" not in read(client).text


@pytest.mark.parametrize(("language", "date"), [("es", "12 de diciembre de 2026"), ("en", "12 December 2026")])
def test_the_page_speaks_the_language_of_its_holder(client, ticket, language, date):
    ticket.holder.language = language
    ticket.holder.save(update_fields=["language"])
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en" if language == "es" else "es"
    response = client.get(PAGE)
    page = Page(response.content.decode())

    assert page.all("html")[0]["lang"] == language
    assert response.headers["Content-Language"] == language
    assert date in page.text


def test_a_seat_and_a_table_are_shown_by_the_names_of_their_columns(client, ticket):
    Ticket.objects.update(attributes={"mesa": "4", "asiento_numerado": 12, "nota": " ", "<b>": "<i>"})

    assert "<b> : <i> Asiento numerado : 12 Mesa : 4" in read(client).text


def test_what_a_list_with_forty_columns_brought_along_is_not_all_shown(client, ticket):
    Ticket.objects.update(attributes={f"columna {number}": "dato" for number in range(40)})

    assert read(client).text.count("dato") == 6


def test_a_name_in_another_direction_is_isolated(client, ticket):
    ticket.holder.name = "أنا تجربة"
    ticket.holder.save(update_fields=["name"])

    assert '<bdi dir="auto">أنا تجربة</bdi>' in client.get(PAGE).content.decode()


# --- states -----------------------------------------------------------------------------------------------------


def test_a_valid_ticket_has_its_qr_at_an_address_of_its_own(client, ticket):
    assert [image["src"] for image in read(client).all("img")] == [QR]
    response = client.get(QR)
    assert (response.status_code, response.headers["Content-Type"]) == (200, "image/png")
    assert response.content.startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("status", "words", "reason"),
    [
        (TicketStatus.BLOCKED, "Blocked for now", "Ask the organisers why"),
        (TicketStatus.VOIDED, "Voided ticket", "took it back"),
        (TicketStatus.REPLACED, "Replaced ticket", "there is a newer one"),
    ],
)
def test_what_no_longer_opens_the_door_says_why_and_shows_no_qr(client, ticket, status, words, reason):
    speak_english(ticket)
    Ticket.objects.update(status=status)
    page = read(client)

    assert words in page.text
    assert reason in page.text
    assert "Valid ticket" not in page.text
    assert page.all("img") == []
    assert client.get(QR).status_code == 404


def test_each_state_has_a_look_of_its_own(client, ticket):
    looks = set()
    for status in TicketStatus.values:
        Ticket.objects.update(status=status)
        looks.add(read(client).all("article")[0]["class"])

    assert looks == {f"ticket ticket-{status}" for status in ("valid", "blocked", "voided", "replaced")}
    assert all(f".{look.split()[1]} .state" in CSS.read_text() for look in looks if "valid" not in look)


# --- not found --------------------------------------------------------------------------------------------------


def test_a_valid_ticket_links_to_its_files_and_each_is_there(client, ticket):
    linked = [link["href"] for link in read(client).all("a")]

    assert sorted(linked) == sorted(FILES[1:])
    types = [client.get(url).headers["Content-Type"] for url in FILES]
    assert types == ["image/png", "image/png", "application/pdf", "text/calendar; charset=utf-8"]


@pytest.mark.parametrize("status", [status for status in TicketStatus if status != TicketStatus.VALID])
def test_no_file_of_a_ticket_that_opens_no_door(client, ticket, status):
    Ticket.objects.update(status=status)

    assert [client.get(url).status_code for url in FILES] == [404] * 4


def test_an_unknown_ticket_is_a_friendly_404(client, ticket):
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    page = read(client, "/t/unknown/", 404)

    assert "This link opens nothing" in page.text
    assert "Noche de Prueba" not in page.text


@pytest.mark.parametrize("url", FILES)
def test_what_is_forbidden_looks_like_what_does_not_exist(client, ticket, url):
    Ticket.objects.update(status=TicketStatus.VOIDED)
    forbidden, unknown = client.get(url), client.get(url.replace(TOKEN, "unknown"))

    assert forbidden.content == unknown.content
    assert forbidden.status_code == unknown.status_code == 404
    assert dict(forbidden.headers) == dict(unknown.headers)


@pytest.mark.parametrize("odd", ["K7MD-4QXT", TOKEN.lower(), "%00", "a" * 500, "%F0%9F%8E%9F", "..%2F"])
def test_odd_addresses_are_not_found_either(client, ticket, odd):
    assert client.get(f"/t/{odd}/").status_code == 404


# --- what leaves with the page ------------------------------------------------------------------------------------


@pytest.mark.parametrize("url", [PAGE, *FILES, "/t/unknown/", "/t/unknown/qr.png"])
def test_the_address_stays_private(client, ticket, url):
    headers = client.get(url).headers

    assert "noindex" in headers["X-Robots-Tag"]
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Cache-Control"] == "private, no-store"
    assert "Set-Cookie" not in headers


@pytest.mark.parametrize(("url", "status"), [(PAGE, 200), ("/t/unknown/", 404)])
def test_search_engines_are_told_in_the_page_too(client, ticket, url, status):
    assert {"name": "robots", "content": "noindex, nofollow, noarchive"} in read(client, url, status).all("meta")


@pytest.mark.parametrize("url", [PAGE, *FILES, "/t/unknown/"])
@pytest.mark.parametrize("method", ["get", "head"])
def test_looking_changes_nothing(client, ticket, url, method):
    with CaptureQueriesContext(connection) as queries:
        getattr(client, method)(url)

    assert [query["sql"] for query in queries if not query["sql"].startswith("SELECT")] == []
    assert len(queries) == 1


PREVIEWERS = [
    "WhatsApp/2.24.6.77 A",
    "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
    "TelegramBot (like TwitterBot)",
    "Mozilla/5.0 (compatible; GoogleImageProxy)",
    "",
]


@pytest.mark.parametrize("agent", PREVIEWERS)
def test_the_preview_of_a_chat_changes_nothing_and_names_nobody(client, ticket, agent):
    before = list(Ticket.objects.values())
    html = client.get(PAGE, headers={"user-agent": agent}).content.decode()
    head = html[: html.index("</head>")]

    assert list(Ticket.objects.values()) == before
    assert "Angelo" not in head
    assert ticket.code not in head
    assert "og:image" not in head


@pytest.mark.parametrize("url", [PAGE, *FILES])
@pytest.mark.parametrize("method", ["post", "put", "delete", "patch"])
def test_nothing_can_be_done_here(client, ticket, url, method):
    assert getattr(client, method)(url).status_code == 405


def test_the_title_names_nobody(client, ticket):
    """Titles end in histories and link previews."""
    html = client.get(PAGE).content.decode()
    title = html[html.index("<title>") : html.index("</title>")]

    assert "Noche de Prueba" in title
    assert "Angelo" not in title


@pytest.mark.parametrize(("url", "status"), [(PAGE, 200), ("/t/unknown/", 404)])
def test_there_is_no_script_no_inline_style_and_no_other_origin(client, ticket, url, status):
    page = read(client, url, status)
    attributes = [pair for _tag, attrs in page.tags for pair in attrs.items()]

    assert page.all("script") == page.all("style") == []
    assert [name for name, _value in attributes if name == "style" or name.startswith("on")] == []
    assert [value for name, value in attributes if name in {"src", "href"} and not value.startswith("/")] == []
    assert "url(" not in CSS.read_text()
    assert "@import" not in CSS.read_text()


def test_the_page_is_light_enough_for_a_weak_signal(client, ticket):
    page = read(client)
    files = [link["href"].removeprefix("/static/") for link in page.all("link")]
    sizes = [(Path(settings.BASE_DIR) / "static" / name).stat().st_size for name in files]

    assert sum(sizes) + len(client.get(PAGE).content) <= 60_000


def test_it_is_light_enough_with_the_longest_names_too(client, ticket):
    Ticket.objects.update(attributes={f"columna {number}" * 5: "dato " * 40 for number in range(6)}, companions=10)
    ticket.event.name, ticket.event.address = "Ñ" * 150, "Ñ" * 250
    ticket.event.save(update_fields=["name", "address"])

    assert CSS.stat().st_size + len(client.get(PAGE).content) <= 60_000


def test_dark_mode_and_paper_are_thought_of_and_the_qr_stays_on_white():
    css = CSS.read_text()

    assert "prefers-color-scheme: dark" in css
    assert "@media print" in css
    assert "background: #fff" in css[css.index("\n.qr {") : css.index(".qr img")]


def test_whoever_gave_a_ticket_away_is_not_told_to_look_for_a_newer_one(client):
    given, renewed = (make_ticket(holder=make_contact(language="en")) for _ in range(2))
    transfer_ticket(given, make_contact(name="Inés Ficticia"))
    replace_ticket(renewed)
    of_given, of_renewed = (client.get(f"/t/{one.token}/").content.decode() for one in (given, renewed))
    assert "it was given to somebody else" in of_given
    assert "there is a newer one" not in of_given
    assert "Inés" not in of_given
    assert "there is a newer one" in of_renewed
