"""The form of a number is that of its gateway, and tries the connection before it saves it."""

from datetime import timedelta

import pytest
from django.db import connection
from django.urls import reverse

from tests.factories import NOW, make_sender
from tests.fakes import FakeGateway
from tests.history import told
from tests.staff import sign_in_owner
from whatsapp import registry
from whatsapp.gateways.base import Field, State, Status
from whatsapp.models import Sender

pytestmark = pytest.mark.django_db

ADD = "/admin/whatsapp/sender/add/"


@pytest.fixture(autouse=True)
def owner(client):
    client.cookies["django_language"] = "en"
    sign_in_owner(client)


@pytest.fixture
def fancy(monkeypatch):
    """A gateway that asks for more than others do."""

    class Fancy(FakeGateway):
        name, label = "fancy", "Fancy"
        default_url = "http://localhost:4444"
        notice = "This system uses Fancy."
        fields = (
            Field("base_url", "address of the gateway", is_required=True),
            Field("session_name", "device", "Its name on the first page.", is_required=True),
            Field("account", "account", pattern=r"\d+"),
            Field("new_key", "token", is_required=True),
            Field("new_webhook_secret", "secret of its reports"),
        )
        said = Status(State.READY, "all well")
        seen = []

        def __init__(self, given):
            super().__init__()
            self.connection = given

        def probe(self):  # a code to scan would be made for nobody, and end a linking that is under way
            given = self.connection
            self.seen.append((given.base_url, given.session_name, given.api_key, dict(given.options)))
            return self.said

    Fancy.seen = []
    monkeypatch.setitem(registry.gateways(), "fancy", Fancy)
    return Fancy


def typed(**fields):
    start = {"name": "Taquilla", "gateway": "fancy", "base_url": "http://localhost:4444", "weight": 1}
    return start | {"session_name": "uno", "option_account": "77", "new_key": "la-llave"} | fields


def change(sender):
    return reverse("admin:whatsapp_sender_change", args=[sender.pk])


def errors(answer):
    return {name: list(sentences) for name, sentences in answer.context["adminform"].form.errors.items()}


def test_adding_a_number_begins_with_its_gateway(client, fancy):
    page = client.get(ADD)
    assert page.templates[0].name == "whatsapp/gateways.html"
    assert 'href="?gateway=fancy"' in page.content.decode()


def test_the_form_asks_for_what_the_gateway_needs_in_its_words(client, fancy):
    page = client.get(ADD, {"gateway": "fancy"})
    fields = page.context["adminform"].form.fields
    labels = {name: fields[name].label for name in ("session_name", "option_account", "new_key", "new_webhook_secret")}
    assert list(labels.values()) == ["device", "account", "token", "secret of its reports"]
    assert page.context["adminform"].form.initial["base_url"] == "http://localhost:4444"
    assert "This system uses Fancy." in page.content.decode()
    assert {"session_name", "new_webhook_secret"}.isdisjoint(
        client.get(ADD, {"gateway": "rest"}).context["adminform"].form.fields
    )


def test_what_is_typed_is_tried_and_then_stored(client, fancy):
    assert client.post(ADD, typed(new_webhook_secret="firma")).status_code == 302
    assert fancy.seen == [("http://localhost:4444", "uno", "la-llave", {"account": "77"})]
    sender = Sender.objects.get()
    assert (sender.gateway, sender.session_name, sender.options) == ("fancy", "uno", {"account": "77"})
    assert (sender.api_key, sender.webhook_secret) == ("la-llave", "firma")
    assert (sender.state, sender.state_detail) == ("ready", "all well")


@pytest.mark.parametrize(
    ("said", "field", "words"),
    [
        (Status(State.UNREACHABLE, "no connection: refused"), "base_url", "no connection: refused"),
        (Status(State.AUTH_ERROR, "HTTP 401"), "new_key", "does not accept this key"),
        (Status(State.UNKNOWN, "a page"), "base_url", "not as “Fancy” does"),
    ],
)
def test_what_is_wrong_is_named_beside_its_field_and_nothing_is_saved(client, fancy, said, field, words):
    fancy.said = said
    answer = client.post(ADD, typed())
    assert list(errors(answer)) == [field]
    assert words in errors(answer)[field][0]
    assert "save_anyway" in answer.context["adminform"].form.fields
    assert not Sender.objects.exists()
    assert "la-llave" not in answer.content.decode()


