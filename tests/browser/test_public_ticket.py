"""A ticket's page in a real browser without JavaScript: scanned from the screen of a phone, printed, and behind a PIN."""

import io
from datetime import timedelta

import pytest
from django.contrib.auth.hashers import make_password
from PIL import Image

from tests.browser.looking import SIZES, listen, troubles
from tests.factories import NOW, make_contact, make_event, make_ticket
from tests.tickets.cards import LONG_EVENT, LONG_NAME, Pdf, decoded
from tickets.models import PinLock, Ticket

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def ticket(live_server, settings):
    settings.PUBLIC_URL = live_server.url
    event = make_event(name="Noche de Prueba", address="Calle 1 # 2-3")
    holder = make_contact(name="María D'Angelo", language="en")
    return make_ticket(event=event, holder=holder, token="T" * 22, companions=2, attributes={"table": "4"})


@pytest.fixture
def link(ticket, live_server):
    return f"{live_server.url}/t/{ticket.token}/"


@pytest.fixture(params=["light", "dark"])
def phone(chromium, request):
    """Without JavaScript, as it suits an old phone."""
    details = {"viewport": SIZES["phone"], "java_script_enabled": False, "color_scheme": request.param}
    context = chromium.new_context(**details)
    page = context.new_page()
    listen(page)
    yield page
    context.close()


def seen(page):
    return Image.open(io.BytesIO(page.screenshot(full_page=True))).convert("L")


def try_pin(page, pin):
    page.fill("#pin", pin)
    with page.expect_navigation():
        page.press("#pin", "Enter")


def make_long(ticket):
    Ticket.objects.update(companions=10, attributes={f"column {number}": "something " * 4 for number in range(6)})
    ticket.holder.name = LONG_NAME
    ticket.holder.save()
    ticket.event.name, ticket.event.address = LONG_EVENT[:150], "Avenida Calle 24 # 38-47 " * 10
    ticket.event.venue, ticket.event.ends_at = "Auditorio " * 15, NOW + timedelta(days=40)
    ticket.event.save()


def test_its_qr_is_read_from_the_screen_of_a_phone_and_at_half_the_size(phone, link):
    phone.goto(link)
    screen = seen(phone)

    assert screen.width == 390
    assert decoded(screen) == [link]
    assert decoded(screen.resize((195, screen.height // 2), Image.Resampling.BILINEAR)) == [link]
    assert phone.complaints == []


@pytest.mark.parametrize("is_long", [False, True], ids=["usual", "longest"])
def test_on_paper_it_is_one_page_whose_qr_is_read(chromium, ticket, link, is_long):
    if is_long:
        make_long(ticket)
    context = chromium.new_context(color_scheme="dark")
    page = context.new_page()
    page.goto(link)
    printed = Pdf(page.pdf(prefer_css_page_size=True))
    context.close()

    assert (printed.pages, tuple(map(round, printed.size))) == (1, (595, 842))
    assert decoded(printed.image) == [link]
    assert printed.image.convert("L").getpixel((5, 5)) == 255  # no dark paper
    assert "PDF to print" not in printed.text


def test_a_pin_opens_it_on_this_phone(phone, ticket, link):
    Ticket.objects.update(pin=make_password("4711"))
    phone.goto(link)
    assert "Angelo" not in phone.content()
    try_pin(phone, "1234")
    assert "That is not the PIN." in phone.inner_text("[role=alert]")
    try_pin(phone, "4711")

    assert phone.url == link
    assert decoded(seen(phone)) == [link]
    assert phone.request.get(f"{link}entrada.pdf").headers["content-type"] == "application/pdf"
    assert phone.complaints == []


@pytest.mark.parametrize("state", ["longest", "blocked", "pin", "locked"])
def test_each_of_its_states_suits_everybody(chromium, ticket, link, state):
    if state in ("pin", "locked"):
        Ticket.objects.update(pin=make_password("4711"))
    elif state == "longest":
        make_long(ticket)
    else:
        Ticket.objects.update(status=state)
    context = chromium.new_context()
    page = context.new_page()
    listen(page)
    page.goto(link)
    for _ in range({"pin": 1, "locked": 5}.get(state, 0)):
        try_pin(page, "0000")
    page.complaints[:] = [words for words in page.complaints if "429" not in words]

    assert (PinLock.objects.exclude(locked_until=None).count() == 1) is (state == "locked")
    assert troubles(page) == {}
    context.close()
