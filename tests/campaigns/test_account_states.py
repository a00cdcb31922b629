"""What Meta says of an account holds for all of its numbers, to whichever of their addresses it is posted."""

from datetime import timedelta

import pytest

from campaigns.models import Delivery, Lane
from tests.campaigns.driving import run_until_idle
from tests.factories import NOW, make_cloud_sender, make_contact, make_delivery, make_settings
from tests.fakes import Clock, FakeGateway
from tests.whatsapp.cloud_answers import ACCOUNT, post
from tests.whatsapp.hooks import make_telling, posting
from tests.whatsapp.test_webhooks_reading import stored
from whatsapp.gateways.base import State
from whatsapp.models import Sender
from whatsapp.webhooks.base import StateNews
from whatsapp.webhooks.reading import read_posts
from whatsapp.webhooks.states import hear_states

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("posting", "fixed_clock")]
__all__ = ["posting"]

IN_A_DAY = NOW + timedelta(days=1)
DISABLED = {"event": "DISABLED_UPDATE", "ban_info": {"waba_ban_state": "DISABLE"}}
DELETED = {"event": "ACCOUNT_DELETED"}
OFFBOARDED = {"event": "ACCOUNT_OFFBOARDED"}


def restriction(ends_at=IN_A_DAY):
    kind = {"restriction_type": "RESTRICTED_BIZ_INITIATED_MESSAGING"}
    return {
        "event": "ACCOUNT_RESTRICTION",
        "restriction_info": [kind | {"expiration": int(ends_at.timestamp())}],
    }


@pytest.fixture
def numbers():
    """Three of one account, whose names are not in the order of their ids, and one of another account."""
    ours = [make_cloud_sender(name=name, state="ready", state_since=NOW) for name in ("C", "B", "A")]
    return [*ours, make_cloud_sender(account="999", state="ready", state_since=NOW)]


def told(sender, *values, account=ACCOUNT):
    """Of an account, to the address of that number."""
    stored(sender, *(post({"field": "account_update", "value": value}, account=account) for value in values))
    return read_posts(now=NOW, limit=100)


def each(*fields):
    return list(Sender.objects.order_by("pk").values_list(*fields))


def lanes():
    return list(Lane.objects.filter(channel="whatsapp").order_by("sender").values_list("pause_reason", "paused_until"))


def test_a_restriction_stops_all_numbers_of_the_account_until_its_end(numbers):
    told(numbers[1], restriction())
    assert each("state", "state_ends_at") == [("restricted", IN_A_DAY)] * 3 + [("ready", None)]
    assert lanes() == [("blocked", IN_A_DAY)] * 3 + [("", None)]


def test_nothing_leaves_from_any_of_them_and_the_other_account_takes_over(numbers):
    make_settings(base_delay=0, step=0, maximum_delay=0)
    told(numbers[0], restriction())
    for sender in numbers:
        make_delivery(contact=make_contact(), pool=sender.pk)
    Sender.objects.update(gateway="rest")  # so that no message needs a template
    run_until_idle(FakeGateway(), Clock(NOW), budget=60)
    assert list(Delivery.objects.values_list("status", "sender")) == [("sent", numbers[3].pk)] * 4


@pytest.mark.parametrize(("said", "state"), [(DISABLED, "restricted"), (DELETED, "failed")])
def test_so_does_the_end_of_the_account(numbers, said, state):
    told(numbers[0], said)
    assert each("state") == [(state,)] * 3 + [("ready",)]
    if state == "restricted":
        assert [reason for reason, _until in lanes()] == ["not_ready"] * 3 + [""]


def test_a_number_that_was_registered_elsewhere_is_one_of_them(numbers):
    told(numbers[1], OFFBOARDED)
    assert each("state") == [("ready",), ("failed",), ("ready",), ("ready",)]


def test_what_is_said_of_another_account_concerns_nobody_here(numbers):
    told(numbers[0], restriction(), account="777")
    assert each("state") == [("ready",)] * 4


def test_each_number_hears_it_by_its_own_rules(numbers):
    """A later end takes the place of an earlier one; the same is no news; who is off is told too."""
    first, second, third, _foreign = numbers
    Sender.objects.filter(pk=first.pk).update(state="restricted", state_ends_at=NOW + timedelta(hours=1))
    Sender.objects.filter(pk=second.pk).update(state="restricted", state_ends_at=IN_A_DAY, state_detail="known")
    Sender.objects.filter(pk=third.pk).update(state="needs_qr", is_enabled=False)
    told(third, restriction())
    said = "Meta restricted the account: RESTRICTED_BIZ_INITIATED_MESSAGING"
    assert each("state", "state_ends_at", "state_detail")[:3] == [
        ("restricted", IN_A_DAY, said),
        ("restricted", IN_A_DAY, "known"),
        ("restricted", IN_A_DAY, said),
    ]


def test_told_again_to_another_of_their_addresses_it_is_no_news(numbers):
    told(numbers[0], restriction())
    Sender.objects.update(checked_at=None)
    told(numbers[2], restriction())
    assert each("state", "checked_at") == [("restricted", None)] * 3 + [("ready", None)]


def test_the_last_word_counts_of_what_is_said_of_all(numbers):
    told(numbers[0], restriction(NOW + timedelta(hours=1)), restriction())
    assert each("state_ends_at")[:3] == [(IN_A_DAY,)] * 3


def test_they_are_told_in_the_order_of_their_ids(numbers, monkeypatch):
    heard = []
    monkeypatch.setattr("whatsapp.webhooks.states.hear_state", lambda sender, news, now: heard.append(sender.pk))
    told(numbers[1], restriction())
    assert heard == [sender.pk for sender in numbers[:3]]


def test_what_is_said_of_one_number_stays_with_it(numbers):
    mine, of_all = StateNews(State.FAILED, "mine"), StateNews(State.RESTRICTED, "all", IN_A_DAY, of_account=True)
    hear_states(numbers[0], [StateNews(State.FAILED, "mine")], now=NOW)
    assert each("state") == [("failed",), ("ready",), ("ready",), ("ready",)]
    hear_states(numbers[1], [of_all, mine], now=NOW)
    assert each("state") == [("restricted",), ("failed",), ("restricted",), ("ready",)]


def test_a_number_whose_account_nobody_knows_is_told_alone():
    one, other = make_telling(state="ready"), make_telling(state="ready")
    hear_states(one, [StateNews(State.RESTRICTED, "all", of_account=True)], now=NOW)
    assert each("pk", "state") == [(one.pk, "restricted"), (other.pk, "ready")]
