"""What people write besides is told to one address: soon, seldom, and as it was written."""

import re
from datetime import timedelta
from email import message_from_bytes
from email.policy import default

import pytest

from campaigns.mailer import packed
from campaigns.messages import _letter
from campaigns.models import Campaign, Delivery, Reply, ReplySettings
from campaigns.models.campaign import ASIDE, LISTED
from campaigns.replies.forwarding import forward_due
from campaigns.tick import tick
from campaigns.views.showing import audience_words
from tests.campaigns.replying import LID, arrives, prepare_all, said, writes
from tests.factories import NOW, make_contact, make_sender
from tickets.models import Contact

pytestmark = pytest.mark.django_db

MINUTES = timedelta(minutes=1)
PANEL = "http://localhost:8000/admin"


@pytest.fixture
def sender():
    return make_sender(name="Taquilla")


@pytest.fixture
def ana():
    return make_contact(name="Ana", phone="+573000000001")


@pytest.fixture(autouse=True)
def told():
    return ReplySettings.objects.create(pk=1, forward_to="sala@example.org")


def letters(now=NOW):
    prepare_all(now)
    return list(Delivery.objects.filter(campaign__origin="forward").order_by("campaign_id"))


def test_a_reply_is_told_with_who_wrote_to_which_number(sender, ana):
    writes(ana, "¿Hay parqueadero?", sender)
    assert forward_due(now=NOW) == 1
    [letter] = letters()
    assert (letter.address, letter.channel, letter.contact, letter.status) == (
        "sala@example.org",
        "email",
        None,
        "pending",
    )
    for words in ("Ana (+573000000001)", "Taquilla", "25 Nov 2026, 10:00", "“¿Hay parqueadero?”"):
        assert words.lower() in letter.text.lower()
    assert f"{PANEL}/tickets/contact/{ana.pk}/person/" in letter.text
    assert letter.text.endswith(f"{PANEL}/campaigns/reply/")
    assert letter.subject.startswith("1 ")


def test_strangers_are_told_as_far_as_they_are_known(sender):
    arrives(sender, said("Hola", phone="+573000000099", message_id="1"), said("Hey", chat_id=LID, message_id="2"))
    forward_due(now=NOW)
    [letter] = letters()
    assert "+573000000099" in letter.text
    assert "/person/" not in letter.text
    assert LID not in letter.text


def test_a_reply_without_text_is_told_to_be_one(sender, ana):
    writes(ana, "", sender)
    forward_due(now=NOW)
    [letter] = letters()
    assert "“”" not in letter.text
    assert "Ana (+573000000001)" in letter.text


def test_the_first_comes_at_once_and_then_at_most_one_every_ten_minutes(sender, ana):
    counts = []
    for minute in range(21):
        writes(ana, f"Hola {minute}", sender, message_id=str(minute), now=NOW + minute * MINUTES)
        counts.append(forward_due(now=NOW + minute * MINUTES))
    assert counts == [1, *[0] * 9, 10, *[0] * 9, 10]
    assert [letter.text.count("Ana (") for letter in letters()] == [1, 10, 10]


def test_a_flood_is_one_letter(sender):
    news = [said(f"Hola {n}", phone="+573000000099", message_id=str(n)) for n in range(130)]
    arrives(sender, *news)
    assert (forward_due(now=NOW), forward_due(now=NOW + 11 * MINUTES)) == (130, 0)
    [letter] = letters()
    assert letter.text.count("“Hola") == 50
    assert re.search(r"\b80\b", letter.text)


def test_two_ticks_write_one_letter(sender, ana):
    writes(ana, "Hola", sender)
    assert [forward_due(now=NOW), forward_due(now=NOW)] == [1, 0]
    assert len(letters()) == 1


def test_wishes_are_not_told(sender, ana):
    writes(ana, "BAJA", sender, message_id="1")
    writes(ana, "ALTA", sender, message_id="2")
    assert forward_due(now=NOW) == 0


def test_without_an_address_nobody_is_told_nor_later(sender, ana, told):
    writes(ana, "Uno", sender, message_id="1")
    ReplySettings.objects.update(forward_to="")
    writes(ana, "Dos", sender, message_id="2")
    assert forward_due(now=NOW) == 0
    ReplySettings.objects.update(forward_to="sala@example.org")
    assert (forward_due(now=NOW), letters()) == (0, [])


def test_what_people_write_is_no_template(sender, ana):
    """What stands between braces would be filled in, and a brace alone would stop the letter."""
    Contact.objects.filter(pk=ana.pk).update(name="Ana {x}")
    writes(ana, "{nombre} {{7*7}} {preferencias} } *negrita* {", sender)
    forward_due(now=NOW)
    [letter] = letters()
    assert "(nombre) ((7*7)) (preferencias) ) *negrita* (" in letter.text
    assert "Ana (x)" in letter.text
    assert letter.campaign.status == "sending"


def test_nothing_in_it_is_a_tag(sender, ana):
    writes(ana, "<script>alert(1)</script>", sender)
    forward_due(now=NOW)
    [row] = letters()
    page = message_from_bytes(packed(_letter(row, None)).content, policy=default).get_body(("html",)).get_content()
    assert "<script" not in page
    assert "&lt;script&gt;" in page


def test_nobody_unsubscribes_with_it(sender, ana):
    writes(ana, "Hola", sender)
    forward_due(now=NOW)
    [letter] = letters()
    assert "/preferencias/" not in letter.text
    assert _letter(letter, None).headers == ()


def test_it_is_a_note_to_the_team_and_in_no_list(sender, ana):
    writes(ana, "Hola", sender)
    forward_due(now=NOW)
    [campaign] = Campaign.objects.filter(ASIDE)
    assert (campaign.is_aside, Campaign.objects.filter(LISTED).exists()) == (True, False)
    assert (campaign.priority, campaign.not_after) == (0, NOW + timedelta(days=1))
    assert audience_words(campaign).endswith("sala@example.org")


def test_the_tick_tells(sender, ana):
    writes(ana, "Hola", sender)
    assert tick(now=NOW).replies_forwarded == 1


def test_whoever_is_deleted_meanwhile_is_not_told_about(sender, ana):
    writes(ana, "Hola", sender)
    ana.delete()
    assert forward_due(now=NOW) == 0
    assert Reply.objects.count() == 1
