"""Deliveries, attempts, lanes and dispatchers: to read, never to write."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from campaigns.models import Delivery, DeliveryAttempt, Dispatcher, Lane
from tests.factories import NOW, make_campaign, make_delivery, make_lane

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]

MODELS = ["delivery", "deliveryattempt", "lane", "dispatcher"]


def url(model, view, *args):
    return reverse(f"admin:campaigns_{model}_{view}", args=args)


def found(response):
    return list(response.context["cl"].result_list)


@pytest.fixture
def rows(boss):
    delivery = make_delivery(
        recipient="Ana Prueba", address="+573001234567", status="failed", error_kind="invalid_number"
    )
    lane = make_lane()
    attempt = DeliveryAttempt.objects.create(
        delivery=delivery,
        number=1,
        lane=lane,
        sender=lane.sender,
        fence=1,
        started_at=NOW,
        finished_at=NOW,
        outcome="refused",
    )
    return {"delivery": delivery, "deliveryattempt": attempt, "lane": lane, "dispatcher": Dispatcher.objects.first()}


@pytest.mark.parametrize("model", MODELS)
def test_a_list_and_a_row_can_be_read(boss, rows, model):
    assert boss.get(url(model, "changelist")).status_code == 200
    assert boss.get(url(model, "change", rows[model].pk)).status_code == 200


@pytest.mark.parametrize("model", MODELS)
def test_nobody_writes_them_not_even_whoever_may_do_everything(boss, rows, model):
    assert boss.get(url(model, "add")).status_code == 403
    assert boss.post(url(model, "change", rows[model].pk), {"status": "sent"}).status_code == 403
    assert boss.post(url(model, "delete", rows[model].pk), {"post": "yes"}).status_code == 403
    assert "delete_selected" not in boss.get(url(model, "changelist")).content.decode()


@pytest.mark.parametrize("model", MODELS)
def test_looking_needs_the_permission(staff, rows, model):
    assert staff("campaigns.view_campaign").get(url(model, "changelist")).status_code == 403
    assert staff(f"campaigns.view_{model}").get(url(model, "changelist")).status_code == 200


@pytest.mark.parametrize(
    ("asked", "number"),
    [
        ({"q": "ana"}, 1),
        ({"q": "prueba"}, 0),  # the beginning of a name
        ({"q": "300 123 4567"}, 1),
        ({"q": "30012"}, 0),  # a whole number
        ({"status__exact": "failed"}, 1),
        ({"status__exact": "sent"}, 0),
        ({"channel__exact": "email"}, 0),
    ],
)
def test_deliveries_are_found(boss, rows, asked, number):
    assert len(found(boss.get(url("delivery", "changelist"), asked))) == number


def test_deliveries_of_one_campaign(boss, rows):
    other = make_delivery()
    shown = boss.get(url("delivery", "changelist"), {"campaign__id__exact": other.campaign_id})
    assert found(shown) == [other]


def test_attempts_of_one_campaign_and_of_one_delivery(boss, rows):
    campaign = rows["delivery"].campaign_id
    changelist = url("deliveryattempt", "changelist")
    assert found(boss.get(changelist, {"delivery__campaign__id__exact": campaign})) == [rows["deliveryattempt"]]
    assert found(boss.get(changelist, {"delivery__id__exact": rows["delivery"].pk})) == [rows["deliveryattempt"]]
    assert found(boss.get(changelist, {"outcome__exact": "accepted"})) == []


@pytest.mark.parametrize(("model", "make"), [("delivery", None), ("deliveryattempt", "attempt")])
def test_a_longer_list_costs_no_more_queries(boss, rows, model, make):
    def cost():
        with CaptureQueriesContext(connection) as queries:
            boss.get(url(model, "changelist"))
        return len(queries)

    before = cost()
    for number in range(2, 7):
        delivery = make_delivery(campaign=make_campaign(status="sending"))
        DeliveryAttempt.objects.create(
            delivery=delivery,
            number=number,
            lane=make_lane(),
            fence=1,
            started_at=NOW,
            finished_at=NOW,
            outcome="refused",
        )
    assert cost() == before


def test_the_page_of_a_delivery_says_what_happened_and_what_to_do(boss, rows):
    html = boss.get(url("delivery", "change", rows["delivery"].pk)).content.decode()
    assert "The number or address was refused as not valid." in html
    assert "Correct it in the contact" in html
    assert "10:00 (Bogotá)" in html


def test_a_text_is_never_html(boss, rows):
    Delivery.objects.filter(pk=rows["delivery"].pk).update(text="<b>x</b>", error_detail="<i>y</i>")
    html = boss.get(url("delivery", "change", rows["delivery"].pk)).content.decode()
    assert "&lt;b&gt;x&lt;/b&gt;" in html
    assert "<i>y</i>" not in html


def test_a_stopped_lane_says_until_when_and_why(boss, rows):
    Lane.objects.filter(pk=rows["lane"].pk).update(pause_reason="auth", is_stopped=True)
    html = boss.get(url("lane", "change", rows["lane"].pk)).content.decode()
    assert "somebody acts" in html
    assert "The key of" in html
