"""A thousand answers are a thousand campaigns: what is asked, and in which order they leave, does not change with them."""

import itertools
import json
import random
import threading
from datetime import timedelta
from functools import partial

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from campaigns.claims import _heads, claim
from campaigns.lifecycle import finish_done
from campaigns.models import Campaign, Delivery
from campaigns.queueing import pools_in_use, without_open
from campaigns.surroundings import Surroundings
from campaigns.windows import sending
from tests.factories import NOW, make_campaign, make_contact, make_delivery, make_lane, make_sender

pytestmark = pytest.mark.django_db
SOON = NOW + timedelta(seconds=0.5)
MANY = 4000


@pytest.fixture
def lane():
    return make_lane()


def open_answers(count, lane):
    for _ in range(count):
        make_delivery(campaign=make_campaign(status="sending", origin="reply"), priority=0, slot=0, pool=lane.sender_id)


def asked_by(step):
    with CaptureQueriesContext(connection) as queries:
        step()
    return len(queries)


# --- how much is asked


@pytest.mark.parametrize("waits_in", ["the pool of its number", "everybody's pool"])
def test_a_look_asks_as_much_with_three_campaigns_as_with_sixty(lane, waits_in):
    around, asked = Surroundings(), []
    for more in (3, 57):
        open_answers(more, lane)
        if waits_in == "everybody's pool":
            Delivery.objects.update(pool=0)
        around.look(now=NOW)
        asked.append(asked_by(lambda: around.look(now=SOON)))
        assert len(around.work.of_campaigns) == len(around.campaigns) == Campaign.objects.count()
    assert asked[0] == asked[1] < 10


@pytest.mark.parametrize("room", [1, 5])
def test_a_claim_asks_as_much_with_three_times_the_room_as_with_sixty_campaigns(lane, room):
    asked = []
    for more in (3 * room, 60):
        open_answers(more, lane)
        Delivery.objects.update(contact=make_contact())
        with transaction.atomic():
            asked.append(asked_by(lambda: claim(lane, sending(), room=room, now=NOW)))
            assert Delivery.objects.filter(status="claimed").count() == room
            transaction.set_rollback(True)
    assert asked[0] == asked[1]


def test_whether_any_is_finished_is_one_question(lane):
    for more in (3, 57):
        open_answers(more, lane)
        asked = asked_by(partial(finish_done, now=NOW, among=sending()))
        assert asked == 1


def test_exactly_those_without_anybody_left_are_finished():
    states = ["waiting", "claimed", "pending", "sent", "failed", "uncertain", "skipped", "cancelled", "expired"]
    kept = {"status_changed_at": NOW, "claimed_at": NOW, "sent_at": NOW}
    pairs = list(itertools.combinations(states, 2))
    for pair in pairs:
        campaign = make_campaign(status="sending", name=" ".join(pair))
        for status in pair:
            make_delivery(campaign=campaign, status=status, **kept)
    make_campaign(status="sending", name="nobody")
    over = {" ".join(pair) for pair in pairs if not {"waiting", "claimed", "pending"} & set(pair)} | {"nobody"}
    assert finish_done(now=NOW) == len(over)
    assert set(Campaign.objects.filter(status="finished").values_list("name", flat=True)) == over


def test_what_is_paused_between_the_question_and_the_lock_is_not_finished():
    campaign = make_campaign(status="sending")

    def pause_first(execute, sql, params, many, context):
        found = execute(sql, params, many, context)
        if "RECURSIVE" in sql and Campaign.objects.filter(status="sending").exists():
            Campaign.objects.update(status="paused")
        return found

    with connection.execute_wrapper(pause_first):
        assert finish_done(now=NOW) == 0
    campaign.refresh_from_db()
    assert campaign.status == "paused"


# --- the order


def some_queues(chance, lane):
    """Campaigns with priorities, places and turns of all kinds; some are paused, some rows are not theirs to take."""
    pools = [0, lane.sender_id, make_sender().pk]
    for number in range(12):
        campaign = make_campaign(status=chance.choice(["sending"] * 5 + ["paused"]), slot_offset=chance.randint(-4, 9))
        for _ in range(chance.choice([1, 1, 4, 9])):
            make_delivery(
                campaign=campaign,
                contact=make_contact(),
                priority=0 if number % 3 else chance.choice([0, 10, 20]),
                slot=chance.randint(0, 6),
                pool=chance.choice(pools),
                status=chance.choice(["pending"] * 4 + ["failed"]),
            )


