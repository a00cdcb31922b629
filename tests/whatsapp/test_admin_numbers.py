"""The page of numbers: a card for each, and what may be done from it."""

from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.urls import reverse

from tests.factories import NOW, make_sender, make_user
from tests.fakes import FakeGateway
from tests.history import told as history
from tests.staff import sign_in, sign_in_owner
from whatsapp import registry
from whatsapp.gateways.base import OutcomeUnknown, Refused, State, Status
from whatsapp.models import Restart, Sender

pytestmark = [pytest.mark.django_db, pytest.mark.any_database, pytest.mark.usefixtures("fixed_clock", "rest_is_ready")]

LIST = "/admin/whatsapp/sender/"
LOOK, SWITCH, PACE, CHANGE = (f"whatsapp.{word}_sender" for word in ("view", "switch", "pace", "change"))
RESTART = "whatsapp.restart_sender"


@pytest.fixture(autouse=True)
def english(client):
    client.cookies["django_language"] = "en"


@pytest.fixture
def told(monkeypatch):
    """The gateway "fake", and what it says; it gives a new QR code each time."""

    class Told(FakeGateway):
        state_now = State.NEEDS_QR
        asked = 0
        error = None

        def __init__(self, connection):
            super().__init__()

        def status(self):
            type(self).asked += 1
            return Status(self.state_now, qr_text=f"2@code-{self.asked}" if self.state_now == State.NEEDS_QR else "")

        def restart(self):
            if self.error:
                raise self.error
            return "back soon"

    monkeypatch.setitem(registry.gateways(), "fake", Told)
    return Told


def _use(sender, name):
    return reverse("admin:whatsapp_sender_use", args=[sender.pk, name])


def _html(answer):
    return answer.content.decode()


def _said(answer):
    return [message.level_tag for message in answer.context["messages"]]


# --- the list ---------------------------------------------------------------------------------------------------------


def test_without_a_number_the_page_says_what_to_do(client):
    sign_in_owner(client)
    page = _html(client.get(LIST))
    assert reverse("admin:whatsapp_sender_add") in page
    assert "Add the WhatsApp number that messages leave from" in page


def test_each_number_has_a_card_with_its_state_and_since_when(client):
    make_sender(name="Taquilla", state="ready", state_since=NOW)
    make_sender(name="Prensa", state="restricted", state_since=NOW - timedelta(days=2))
    sign_in_owner(client)
    page = _html(client.get(LIST))
    assert page.count('class="p-card n-card"') == 2
    assert "Since: 10:00 (Bogotá)" in page
    assert "Since: 23 Nov 2026, 10:00 (Bogotá)" in page


def test_numbers_that_need_somebody_stand_first_and_those_out_of_use_last(client):
    for name, fields in {
        "A": {"is_enabled": False, "state": "needs_qr"},
        "B": {"state": "ready"},
        "C": {"state": "needs_qr"},
        "D": {"state": "restricted"},
        "E": {},
    }.items():
        make_sender(name=name, **fields)
    sign_in_owner(client)
    assert [card.sender.name for card in client.get(LIST).context["cards"]] == ["C", "D", "B", "E", "A"]


@pytest.mark.parametrize(("count", "has_search"), [(6, False), (7, True)])
def test_searching_is_offered_where_there_is_something_to_search(client, count, has_search):
    for _ in range(count):
        make_sender()
    sign_in_owner(client)
    assert ('id="changelist-search"' in _html(client.get(LIST))) is has_search


def test_a_search_that_finds_nothing_can_be_taken_back(client):
    make_sender(name="Taquilla")
    sign_in_owner(client)
    page = _html(client.get(LIST, {"q": "otra"}))
    assert "Nothing matches" in page
    assert 'id="changelist-search"' in page


def test_many_numbers_cost_as_many_questions_as_one(client, django_assert_max_num_queries):
    for _ in range(24):
        Restart.objects.create(sender=make_sender(), asked_at=NOW)
    sign_in_owner(client)
    with django_assert_max_num_queries(15):
        page = client.get(LIST)
    assert len(page.content) < 200_000


def test_the_buttons_on_a_card_belong_to_who_may_press_them(client):
    sender = make_sender()
    sign_in(client, LOOK)
    page = _html(client.get(LIST))
    for address in ("check", "restart", "pace"):
        assert reverse(f"admin:whatsapp_sender_{address}", args=[sender.pk]) not in page
    assert "/use/" not in page
    sign_in(client, LOOK, SWITCH)
    assert _use(sender, "drain") in _html(client.get(LIST))


# --- the QR code ------------------------------------------------------------------------------------------------------


