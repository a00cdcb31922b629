"""What a gateway shows of the messages that left: proof for one whose answer was lost, where there is no doubt."""

from datetime import timedelta

import pytest

from campaigns.models import Delivery
from campaigns.news import apply_early
from tests.campaigns.hearing import LEFT_AT, own, receipt, sent, state, status, tell
from tests.factories import NOW, make_sender
from whatsapp.models import ChatIdentity, EarlyReceipt, Sender

pytestmark = pytest.mark.django_db

BEGUN_AT = LEFT_AT - timedelta(seconds=1)
THEN = LEFT_AT + timedelta(seconds=2)
PHONE = "+573000000011"
TEXT = "Hola Ana\n\nTu entrada:  *hoy*"


@pytest.fixture
def sender():
    return make_sender()


@pytest.fixture
def lost(sender):
    """A message of which nobody knows whether it left."""
    return sent("", "uncertain", sender=sender, address=PHONE, text=TEXT, error_kind="uncertain")


def test_the_message_itself_settles_it(sender, lost):
    assert tell(sender, own(TEXT, at=THEN, phone=PHONE)) == 1
    assert state(lost) == ("sent", BEGUN_AT, None, None)
    lost.refresh_from_db()
    assert (lost.gateway_message_id, lost.error_kind) == ("OWN1", "")
    tell(sender, receipt("read", "OWN1", THEN))
    assert status(lost) == "read"


@pytest.mark.parametrize(
    "shown",
    [
        own("Hola Eva\n\nTu entrada: *hoy*", at=THEN, phone=PHONE),
        own(TEXT, at=THEN, phone="+573000000012"),
        own(TEXT, at=BEGUN_AT - timedelta(seconds=1), phone=PHONE),
        own(TEXT, at=BEGUN_AT + timedelta(minutes=10, seconds=1), phone=PHONE),
        own(TEXT, at=THEN, chat_id="100000000000001@lid"),
        own(TEXT, "", at=THEN, phone=PHONE),
    ],
    ids=["other text", "other person", "before the call", "too late", "unknown id", "without an id"],
)
def test_what_does_not_fit_settles_nothing(sender, lost, shown):
    assert tell(sender, shown) == 0
    assert status(lost) == "uncertain"


def test_a_message_of_another_number_settles_nothing(lost):
    assert tell(make_sender(), own(TEXT, at=THEN, phone=PHONE)) == 0
    assert status(lost) == "uncertain"


def test_blanks_and_line_breaks_do_not_matter(sender, lost):
    tell(sender, own(" Hola Ana Tu entrada: *hoy* \r\n", at=THEN, phone=PHONE))
    assert status(lost) == "sent"


def test_a_long_text_fits_by_what_is_kept_of_it(sender):
    text = "Hola 🎉👩‍👩‍👧 " + "a b " * 900
    lost = sent("", "uncertain", sender=sender, address=PHONE, text=text)
    tell(sender, own(text[:1500], at=THEN, phone=PHONE))
    assert status(lost) == "sent"


def test_providers_tell_whole_seconds(sender):
    lost = sent("", "uncertain", sender=sender, address=PHONE, text=TEXT)
    lost.attempts.update(started_at=LEFT_AT + timedelta(milliseconds=900))
    tell(sender, own(TEXT, at=LEFT_AT, phone=PHONE))
    assert status(lost) == "sent"


def test_whatsapp_may_write_the_number_in_its_own_way(sender):
    lost = sent("", "uncertain", sender=sender, address="+525555550101", text=TEXT)
    tell(sender, own(TEXT, at=THEN, phone="+5215555550101"))
    assert status(lost) == "sent"


def test_an_id_that_is_no_number_fits_once_it_is_known_whose_it_is(sender, lost):
    sent("OTHER", sender=sender, address=PHONE)
    tell(sender, receipt("delivered", "OTHER", chat_id="100000000000001@lid"))
    tell(sender, own(TEXT, at=THEN, chat_id="100000000000001@lid"))
    assert status(lost) == "sent"


def test_one_that_names_both_teaches_it_at_once(sender, lost):
    tell(sender, own("Otra cosa", at=THEN, phone=PHONE, chat_id="100000000000001@lid"))
    assert ChatIdentity.objects.values_list("chat_id", "phone").get() == ("100000000000001@lid", PHONE)
    assert status(lost) == "uncertain"


def test_two_that_fit_are_a_doubt(sender, lost):
    other = sent("", "uncertain", sender=sender, address=PHONE, text=TEXT)
    assert tell(sender, own(TEXT, at=THEN, phone=PHONE)) == 0
    assert [status(lost), status(other)] == ["uncertain", "uncertain"]


def test_one_that_is_leaving_now_is_a_doubt_too(sender, lost):
    leaving = sent("", "claimed", sender=sender, address=PHONE, text=TEXT)
    assert tell(sender, own(TEXT, at=THEN, phone=PHONE)) == 0
    assert [status(lost), status(leaving)] == ["uncertain", "claimed"]


def test_a_message_that_is_on_record_proves_no_other(sender, lost):
    """The same text to the same person, from two campaigns: it was the other one."""
    sent("OWN1", sender=sender, address=PHONE, text=TEXT)
    assert tell(sender, own(TEXT, at=THEN, phone=PHONE)) == 0
    assert status(lost) == "uncertain"


def test_only_the_last_call_counts(sender):
    lost = sent("", "uncertain", sender=sender, address=PHONE, text=TEXT, calls=2)
    lost.attempts.filter(number=2).update(started_at=NOW)
    lost.attempts.filter(number=1).update(outcome="uncertain")
    tell(sender, own(TEXT, at=THEN, phone=PHONE))
    assert status(lost) == "uncertain"


def test_it_may_come_before_the_error_of_its_own_call(sender):
    """Seen in the wild: ten milliseconds before the gateway's "500"."""
    leaving = sent("", "claimed", sender=sender, address=PHONE, text=TEXT)
    tell(sender, own(TEXT, at=THEN, phone=PHONE))
    assert status(leaving) == "claimed"
    kept = EarlyReceipt.objects.get()
    assert (kept.status, kept.message_id, kept.reference) == ("sent", "OWN1", f"delivery-{leaving.pk}-1")
    Delivery.objects.filter(pk=leaving.pk).update(status="uncertain")
    apply_early(now=NOW)
    assert state(leaving) == ("sent", BEGUN_AT, None, None)


def test_what_a_person_decided_meanwhile_stays(sender, lost):
    Delivery.objects.filter(pk=lost.pk).update(status="pending")
    assert tell(sender, own(TEXT, at=THEN, phone=PHONE)) == 0
    assert status(lost) == "pending"


def test_it_is_no_receipt(sender, lost):
    tell(sender, own(TEXT, at=THEN, phone=PHONE))
    assert Sender.objects.get().last_receipt_at is None


def test_nothing_is_kept_of_what_is_typed_on_the_telephone(sender, lost):
    tell(sender, own("Un mensaje privado", at=THEN, phone="+573000000099"))
    assert not EarlyReceipt.objects.exists()
