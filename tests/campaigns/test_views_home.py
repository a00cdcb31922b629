"""The home page: what is being sent now, and what waits for a person."""

from datetime import timedelta

import pytest
from django.test import RequestFactory
from django.urls import reverse

from campaigns.models import Dispatcher
from campaigns.views.home import home_part
from tests.campaigns.pages import launch_page, page
from tests.factories import NOW, make_campaign, make_delivery, make_lane, make_sender

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def working(fixed_clock):
    Dispatcher.objects.update(heartbeat_at=NOW)


def part(client):
    request = RequestFactory().get("/")
    request.user = client.user
    return home_part(request)


def sentences(client):
    return [task.sentence for task in part(client)["tasks"]]


def test_what_is_being_sent_stands_on_the_home_page(boss):
    campaign = make_campaign(name="Aviso del lunes", status="sending")
    make_delivery(campaign=campaign, status="sent", sent_at=NOW)
    make_delivery(campaign=campaign, status="pending")
    html = boss.get(reverse("admin:index")).content.decode()
    assert "Aviso del lunes" in html
    assert '<progress max="2" value="1"' in html
    assert 'hx-trigger="every 5s"' in html


def test_a_home_page_without_anything_running_asks_nothing(boss):
    html = boss.get(reverse("admin:index")).content.decode()
    assert "Nothing is being sent." in html
    assert "hx-trigger" not in html


def test_drafts_and_what_is_over_are_not_there(boss):
    make_campaign(status="draft", launched_at=None)
    make_campaign(status="finished", finished_at=NOW)
    assert part(boss)["running"] == []


def test_nothing_to_do_is_no_list(boss):
    assert sentences(boss) == []


def test_uncertain_messages_need_a_person(boss):
    make_delivery(status="uncertain")
    task = part(boss)["tasks"][0]
    assert "1 message may or may not have arrived" in task.sentence
    assert task.url == page("uncertain")


def test_what_is_late_needs_a_person(boss):
    campaign = make_campaign(status="overdue", scheduled_at=NOW - timedelta(hours=2))
    assert part(boss)["tasks"][0].url == launch_page(campaign)


def test_a_stopped_number_needs_a_person_and_one_that_is_switched_off_does_not(boss):
    sender = make_sender(name="Taquilla")
    make_lane(sender=sender, pause_reason="blocked", is_stopped=True)
    make_lane(sender=make_sender(is_enabled=False), pause_reason="blocked", is_stopped=True)
    (task,) = part(boss)["tasks"]
    assert "Taquilla" in task.sentence
    assert task.url == reverse("admin:whatsapp_sender_change", args=[sender.pk])


def test_a_worker_that_is_not_there_comes_first(boss):
    make_delivery(status="uncertain")
    Dispatcher.objects.update(heartbeat_at=NOW - timedelta(hours=1))
    assert "background worker is not running" in sentences(boss)[0]


def test_the_part_for_htmx(boss, client):
    make_campaign(status="sending", name="Aviso")
    html = boss.get(page("home"), headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in html
    assert "Aviso" in html
    assert "HX-Redirect" in client.get(page("home"), headers={"HX-Request": "true"}).headers


def test_whoever_may_not_see_campaigns_sees_none(staff):
    make_campaign(status="sending", name="Aviso secreto")
    client = staff("tickets.view_event")
    assert "Aviso secreto" not in client.get(reverse("admin:index")).content.decode()
    assert client.get(page("home")).status_code == 403
