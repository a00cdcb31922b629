from datetime import timedelta

import pytest

from tests.factories import NOW, make_sender
from whatsapp.gateways.base import State, Status
from whatsapp.health import record_send, record_state
from whatsapp.models import Sender

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(minutes=5)


def test_first_state():
    sender = make_sender()
    record_state(sender.pk, Status(State.READY, "listo"), now=NOW)
    sender.refresh_from_db()
    assert (sender.state, sender.state_detail) == ("ready", "listo")
    assert (sender.state_since, sender.checked_at) == (NOW, NOW)


def test_same_state_keeps_its_since():
    sender = make_sender(state="ready", state_since=NOW)
    record_state(sender.pk, Status(State.READY, "otra vez"), now=LATER)
    sender.refresh_from_db()
    assert (sender.state_since, sender.checked_at, sender.state_detail) == (NOW, LATER, "otra vez")


def test_other_state_has_a_new_since():
    sender = make_sender(state="ready", state_since=NOW)
    record_state(sender.pk, Status(State.NEEDS_QR), now=LATER)
    sender.refresh_from_db()
    assert (sender.state, sender.state_since) == ("needs_qr", LATER)


def test_first_check_of_an_unknown_state_says_since_when():
    sender = make_sender()
    record_state(sender.pk, Status(State.UNKNOWN), now=NOW)
    sender.refresh_from_db()
    assert sender.state_since == NOW


@pytest.mark.parametrize("state", State)
def test_every_state_of_a_gateway_can_be_stored(state):
    sender = make_sender()
    record_state(sender.pk, Status(state), now=NOW)
    sender.refresh_from_db()
    assert sender.state == state


def test_long_detail_is_cut():
    sender = make_sender()
    record_state(sender.pk, Status(State.FAILED, "ñ" * 600), now=NOW)
    sender.refresh_from_db()
    assert sender.state_detail == "ñ" * 500


def test_other_numbers_stay_as_they_are():
    sender, other = make_sender(), make_sender()
    record_state(sender.pk, Status(State.READY), now=NOW)
    record_send(sender.pk, now=NOW)
    other.refresh_from_db()
    assert (other.state, other.checked_at, other.last_send_at) == ("unknown", None, None)


def test_send_is_recorded():
    sender = make_sender()
    record_send(sender.pk, now=NOW)
    sender.refresh_from_db()
    assert sender.last_send_at == NOW


def test_recording_does_not_touch_what_staff_edit():
    sender = make_sender(name="Taquilla")
    type(sender).objects.filter(pk=sender.pk).update(name="Puerta")
    record_state(sender.pk, Status(State.READY), now=NOW)
    sender.refresh_from_db()
    assert sender.name == "Puerta"


def test_how_many_new_people_a_number_may_reach_is_kept_until_it_is_said_anew():
    sender = make_sender()
    record_state(sender.pk, Status(State.READY, new_people_a_day=1000), now=NOW)
    record_state(sender.pk, Status(State.READY), now=LATER)  # an answer that does not say it
    sender.refresh_from_db()
    assert sender.people_limit == 1000
    record_state(sender.pk, Status(State.READY, new_people_a_day=0), now=LATER)  # no limit any more
    sender.refresh_from_db()
    assert sender.people_limit == 0


# --- another gateway

KNOWN = {
    "state": "restricted",
    "state_detail": "locked",
    "state_since": NOW,
    "state_ends_at": LATER,
    "checked_at": NOW,
    "last_receipt_at": NOW,
    "last_post_at": NOW,
    "people_limit": 1000,
}
NOTHING = dict.fromkeys(KNOWN) | {"state": "unknown", "state_detail": ""}
MOVES = [{"gateway": "waha"}, {"base_url": "http://localhost:3999"}, {"session_name": "other"}]


def known(sender):
    return Sender.objects.values(*KNOWN).get(pk=sender.pk)


def change(sender, *, whole=False, **changes):
    for name, value in changes.items():
        setattr(sender, name, value)
    sender.save(update_fields=None if whole else list(changes))


@pytest.mark.parametrize("whole", [False, True])
@pytest.mark.parametrize("move", MOVES)
def test_what_another_gateway_said_and_did_is_forgotten(move, whole):
    sender, other = make_sender(**KNOWN), make_sender(**KNOWN)
    change(sender, whole=whole, **move)
    assert (known(sender), known(other)) == (NOTHING, KNOWN)
    assert {name: getattr(sender, name) for name in KNOWN} == NOTHING


@pytest.mark.parametrize(
    "changes", [{"name": "Otra"}, {"api_key": "k"}, {"is_enabled": False}, {"gateway": "rest", "session_name": ""}]
)
def test_whatever_else_is_changed_it_stays_known(changes):
    sender = make_sender(**KNOWN)
    change(sender, **changes)
    change(sender, whole=True, **changes)
    assert known(sender) == KNOWN


def test_what_is_not_saved_moves_nothing():
    sender = make_sender(**KNOWN)
    sender.gateway = "waha"
    sender.save(update_fields=["session_name"])
    assert known(sender) == KNOWN


@pytest.mark.usefixtures("fixed_clock")
def test_until_when_receipts_came_is_kept_and_one_that_gave_none_moves_it_no_further():
    sender = make_sender(last_receipt_at=NOW, receipts_until=None)
    change(sender, gateway="waha")
    assert sender.receipts_until == NOW
    Sender.objects.update(receipts_until=NOW - timedelta(days=1))
    change(sender, gateway="gowa")
    assert (sender.receipts_from, sender.receipts_until) == (None, NOW - timedelta(days=1))
    Sender.objects.update(last_receipt_at=NOW)
    change(sender, gateway="rest")
    assert (sender.receipts_from, sender.receipts_until) == (NOW - timedelta(days=1), NOW)


def test_a_new_number_has_nothing_to_forget():
    assert known(make_sender(**KNOWN)) == KNOWN
