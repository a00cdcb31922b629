"""The table of what each gateway can do is the same in the documentation as in the code."""

import pytest

from scripts.gateways import BEGIN, END, PAGE, page, table
from whatsapp.gateways.base import Capabilities, Gateway, Signing
from whatsapp.registry import OURS


class Able(Gateway):
    name = "able"
    label = "Able"
    capabilities = Capabilities(
        checks_numbers=True,
        no_may_be_wrong=True,
        sends_documents=True,
        needs_templates=True,
        receipts=frozenset({"read", "sent"}),
        hears_replies=True,
        signing=Signing.HEADER,
        finds_phones=True,
    )


class Poor(Gateway):
    name = "poor"
    label = "Poor"
    capabilities = Capabilities(shows_qr=False, restarts=False, sends_pictures=False)


def test_the_documentation_shows_the_table_of_the_code():
    text = PAGE.read_text()
    assert text == page(text, OURS), "run: python -m scripts.gateways"


def test_a_row_says_what_the_capabilities_say():
    rows = table([Able, Poor]).splitlines()[2:]
    assert rows == [
        "| Able | `able` | yes | yes | yes, a “no” may be wrong | yes | yes | needed | sent, read | yes | secret in a header | yes |",
        "| Poor | `poor` | no | no | no | no | no |  | none | no |  | no |",
    ]


def test_what_people_wrote_around_the_table_stays():
    text = f"# Title\n\nBefore.\n\n{BEGIN}\nold\n{END}\n\nAfter.\n"
    assert page(text, [Poor]) == f"# Title\n\nBefore.\n\n{BEGIN}\n\n{table([Poor])}\n{END}\n\nAfter.\n"


@pytest.mark.parametrize("text", ["", BEGIN, END, f"{END} {BEGIN}"])
def test_a_page_without_its_marks_is_not_written_over(text):
    with pytest.raises(ValueError, match="lost a mark"):
        page(text, [Poor])
