"""The numbers' pages: a key that never comes out, a state with advice, a restart that asks first."""

import base64
import io

import pytest
from django.db.models import Q
from django.test import Client
from django.urls import reverse
from django.utils import translation
from PIL import Image

from tests.factories import NOW, make_sender
from tests.fakes import FakeGateway
from tests.history import told
from tests.staff import sign_in, sign_in_owner
from tickets.models import HistoryEntry
from whatsapp import registry
from whatsapp.admin import SenderAdmin
from whatsapp.advice import ADVICE, TONES
from whatsapp.enums import SenderState
from whatsapp.gateways.base import State, Status, Unreachable
from whatsapp.models import Sender

pytestmark = [pytest.mark.django_db, pytest.mark.any_database, pytest.mark.usefixtures("rest_is_ready")]

SECRET = "la-clave-del-portal-8841"
LIST = "admin:whatsapp_sender_changelist"


@pytest.fixture(autouse=True)
def english(client):
    client.cookies["django_language"] = "en"


@pytest.fixture
def gateway(monkeypatch):
    """The gateway "fake", and what it says."""

    class Told(FakeGateway):
        said = Status(State.READY, "all well")
        restarted = 0
        refuses = False

        def __init__(self, connection):
            super().__init__()

        def status(self):
            return self.said

        def restart(self):
            if self.refuses:
                raise Unreachable("no connection")
            type(self).restarted += 1
            return "back soon"

    monkeypatch.setitem(registry.gateways(), "fake", Told)
    return Told


def _change(sender):
    return reverse("admin:whatsapp_sender_change", args=[sender.pk])


def _view(name, sender):
    return reverse(f"admin:whatsapp_sender_{name}", args=[sender.pk])


def _typed(**fields):
    values = {
        "name": "Taquilla",
        "gateway": "rest",
        "base_url": "http://localhost:3010",
        "is_enabled": "on",
        "weight": 1,
    }
    return values | fields


# --- the key ----------------------------------------------------------------------------------------------------------


def test_the_key_goes_in(client):
    sign_in_owner(client)
    client.post(reverse("admin:whatsapp_sender_add"), _typed(new_key=SECRET))
    assert Sender.objects.get().api_key == SECRET


def test_the_key_never_comes_out(client):
    sender = make_sender(api_key=SECRET)
    sign_in_owner(client)
    pages = [client.get(_change(sender)), client.get(reverse(LIST))]
    pages.append(client.post(_change(sender), _typed(new_key="x" + SECRET, weight=0)))  # refused, shown again
    assert [page.status_code for page in pages] == [200, 200, 200]
    assert [page for page in pages if SECRET in page.content.decode()] == []


def test_an_empty_field_keeps_the_key(client):
    sender = make_sender(api_key=SECRET)
    sign_in_owner(client)
    client.post(_change(sender), _typed(name="Otra", new_key=""))
    sender.refresh_from_db()
    assert (sender.name, sender.api_key) == ("Otra", SECRET)


def test_the_key_can_be_forgotten(client):
    sender = make_sender(api_key=SECRET)
    sign_in_owner(client)
    client.post(_change(sender), _typed(remove_key="on"))
    sender.refresh_from_db()
    assert sender.api_key == ""


def test_without_a_key_there_is_nothing_to_forget(client):
    sign_in_owner(client)
    assert "remove_key" not in client.get(_change(make_sender())).context["adminform"].form.fields


def test_the_history_says_that_the_key_changed_and_not_to_what(client):
    sender = make_sender(api_key="vieja")
    sign_in_owner(client)
    client.post(_change(sender), _typed(name=sender.name, new_key=SECRET))
    with translation.override("en"):
        assert [entry[1:] for entry in told()] == [("changed", ["Key of the gateway: •••"])]
    assert not HistoryEntry.objects.filter(Q(after__icontains=SECRET) | Q(before__icontains="vieja")).exists()
    client.post(_change(sender), _typed(name=sender.name, remove_key="on"))
    with translation.override("en"):
        assert told()[-1][2] == ["Key of the gateway: ••• → nothing"]


