"""Receipts and a dispatcher at the same row at the same moment: one of them has it, and neither waits."""

import threading

import pytest
from django.db import connection, transaction

from campaigns.claims import claim
from campaigns.models import Delivery, Lane
from campaigns.news import apply_early, hear
from campaigns.windows import sending
from tests.campaigns.hearing import receipt, sent, status
from tests.factories import NOW, make_campaign, make_sender
from whatsapp.models import EarlyReceipt

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def several_writers():
    if connection.vendor != "postgresql":
        pytest.skip("SQLite lets nobody write while another does")


@pytest.fixture
def resent():
    """It failed, was sent again by a person, and has not left yet."""
    return sent("AAAA", "pending", sender=make_sender(), campaign=make_campaign(status="sending"))


def elsewhere(work):
    """In a thread with a connection of its own; fails where that waits."""
    found = []

    def run():
        try:
            with transaction.atomic():
                found.append(work())
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join(10)
    assert not thread.is_alive(), "it waited for the other"
    return found[0]


def test_a_message_that_is_just_being_claimed_leaves(resent):
    lane = Lane.objects.get(sender=resent.sender)
    with transaction.atomic():
        [claimed] = claim(lane, sending(), room=1, now=NOW)
        assert elsewhere(lambda: hear(resent.sender_id, [receipt("delivered")], now=NOW)) == 0
    assert (claimed.delivery.pk, status(resent)) == (resent.pk, "claimed")
    assert EarlyReceipt.objects.count() == 1
    Delivery.objects.filter(pk=resent.pk).update(status="uncertain")  # and then nobody knows
    assert apply_early(now=NOW) == 1
    assert status(resent) == "delivered"


def test_a_message_that_is_just_known_to_have_arrived_is_not_claimed(resent):
    lane = Lane.objects.get(sender=resent.sender)
    with transaction.atomic():
        assert hear(resent.sender_id, [receipt("delivered")], now=NOW) == 1
        assert elsewhere(lambda: claim(lane, sending(), room=1, now=NOW)) == []
    assert status(resent) == "delivered"


def test_two_who_read_the_same_post_at_once_do_not_wait_for_each_other(resent):
    with transaction.atomic():
        assert hear(resent.sender_id, [receipt("delivered"), receipt("read")], now=NOW) == 1
        assert elsewhere(lambda: hear(resent.sender_id, [receipt("read")], now=NOW)) == 0
    assert status(resent) == "read"
    assert apply_early(now=NOW) == 0
    assert not EarlyReceipt.objects.exists()
