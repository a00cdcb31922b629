"""Whatever order receipts come in, and however often: the end is the same."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from campaigns.enums import DeliveryStatus
from campaigns.lattice import HEIGHT, RAISED_BY, Said, Standing, raised
from campaigns.models import Delivery
from tests.campaigns.hearing import LEFT_AT, receipt, sent, state, tell
from tests.factories import NOW, make_sender
from whatsapp.webhooks.base import ReceiptStatus

# Before it was sent, in order, in the future, and not said at all.
MOMENTS = st.sampled_from(
    [None, LEFT_AT - timedelta(hours=1), *(LEFT_AT + timedelta(minutes=m) for m in (1, 2, 3, 60))]
)
SAID = st.builds(Said, st.sampled_from(ReceiptStatus), MOMENTS, st.just("receipt_failed"), st.just("a word"))
HEARD = st.lists(st.tuples(st.sampled_from(ReceiptStatus), MOMENTS), min_size=1, max_size=5)
BEGINNINGS = st.sampled_from(sorted(RAISED_BY))


def shuffled_with_repeats(heard):
    """The same receipts in another order, some of them again; all of them at least once."""
    return st.tuples(st.permutations(heard), st.lists(st.sampled_from(heard), max_size=3)).map(
        lambda two: [*two[0], *two[1]]
    )


@given(st.data(), BEGINNINGS, st.lists(SAID, min_size=1, max_size=6))
def test_every_order_with_repeats_ends_alike(data, status, said):
    standing = Standing(status, LEFT_AT)
    other = data.draw(shuffled_with_repeats(said))
    one_by_one = standing
    for one in other:
        one_by_one = raised(one_by_one, [one], now=NOW)
    assert raised(standing, said, now=NOW) == raised(standing, other, now=NOW) == one_by_one


@given(BEGINNINGS, st.lists(SAID, max_size=6))
def test_nothing_goes_back_and_times_are_possible(status, said):
    before = Standing(status, LEFT_AT)
    end = raised(before, said, now=NOW)
    assert HEIGHT.get(end.status, 0) >= HEIGHT.get(status, 0)
    times = [moment for moment in (end.sent_at, end.delivered_at, end.read_at, NOW) if moment is not None]
    assert times == sorted(times)
    assert (end.read_at is not None) <= (end.delivered_at is not None)
    assert end.sent_at == LEFT_AT


@pytest.mark.django_db
@given(st.data(), st.sampled_from(["sent", "failed", "pending", "uncertain"]), HEARD)
@hypothesis_settings(max_examples=40)
def test_rows_end_alike_too_in_one_post_or_in_many(data, before, heard):
    number, other = make_sender(), make_sender()
    first, second = (sent(status=before, sender=sender) for sender in (number, other))
    tell(number, *(receipt(status, at=at) for status, at in heard))
    for status, at in data.draw(shuffled_with_repeats(heard)):
        tell(other, receipt(status, at=at))
    assert state(first) == state(second)


@pytest.mark.django_db
@given(st.permutations(["sent", "failed", "delivered", "read"]))
@hypothesis_settings(max_examples=24)
def test_the_highest_wins_over_an_uncertain_message(order):
    sender = make_sender()
    delivery = sent("", "uncertain", sender=sender)
    for status in order:
        tell(sender, receipt(status, at=NOW, reference=f"delivery-{delivery.pk}-1"))
    assert state(delivery) == ("read", LEFT_AT - timedelta(seconds=1), NOW, NOW)


def test_only_known_states_are_raised():
    assert set(RAISED_BY) | {"claimed", "skipped", "cancelled", "expired"} == set(DeliveryStatus.values)


@pytest.mark.django_db
def test_a_person_never_reads_what_was_not_delivered():
    sender = make_sender()
    delivery = sent(sender=sender)
    tell(sender, receipt("read", at=LEFT_AT + timedelta(minutes=2)))
    tell(sender, receipt("delivered", at=LEFT_AT + timedelta(minutes=1)), receipt("delivered", at=NOW))
    assert state(delivery) == ("read", LEFT_AT, LEFT_AT + timedelta(minutes=1), LEFT_AT + timedelta(minutes=2))
    assert Delivery.objects.filter(pk=delivery.pk, error_kind="").exists()