def test_it_can_be_saved_all_the_same(client, fancy):
    fancy.said = Status(State.UNREACHABLE, "no connection")
    assert client.post(ADD, typed(save_anyway="on")).status_code == 302
    assert Sender.objects.get().state == "unreachable"


def test_a_number_that_waits_for_its_code_is_connected(client, fancy):
    fancy.said = Status(State.NEEDS_QR, qr_text="2@abc")
    assert client.post(ADD, typed()).status_code == 302
    assert Sender.objects.get().state == "needs_qr"


def test_what_is_wrong_with_the_typing_comes_first(client, fancy):
    answer = client.post(ADD, typed(option_account="siete", session_name=""))
    assert set(errors(answer)) == {"session_name", "option_account"}
    assert fancy.seen == []


def test_nobody_is_asked_when_something_else_changes(client, fancy):
    sender = make_sender(name="Taquilla", gateway="fancy", base_url="http://localhost:4444", session_name="uno")
    same = {f"initial-{name}": value for name, value in typed(new_key="").items()} | {"initial-option_account": ""}
    client.post(change(sender), typed(new_key="", option_account="", phone="+573000000001") | same)
    sender.refresh_from_db()
    assert (sender.phone, fancy.seen) == ("", [])  # the key is required and not stored
    sender.api_key = "otra"
    sender.save(update_fields=["api_key"])
    client.post(change(sender), typed(new_key="", option_account="", phone="+573000000001") | same)
    sender.refresh_from_db()
    assert (sender.phone, fancy.seen) == ("+573000000001", [])


def test_the_question_is_asked_outside_of_the_transaction(client, fancy, monkeypatch):
    depths = []
    outside = len(connection.savepoint_ids)
    plain = fancy.probe
    monkeypatch.setattr(fancy, "probe", lambda self: depths.append(len(connection.savepoint_ids)) or plain(self))
    client.post(ADD, typed())
    assert depths == [outside]


def test_another_gateway_takes_the_place_of_the_old_one_whole(client, fancy):
    sender = make_sender(name="Taquilla", gateway="rest", api_key="vieja", options={"old": "1"})
    page = client.get(change(sender), {"gateway": "fancy"})
    assert page.context["adminform"].form.initial["base_url"] == "http://localhost:4444"
    assert 'value="fancy"' in page.content.decode()
    kept = client.post(change(sender), typed(new_key="") | {"initial-gateway": "rest"})
    assert list(errors(kept)) == ["new_key"]  # the key of the old one is not sent to the new one
    started = typed() | {"initial-gateway": "rest", "initial-base_url": "http://localhost:4444"}
    assert client.post(change(sender), started).status_code == 302
    sender.refresh_from_db()
    assert (sender.gateway, sender.base_url, sender.api_key) == ("fancy", "http://localhost:4444", "la-llave")
    assert sender.options == {"account": "77"}


def test_another_gateway_is_known_only_by_what_itself_said(client, fancy):
    """That WhatsApp restricted the old one until tomorrow, for instance, was said of another telephone."""
    told_before = dict.fromkeys(["state_ends_at", "last_receipt_at", "last_post_at"], NOW + timedelta(days=1))
    sender = make_sender(name="Taquilla", state="restricted", state_since=NOW, people_limit=250, **told_before)
    fancy.said = Status(State.RESTRICTED, "locked", new_people_a_day=1000)
    client.post(change(sender), typed() | {"initial-gateway": "rest"})
    sender.refresh_from_db()
    assert (sender.gateway, sender.state, sender.state_detail) == ("fancy", "restricted", "locked")
    assert (sender.state_ends_at, sender.last_receipt_at, sender.last_post_at) == (None, None, None)
    assert sender.people_limit == 1000


def test_the_history_names_the_settings_and_none_of_the_secrets(client, fancy):
    sender = make_sender(name="Taquilla", gateway="fancy", api_key="vieja", options={"account": "66"})
    client.post(change(sender), typed(new_webhook_secret="firma") | {"initial-gateway": "fancy"})
    words = " ".join(" ".join(entry[2]) for entry in told())
    assert "66 → 77" in words
    assert "•••" in words
    assert {"vieja", "la-llave", "firma"}.isdisjoint(words.split())


def test_whoever_may_only_look_sees_no_field_for_a_key(client, fancy, staff):
    sender = make_sender(gateway="fancy", api_key="vieja", options={"account": "66"})
    viewer = staff("whatsapp.view_sender")
    page = viewer.get(change(sender))
    assert page.status_code == 200
    assert 'type="password"' not in page.content.decode()
