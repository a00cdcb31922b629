"""A letter to the team that does not arrive is said on two pages, and told again once there is another address."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from campaigns.models import Delivery, Dispatcher, Reply, ReplySettings
from campaigns.replies.forwarding import forward_due
from campaigns.replies.untold import last_untold
from campaigns.tick import tick
from campaigns.views.home import home_part
from tests.campaigns.driving import run_until_idle
from tests.campaigns.replying import prepare_all, writes
from tests.factories import NOW, make_contact, make_sender
from tests.fakes import Clock, FakeGateway

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fixed_clock")]

MINUTES, DAY = timedelta(minutes=1), timedelta(days=1)
TYPO, RIGHT = "Sala@exmaple.org", "sala@example.org"
PAGE = "/admin/campaigns/replysettings/1/change/"
SENTENCE = "did not reach"


@pytest.fixture
def sender():
    return make_sender()


@pytest.fixture
def ana():
    return make_contact(name="Ana", phone="+573000000001")


@pytest.fixture(autouse=True)
def told():
    Dispatcher.objects.update(heartbeat_at=NOW)
    return ReplySettings.objects.create(pk=1, forward_to=TYPO)


def letter(status, *, now=NOW):
    """The letter with all that waits, and what became of it."""
    assert forward_due(now=now)
    prepare_all(now)
    made = Delivery.objects.filter(campaign__origin="forward").latest("campaign_id")
    ended = {"sent_at": now} if status == "sent" else {}
    Delivery.objects.filter(pk=made.pk).update(status=status, status_changed_at=now, **ended)
    return made


def tell_to(address):
    ReplySettings.objects.update(forward_to=address)


def tasks(client):
    request = RequestFactory().get("/")
    request.user = client.user
    return [task for task in home_part(request)["tasks"] if SENTENCE in task.sentence]


def waiting():
    return list(Reply.objects.filter(is_to_forward=True).order_by("pk").values_list("text", flat=True))


# --- it is said


@pytest.mark.parametrize("status", ["failed", "expired"])
def test_both_pages_say_that_the_last_letter_did_not_arrive(boss, sender, ana, status):
    writes(ana, "Hola", sender)
    failed = letter(status)
    [task] = tasks(boss)
    assert (task.url, task.tone) == (PAGE, "warn")
    html = boss.get(PAGE).content.decode()
    assert f"did not reach {TYPO}" in html
    for way in ("admin:campaigns_reply_changelist", "admin:campaigns_delivery_change"):
        assert f'href="{reverse(way, args=[failed.pk] if "delivery" in way else [])}"' in html


@pytest.mark.parametrize("status", ["pending", "sent", "uncertain", "cancelled", "skipped"])
def test_nothing_is_said_of_a_letter_that_arrived_or_still_may(boss, sender, ana, status):
    writes(ana, "Hola", sender)
    letter(status)
    assert tasks(boss) == []
    assert SENTENCE not in boss.get(PAGE).content.decode()


def test_it_is_said_until_a_later_letter_was_sent(boss, sender, ana):
    writes(ana, "Uno", sender, message_id="1")
    letter("failed")
    writes(ana, "Dos", sender, message_id="2")
    later = letter("pending", now=NOW + 10 * MINUTES)
    assert len(tasks(boss)) == 1
    Delivery.objects.filter(pk=later.pk).update(status="sent", sent_at=NOW)
    assert (tasks(boss), last_untold().exists()) == ([], False)


@pytest.mark.parametrize("address", [RIGHT, ""])
def test_it_is_said_until_the_address_is_another(boss, sender, ana, address):
    writes(ana, "Hola", sender)
    letter("failed")
    tell_to(address)
    assert tasks(boss) == []
    assert SENTENCE not in boss.get(PAGE).content.decode()


def test_whoever_may_not_read_replies_is_told_nothing_and_goes_nowhere_without_permission(staff, sender, ana):
    writes(ana, "Hola", sender)
    letter("failed")
    assert tasks(staff("campaigns.view_campaign")) == []
    [task] = tasks(staff("campaigns.view_campaign", "campaigns.view_reply"))
    assert task.url == ""


def test_a_viewer_of_the_settings_gets_only_the_links_that_they_may_follow(staff, sender, ana):
    writes(ana, "Hola", sender)
    letter("failed")
    html = staff("campaigns.view_replysettings").get(PAGE).content.decode()
    assert f"did not reach {TYPO}" in html
    assert "Why it failed" not in html
    assert "All replies" not in html


def test_the_home_page_asks_no_more_often_for_it(boss, sender, ana):
    def questions():
        cache.clear()
        with CaptureQueriesContext(connection) as asked:
            boss.get(reverse("admin:index"))
        return len(asked)

    writes(ana, "Hola", sender)
    arrived = letter("sent")
    before = questions()
    Delivery.objects.filter(pk=arrived.pk).update(status="failed", sent_at=None)
    assert questions() == before


def test_a_refusal_by_the_mail_server_is_such_a_failure(boss, sender, ana, settings, post_office):
    server = post_office(RCPT=["550 5.1.1 no such user"])
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
    writes(ana, "Hola", sender)
    forward_due(now=NOW)
    prepare_all()
    run_until_idle(FakeGateway(), Clock(NOW))
    assert Delivery.objects.get(campaign__origin="forward").status == "failed"
    assert len(tasks(boss)) == 1


# --- it is told again


def test_another_address_is_told_what_the_first_was_not(boss, sender, ana):
    for number in range(2):
        writes(ana, f"Hola {number}", sender, message_id=str(number))
        letter("failed", now=NOW + number * 10 * MINUTES)
    assert boss.post(PAGE, _posted(boss, forward_to=RIGHT)).status_code == 302
    writes(ana, "Hola 2", sender, message_id="2")
    assert tick(now=NOW + 20 * MINUTES).replies_forwarded == 3
    prepare_all(NOW + 20 * MINUTES)
    new = Delivery.objects.filter(campaign__origin="forward").latest("campaign_id")
    assert (new.address, [f"“Hola {number}”" in new.text for number in range(3)]) == (RIGHT, [True] * 3)
    assert forward_due(now=NOW + 40 * MINUTES) == 0  # once


def test_the_same_address_is_not_told_again_by_itself(sender, ana):
    writes(ana, "Hola", sender)
    letter("failed")
    assert (forward_due(now=NOW + 20 * MINUTES), waiting()) == (0, [])


def test_a_letter_that_fails_after_the_change_is_told_again_too(sender, ana):
    """It was under way to the old address."""
    writes(ana, "Uno", sender, message_id="1")
    under_way = letter("pending")
    tell_to(RIGHT)
    writes(ana, "Dos", sender, message_id="2")
    letter("sent", now=NOW + 10 * MINUTES)
    Delivery.objects.filter(pk=under_way.pk).update(status="expired")
    assert forward_due(now=NOW + 20 * MINUTES) == 1
    prepare_all(NOW + 20 * MINUTES)
    assert "“Uno”" in Delivery.objects.get(campaign__origin="forward", status="pending").text


def test_what_arrived_is_told_to_nobody_else(sender, ana):
    writes(ana, "Hola", sender)
    letter("sent")
    tell_to(RIGHT)
    assert forward_due(now=NOW + 20 * MINUTES) == 0


def test_after_a_time_without_an_address_nothing_old_comes(sender, ana):
    writes(ana, "Hola", sender)
    letter("failed")
    tell_to("")
    assert (forward_due(now=NOW + 20 * MINUTES), waiting()) == (0, [])
    tell_to(RIGHT)
    assert (forward_due(now=NOW + 40 * MINUTES), waiting()) == (0, [])


def test_what_is_no_news_any_more_is_not_told_again(sender, ana):
    writes(ana, "Hola", sender)
    letter("failed")
    tell_to(RIGHT)
    assert forward_due(now=NOW + 31 * DAY) == 0


def test_whoever_was_deleted_meanwhile_is_not_told_about(sender, ana):
    writes(ana, "Hola", sender, message_id="1")
    writes(make_contact(), "Hola otra vez", sender, message_id="2")
    letter("failed")
    ana.delete()
    tell_to(RIGHT)
    assert forward_due(now=NOW + 20 * MINUTES) == 1


def test_letters_are_found_by_their_index(sender, ana):
    writes(ana, "Hola", sender)
    letter("failed")
    with CaptureQueriesContext(connection) as asked:
        forward_due(now=NOW + 20 * MINUTES)
        last_untold().count()
    if connection.vendor == "sqlite":
        plans = [_plan(one["sql"]) for one in asked if "'forward'" in one["sql"]]
        assert len(plans) == 2
        assert all("campaign_forward" in plan for plan in plans)
        assert not any("TEMP B-TREE" in plan for plan in plans)


def _plan(sql):
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {sql}")
        return " ".join(row[3] for row in cursor.fetchall())


def _posted(client, **fields):
    form = client.get(PAGE).context["adminform"].form
    values = {name: form.get_initial_for_field(field, name) for name, field in form.fields.items()}
    return {name: "" if value is None else value for name, value in (values | fields).items()}
