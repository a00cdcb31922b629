"""The pages of numbers and of settings: bug reports BR-058 to BR-060, BR-111, BR-145, BR-151 and BR-152."""

from datetime import timedelta

import pytest
from django.urls import reverse

from tests.factories import NOW, make_call, make_lane, make_sender, make_settings
from tests.fakes import FakeGateway
from whatsapp import registry
from whatsapp.gateways.base import State, Status
from whatsapp.models import Restart, Sender, SendingSettings

pytestmark = pytest.mark.django_db

LIST = "/admin/whatsapp/sender/"


@pytest.fixture
def fake(monkeypatch):
    class Fake(FakeGateway):
        said = Status(State.NEEDS_QR, qr_text="2@abc")

        def __init__(self, connection):
            super().__init__()

        def status(self):
            return self.said

    monkeypatch.setitem(registry.gateways(), "fake", Fake)
    return Fake


def html(answer):
    return answer.content.decode()


def test_br_058_the_qr_page_shows_age_and_state_and_offers_another_code(boss, fake):
    sender = make_sender(gateway="fake", state="needs_qr", state_since=NOW - timedelta(minutes=4))
    address = reverse("admin:whatsapp_sender_check", args=[sender.pk])
    card = html(boss.post(address, {"where": "list"}, headers={"HX-Request": "true"}))
    assert "Since: 09:56 (Bogotá)" in card
    assert "Code of 10:00:00." in card
    assert "Get a new code" in card


def test_br_058_a_code_that_was_left_open_until_it_failed_says_what_to_do(boss, fake):
    fake.said = Status(State.FAILED, "QR timeout")
    sender = make_sender(gateway="fake", state="needs_qr")
    address = reverse("admin:whatsapp_sender_check", args=[sender.pk])
    card = html(boss.post(address, headers={"HX-Request": "true"}))
    assert "The gateway says: QR timeout" in card
    assert "Restart it; if that does not help" in card
    assert reverse("admin:whatsapp_sender_restart", args=[sender.pk]) in card
    assert "every 5s" not in card


def test_br_059_health_is_the_status_with_the_last_message_and_the_last_receipt(boss):
    make_sender(state="ready", last_send_at=NOW - timedelta(minutes=7), last_receipt_at=NOW - timedelta(minutes=6))
    page = html(boss.get(LIST))
    assert "<dt>Last message</dt><dd>09:53 (Bogotá)</dd>" in page
    assert "<dt>Last receipt</dt><dd>09:54 (Bogotá)</dd>" in page


def test_br_059_answers_that_contradict_each_other_are_not_shown_as_green(boss, fake):
    fake.said = Status(State.UNKNOWN, "connected and logged out")
    sender = make_sender(gateway="fake", state="ready")
    card = html(boss.post(reverse("admin:whatsapp_sender_check", args=[sender.pk]), headers={"HX-Request": "true"}))
    assert "p-badge-neutral" in card
    assert "p-badge-ok" not in card


def test_br_060_the_card_explains_the_limit_of_a_new_number(boss):
    make_settings(warm_up_steps="20, 40", window_timezone="America/Bogota")
    make_lane(sender=make_sender(is_new=True), sent_on=NOW.date(), sent_today=20, days_used=1)
    page = html(boss.get(LIST))
    assert "The number is new and has sent what it may today. It goes on tomorrow, with more." in page
    assert "Until 26 Nov 2026, 00:00 (Bogotá)." in page


def test_br_060_a_banned_number_says_not_to_restart_it_again_and_again(boss):
    lane = make_lane(sender=make_sender(state="restricted"), pause_reason="blocked", is_stopped=True)
    assert "Do not restart it again and again" in html(boss.get(LIST))
    assert "many of them make it worse" in html(
        boss.get(reverse("admin:whatsapp_sender_restart", args=[lane.sender_id]))
    )


def test_br_111_the_page_of_numbers_says_why_nothing_moves_without_a_list_of_tasks(boss):
    make_lane(pause_reason="rate_limited", paused_until=NOW + timedelta(minutes=20))
    page = html(boss.get(LIST))
    assert "was asked to go slower and waits." in page
    assert "Until 10:20 (Bogotá)." in page


def test_br_145_a_page_of_numbers_asks_as_often_for_one_as_for_twenty(boss, django_assert_max_num_queries):
    for _ in range(20):
        make_call(make_lane(), 100)
    with django_assert_max_num_queries(15):
        assert len(boss.get(LIST).content) < 200_000


def test_br_151_an_old_form_of_the_settings_does_not_undo_what_somebody_saved(boss):
    make_settings()
    page = "/admin/whatsapp/sendingsettings/1/change/"
    form = boss.get(page).context["adminform"].form
    old = {name: "" if form[name].value() is None else form[name].value() for name in form.fields}
    SendingSettings.objects.update(daily_cap=40, updated_at=NOW + timedelta(seconds=1))
    answer = boss.post(page, old | {"base_delay": "3"})
    assert "Somebody changed these settings while you were editing." in html(answer)
    assert (SendingSettings.load().daily_cap, SendingSettings.load().base_delay) == (40, 2)


def test_br_151_what_the_engine_writes_about_a_number_is_not_in_its_form(boss):
    sender = make_sender(state="ready", state_since=NOW)
    form = boss.get(f"{LIST}{sender.pk}/change/").context["adminform"].form
    assert not {"state", "state_since", "checked_at", "last_send_at", "last_receipt_at"} & set(form.fields)


@pytest.mark.parametrize("name", ["drain", "off"])
def test_br_152_reloading_after_a_confirmation_repeats_nothing(boss, name):
    sender = make_sender()
    answer = boss.post(reverse("admin:whatsapp_sender_use", args=[sender.pk, name]))
    Sender.objects.update(is_enabled=True, is_draining=False)  # somebody else decided otherwise meanwhile
    assert [boss.get(answer["Location"]).status_code for _ in range(2)] == [200, 200]
    assert Sender.objects.filter(is_enabled=True, is_draining=False).exists()


def test_br_152_a_confirmation_of_what_is_so_already_says_that_nothing_was_changed(boss):
    sender = make_sender(is_draining=True)
    boss.post(reverse("admin:whatsapp_sender_use", args=[sender.pk, "drain"]))
    assert "Nothing was changed." in html(boss.get(LIST))


def test_br_152_a_restart_that_is_confirmed_twice_happens_once(boss, fake):
    sender = make_sender(gateway="fake", state="failed")
    address = reverse("admin:whatsapp_sender_restart", args=[sender.pk])
    assert [boss.post(address).status_code for _ in range(2)] == [302, 302]
    assert Restart.objects.count() == 1
