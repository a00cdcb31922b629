"""Statements that are compiled once: the same as what Django would do each time."""

from datetime import timedelta

import pytest

from campaigns.enums import DeliveryStatus
from campaigns.models import Delivery, DeliveryAttempt, Lane
from campaigns.statements import (
    MOST_COUNTS,
    Select,
    count_each,
    first_of_each,
    insert,
    insert_missing,
    update,
    update_each,
    values_in_use,
)
from tests.factories import NOW, make_campaign, make_contact, make_delivery, make_lane
from tickets.models import Contact

pytestmark = pytest.mark.django_db
D = DeliveryStatus


def test_an_update_changes_what_fits_and_says_how_many():
    delivery = make_delivery(contact=make_contact())
    assert update(Delivery, {"status": D.CLAIMED, "claimed_at": NOW}, {"id": delivery.pk, "status": D.PENDING}) == 1
    assert update(Delivery, {"status": D.SENT, "sent_at": NOW}, {"id": delivery.pk, "status": D.PENDING}) == 0
    delivery.refresh_from_db()
    assert (delivery.status, delivery.claimed_at) == ("claimed", NOW)


def test_a_tuple_means_any_of_its_values():
    delivery = make_delivery(contact=make_contact(), status="uncertain")
    where = {"id": delivery.pk, "status": (D.CLAIMED, D.UNCERTAIN)}
    assert update(Delivery, {"status": D.SENT, "sent_at": NOW, "error_detail": "a\n'b' %s \\"}, where) == 1
    delivery.refresh_from_db()
    assert (delivery.status, delivery.sent_at, delivery.error_detail) == ("sent", NOW, "a\n'b' %s \\")


def test_values_may_be_nothing_and_numbers_and_yes():
    lane = make_lane()
    changes = {"paused_until": None, "position": 7, "current_delay": 2.5, "sent_on": NOW.date(), "is_stopped": False}
    assert update(Lane, changes, {"id": lane.pk}) == 1
    lane.refresh_from_db()
    assert (lane.position, lane.current_delay, lane.sent_on, lane.is_stopped) == (7, 2.5, NOW.date(), False)


def test_an_inserted_row_is_found_under_its_key():
    lane, delivery = make_lane(), make_delivery(contact=make_contact())
    texts = {"error_kind": "", "detail": "", "gateway_message_id": ""}
    row = {"delivery_id": delivery.pk, "number": 1, "lane_id": lane.pk, "sender_id": None, "fence": 1}
    pk = insert(DeliveryAttempt, row | texts | {"started_at": NOW, "outcome": "started"})
    attempt = DeliveryAttempt.objects.get(pk=pk)
    assert (attempt.delivery, attempt.lane, attempt.sender, attempt.started_at) == (delivery, lane, None, NOW)
    assert attempt.http_status is None


def test_a_selection_is_compiled_once_and_bound_anew():
    built = []

    def build(pk, channel):
        built.append(channel)
        return Delivery.objects.filter(pk=pk, channel=channel)

    select = Select(Delivery, ("address", "id"), build)
    first, second = (make_delivery(contact=make_contact()) for _ in range(2))
    rows = [select.rows(delivery.pk, shape=("whatsapp",)) for delivery in (first, second, first)]
    assert rows == [[[delivery.pk, delivery.address]] for delivery in (first, second, first)]
    assert built == ["whatsapp"]


def test_the_order_of_the_columns_does_not_matter_for_instances():
    contact = make_contact(whatsapp_opt_out_at=NOW - timedelta(days=1))
    select = Select(Contact, ("language", "whatsapp_opt_out_at", "id"), lambda pk: Contact.objects.filter(pk=pk))
    [found] = select.instances(contact.pk)
    assert (found.pk, found.language, found.whatsapp_opt_out_at) == (
        contact.pk,
        contact.language,
        contact.whatsapp_opt_out_at,
    )


def test_a_limit_is_part_of_the_shape():
    campaign = make_campaign(status="sending")
    for _ in range(3):
        make_delivery(campaign=campaign, contact=make_contact())
    select = Select(
        Delivery, ("id",), lambda campaign, limit: Delivery.objects.filter(campaign=campaign).order_by("pk")[:limit]
    )
    assert [len(select.rows(campaign.pk, shape=(limit,))) for limit in (1, 2, 1)] == [1, 2, 1]


