"""The picture that goes out with WhatsApp messages and e-mails."""

import io

import pytest
from PIL import Image, features

from tests.tickets.cards import LINK, NAMES, decoded, longest_card, make_card, opened
from tickets.drawing.picture import small_picture, ticket_picture


def test_letters_can_be_joined_and_turned_here():
    """Else Arabic names would be drawn letter by letter, from the wrong side."""
    assert features.check("raqm")


def test_the_qr_in_it_says_the_link():
    assert decoded(opened(ticket_picture(make_card()))) == [LINK]


def test_it_is_an_upright_opaque_png_with_few_colours():
    image = opened(ticket_picture(make_card()))

    assert (image.format, image.mode, image.width) == ("PNG", "P", 1080)
    assert 1.2 < image.height / image.width < 2
    assert "transparency" not in image.info


@pytest.mark.parametrize("card", [make_card(), longest_card()], ids=["usual", "longest"])
def test_it_is_light(card):
    assert len(ticket_picture(card)) < 80_000


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
def test_no_name_breaks_it(name):
    assert decoded(opened(ticket_picture(make_card(name, event={"name": name or "x", "venue": name})))) == [LINK]


def test_the_longest_ticket_is_still_read():
    image = opened(ticket_picture(longest_card()))

    assert decoded(image) == [LINK]
    assert image.height < 3 * image.width


def test_it_is_read_after_a_messenger_made_it_small_and_compressed_it():
    image = opened(ticket_picture(make_card())).convert("RGB")
    stored = io.BytesIO()
    image.resize((image.width // 2, image.height // 2), Image.Resampling.BILINEAR).save(stored, "JPEG", quality=40)

    assert decoded(opened(stored.getvalue())) == [LINK]


def test_it_is_read_on_a_dark_page():
    image = opened(ticket_picture(make_card())).convert("RGB")
    page = Image.new("RGB", (image.width + 200, image.height + 200), "black")
    page.paste(image, (100, 100))

    assert decoded(page) == [LINK]


def test_another_name_or_event_is_another_picture():
    pictures = [
        make_card(),
        make_card("Otra Persona"),
        make_card(event={"name": "Otra Noche"}),
        make_card(companions=3),
    ]

    assert len({ticket_picture(card) for card in pictures}) == 4


def test_an_arabic_name_is_joined_from_right_to_left():
    """The letters of أنا differ from those of the same three, drawn apart."""
    joined, apart = (ticket_picture(make_card(name)) for name in ("بسم", "ب س م"))

    assert joined != apart


def test_among_others_on_a_page_it_is_small():
    small = small_picture(longest_card())

    assert opened(small).width == 360
    assert len(small) < 25_000
    assert decoded(opened(small)) == [LINK]