def in_order(lane):
    rows = Delivery.objects.filter(campaign__status="sending", status="pending", pool__in=[0, lane.sender_id])
    by_turn = sorted((row.priority, row.slot + row.campaign.slot_offset, row.pk) for row in rows)
    return [pk for _priority, _turn, pk in by_turn]


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("room", [1, 3, 7])
def test_over_all_campaigns_they_leave_by_priority_then_turn_then_age(lane, seed, room):
    some_queues(random.Random(seed), lane)
    wanted, campaigns, left = in_order(lane), sending(), []
    assert len(wanted) > 7
    with transaction.atomic():
        while claimed := claim(lane, campaigns, room=room, now=NOW):
            left += [one.delivery.pk for one in claimed]
    assert left == wanted


@pytest.mark.django_db(transaction=True)
def test_two_numbers_that_claim_at_once_take_the_first_two_over_all_campaigns():
    """Nothing is locked that is not taken: the second one goes on with the next turn, whichever campaign has it."""
    if connection.vendor != "postgresql":
        pytest.skip("SQLite lets one claim after another")
    lanes = [make_lane(), make_lane()]
    rows = [make_delivery(contact=make_contact(), slot=1) for _ in range(4)]
    make_delivery(campaign=rows[0].campaign, contact=make_contact(), slot=9)
    taken = []

    def take(lane):
        taken.extend(one.delivery.pk for one in claim(lane, sending(), room=2, now=NOW))

    def elsewhere():
        try:
            with transaction.atomic():
                take(lanes[1])
        finally:
            connection.close()

    with transaction.atomic():
        take(lanes[0])
        thread = threading.Thread(target=elsewhere)
        thread.start()
        thread.join(10)
        assert not thread.is_alive(), "it waited for the other"
    assert taken == [row.pk for row in rows]


# --- how it is found


def plans_of(step):
    """What the database does for each question about messages, with the values as they are bound."""
    asked = []

    def note(execute, sql, params, many, context):
        if sql.startswith(("WITH", "SELECT")) and "campaigns_delivery" in sql:
            asked.append((sql.replace(" FOR UPDATE SKIP LOCKED", ""), params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        step()
    with connection.cursor() as cursor:
        for sql, params in asked:
            if connection.vendor == "postgresql":
                cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {sql}", params)
                [(found,)] = cursor.fetchall()
                yield (json.loads(found) if isinstance(found, str) else found)[0]["Plan"]
            else:
                cursor.execute(f"EXPLAIN QUERY PLAN {sql}", params)
                yield [row[3] for row in cursor.fetchall()]


def rows_read(plan):
    """Of messages, by PostgreSQL; what was read and not wanted is in it."""
    here = 0
    if plan.get("Relation Name") == "campaigns_delivery":
        unwanted = plan.get("Rows Removed by Filter", 0) + plan.get("Rows Removed by Index Recheck", 0)
        here = (plan["Actual Rows"] + unwanted) * plan["Actual Loops"]
    return here + sum(rows_read(part) for part in plan.get("Plans", []))


def assert_reads_few(step, index):
    plans = list(plans_of(step))
    assert plans
    for plan in plans:
        if connection.vendor == "postgresql":
            assert rows_read(plan) <= 4 * 12  # a few for each campaign
        else:
            steps = [step for step in plan if "campaigns_delivery" in step]
            assert steps
            assert all(f"INDEX {index} (campaign_id=?" in step for step in steps), plan
            assert is_recursive(plan) or not [step for step in plan if "TEMP B-TREE" in step], plan


def is_recursive(plan):
    """It sorts what it found, which is little."""
    return "RECURSIVE STEP" in plan


@pytest.fixture
def crowded(lane):
    """Ten answers wait, and behind them a long queue; another one is paused."""
    open_answers(10, lane)
    for status in ("sending", "paused"):
        campaign = make_campaign(status=status)
        fixed = {"campaign": campaign, "channel": "whatsapp", "status": "pending", "address": "+573000000001"}
        Delivery.objects.bulk_create(Delivery(**fixed, dedupe_key=str(slot), slot=slot) for slot in range(MANY))
    if connection.vendor == "postgresql":  # which does so by itself, a minute later
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE campaigns_delivery")
    return lane


def test_no_look_reads_a_long_queue(crowded):
    campaigns = sending()
    assert len(campaigns) == 11
    for channel in ("whatsapp", "email"):
        assert_reads_few(partial(pools_in_use, campaigns, channel), "delivery_claim")
    assert_reads_few(lambda: without_open(campaigns), "delivery_totals")


def test_no_claim_reads_a_long_queue(crowded):
    step = partial(_heads, "whatsapp", [0, crowded.sender_id], sending(), limit=2)
    with transaction.atomic():
        assert len(step()) == 2
        assert_reads_few(step, "delivery_claim")