def test_the_card_asks_for_a_new_code_by_itself_only_while_the_gateway_wants_one(client, told):
    sender = make_sender(gateway="fake", state="needs_qr")
    address = reverse("admin:whatsapp_sender_check", args=[sender.pk])
    sign_in_owner(client)
    assert "every 5s" in _html(client.get(LIST))
    first, second = (_html(client.post(address, {"where": "list"}, headers={"HX-Request": "true"})) for _ in range(2))
    codes = [card.partition("base64,")[2].partition('"')[0] for card in (first, second)]
    assert codes[0] != codes[1]
    assert "every 5s" in second
    told.state_now = State.READY
    last = _html(client.post(address, {"where": "list"}, headers={"HX-Request": "true"}))
    assert ("every 5s" in last, "base64," in last) == (False, False)


def test_a_gateway_that_wants_a_scan_and_shows_nothing_is_told(client, told, monkeypatch):
    monkeypatch.setattr(told, "status", lambda self: Status(State.NEEDS_QR))
    sender = make_sender(gateway="fake")
    sign_in_owner(client)
    address = reverse("admin:whatsapp_sender_check", args=[sender.pk])
    card = _html(client.post(address, headers={"HX-Request": "true"}))
    assert "shows no code at this moment" in card
    assert "<img" not in card


# --- restarting -------------------------------------------------------------------------------------------------------


def test_after_a_restart_the_card_looks_again_until_it_can_say_ready(client, told):
    sender = make_sender(gateway="fake", state="failed")
    sign_in_owner(client)
    answer = client.post(reverse("admin:whatsapp_sender_restart", args=[sender.pk]), follow=True)
    assert "Restarting for" in _html(answer)
    assert "every 5s" in _html(answer)
    told.state_now = State.READY
    Restart.objects.update(asked_at=NOW - timedelta(seconds=31))
    address = reverse("admin:whatsapp_sender_check", args=[sender.pk])
    card = _html(client.post(address, headers={"HX-Request": "true"}))
    assert "Ready again 31 s after the restart." in card
    assert "every 5s" not in card


def test_the_history_knows_the_state_before_and_after(client, told):
    sender = make_sender(gateway="fake", state="failed")
    sign_in_owner(client)
    client.post(reverse("admin:whatsapp_sender_restart", args=[sender.pk]))
    assert [entry[1:] for entry in history()] == [
        ("restarted", ["State: Not working → Starting", "Answer: back soon"]),
    ]


def test_a_refusal_is_on_the_card_and_in_the_history(client, told):
    told.error = Refused("not allowed")
    sender = make_sender(gateway="fake", state="failed")
    sign_in_owner(client)
    page = _html(client.post(reverse("admin:whatsapp_sender_restart", args=[sender.pk]), follow=True))
    assert "The gateway did not restart: not allowed" in page
    assert Restart.objects.get().was_refused
    assert [entry[1:] for entry in history()] == [("not_restarted", ["Answer: not allowed"])]


def test_a_gateway_that_hangs_up_while_it_restarts_has_not_refused(client, told):
    told.error = OutcomeUnknown("connection closed")
    sender = make_sender(gateway="fake", state="failed")
    sign_in_owner(client)
    answer = client.post(reverse("admin:whatsapp_sender_restart", args=[sender.pk]), follow=True)
    assert _said(answer) == ["warning"]
    assert not Restart.objects.get().was_refused
    assert [entry[1:] for entry in history()] == [("restarted", ["Answer: connection closed"])]
    assert "every 5s" in _html(answer)


def test_within_a_minute_the_page_offers_no_second_restart(client):
    sender = make_sender(restarted_at=NOW - timedelta(seconds=20))
    sign_in_owner(client)
    page = _html(client.get(reverse("admin:whatsapp_sender_restart", args=[sender.pk])))
    assert "in 40 seconds" in page
    assert "Restart it" not in page


def test_a_restricted_number_is_not_restarted_without_a_warning(client):
    sender = make_sender(state="restricted")
    sign_in_owner(client)
    assert "make it worse" in _html(client.get(reverse("admin:whatsapp_sender_restart", args=[sender.pk])))


# --- drain, off, on ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "name", "after", "logged"),
    [
        ((True, False), "drain", (True, True), ("drained", ["Draining: no → yes"])),
        ((True, True), "work", (True, False), ("switched", ["Draining: yes → no"])),
        ((True, False), "off", (False, False), ("switched", ["In use: yes → no"])),
        ((True, True), "off", (False, True), ("switched", ["In use: yes → no"])),
        ((False, True), "on", (True, False), ("switched", ["In use: no → yes", "Draining: yes → no"])),
    ],
)
def test_each_change_of_use_is_made_once_and_on_record(client, before, name, after, logged):
    sender = make_sender(is_enabled=before[0], is_draining=before[1])
    sign_in_owner(client)
    answers = [client.post(_use(sender, name), follow=True) for _ in range(2)]
    sender.refresh_from_db()
    assert (sender.is_enabled, sender.is_draining) == after
    assert _said(answers[0]) == ["success"]
    assert _said(answers[1])[-1] == "info"
    assert [entry[1:] for entry in history()] == [logged]
    assert not LogEntry.objects.exists()