@pytest.mark.parametrize("fields", [{"new_key": "otra"}, {"remove_key": "on"}])
def test_a_moved_address_asks_for_the_key_again(client, fields):
    sender = make_sender(api_key=SECRET)
    sign_in_owner(client)
    moved = _typed(base_url="http://gateway.example.com:3010")
    answer = client.post(_change(sender), moved)
    assert set(answer.context["adminform"].form.errors) == {"new_key"}
    sender.refresh_from_db()
    assert sender.base_url == "http://localhost:3010"
    assert client.post(_change(sender), moved | fields).status_code == 302


def test_another_path_on_the_same_computer_keeps_the_key(client):
    sender = make_sender(api_key=SECRET)
    sign_in_owner(client)
    assert client.post(_change(sender), _typed(base_url="http://localhost:3010/api")).status_code == 302


# --- the form ---------------------------------------------------------------------------------------------------------


def test_the_gateways_to_choose_from_are_those_that_are_installed(client, gateway):
    sign_in_owner(client)
    page = client.get(reverse("admin:whatsapp_sender_add"))
    assert {"rest", "fake"} <= {name for name, _label, _words in page.context["choices"]}
    assert 'href="?gateway=fake"' in page.content.decode()
    answer = client.post(reverse("admin:whatsapp_sender_add"), _typed(gateway="made-up"))
    assert set(answer.context["adminform"].form.errors) == {"gateway"}


def test_a_form_that_stayed_open_switches_no_number_on_again_and_leaves_its_pace(client):
    sender = make_sender(name="Taquilla")
    sign_in_owner(client)
    stale = _typed(base_delay="", daily_cap="")
    Sender.objects.filter(pk=sender.pk).update(is_enabled=False, is_draining=True, base_delay=4, daily_cap=50)
    client.post(_change(sender), stale)
    sender.refresh_from_db()
    assert (sender.is_enabled, sender.is_draining, sender.base_delay, sender.daily_cap) == (False, True, 4, 50)


def test_saving_writes_only_what_was_changed(client, monkeypatch):
    sender = make_sender(name="Taquilla")
    sign_in_owner(client)
    take = SenderAdmin.save_form

    def while_somebody_else_saves(self, *args, **options):
        Sender.objects.filter(pk=sender.pk).update(is_enabled=False, weight=7)
        return take(self, *args, **options)

    monkeypatch.setattr(SenderAdmin, "save_form", while_somebody_else_saves)
    client.post(_change(sender), _typed(name="Prensa"))
    sender.refresh_from_db()
    assert (sender.name, sender.is_enabled, sender.weight) == ("Prensa", False, 7)


def test_a_page_that_stayed_open_writes_only_what_was_typed_in_it(client):
    """Its other fields say what they said when it was opened."""
    sender = make_sender(name="Taquilla", api_key=SECRET)
    sign_in_owner(client)
    page = client.get(_change(sender)).content.decode()
    stale = _typed(phone="", **{f"initial-{name}": value for name, value in _typed().items()})
    assert [name for name in ("name", "weight", "base_url") if f'name="initial-{name}"' not in page] == []
    Sender.objects.filter(pk=sender.pk).update(weight=5, base_url="http://localhost:4000", name="Prensa")
    assert client.post(_change(sender), stale | {"phone": "+573000000001"}).status_code == 302
    sender.refresh_from_db()
    assert (sender.name, sender.weight, sender.phone) == ("Prensa", 5, "+573000000001")
    assert (sender.base_url, sender.api_key) == ("http://localhost:4000", SECRET)
    with translation.override("en"):
        assert [entry[1:] for entry in told()] == [("changed", ["WhatsApp number: nothing → +573000000001"])]


def test_the_page_of_a_number_leads_to_its_pace_and_its_switches(client):
    sender = make_sender(daily_cap=321)
    sign_in_owner(client)
    page = client.get(_change(sender))
    names = set(page.context["adminform"].form.fields)
    assert names & {"is_enabled", "is_draining", "base_delay", "daily_cap"} == set()
    ways = [
        _view("pace", sender),
        *(reverse("admin:whatsapp_sender_use", args=[sender.pk, n]) for n in ("drain", "off")),
    ]
    assert [way for way in ways if f'href="{way}"' not in page.content.decode()] == []
    assert "321" in page.content.decode()


