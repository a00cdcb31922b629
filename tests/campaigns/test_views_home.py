"""The home page: what is being sent now, and what waits for a person."""

from datetime import timedelta

import pytest
from django.apps import apps
from django.test import RequestFactory
from django.urls import reverse

from campaigns import lifecycle
from campaigns.models import Dispatcher, Lane, Mailbox
from campaigns.views.home import home_part
from tests.campaigns.pages import launch_page, page
from tests.factories import NOW, make_campaign, make_delivery, make_lane, make_sender, make_settings

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]


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


@pytest.mark.parametrize("status", ["sending", "paused"])
def test_a_test_is_no_campaign_that_runs(boss, status):
    """It is on the page of what it tests."""
    make_campaign(name="Prueba de un aviso", status=status, trial_of=make_campaign())
    assert part(boss)["running"] == []
    html = boss.get(reverse("admin:index")).content.decode()
    assert "Prueba de un aviso" not in html
    assert "Nothing is being sent." in html


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


def test_a_stopped_mailbox_stands_there_once_and_leads_to_its_page(boss, settings):
    settings.EMAIL_LANES = 2
    used, off = (Mailbox.objects.create(name=name, from_address="a@example.org") for name in ("Festival", "Vieja"))
    Lane.objects.filter(channel="email").update(pause_reason="auth", is_stopped=True)
    Mailbox.objects.filter(pk=off.pk).update(is_enabled=False)
    tasks = part(boss)["tasks"]
    assert [task.url for task in tasks if "Festival" in task.sentence] == [
        reverse("admin:campaigns_mailbox_change", args=[used.pk])
    ]
    assert sorted(task.url for task in tasks if "Festival" not in task.sentence) == [
        reverse("admin:campaigns_mailbox_changelist")
    ]


def test_a_task_leads_only_where_somebody_may_go(staff):
    make_delivery(status="uncertain")
    make_lane(sender=make_sender(name="Taquilla"), pause_reason="blocked", is_stopped=True)
    late = make_campaign(status="overdue", scheduled_at=NOW - timedelta(hours=2))
    tasks = part(staff("campaigns.view_campaign"))["tasks"]
    assert [task.url for task in tasks] == ["", page("change", late.pk), ""]


def test_numbers_in_use_stand_there_with_what_they_sent_today(boss):
    make_settings(daily_cap=200)
    make_lane(sender=make_sender(name="Taquilla", state="ready"), sent_on=NOW.date(), sent_today=40)
    make_sender(name="Apagado", is_enabled=False)
    html = boss.get(reverse("admin:index")).content.decode()
    assert "Apagado" not in html
    assert "40 of 200 messages today" in html


def test_a_number_in_trouble_comes_first(boss):
    make_sender(name="Alfa", state="ready")
    make_sender(name="Beta", state="needs_qr")
    make_lane(sender=make_sender(name="Gama", state="restricted"), pause_reason="blocked", is_stopped=True)
    numbers = part(boss)["numbers"]
    assert [(now.number.name, now.state) for now in numbers.shown] == [
        ("Gama", "Stopped"),
        ("Beta", "Waiting for its QR code to be scanned"),
        ("Alfa", "Ready"),
    ]


def test_more_numbers_than_fit_are_counted(boss):
    for _number in range(10):
        make_sender(state="ready")
    numbers = part(boss)["numbers"]
    assert (len(numbers.shown), numbers.more) == (8, 2)


def test_whoever_may_not_see_numbers_sees_none(staff):
    make_sender(name="Taquilla secreta")
    client = staff("campaigns.view_campaign")
    assert part(client)["numbers"] is None
    assert "Taquilla secreta" not in client.get(reverse("admin:index")).content.decode()


def test_fifty_who_look_are_shown_what_was_counted_once(boss, django_assert_max_num_queries):
    campaign = make_campaign(status="sending")
    make_delivery(campaign=campaign, status="pending")
    boss.get(page("home"))
    with django_assert_max_num_queries(7):
        boss.get(page("home"))


def test_a_campaign_that_was_paused_meanwhile_is_shown_so_at_once(boss):
    campaign = make_campaign(status="sending")
    make_delivery(campaign=campaign, status="pending")
    boss.get(page("home"))
    lifecycle.pause(campaign)
    assert [now.campaign.status for now in part(boss)["running"]] == ["paused"]


@pytest.mark.skipif("import" not in apps.all_models["tickets"], reason="lists are imported by command alone")
def test_a_list_with_errors_needs_whoever_can_import_it_again(staff):
    lists = apps.get_model("tickets", "import").objects
    lists.create(name="lista.csv", country="CO", state="done", rows=3, errors=3, finished_at=NOW)
    lists.create(name="vieja.csv", country="CO", state="done", rows=3, errors=3, finished_at=NOW - timedelta(days=9))
    lists.create(name="buena.csv", country="CO", state="done", rows=3, created=3, finished_at=NOW)
    (task,) = part(staff("campaigns.view_campaign", "tickets.import_contacts"))["tasks"]
    assert "1 list was imported with errors" in task.sentence
    assert task.url == reverse("admin:tickets_import_changelist")
    assert part(staff("campaigns.view_campaign"))["tasks"] == []


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