def test_rows_that_are_there_already_stay_as_they_are():
    kept = make_delivery(contact=make_contact(), text="primero")
    names = ["campaign", "channel", "dedupe_key", "recipient", "address", "subject", "text", "image", "attach_qr"]
    names += ["attach_pdf", "template"]
    names += ["status", "priority", "slot", "pool", "attempts_made", "tries_charged", "error_kind", "error_detail"]
    names += ["gateway_message_id", "created_at", "status_changed_at"]

    def row(key, text):
        start = [kept.campaign_id, "whatsapp", key, "Ana", "+573000000001", "", text, "", True, False, "{}"]
        return [*start, "waiting", 20, 1, 0, 0, 0, "", "", "", NOW, NOW]

    insert_missing(Delivery, names, [row(kept.dedupe_key, "segundo"), row("otra", "100 % {seguro}")])
    insert_missing(Delivery, names, [row("otra", "segundo"), row("tercera", "en la misma transacción")])
    assert list(Delivery.objects.order_by("pk").values_list("text", "attach_qr", "created_at"))[1:] == [
        ("100 % {seguro}", True, NOW),
        ("en la misma transacción", True, NOW),
    ]
    kept.refresh_from_db()
    assert kept.text == "primero"


def test_the_different_values_of_a_column_in_order_for_each_key():
    first, other, third = (make_delivery().campaign_id for _ in range(3))
    for pool in (5, 0, 9, 5):
        make_delivery(campaign_id=first, pool=pool)
    make_delivery(campaign_id=first, pool=7, status="waiting")
    make_delivery(campaign_id=other, pool=8)
    make_delivery(campaign_id=third, pool=6)
    where = {"status": D.PENDING}
    asked = values_in_use(Delivery, "pool", "campaign", [other, 999, first], where)
    assert asked == {first: [0, 5, 9], other: [0, 8]}
    assert values_in_use(Delivery, "status", "campaign", [first], {}) == {first: ["pending", "waiting"]}
    assert values_in_use(Delivery, "pool", "campaign", [first], {"status": D.FAILED}) == {}
    assert values_in_use(Delivery, "pool", "campaign", [], where) == {}


def test_the_first_row_of_each_combination():
    first, other = (make_campaign(status="sending").pk for _ in range(2))
    for campaign, pool, slot in [(first, 0, 4), (first, 0, 2), (first, 5, 9), (other, 5, 1), (other, 7, 0)]:
        make_delivery(campaign_id=campaign, pool=pool, slot=slot)
    make_delivery(campaign_id=first, pool=0, slot=1, status="failed")
    each = {"campaign": [first, other, 999], "pool": [0, 5]}
    found = first_of_each(Delivery, ("slot", "id"), each, {"status": D.PENDING})
    assert sorted(row[:3] for row in found) == [(first, 0, 2), (first, 5, 9), (other, 5, 1)]
    slots = dict(Delivery.objects.values_list("pk", "slot"))
    assert all(slots[pk] == slot for _campaign, _pool, slot, pk in found)


def test_more_is_counted_than_one_statement_may_hand_back():
    campaign = make_delivery(status="pending").campaign_id
    asked = [{"campaign": number, "status": "pending"} for number in range(campaign - 2 * MOST_COUNTS, campaign + 1)]
    assert count_each(Delivery, asked) == [0] * (2 * MOST_COUNTS) + [1]
    assert count_each(Delivery, []) == []


def test_many_rows_are_changed_each_to_its_own_values_while_their_state_is_as_expected():
    first, second, moved = (make_delivery(contact=make_contact(), status="pending") for _ in range(3))
    Delivery.objects.filter(pk=moved.pk).update(status="skipped")
    names = ("status", "sent_at", "delivered_at", "error_detail")
    later = NOW + timedelta(minutes=1)
    rows = [
        (first.pk, "pending", "delivered", NOW, later, "a\n'b' %s \\"),
        (second.pk, "pending", "sent", later, None, ""),
        (moved.pk, "pending", "sent", NOW, None, ""),
    ]
    assert update_each(Delivery, "status", names, rows) == 2
    found = Delivery.objects.order_by("pk").values_list(*names)
    assert list(found) == [
        ("delivered", NOW, later, "a\n'b' %s \\"),
        ("sent", later, None, ""),
        ("skipped", None, None, ""),
    ]
    assert update_each(Delivery, "status", names, []) == 0


def test_many_rows_take_one_question(django_assert_num_queries):
    rows = [(make_delivery(contact=make_contact()).pk, "pending", "cancelled") for _ in range(20)]
    with django_assert_num_queries(1):
        assert update_each(Delivery, "status", ("status",), rows) == 20
