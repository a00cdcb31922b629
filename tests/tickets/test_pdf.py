"""The ticket to print: one page of A4."""

import pytest

from tests.tickets.cards import CODE, LINK, NAMES, Pdf, decoded, longest_card, make_card
from tickets.drawing.pdf import ticket_pdf

A4 = (595, 842)  # points


def test_the_qr_in_it_says_the_link():
    assert decoded(Pdf(ticket_pdf(make_card())).image) == [LINK]


@pytest.mark.parametrize("card", [make_card(), longest_card()], ids=["usual", "longest"])
def test_it_is_one_light_page_of_a4(card):
    content = ticket_pdf(card)
    pdf = Pdf(content)

    assert pdf.pages == 1
    assert tuple(map(round, pdf.size)) == A4
    assert len(content) < 120_000
    assert decoded(pdf.image) == [LINK]


def test_it_says_everything_that_the_door_and_its_holder_need():
    text = Pdf(ticket_pdf(make_card(attributes={"mesa": "4"}))).text

    for words in (
        *("ENTRADA", "VIP", "Noche de Prueba", "Sábado 12 de diciembre de 2026", "20:00 – 23:00 (hora de Bogotá)"),
        *("Teatro Ficticio", "Calle 1 # 2-3", "María D'Angelo", "y 2 acompañantes · entran 3 personas", "Mesa: 4"),
        *(CODE, LINK),
    ):
        assert words in text


@pytest.mark.parametrize("card", [make_card(), longest_card()], ids=["usual", "longest"])
def test_nothing_overlaps_and_nothing_leaves_the_page(card):
    boxes = Pdf(ticket_pdf(card)).boxes

    assert all(0 < left < right < A4[0] and 0 < bottom < top < A4[1] for left, bottom, right, top in boxes)
    down = sorted(boxes, key=lambda box: -box[3])
    pairs = [(one, other) for number, one in enumerate(down) for other in down[number + 1 : number + 30]]
    assert [pair for pair in pairs if _overlap(*pair)] == []


def _overlap(one, other):
    wide = min(one[2], other[2]) - max(one[0], other[0])
    high = min(one[3], other[3]) - max(one[1], other[1])
    return wide > 2 and high > 2  # letters of one line reach into each other by less


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
def test_no_name_breaks_it(name):
    pdf = Pdf(ticket_pdf(make_card(name)))

    assert pdf.pages == 1
    assert CODE in pdf.text
    assert "\ufffd" not in pdf.text


@pytest.mark.parametrize("name", ["Nguyễn Thị Ánh Nguyệt", "Łódź Ελένη Дмитрий", "أنا تجربة", "שלום עולם"])
def test_a_name_can_be_searched_and_copied_in_its_own_letters(name):
    text = Pdf(ticket_pdf(make_card(name))).text

    assert name in text
    assert CODE in text


def test_its_title_names_the_event_and_nobody():
    content = ticket_pdf(make_card(language="en"))
    facts = Pdf(content).facts

    assert (facts["Title"], facts["Author"]) == ("Ticket · Noche de Prueba", "Pregonero")
    assert "Angelo" not in str(facts)
    assert b"/Lang (en)" in content
