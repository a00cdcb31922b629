"""Pictures and documents: handed over once for each number, and never a reason for a doubt."""

import re

import pytest
import requests
import responses

from tests.whatsapp.cloud_answers import MEDIA, MESSAGES, NODE, TOKEN, bodies, fault, gateway, taken
from whatsapp.gateways import cloud
from whatsapp.gateways.base import (
    Document,
    ErrorKind,
    GatewayError,
    Message,
    NotSent,
    OutcomeUnknown,
    Parameter,
    Picture,
    Refused,
    Stopped,
    TemplateUse,
    Throttled,
    Unreachable,
)
from whatsapp.gateways.cloud_media import KEPT_FOR, SHELF, Shelf

PHONE = "+573000000001"
PICTURE = Picture(b"\x89PNG una imagen", "image/png", "imagen.png")
MESSAGE = Message(PHONE, "Hola Ana", PICTURE)
DOCUMENT = Document(b"%PDF una entrada", filename="entrada.pdf")
K = ErrorKind


@pytest.fixture(autouse=True)
def empty_shelf():
    SHELF.clear()
    yield
    SHELF.clear()


@pytest.fixture
def web():
    with responses.RequestsMock() as mock:
        yield mock


def uploads(web: responses.RequestsMock, address: str = MEDIA) -> list[bytes]:
    return [call.request.body for call in web.calls if call.request.url == address]


# --- what is asked ------------------------------------------------------------------------------------------------


def test_picture_is_handed_over_and_then_named(web):
    web.post(MEDIA, json={"id": "555000111"})
    web.post(MESSAGES, json=taken())
    assert gateway().send(MESSAGE).message_id == "wamid.AAAA"
    assert web.calls[0].request.headers["Authorization"] == f"Bearer {TOKEN}"
    [form] = uploads(web)
    assert re.findall(rb'name="(\w+)"', form) == [b"messaging_product", b"type", b"file"]
    assert b'filename="imagen.png"\r\nContent-Type: image/png\r\n\r\n\x89PNG una imagen\r\n' in form
    [body] = bodies(web)
    assert (body["type"], body["image"]) == ("image", {"id": "555000111", "caption": "Hola Ana"})


def test_document_keeps_its_name(web):
    web.post(MEDIA, json={"id": "555000111"})
    web.post(MESSAGES, json=taken())
    gateway().send(Message(PHONE, "", document=DOCUMENT))
    [body] = bodies(web)
    assert (body["type"], body["document"]) == ("document", {"id": "555000111", "filename": "entrada.pdf"})


@pytest.mark.parametrize(
    ("message", "parameter"),
    [
        (Message(PHONE, "", PICTURE), {"type": "image", "image": {"id": "555000111"}}),
        (
            Message(PHONE, "", document=DOCUMENT),
            {"type": "document", "document": {"id": "555000111", "filename": "entrada.pdf"}},
        ),
    ],
)
def test_media_of_a_template_is_its_header(web, message, parameter):
    web.post(MEDIA, json={"id": "555000111"})
    web.post(MESSAGES, json=taken())
    use = TemplateUse("entrada", "es", body=(Parameter("Ana"),))
    gateway().send(Message(PHONE, "Hola Ana", message.picture, message.document, use))
    assert bodies(web)[0]["template"]["components"] == [
        {"type": "header", "parameters": [parameter]},
        {"type": "body", "parameters": [{"type": "text", "text": "Ana"}]},
    ]


# --- once only ----------------------------------------------------------------------------------------------------


def test_same_picture_travels_once_for_a_number_and_by_its_content(web):
    web.post(MEDIA, json={"id": "555000111"})
    web.post(MESSAGES, json=taken())
    gateway().send(MESSAGE)
    gateway().send(Message("+573000000002", "Hola Luis", Picture(PICTURE.content, "image/png", "otro-nombre.png")))
    assert len(uploads(web)) == 1
    assert [body["image"]["id"] for body in bodies(web)] == ["555000111", "555000111"]


def test_other_content_travels_by_itself(web):
    web.post(MEDIA, json={"id": "1"})
    web.post(MESSAGES, json=taken())
    gateway().send(MESSAGE)
    gateway().send(Message(PHONE, "Hola", Picture(b"otra", "image/png")))
    assert len(uploads(web)) == 2


def test_other_number_hands_it_over_itself(web):
    other = NODE.replace("222000111", "222000112")
    web.post(MEDIA, json={"id": "1"})
    web.post(f"{other}/media", json={"id": "2"})
    web.post(MESSAGES, json=taken())
    web.post(f"{other}/messages", json=taken())
    gateway().send(MESSAGE)
    gateway(session_name="222000112").send(MESSAGE)
    assert bodies(web, f"{other}/messages")[0]["image"]["id"] == "2"


def test_refused_message_does_not_make_the_picture_travel_again(web):
    web.post(MEDIA, json={"id": "1"})
    web.post(MESSAGES, json=fault(131026), status=400)
    for _ in range(2):
        with pytest.raises(Refused):
            gateway().send(MESSAGE)
    assert len(uploads(web)) == 1


NOT_THERE = [
    fault(131052, "Media download error"),
    fault(131053, "Media upload error"),
    fault(100, "Param image['id'] is not a valid whatsapp business account media attachment ID"),
    fault(131009, "Parameter value is not valid", "The media ID has expired"),
]