@pytest.mark.parametrize("name", ["drain", "off", "work", "on"])
def test_asking_changes_nothing(client, name):
    sender = make_sender(is_enabled=name != "on", is_draining=name == "work")
    sign_in_owner(client)
    assert client.get(_use(sender, name)).status_code == 200
    assert Sender.objects.filter(is_enabled=sender.is_enabled, is_draining=sender.is_draining).exists()


def test_a_page_that_came_too_late_leads_back(client):
    sender = make_sender(is_enabled=False)
    sign_in_owner(client)
    assert client.get(_use(sender, "drain"))["Location"] == reverse("admin:whatsapp_sender_change", args=[sender.pk])


def test_a_change_of_use_has_a_permission_of_its_own(client):
    sender = make_sender()
    for rights in ((LOOK,), (LOOK, CHANGE), (SWITCH,)):
        sign_in(client, *rights)
        assert [client.get(_use(sender, "off")).status_code, client.post(_use(sender, "off")).status_code] == [403] * 2
    sign_in(client, LOOK, SWITCH)
    assert client.post(_use(sender, "off")).status_code == 302
    assert not Sender.objects.get().is_enabled


def test_the_form_does_not_get_around_the_permissions(client):
    sender = make_sender(name="Taquilla")
    sign_in(client, LOOK, CHANGE)
    typed = {"name": "Otra", "gateway": "rest", "base_url": "http://localhost:3010"}
    sneaked = {"is_draining": "on", "weight": "9", "base_delay": "0", "daily_cap": "0", "is_new": "on"}
    assert client.post(f"{LIST}{sender.pk}/change/", typed | sneaked).status_code == 302
    sender.refresh_from_db()
    assert sender.name == "Otra"
    assert (sender.is_enabled, sender.is_draining, sender.is_new, sender.weight) == (True, False, False, 1)
    assert (sender.base_delay, sender.daily_cap) == (None, None)


def test_an_edit_in_the_form_is_on_record_with_before_and_after(client):
    sender = make_sender(name="Taquilla")
    sign_in_owner(client)
    typed = {"name": "Prensa", "gateway": "rest", "base_url": sender.base_url, "is_enabled": "on", "weight": "2"}
    client.post(f"{LIST}{sender.pk}/change/", typed)
    assert [entry[1:] for entry in history()] == [("settings", ["Name: Taquilla → Prensa", "Weight: 1 → 2"])]
    client.post(f"{LIST}{sender.pk}/change/", typed)
    client.post(f"{LIST}{sender.pk}/change/", typed | {"name": "Puerta"})
    assert [entry[1:] for entry in history()[1:]] == [("changed", ["Name: Prensa → Puerta"])]
    assert not LogEntry.objects.exists()


def test_a_new_number_is_on_record(client):
    user = sign_in_owner(client)
    client.post(
        f"{LIST}add/", {"name": "Prensa", "gateway": "rest", "base_url": "http://localhost:3010", "weight": "1"}
    )
    assert Sender.objects.get().name == "Prensa"
    assert history() == [(user.username, "added", [])]


@pytest.mark.parametrize("name", ["drain", "restart-all"])
def test_what_does_not_exist_is_not_found(client, name):
    sign_in_owner(client)
    assert client.post(reverse("admin:whatsapp_sender_use", args=[999, name])).status_code == 404


def test_a_change_of_use_needs_the_token_of_the_page():
    sender = make_sender()
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(make_user())
    assert strict.post(_use(sender, "off")).status_code == 403
    assert Sender.objects.get().is_enabled


def test_a_button_in_the_list_leads_back_to_its_card(client):
    sender = make_sender(is_enabled=False)
    sign_in_owner(client)
    assert client.post(_use(sender, "on"), {"where": "list"})["Location"] == f"{LIST}#n-{sender.pk}"


# --- a gateway that cannot be restarted from here


@pytest.mark.parametrize("state", ["failed", "logged_out", "starting"])
def test_nobody_is_told_to_restart_what_cannot_be_restarted(client, state):
    sender = make_sender(gateway="cloud", state=state)
    sign_in_owner(client)
    page = _html(client.get(f"{LIST}{sender.pk}/change/"))
    assert f'id="n-{sender.pk}-restart"' not in page
    assert "estart" not in page.split('class="n-state"')[1].split("</div>")[0]


def test_what_a_gateway_says_in_our_words_is_in_the_language_of_the_reader(client):
    sender = make_sender(gateway="waha", state="failed", state_detail="this is not the address of a gateway")
    sign_in_owner(client)
    assert "this is not the address of a gateway" in _html(client.get(f"{LIST}{sender.pk}/change/"))