def test_a_new_number_has_its_switches_and_pace_in_the_form(client):
    sign_in_owner(client)
    client.post(reverse("admin:whatsapp_sender_add"), _typed(is_enabled="", daily_cap="30"))
    assert Sender.objects.values_list("is_enabled", "daily_cap").get() == (False, 30)


def test_a_gateway_that_is_gone_is_shown_and_kept(client):
    sender = make_sender(gateway="antiguo")
    sign_in_owner(client)
    client.post(_change(sender), _typed(gateway="antiguo", weight=3))
    sender.refresh_from_db()
    assert (sender.gateway, sender.weight) == ("antiguo", 3)


def test_the_state_is_not_edited_by_hand(client):
    sender = make_sender()
    sign_in_owner(client)
    client.post(_change(sender), _typed(state="logged_out", restarted_at="2026-01-01"))
    sender.refresh_from_db()
    assert (sender.state, sender.restarted_at) == ("ready", None)


def test_nobody_deletes_a_number(client):
    sender = make_sender()
    sign_in_owner(client)
    assert client.post(_view("delete", sender), {"post": "yes"}).status_code == 403
    assert "delete_selected" not in client.get(reverse(LIST)).content.decode()


# --- the state --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", SenderState.values)
def test_every_state_has_a_colour_a_word_and_advice(client, state):
    sender = make_sender(state=state, state_since=NOW)
    sign_in_owner(client)
    page = client.get(_change(sender))
    card = page.context["card"]
    assert (card.tone, card.advice) == (TONES[state], ADVICE[state])
    with translation.override("en"):
        badge = f'<span class="p-badge p-badge-{TONES[state]}">{sender.get_state_display()}</span>'
    assert badge in client.get(reverse(LIST)).content.decode()


def test_check_now_asks_and_records(client, gateway):
    sender = make_sender(gateway="fake")
    sign_in_owner(client)
    assert client.post(_view("check", sender))["Location"] == _change(sender)
    sender.refresh_from_db()
    assert (sender.state, sender.state_detail) == ("ready", "all well")


def test_check_now_by_htmx_answers_with_the_panel_only(client, gateway):
    sender = make_sender(gateway="fake")
    sign_in_owner(client)
    page = client.post(_view("check", sender), headers={"HX-Request": "true"}).content.decode()
    assert page.lstrip().startswith(f'<section id="n-{sender.pk}"')


@pytest.mark.parametrize(("state", "looks_again"), [("ready", False), ("starting", True), ("needs_qr", True)])
def test_the_panel_looks_again_by_itself_only_while_the_state_passes(client, state, looks_again):
    sign_in_owner(client)
    page = client.get(_change(make_sender(state=state))).content.decode()
    assert ("every 5s" in page) is looks_again


def test_looking_at_an_address_changes_nothing(client, gateway):
    sender = make_sender(gateway="fake")
    sign_in_owner(client)
    assert client.get(_view("check", sender)).status_code == 405
    sender.refresh_from_db()
    assert sender.state == "unknown"


# --- the QR code ------------------------------------------------------------------------------------------------------


def test_the_qr_code_is_a_picture_that_nobody_keeps(client, gateway):
    gateway.said = Status(State.NEEDS_QR, qr_text="2@abc,def")
    sender = make_sender(gateway="fake", state="needs_qr")
    sign_in_owner(client)
    answer = client.get(_view("qr", sender))
    assert (answer["Content-Type"], "no-store" in answer["Cache-Control"]) == ("image/png", True)
    assert Image.open(io.BytesIO(answer.content)).format == "PNG"
    assert f'src="{_view("qr", sender)}"' in client.get(_change(sender)).content.decode()


def test_after_a_check_the_panel_holds_the_new_qr_code(client, gateway):
    gateway.said = Status(State.NEEDS_QR, qr_text="2@abc,def")
    sender = make_sender(gateway="fake")
    sign_in_owner(client)
    page = client.post(_view("check", sender), headers={"HX-Request": "true"}).content.decode()
    picture = page.partition('src="data:image/png;base64,')[2].partition('"')[0]
    assert base64.b64decode(picture).startswith(b"\x89PNG")


