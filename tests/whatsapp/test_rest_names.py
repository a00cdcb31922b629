"""Services that call the same things otherwise: what the adapter sends, and what the form of a number takes."""

import json

import pytest
import responses
from django.urls import reverse

from tests.factories import make_sender
from tests.staff import sign_in_owner
from whatsapp.gateways.base import Connection, Message, Picture
from whatsapp.gateways.rest import RestGateway
from whatsapp.models import Sender

URL = "http://gateway.test:3010"
ADD = "/admin/whatsapp/sender/add/"
KEY = "clave-de-prueba"
PICTURE = Picture(b"\x89PNG", "image/png")
DATA_URL = "data:image/png;base64,iVBORw=="
MESSAGE = Message("+573000000001", "Hola Ana, tu entrada para la función del sábado")
THEIRS = {"phone_field": "number", "text_field": "text", "picture_field": "media-1", "key_header": "X-Api-Secret"}
FORM = {f"option_{name}": value for name, value in THEIRS.items()}


@pytest.fixture
def web():
    with responses.RequestsMock() as mock:
        yield mock


def gateway(options=THEIRS, key=KEY):
    return RestGateway(Connection(URL, api_key=key, options=options))


# --- what is sent ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "picture", "fields"), [("/send", None, {}), ("/send-media", PICTURE, {"media-1": DATA_URL})]
)
def test_message_goes_under_the_names_of_the_service(web, path, picture, fields):
    web.post(f"{URL}{path}", json={"success": True})
    gateway().send(Message(MESSAGE.phone, MESSAGE.text, picture))
    request = web.calls[0].request
    assert json.loads(request.body) == {"number": MESSAGE.phone, "text": MESSAGE.text} | fields
    assert (request.headers["X-Api-Secret"], "X-Api-Key" in request.headers) == (KEY, False)


def test_names_that_are_not_given_are_the_usual_ones(web):
    web.post(f"{URL}/send-media", json={"success": True})
    gateway({"text_field": "caption", "phone_field": ""}).send(Message(MESSAGE.phone, MESSAGE.text, PICTURE))
    request = web.calls[0].request
    assert json.loads(request.body) == {"phone": MESSAGE.phone, "caption": MESSAGE.text, "imageBase64": DATA_URL}
    assert request.headers["X-Api-Key"] == KEY


def test_state_and_restart_carry_the_key_in_the_header_of_the_service(web):
    web.get(f"{URL}/status", json={"ready": True})
    web.post(f"{URL}/restart", json={"success": True})
    gateway().status()
    gateway().restart()
    assert [call.request.headers["X-Api-Secret"] for call in web.calls] == [KEY, KEY]


@pytest.mark.parametrize("name", ["Authorization", "authorization"])
def test_key_in_the_header_for_all_kinds_of_keys_says_its_kind(web, name):
    web.get(f"{URL}/status", json={"ready": True})
    gateway({"key_header": name}).status()
    assert web.calls[0].request.headers["Authorization"] == f"Bearer {KEY}"


def test_no_key_is_sent_in_no_header(web):
    web.get(f"{URL}/status", json={"ready": True})
    gateway(key="").status()
    assert "X-Api-Secret" not in web.calls[0].request.headers


# --- the form -------------------------------------------------------------------------------------------------------


@pytest.fixture
def page(client, db, rest_is_ready):
    client.cookies["django_language"] = "en"
    sign_in_owner(client)
    return client


def typed(**fields):
    return {"name": "Taquilla", "gateway": "rest", "base_url": URL, "weight": 1, "new_key": KEY} | fields


def change(sender):
    return reverse("admin:whatsapp_sender_change", args=[sender.pk])


def errors(answer):
    return {name: list(sentences) for name, sentences in answer.context["adminform"].form.errors.items()}


def test_names_are_stored_with_the_number(page):
    assert page.post(ADD, typed(**FORM)).status_code == 302
    assert Sender.objects.get().options == THEIRS


def test_number_without_names_stores_none(page):
    assert page.post(ADD, typed(**dict.fromkeys(FORM, ""))).status_code == 302
    assert Sender.objects.get().options == {}


def test_names_can_be_taken_back(page):
    sender = make_sender(name="Taquilla", base_url=URL, options=THEIRS)
    was = {f"initial-{name}": value for name, value in FORM.items()}
    assert page.post(change(sender), typed(**FORM | {"option_text_field": ""}) | was).status_code == 302
    sender.refresh_from_db()
    assert sender.options == {name: value for name, value in THEIRS.items() if name != "text_field"}


def test_names_are_folded_away_until_one_of_them_is_wrong(page):
    folded = page.get(ADD, {"gateway": "rest"}).content.decode().partition("Names that the gateway reads")
    assert folded[0].rindex("<details>") > folded[0].rindex('name="base_url"')
    assert "option_phone_field" in folded[2]
    open_ = page.post(ADD, typed(option_phone_field="a b")).content.decode().partition("Names that the gateway reads")
    assert "<details>" not in open_[0][open_[0].rindex('name="base_url"') :]


def test_gateways_without_such_names_have_no_such_part(page):
    assert "Names that the gateway reads" not in page.get(ADD, {"gateway": "waha"}).content.decode()


@pytest.mark.parametrize("field", ["option_phone_field", "option_text_field", "option_picture_field"])
@pytest.mark.parametrize("name", ["con espacio", "teléfono", "a.b", 'a"b', "a\nb", "٣", "x" * 61])
def test_field_that_no_service_has_is_refused(page, field, name):
    answer = page.post(ADD, typed(**{field: name}))
    assert errors(answer) == {
        field: ["Only letters without accents, digits, hyphens and underscores, and at most 60 of them."]
    }


@pytest.mark.parametrize(
    "name",
    [
        *("X Api Key", "X-Api-Key:", "X-Ápi", "x\r\nHost", "x" * 61),
        *("Host", "content-length", "Content-Type", "Transfer-Encoding", "Connection", "accept"),
    ],
)
def test_header_that_cannot_carry_a_key_is_refused(page, name):
    answer = page.post(ADD, typed(option_key_header=name))
    assert list(errors(answer)) == ["option_key_header"]
    assert errors(answer)["option_key_header"][0].startswith("This cannot be a header for a key.")


@pytest.mark.parametrize("name", ["x-internal-secret", "apikey", "Authorization", "Hostess", "X_Key.2"])
def test_header_that_can_carry_a_key_is_taken(page, name):
    assert page.post(ADD, typed(option_key_header=name)).status_code == 302
    assert Sender.objects.get().options == {"key_header": name}


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"phone_field": "message"}, {"option_phone_field"}),  # what the text is called when nobody says otherwise
        ({"phone_field": "to", "text_field": "to"}, {"option_phone_field", "option_text_field"}),
        ({"text_field": "imageBase64"}, {"option_text_field"}),
        ({"phone_field": "message", "text_field": "phone"}, set()),
        ({"phone_field": "X-Api-Key"}, set()),  # not in the same place as the header
    ],
)
def test_two_things_of_one_name_are_refused(page, fields, wrong):
    answer = page.post(ADD, typed(**{f"option_{name}": value for name, value in fields.items()}))
    assert (set(errors(answer)) if answer.context else set()) == wrong
    assert Sender.objects.exists() == (not wrong)


def test_connection_is_tried_under_the_names_that_were_typed(page, monkeypatch):
    seen = []
    plain = RestGateway.probe
    monkeypatch.setattr(RestGateway, "probe", lambda self: seen.append(self.headers()) or plain(self))
    page.post(ADD, typed(**FORM))
    assert seen == [{"X-Api-Secret": KEY}]
