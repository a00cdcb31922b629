"""What a gateway says by itself of its number: the last word counts, and a restriction is not talked away."""

from datetime import timedelta

import pytest

from tests.factories import NOW
from tests.whatsapp.hooks import make_telling, posting
from tests.whatsapp.test_webhooks_reading import stored
from whatsapp.control import check_sender
from whatsapp.enums import SenderState
from whatsapp.gateways.base import State, Status
from whatsapp.health import record_state
from whatsapp.restarts import NEVER_IN, due_for
from whatsapp.signals import news_arrived, state_recorded
from whatsapp.webhooks.base import StateNews
from whatsapp.webhooks.reading import read_posts
from whatsapp.webhooks.states import hear_state

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("posting", "fixed_clock")]
__all__ = ["posting"]

AN_HOUR_AGO, IN_AN_HOUR = NOW - timedelta(hours=1), NOW + timedelta(hours=1)


@pytest.fixture
def recorded():
    """What was written down, in order."""
    said = []

    def listen(status, **_signal):
        said.append(status.state)

    state_recorded.connect(listen)
    yield said
    state_recorded.disconnect(listen)


def hear(sender, *news):
    stored(sender, *news)
    read_posts(now=NOW, limit=100)
    sender.refresh_from_db()
    return sender


def test_a_state_is_written_down():
    sender = hear(
        make_telling(state="ready", state_since=AN_HOUR_AGO), {"state": "logged_out", "detail": "device gone"}
    )
    assert (sender.state, sender.state_detail, sender.state_since) == ("logged_out", "device gone", NOW)


def at(**ago):
    return (NOW - timedelta(**ago)).isoformat()


def test_what_a_gateway_tells_again_after_something_newer_is_passed_over(recorded):
    sender = make_telling(state="starting", state_since=AN_HOUR_AGO)
    hear(sender, {"state": "ready", "at": at(seconds=10)})
    hear(sender, {"state": "needs_qr", "at": at(seconds=40)})
    assert (sender.state, recorded) == ("ready", ["ready"])
    hear(sender, {"state": "needs_qr", "at": at(seconds=5)})
    assert sender.state == "needs_qr"


def test_what_changed_nothing_is_newer_all_the_same():
    sender = make_telling(state="ready", state_since=AN_HOUR_AGO)
    hear(sender, {"state": "ready", "at": at(seconds=10)})
    assert hear(sender, {"state": "needs_qr", "at": at(seconds=40)}).state == "ready"


def test_in_one_batch_the_newest_counts_and_not_the_last_to_come(recorded):
    sender = make_telling(state="starting", state_since=AN_HOUR_AGO)
    hear(sender, {"state": "ready", "at": at(seconds=10)}, {"state": "needs_qr", "at": at(seconds=40)})
    assert recorded == ["ready"]


@pytest.mark.parametrize("first", [at(hours=-2), at(hours=0)])
def test_a_clock_that_is_set_back_does_not_silence_a_gateway(first):
    sender = make_telling(state="starting", state_since=AN_HOUR_AGO)
    hear(sender, {"state": "ready", "at": first})
    assert hear(sender, {"state": "needs_qr", "at": at(hours=3)}).state == "needs_qr"


def test_one_that_names_no_moment_is_believed_as_it_comes():
    sender = make_telling(state="starting", state_since=AN_HOUR_AGO)
    hear(sender, {"state": "ready", "at": at(seconds=10)})
    assert hear(sender, {"state": "failed"}).state == "failed"


def test_of_a_number_that_flaps_the_last_word_counts(recorded):
    sender = make_telling(state="ready", state_since=AN_HOUR_AGO)
    hear(
        sender,
        *({"state": state} for state in ["starting", "ready"] * 20),
        [{"state": "failed"}, {"state": "starting"}],
    )
    assert (sender.state, recorded) == ("starting", ["starting"])


def test_a_number_that_flaps_and_ends_where_it_was_is_left_alone(recorded):
    sender = make_telling(state="ready", state_since=AN_HOUR_AGO)
    hear(sender, *({"state": state} for state in ["starting", "failed", "ready"] * 20))
    assert (sender.state_since, recorded) == (AN_HOUR_AGO, [])


def test_each_number_has_its_own_last_word():
    one, other = make_telling(state="ready"), make_telling(state="ready")
    stored(one, {"state": "failed"})
    stored(other, {"state": "starting"})
    hear(one)
    other.refresh_from_db()
    assert (one.state, other.state) == ("failed", "starting")


def test_a_state_is_no_news_for_those_who_wait_for_receipts():
    heard = []
    news_arrived.connect(lambda news, **_: heard.append(news), weak=False, dispatch_uid="states")
    hear(make_telling(), {"state": "ready"})
    news_arrived.disconnect(dispatch_uid="states")
    assert heard == []


def test_what_a_gateway_says_is_scrubbed():
    sender = hear(make_telling(), {"state": "failed", "detail": "lost 573000000001@c.us"})
    assert "573000000001" not in sender.state_detail


# --- restrictions -----------------------------------------------------------------------------------------------------


def restricted(ends_at=None):
    return make_telling(state="restricted", state_since=AN_HOUR_AGO, state_ends_at=ends_at)


