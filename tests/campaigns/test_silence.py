"""A number whose receipts used to come and do not come any more takes no new work, until one comes."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from campaigns.lane_waits import rest_sentence
from campaigns.models import Delivery, Dispatcher, Lane
from campaigns.silence import unconfirmed, watch
from campaigns.tick import tick
from tests.campaigns.driving import make_dispatch, run_until_idle
from tests.campaigns.hearing import receipt, sent, tell
from tests.factories import (
    NOW,
    make_campaign,
    make_contact,
    make_delivery,
    make_lane,
    make_sender,
    make_settings,
    make_user,
)
from tests.fakes import Clock, FakeGateway
from tests.history import told
from whatsapp.gateways.base import State, Status
from whatsapp.health import record_state
from whatsapp.models import Sender, SendingSettings, WebhookPost

pytestmark = pytest.mark.django_db

MINUTES, MESSAGES = 15, 3
HEARD_AT = NOW - timedelta(hours=1)
LONG_AGO = NOW - timedelta(minutes=MINUTES)


@pytest.fixture(autouse=True)
def rules():
    return make_settings(silence_messages=MESSAGES, silence_minutes=MINUTES)


@pytest.fixture
def number():
    """It reported before, and sent as many messages as are too many since."""
    sender = make_sender(name="Taquilla", last_receipt_at=HEARD_AT)
    without_receipt(sender, MESSAGES)
    return sender


def without_receipt(sender, count, *, left_at=LONG_AGO, **fields):
    return [sent(f"S{left_at:%H%M%S}{n}", sender=sender, left_at=left_at, **fields) for n in range(count)]


def look(now=NOW):
    return watch(SendingSettings.load(), now=now)


def lane_of(sender):
    return Lane.objects.get(sender=sender)


def is_stopped(sender):
    return lane_of(sender).is_stopped


# --- when


def test_so_many_messages_for_so_long_without_a_word_stop_a_number(number):
    assert look() == 1
    lane = lane_of(number)
    assert (lane.pause_reason, lane.is_stopped, lane.paused_since, lane.paused_until) == ("silent", True, NOW, None)
    assert look() == 0  # once
    [(who, what, facts)] = told()
    assert (who, what, len(facts)) == ("", "silenced", 2)
    assert "Mensajes sin confirmación: 3" in facts


def test_one_message_fewer_says_nothing(number):
    Delivery.objects.filter(pk=Delivery.objects.filter(sender=number).first().pk).update(status="delivered")
    assert look() == 0


def test_one_minute_less_says_nothing(number):
    assert look(NOW - timedelta(seconds=1)) == 0


def test_a_number_that_never_gave_a_receipt_never_stops(number):
    Sender.objects.update(last_receipt_at=None)
    assert look(NOW + timedelta(days=30)) == 0


def test_messages_from_before_the_last_receipt_do_not_count(number):
    """Those people may have switched their telephones off."""
    Sender.objects.update(last_receipt_at=LONG_AGO)
    assert look(NOW + timedelta(hours=5)) == 0


def test_nought_messages_mean_that_nobody_watches(number, rules):
    make_settings(silence_messages=0)
    assert look() == 0


def test_what_no_receipt_could_reach_does_not_count():
    sender = make_sender(last_receipt_at=HEARD_AT)
    person = make_user()
    without_receipt(sender, MESSAGES - 1)
    sent("", sender=sender, left_at=LONG_AGO)  # its gateway gave no id
    sent("COUNTED", sender=sender, left_at=LONG_AGO, settled_by=person)
    assert look() == 0


def test_posts_that_nobody_has_read_yet_are_no_silence(number):
    post = WebhookPost.objects.create(sender=number, received_at=NOW, body="{}", digest="1")
    assert look() == 0
    WebhookPost.objects.filter(pk=post.pk).update(applied_at=NOW)
    assert look() == 1


@pytest.mark.parametrize(
    "changes", [{"pause_reason": "rate_limited", "paused_until": NOW}, {"pause_reason": "blocked", "is_stopped": True}]
)
def test_what_rests_for_another_reason_keeps_it(number, changes):
    Lane.objects.filter(sender=number).update(**changes)
    assert look() == 0
    assert lane_of(number).pause_reason == changes["pause_reason"]


@pytest.mark.parametrize("changes", [{"is_enabled": False}, {"is_draining": True}])
def test_a_number_that_takes_no_work_anyway_is_not_looked_at(number, changes):
    Sender.objects.update(**changes)
    assert look() == 0


def test_other_numbers_are_judged_by_their_own_receipts(number):
    other = make_sender(last_receipt_at=HEARD_AT)
    look()
    assert [is_stopped(number), is_stopped(other)] == [True, False]


def test_a_receipt_that_comes_while_somebody_looks_wins(number, monkeypatch):
    def one_comes(sender):
        Sender.objects.filter(pk=sender.pk).update(last_receipt_at=NOW)
        return False

    monkeypatch.setattr("campaigns.silence._has_unread_posts", one_comes)
    assert look() == 0
    assert not is_stopped(number)


def test_the_messages_are_found_by_their_index(number):
    with CaptureQueriesContext(connection) as asked:
        list(unconfirmed(number.pk, HEARD_AT, NOW).values("pk")[:MESSAGES])
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("EXPLAIN QUERY PLAN " + asked[0]["sql"])
            assert "delivery_unconfirmed (sender_id=? AND sent_at>? AND sent_at<?)" in cursor.fetchone()[3]


def test_a_number_that_was_heard_of_lately_is_not_even_counted(number):
    Sender.objects.update(last_receipt_at=NOW)
    with CaptureQueriesContext(connection) as asked:
        look()
    assert len(asked) == 2  # the settings, the lanes


# --- what follows


def test_nothing_leaves_from_it_and_another_number_takes_over(number):
    other = make_lane()
    make_delivery(contact=make_contact(), pool=number.pk)  # whom it had reached before
    make_delivery(contact=make_contact())
    tick(now=NOW)
    run_until_idle(FakeGateway(), Clock(NOW))
    left = Delivery.objects.filter(sent_at__gte=NOW).values_list("sender", flat=True)
    assert list(left) == [other.sender_id, other.sender_id]
    assert is_stopped(number)


def test_a_dispatcher_that_holds_it_notices(number):
    """It is stopped in the middle of a slice; the next message does not leave."""
    for _person in range(3):
        make_delivery(contact=make_contact(), campaign=make_campaign(status="sending"))
    clock, gateway = Clock(NOW), FakeGateway()
    loop = make_dispatch(gateway, clock)
    turn = loop._turn

    def turn_and_look():
        turn()
        if gateway.sent:
            look(clock.now)

    loop._turn = turn_and_look
    loop.run()
    assert len(gateway.sent) == 1
    assert lane_of(number).pause_reason == "silent"


def test_its_next_receipt_wakes_it_and_the_dispatchers(number):
    look()
    make_delivery(contact=make_contact())
    Dispatcher.objects.update(kicked_at=None)
    tell(number, receipt("sent", "anybody's"))
    lane = lane_of(number)
    assert (lane.pause_reason, lane.is_stopped, lane.paused_since) == ("", False, None)
    assert Dispatcher.objects.exclude(kicked_at=None).exists()
    assert [what for _who, what, _facts in told()] == ["silenced", "heard_again"]
    assert look(NOW) == 0


def test_a_receipt_wakes_nothing_that_rests_for_another_reason():
    sender = make_sender()
    Lane.objects.filter(sender=sender).update(pause_reason="blocked", is_stopped=True)
    tell(sender, receipt("delivered"))
    assert lane_of(sender).pause_reason == "blocked"


def test_a_receipt_that_tells_of_a_ban_wakes_nothing_for_a_moment_either(number):
    look()
    sent("BANNED", sender=number)
    tell(number, receipt("failed", "BANNED", error_kind="blocked"))
    assert (lane_of(number).pause_reason, lane_of(number).is_stopped) == ("blocked", True)
    assert [what for _who, what, _facts in told()] == ["silenced"]


def test_a_receipt_of_another_number_wakes_nothing(number):
    look()
    tell(make_sender(), receipt("delivered"))
    assert is_stopped(number)


def test_that_the_number_says_ready_is_no_proof(number):
    look()
    record_state(number.pk, Status(State.READY), now=NOW)
    assert is_stopped(number)


def test_nobody_watches_any_more_so_that_it_works_again(number):
    look()
    make_settings(silence_messages=0)
    look()
    assert not is_stopped(number)


# --- a person uses it again


def test_used_again_it_does_not_stop_at_once_for_the_same_messages(number, boss):
    look()
    boss.post(reverse("admin:campaigns_campaign_number_again", args=[number.pk]))
    lane = lane_of(number)
    assert (lane.is_stopped, lane.trusted_since) == (False, NOW)
    assert look(NOW + timedelta(minutes=1)) == 0
    without_receipt(number, MESSAGES, left_at=NOW + timedelta(minutes=1))  # but for new ones it does
    assert look(NOW + timedelta(minutes=1 + MINUTES)) == 1


def test_so_does_whoever_mends_its_key(number):
    look()
    number.api_key = "another"
    number.save(update_fields=["api_key"])
    assert not is_stopped(number)
    assert lane_of(number).trusted_since is not None


@pytest.mark.parametrize("move", [{"gateway": "waha"}, {"base_url": "http://localhost:3999"}, {"session_name": "b"}])
def test_another_gateway_wakes_it_and_is_not_watched_until_it_gives_a_receipt(number, move):
    look()
    for name, value in move.items():
        setattr(number, name, value)
    number.save(update_fields=list(move))
    assert not is_stopped(number)
    without_receipt(number, MESSAGES, left_at=NOW + timedelta(minutes=1))
    assert look(NOW + timedelta(days=1)) == 0
    heard_at = NOW + timedelta(days=1)
    tell(number, receipt("delivered"), now=heard_at)
    without_receipt(number, MESSAGES, left_at=heard_at + timedelta(minutes=1))
    assert look(heard_at + timedelta(minutes=1 + MINUTES)) == 1


# --- what is said


def test_the_pages_say_why_and_what_to_do(number, boss):
    campaign = make_campaign(status="sending")
    make_delivery(contact=make_contact(), campaign=campaign)
    Dispatcher.objects.update(heartbeat_at=NOW)
    look()
    said = "“Taquilla” takes every message, and no receipt comes any more"
    assert rest_sentence(lane_of(number)).startswith(said)
    pages = [
        reverse("admin:index"),
        reverse("admin:whatsapp_sender_changelist"),
        reverse("admin:whatsapp_sender_change", args=[number.pk]),
        reverse("admin:campaigns_campaign_change", args=[campaign.pk]),
    ]
    for page in pages:
        assert said in boss.get(page).content.decode(), page
    assert reverse("admin:campaigns_campaign_number_again", args=[number.pk]) in boss.get(pages[1]).content.decode()


def test_the_settings_can_be_changed_on_their_page(boss):
    page = reverse("admin:whatsapp_sendingsettings_change", args=[1])
    form = boss.get(page).context["adminform"].form
    values = {name: form[name].value() for name in form.fields}
    typed = {name: "" if value is None else value for name, value in values.items()}
    boss.post(page, typed | {"silence_messages": "40", "silence_minutes": "20", "webhook_days": "3"})
    saved = SendingSettings.load()
    assert (saved.silence_messages, saved.silence_minutes, saved.webhook_days) == (40, 20, 3)