@pytest.mark.parametrize("body", NOT_THERE)
def test_picture_that_meta_has_lost_is_handed_over_by_the_next_try(web, body):
    SHELF.put(cloud.key_of(gateway().connection, PICTURE), "vieja")
    web.post(MESSAGES, json=body, status=400)
    with pytest.raises(NotSent) as caught:
        gateway().send(MESSAGE)
    assert (caught.value.kind, uploads(web)) == (K.TEMPORARY, [])
    web.replace(responses.POST, MESSAGES, json=taken())
    web.post(MEDIA, json={"id": "nueva"})
    gateway().send(MESSAGE)
    assert bodies(web)[-1]["image"]["id"] == "nueva"


def test_picture_that_meta_does_not_want_at_once_is_the_messages_fault(web):
    web.post(MEDIA, json={"id": "1"})
    web.post(MESSAGES, json=NOT_THERE[2], status=400)
    with pytest.raises(Refused) as caught:
        gateway().send(MESSAGE)
    assert (caught.value.kind, len(SHELF)) == (K.REJECTED_CONTENT, 0)


# --- an upload that fails is no message ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ({"status": 401, "json": fault(190)}, (Stopped, K.AUTH)),
        ({"status": 429, "json": fault(130429)}, (Throttled, K.RATE_LIMITED)),
        (
            {"status": 400, "json": fault(100, "Param file must be a file with one of the types")},
            (Refused, "rejected_content"),
        ),
        ({"status": 500, "json": fault(131000)}, (NotSent, K.TEMPORARY)),
        ({"status": 500, "json": fault(987654)}, (Unreachable, K.UNREACHABLE)),
        ({"status": 502, "body": "<html>Bad Gateway</html>"}, (Unreachable, K.UNREACHABLE)),
        ({"status": 200, "json": {}}, (Unreachable, K.UNREACHABLE)),
        ({"status": 200, "json": {"id": 7}}, (Unreachable, K.UNREACHABLE)),
        ({"body": requests.ReadTimeout()}, (Unreachable, K.UNREACHABLE)),
        ({"body": requests.ConnectionError()}, (Unreachable, K.UNREACHABLE)),
    ],
)
def test_failed_upload(web, answer, expected):
    web.post(MEDIA, **answer)
    with pytest.raises(GatewayError) as caught:
        gateway().send(MESSAGE)
    assert (type(caught.value), caught.value.kind) == expected
    assert (len(web.calls), len(SHELF)) == (1, 0)


def test_message_with_a_picture_can_be_in_doubt_like_any_other(web):
    web.post(MEDIA, json={"id": "1"})
    web.post(MESSAGES, body=requests.ReadTimeout())
    with pytest.raises(OutcomeUnknown):
        gateway().send(MESSAGE)


def test_both_calls_share_the_seconds_of_one(web, monkeypatch):
    moments = iter([100.0, 130.0])
    monkeypatch.setattr(cloud, "monotonic", lambda: next(moments))
    asked = []
    monkeypatch.setattr(
        cloud.CloudGateway,
        "call",
        lambda self, *args, seconds=None, **rest: asked.append(seconds) or answer_for(args[1]),
    )
    gateway(read_seconds=90.0).send(MESSAGE)
    assert asked == [45.0, 60.0]


def answer_for(path: str) -> cloud.Answer:
    return cloud.Answer(200, b'{"id": "1"}' if path.endswith("/media") else b'{"messages": [{"id": "wamid.A"}]}')


def test_no_message_leaves_when_the_picture_left_it_hardly_any_time(web, monkeypatch):
    moments = iter([100.0, 168.0])
    monkeypatch.setattr(cloud, "monotonic", lambda: next(moments))
    web.post(MEDIA, json={"id": "1"})
    with pytest.raises(Unreachable):
        gateway(read_seconds=90.0).send(MESSAGE)
    assert (bodies(web), len(SHELF)) == ([], 1)


# --- the shelf ----------------------------------------------------------------------------------------------------


def key(name: str):
    return "https://graph.test", "222000111", name, "image/png"


def test_shelf_forgets_what_meta_forgets():
    now = [0.0]
    shelf = Shelf(clock=lambda: now[0])
    shelf.put(key("a"), "1")
    now[0] = KEPT_FOR - 1
    assert shelf.find(key("a")) == "1"
    now[0] = KEPT_FOR
    assert (shelf.find(key("a")), len(shelf)) == ("", 0)


def test_using_a_picture_does_not_make_meta_keep_it_longer():
    now = [0.0]
    shelf = Shelf(clock=lambda: now[0])
    shelf.put(key("a"), "1")
    now[0] = KEPT_FOR - 1
    shelf.find(key("a"))
    now[0] = KEPT_FOR + 1
    assert shelf.find(key("a")) == ""


def test_shelf_is_bounded_and_keeps_what_is_used():
    shelf = Shelf(most=2)
    shelf.put(key("campaign"), "1")
    for number in range(5):
        shelf.put(key(f"ticket {number}"), "2")
        assert shelf.find(key("campaign")) == "1"
    assert (len(shelf), shelf.find(key("ticket 3")), shelf.find(key("ticket 4"))) == (2, "", "2")


def test_forgetting_what_is_not_there_does_no_harm():
    Shelf().forget(key("a"))


def test_one_thread_at_a_time_looks_into_the_shelf():
    was_locked = []
    shelf = Shelf(clock=lambda: was_locked.append(shelf._lock.locked()) or 0.0)
    shelf.put(key("a"), "1")
    shelf.find(key("a"))
    assert (was_locked, shelf._lock.locked()) == ([True, True], False)