def test_a_restriction_is_written_down_with_its_end():
    sender = hear(make_telling(state="ready"), {"state": "restricted", "ends_at": IN_AN_HOUR.isoformat()})
    assert (sender.state, sender.state_ends_at) == ("restricted", IN_AN_HOUR)


@pytest.mark.parametrize("state", sorted(set(State) - {State.RESTRICTED}))
def test_nothing_that_a_gateway_says_ends_a_restriction_before_its_end(state, recorded):
    sender = hear(restricted(IN_AN_HOUR), {"state": state})
    assert (sender.state, sender.state_ends_at, recorded) == ("restricted", IN_AN_HOUR, [])


@pytest.mark.parametrize("state", sorted(set(State) - {State.RESTRICTED}))
def test_after_its_end_the_gateway_is_believed_again(state):
    sender = hear(restricted(NOW), {"state": state})
    assert (sender.state, sender.state_ends_at) == (state, None)


@pytest.mark.parametrize("state", sorted(State))
def test_a_restriction_without_an_end_never_turns_into_a_restart(state):
    """A restart of a number that WhatsApp restricted makes it worse, whatever its session says."""
    sender = hear(restricted(), {"state": state})
    assert sender.state == SenderState.READY if state == State.READY else sender.state in NEVER_IN
    is_due = due_for(sender, AN_HOUR_AGO, now=NOW)
    assert is_due is (state == State.READY)  # what is ready is restarted only if it then loses messages


def test_a_number_that_is_not_restricted_may_fail():
    assert hear(make_telling(state="ready"), {"state": "failed"}).state == "failed"


@pytest.mark.parametrize(
    ("known", "told", "then"),
    [
        (None, IN_AN_HOUR, IN_AN_HOUR),
        (IN_AN_HOUR, IN_AN_HOUR + timedelta(hours=5), IN_AN_HOUR + timedelta(hours=5)),
        (IN_AN_HOUR, None, IN_AN_HOUR),
        (IN_AN_HOUR, AN_HOUR_AGO, IN_AN_HOUR),
        (IN_AN_HOUR, IN_AN_HOUR + timedelta(milliseconds=300), IN_AN_HOUR),
    ],
)
def test_a_restriction_that_is_told_again(known, told, then):
    end = {} if told is None else {"ends_at": told.isoformat()}
    sender = hear(restricted(known), {"state": "restricted"} | end)
    assert (sender.state, sender.state_ends_at, sender.state_since) == ("restricted", then, AN_HOUR_AGO)


def test_a_restriction_that_was_told_when_it_was_over_is_none(recorded):
    sender = hear(make_telling(state="ready"), {"state": "restricted", "ends_at": AN_HOUR_AGO.isoformat()})
    assert (sender.state, recorded) == ("ready", [])


def test_the_end_of_a_restriction_is_kept_when_a_look_says_only_that_there_is_one():
    sender = restricted(IN_AN_HOUR)
    record_state(sender.pk, Status(State.RESTRICTED), now=NOW)
    sender.refresh_from_db()
    assert sender.state_ends_at == IN_AN_HOUR


def test_the_end_that_a_look_states_is_kept():
    sender = make_telling(state="ready")
    record_state(sender.pk, Status(State.RESTRICTED, ends_in=3600.0), now=NOW)
    sender.refresh_from_db()
    assert sender.state_ends_at == IN_AN_HOUR


def test_an_old_end_does_not_belong_to_a_new_restriction():
    sender = make_telling(state="ready", state_ends_at=AN_HOUR_AGO)
    record_state(sender.pk, Status(State.RESTRICTED), now=NOW)
    sender.refresh_from_db()
    assert sender.state_ends_at is None


def test_whoever_looks_and_sees_that_it_is_ready_is_believed(monkeypatch):
    """The gateway was asked, and did not merely open a session."""
    sender = restricted(IN_AN_HOUR)
    monkeypatch.setattr(
        "whatsapp.control.gateway_for", lambda sender: type("Ready", (), {"status": lambda self: Status(State.READY)})()
    )
    check_sender(sender, now=NOW)
    sender.refresh_from_db()
    assert (sender.state, sender.state_ends_at) == ("ready", None)


# --- a lock for new people, of a number that works


def told_lock(state, until, sender_state="ready", **fields):
    heard = []

    def listen(status, **_signal):
        heard.append((status.state, status.locked_for))

    state_recorded.connect(listen)
    try:
        sender = make_telling(state=sender_state, state_since=AN_HOUR_AGO, **fields)
        hear_state(sender, StateNews(state, "locked", locked_until=until), now=NOW)
    finally:
        state_recorded.disconnect(listen)
    return heard


def test_a_lock_is_passed_on_although_the_state_is_the_same():
    assert told_lock(State.READY, IN_AN_HOUR) == [(State.READY, 3600.0)]


def test_a_lock_that_is_over_is_no_news():
    assert told_lock(State.READY, AN_HOUR_AGO) == []


def test_a_lock_does_not_end_a_restriction():
    assert told_lock(State.READY, IN_AN_HOUR, "restricted", state_ends_at=IN_AN_HOUR) == []
