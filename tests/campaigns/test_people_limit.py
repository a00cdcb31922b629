"""Meta's limit of people: nobody new is written to once an account has reached as many as it may in 24 hours."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from campaigns.enums import LanePause
from campaigns.finish import finish_of
from campaigns.lane_waits import waiting_of_lane
from campaigns.limits import RunLimits
from campaigns.models import Delivery, Lane
from campaigns.numbers import numbers_in_use
from campaigns.people_limit import PeopleLimits, people_reached
from campaigns.scene import Scene
from campaigns.watchdog import has_due_work
from tests.campaigns.choosing import Official, chosen
from tests.campaigns.driving import run_until_idle
from tests.factories import (
    NOW,
    make_campaign,
    make_cloud_sender,
    make_contact,
    make_delivery,
    make_lane,
    make_sender,
    make_settings,
    make_template,
)
from tests.fakes import Clock, FakeGateway
from tests.staff import sign_in_owner
from whatsapp.gateways.base import State, Status
from whatsapp.health import record_state

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
FILLED = {"name": "entrada", "language": "es_CO", "body": [{"text": "Ana"}]}


@pytest.fixture(autouse=True)
def quick():
    """Without pauses, so that only the limit makes anybody wait."""
    make_settings(base_delay=0, step=0, maximum_delay=0)


@pytest.fixture
def official():
    sender = make_cloud_sender(name="Oficial", state="ready", people_limit=3)
    make_lane(sender=sender)
    return sender


def lane_of(sender):
    return Lane.objects.select_related("sender").get(sender=sender)


def reached(sender, *, ago=HOUR, status="sent", **fields):
    """Somebody was written to from this number so long ago."""
    moment = NOW - ago
    times = {"sent_at": moment} | ({"delivered_at": moment} if status in ("delivered", "read") else {})
    return make_delivery(sender=sender, status=status, **times | fields)


def queue(number, sender):
    row = sender.templates.first() or make_template(sender)
    campaign = make_campaign(status="sending", template=chosen(row, _1="{nombre}"))
    return [
        make_delivery(campaign=campaign, contact=make_contact(), slot=slot, template=FILLED) for slot in range(number)
    ]


def sent(deliveries):
    return Delivery.objects.filter(pk__in=[one.pk for one in deliveries], status="sent").count()


# --- who counts


def test_everybody_counts_once_however_often_they_were_written_to(official):
    reached(official, address="+573000000001")
    reached(official, address="+573000000001", status="read")
    reached(official, address="+573000000002", status="delivered")
    assert people_reached([official.pk], now=NOW) == 2


def test_whoever_was_reached_a_day_ago_counts_no_more(official):
    reached(official, ago=DAY)
    reached(official, ago=DAY, status="delivered")
    assert people_reached([official.pk], now=NOW) == 0
    assert people_reached([official.pk], now=NOW - timedelta(seconds=1)) == 2


def test_what_is_leaving_counts_and_what_never_left_does_not(official):
    make_delivery(sender=official, status="claimed", claimed_at=NOW)
    make_delivery(sender=official, status="failed")
    make_delivery(sender=official, status="pending")
    assert people_reached([official.pk], now=NOW) == 1


def test_all_numbers_of_the_account_count_together(official):
    sister, foreign = make_cloud_sender(), make_cloud_sender(account="999")
    for sender in (official, sister, foreign):
        reached(sender)
    people = PeopleLimits()
    counted = people._count(official, now=NOW)
    assert (sorted(counted.senders), counted.people) == ([official.pk, sister.pk], 2)


def test_counting_uses_the_indexes_that_grow_small(official):
    """A million messages of other days are not read."""
    with CaptureQueriesContext(connection) as asked:
        people_reached([official.pk], now=NOW)
    [sql] = [query["sql"] for query in asked]
    if connection.vendor != "sqlite":
        return
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {sql}")
        plan = " ".join(row[3] for row in cursor.fetchall())
    assert "delivery_unconfirmed (sender_id=? AND sent_at>?)" in plan
    assert "delivery_first_receipt (sender_id=? AND delivered_at>?)" in plan
    assert "delivery_by_number" not in plan
    assert "SCAN campaigns_delivery" not in plan


# --- what follows


def test_the_number_rests_when_everybody_whom_it_may_reach_was_reached(official):
    first = reached(official, ago=timedelta(hours=20))
    queued = queue(5, official)
    gateway = Official()
    run_until_idle(gateway, budget=60)
    assert (len(gateway.sent), sent(queued)) == (2, 2)
    lane = lane_of(official)
    assert (lane.pause_reason, lane.is_stopped) == (LanePause.PEOPLE_LIMIT, False)
    assert lane.paused_until == first.sent_at + DAY
    assert has_due_work(now=NOW + timedelta(minutes=1)) is False


def test_it_goes_on_when_the_first_of_them_was_a_day_ago(official):
    reached(official, ago=timedelta(hours=20))
    queued = queue(5, official)
    gateway, clock = Official(), Clock()
    run_until_idle(gateway, clock, budget=60)
    clock.now = NOW + timedelta(hours=4, seconds=1)
    run_until_idle(gateway, clock, budget=60)
    assert sent(queued) == 3  # one is free again; the other two wait for a day
    assert lane_of(official).pause_reason == LanePause.PEOPLE_LIMIT
    clock.now = NOW + DAY + timedelta(minutes=2)
    run_until_idle(gateway, clock, budget=60)
    assert sent(queued) == 5


def test_a_number_rests_for_what_another_of_its_account_sent(official):
    sister = make_cloud_sender(people_limit=3)
    for _ in range(3):
        reached(sister)
    queued = queue(1, official)
    run_until_idle(Official(), budget=60)
    assert sent(queued) == 0


def test_two_numbers_of_one_account_stay_within_it_together(official):
    sister = make_cloud_sender(state="ready", people_limit=3)
    make_lane(sender=sister)
    queued = queue(6, official)
    run_until_idle(lambda sender: Official(), budget=60)
    assert sent(queued) == 3


def test_another_account_goes_on(official):
    foreign = make_cloud_sender(account="999", state="ready", people_limit=3)
    make_lane(sender=foreign)
    for _ in range(3):
        reached(official)
    queued = queue(2, foreign)
    run_until_idle(lambda sender: Official(), budget=60)
    assert sent(queued) == 2


@pytest.mark.parametrize(("portfolio", "sent_now"), [("777", 0), ("888", 2), ("", 2)])
def test_accounts_of_one_portfolio_share_its_limit(portfolio, sent_now):
    first = make_cloud_sender(account="111", portfolio="777", people_limit=3)
    second = make_cloud_sender(account="222", portfolio=portfolio, state="ready", people_limit=3)
    make_lane(sender=second)
    for _ in range(3):
        reached(first)
    queued = queue(2, second)
    run_until_idle(lambda sender: Official(), budget=60)
    assert sent(queued) == sent_now


@pytest.mark.parametrize("limit", [None, 0])
def test_without_a_limit_nobody_is_counted(official, limit):
    official.people_limit = limit
    official.save()
    queued = queue(6, official)
    with CaptureQueriesContext(connection) as asked:
        run_until_idle(Official(), budget=60)
    assert sent(queued) == 6
    assert not any("UNION" in query["sql"] and "claimed_at" in query["sql"] for query in asked)


def test_a_count_is_used_for_some_seconds_with_what_was_claimed_since(official):
    people, lane = PeopleLimits(), lane_of(official)
    assert people.veto(lane, now=NOW) is None
    with CaptureQueriesContext(connection) as asked:
        people.note(lane, 2)
        assert people.veto(lane, now=NOW + timedelta(seconds=4)) is None
    assert len(asked) == 0
    people.note(lane, 1)
    with CaptureQueriesContext(connection) as asked:  # used up, as far as is known: asked anew before anybody waits
        assert people.veto(lane, now=NOW + timedelta(seconds=4)) is None
    assert len(asked) == 2
    with CaptureQueriesContext(connection) as asked:
        assert people.veto(lane, now=NOW + timedelta(seconds=9)) is None
    assert len(asked) == 2


def test_a_number_that_rests_for_something_else_goes_on_resting_for_that(official):
    for _ in range(3):
        reached(official)
    lane = lane_of(official)
    lane.pause_reason = LanePause.UNREACHABLE
    assert PeopleLimits().veto(lane, now=NOW) is None
    assert lane.pause_reason == LanePause.UNREACHABLE


# --- Meta says that it is more, or less


@pytest.mark.parametrize(("said", "wakes"), [(3, False), (250, True), (0, True), (None, False)])
def test_a_higher_limit_ends_the_rest(official, said, wakes):
    for _ in range(3):
        reached(official)
    queue(1, official)
    run_until_idle(Official(), budget=60)
    assert lane_of(official).pause_reason == LanePause.PEOPLE_LIMIT
    record_state(official.pk, Status(State.READY, new_people_a_day=said), now=NOW)
    assert (lane_of(official).pause_reason == "") is wakes


def test_another_gateway_knows_no_limit_of_meta(official):
    for _ in range(3):
        reached(official)
    queued = queue(2, official)
    run_until_idle(Official(), budget=60)
    assert (sent(queued), lane_of(official).pause_reason) == (0, LanePause.PEOPLE_LIMIT)
    official.gateway = "rest"
    official.save(update_fields=["gateway"])
    assert (lane_of(official).pause_reason, lane_of(official).sender.people_limit) == ("", None)
    run_until_idle(FakeGateway(), budget=60)
    assert sent(queued) == 2


# --- what pages say


@pytest.mark.usefixtures("fixed_clock")
def test_the_reason_is_said_with_its_end(official):
    official.people_limit = 1000
    lane = lane_of(official)
    lane.sender = official
    lane.pause_reason, lane.paused_until = LanePause.PEOPLE_LIMIT, NOW + HOUR
    waiting = waiting_of_lane(lane, RunLimits.load(), now=NOW)
    assert (waiting.reason, waiting.until, waiting.needs_person) == ("people_limit", NOW + HOUR, False)
    assert waiting.sentence == (
        "Meta lets “Oficial” reach 1,000 people in 24 hours, and they have been reached. It goes on by itself when the "
        "first of them is a day ago."
    )


def test_the_card_of_a_number_shows_how_many(client, fixed_clock):
    client.cookies["django_language"] = "en"
    sign_in_owner(client)
    sender = make_cloud_sender(people_limit=1000)
    for _ in range(2):
        reached(sender)
    html = client.get(reverse("admin:whatsapp_sender_change", args=[sender.pk])).content.decode()
    assert "<strong>2</strong> of 1000 people in 24 hours, by Meta&#x27;s limit" in html or (
        "<strong>2</strong> of 1000 people in 24 hours, by Meta's limit" in html
    )
    plain = client.get(reverse("admin:whatsapp_sender_change", args=[make_sender().pk])).content.decode()
    assert "people in 24 hours" not in plain


def test_numbers_of_one_account_are_counted_once_for_a_page(official):
    make_cloud_sender(people_limit=3)
    for _ in range(3):
        reached(official)
    scene = Scene(NOW)
    with CaptureQueriesContext(connection) as asked:
        numbers = numbers_in_use(scene)
    assert [(number.people_reached, number.has_nearly_all_people) for number in numbers] == [(3, True), (3, True)]
    assert len([query for query in asked if "UNION" in query["sql"]]) == 1
    assert numbers[0].as_json()["people_limit"] == 3


def test_a_forecast_reckons_with_it(official):
    row = make_template(official)
    campaign = make_campaign(template=chosen(row, _1="x"), zone="America/Bogota")
    found = finish_of(campaign, {"whatsapp": 7}, Scene(NOW))
    assert found.days == 3
    make_lane(sender=make_cloud_sender(state="ready", people_limit=3))  # they share it
    assert finish_of(campaign, {"whatsapp": 7}, Scene(NOW)).days == 4


def test_a_number_without_such_a_limit_is_reckoned_with_as_before():
    make_lane(sender=make_sender(state="ready"))
    assert finish_of(make_campaign(), {"whatsapp": 700}, Scene(NOW)).days == 1
    assert FakeGateway().sent == []
