import io

import pytest
import segno
from PIL import Image

from tests.conftest import missing
from tests.factories import make_contact, make_event, make_ticket
from tickets.issuing import issue_tickets
from tickets.models import Contact
from tickets.qr import public_link, qr_png, ticket_qr

LINK = "https://entradas.example.com/t/Ut3K8Rt4N56ppeyduUonBY/"


def picture(png):
    image = Image.open(io.BytesIO(png))
    image.load()
    return image


def decoded(image):
    try:
        from pyzbar.pyzbar import decode
    except ImportError:
        missing("libzbar0")
    return [found.data.decode() for found in decode(image)]


def test_the_code_says_what_it_was_given():
    assert decoded(picture(qr_png(LINK))) == [LINK]


def test_it_is_read_at_half_the_size():
    image = picture(qr_png(LINK)).convert("L")

    assert decoded(image.resize((image.width // 2, image.height // 2), Image.Resampling.BILINEAR)) == [LINK]


def test_it_is_read_on_a_black_page():
    image = picture(qr_png(LINK)).convert("RGB")
    page = Image.new("RGB", (image.width + 400, image.height + 400), "black")
    page.paste(image, (200, 200))

    assert decoded(page) == [LINK]


def test_it_is_read_after_a_messenger_compressed_it():
    image = picture(qr_png(LINK)).convert("RGB").resize((320, 320))
    jpeg = io.BytesIO()
    image.save(jpeg, "JPEG", quality=40)

    assert decoded(picture(jpeg.getvalue())) == [LINK]


def test_it_is_an_opaque_square_of_600_pixels_or_more():
    image = picture(qr_png(LINK))

    assert image.format == "PNG"
    assert image.width == image.height >= 600
    assert "A" not in image.getbands()
    assert "transparency" not in image.info


def test_four_white_modules_surround_it():
    image = picture(qr_png(LINK)).convert("L")
    module = image.width / segno.make_qr(LINK, error="m").symbol_size(border=4)[0]
    quiet = round(4 * module)
    left, top, right, bottom = Image.eval(image, lambda value: 255 - value).getbbox()

    assert image.getextrema() == (0, 255)
    assert (left, top, image.width - right, image.height - bottom) == (quiet, quiet, quiet, quiet)


def test_a_stain_that_the_lowest_error_correction_does_not_survive_is_no_matter():
    image = picture(qr_png(LINK)).convert("L")
    stain = round(image.width * 0.22)
    at = (image.width - stain) // 2
    image.paste(255, (at, at, at + stain, at + stain))

    assert decoded(image) == [LINK]


@pytest.mark.parametrize("text", ["x", LINK, "https://" + "muy-largo." * 10 + "example.com/t/Ut3K8Rt4N56ppeyduUonBY/"])
def test_short_and_long_addresses_are_both_big_enough(text):
    assert picture(qr_png(text)).width >= 600


def test_a_ticket_link_stays_small_enough_to_scan_from_afar():
    assert segno.make_qr(LINK, error="m").version <= 4


@pytest.mark.django_db
def test_the_link_is_the_public_page(settings):
    settings.PUBLIC_URL = "https://entradas.example.com"
    ticket = make_ticket(token="Ut3K8Rt4N56ppeyduUonBY")

    assert public_link(ticket) == LINK
    assert decoded(picture(ticket_qr(ticket))) == [LINK]


@pytest.mark.django_db
def test_every_ticket_of_a_batch_has_its_own_code():
    event = make_event()
    for _ in range(12):
        make_contact()
    issue_tickets(event, Contact.objects.all())

    tickets = list(event.tickets.all())
    said = [decoded(picture(ticket_qr(ticket))) for ticket in tickets]

    assert said == [[public_link(ticket)] for ticket in tickets]
    assert len({link for (link,) in said}) == 12