@pytest.mark.parametrize("said", [Status(State.READY, qr_text="2@abc"), Status(State.NEEDS_QR, qr_image=b"<svg/>")])
def test_there_is_no_picture_where_there_is_no_code(client, gateway, said):
    gateway.said = said
    sender = make_sender(gateway="fake", state=said.state)
    sign_in_owner(client)
    assert client.get(_view("qr", sender)).status_code == 404


# --- the restart ------------------------------------------------------------------------------------------------------


def test_a_restart_asks_first(client, gateway):
    sender = make_sender(gateway="fake", state="failed")
    sign_in_owner(client)
    assert client.get(_view("restart", sender)).status_code == 200
    assert gateway.restarted == 0


def test_a_restart_is_asked_for_told_and_on_record(client, gateway):
    sender = make_sender(gateway="fake", state="failed")
    user = sign_in_owner(client)
    answer = client.post(_view("restart", sender), follow=True)
    sender.refresh_from_db()
    assert (gateway.restarted, sender.state) == (1, "starting")
    assert [message.level_tag for message in answer.context["messages"]] == ["success"]
    assert [(entry.user, entry.action, entry.object_id) for entry in HistoryEntry.objects.all()] == [
        (user, "restarted", str(sender.pk))
    ]


def test_a_second_restart_within_a_minute_is_refused(client, gateway):
    sender = make_sender(gateway="fake", state="failed")
    sign_in_owner(client)
    client.post(_view("restart", sender))
    answer = client.post(_view("restart", sender), follow=True)
    assert gateway.restarted == 1
    assert [message.level_tag for message in answer.context["messages"]] == ["success", "error"]


def test_a_gateway_that_refuses_is_told(client, gateway):
    gateway.refuses = True
    sender = make_sender(gateway="fake", state="failed")
    sign_in_owner(client)
    answer = client.post(_view("restart", sender), follow=True)
    assert ["no connection" in str(message) for message in answer.context["messages"]] == [True]


# --- permissions ------------------------------------------------------------------------------------------------------

LOOK, CHANGE, RESTART = "whatsapp.view_sender", "whatsapp.change_sender", "whatsapp.restart_sender"


@pytest.mark.parametrize(
    ("permissions", "method", "page", "status"),
    [
        ((), "get", "change", 403),
        ((LOOK,), "get", "change", 200),
        ((LOOK,), "post", "change", 403),
        ((LOOK,), "post", "check", 403),
        ((LOOK,), "get", "qr", 403),
        ((LOOK,), "get", "restart", 403),
        ((LOOK,), "post", "restart", 403),
        ((RESTART,), "post", "restart", 403),
        ((LOOK, CHANGE), "post", "check", 302),
        ((LOOK, CHANGE), "post", "restart", 403),
        ((LOOK, RESTART), "post", "check", 302),
        ((LOOK, RESTART), "post", "restart", 302),
    ],
)
def test_each_page_has_its_permission(client, gateway, permissions, method, page, status):
    sender = make_sender(gateway="fake", state="needs_qr")
    sign_in(client, *permissions)
    assert getattr(client, method)(_view(page, sender), {}).status_code == status


def test_buttons_that_would_be_refused_are_not_shown(client):
    sender = make_sender(api_key=SECRET)
    sign_in(client, LOOK)
    page = client.get(_change(sender)).content.decode()
    assert [address for name in ("check", "restart") if (address := _view(name, sender)) in page] == []
    assert "A key is stored." in page
    assert SECRET not in page


def test_a_restart_needs_the_token_of_the_page(gateway):
    sender = make_sender(gateway="fake", state="failed")
    strict = Client(enforce_csrf_checks=True)
    sign_in_owner(strict)
    assert strict.post(_view("restart", sender)).status_code == 403
    assert gateway.restarted == 0


def test_a_number_that_does_not_exist_is_not_found(client):
    sign_in_owner(client)
    assert client.get(reverse("admin:whatsapp_sender_restart", args=[999])).status_code == 404
