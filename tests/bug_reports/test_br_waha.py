"""What WAHA answers and posts: bug reports BR-064 to BR-068 and BR-123 to BR-133, as far as reading it goes."""

import json
from pathlib import Path

import pytest
import responses

from tests.bug_reports.scene import as_http, recorded
from tests.whatsapp.wire import Wire, hear
from whatsapp.gateways.base import Connection, Document, Message, Picture
from whatsapp.gateways.waha import WahaGateway
from whatsapp.webhooks.base import ReceiptStatus, StateNews
from whatsapp.webhooks.waha import WahaHook

R = ReceiptStatus
POSTS = Path(__file__).parent.parent / "data" / "webhooks"
ANA = "+573000000001"
PICTURE, DOCUMENT = Picture(b"\x89PNG"), Document(b"%PDF")


def read(name):
    return WahaHook().read(json.loads((POSTS / name).read_text()))


def receipts(name):
    reading = read(name)
    assert reading.faults == []
    return [(receipt.message_id, receipt.status) for receipt in reading.news]


@pytest.mark.parametrize(
    ("name", "message_id"),
    [
        ("201_id_texto.json", "AAAA000000000000001"),
        ("201_id_objeto.json", "AAAA000000000000002"),
        ("201_id_en_key.json", "AAAA000000000000003"),
    ],
)
def test_br_064_every_engine_gives_the_id_that_its_receipts_carry(name, message_id):
    case = recorded(name)
    with responses.RequestsMock() as web:
        web.post("http://waha.test/api/sendText", json=case["body"], status=case["status"])
        accepted = WahaGateway(Connection("http://waha.test", "eventos")).send(Message(ANA, "Hola Ana"))
    post = {"event": "message.ack", "payload": {"id": f"true_100000000000001@lid_{message_id}_out", "ackName": "READ"}}
    [receipt] = WahaHook().read(post).news
    assert accepted.message_id == receipt.message_id == message_id


@pytest.mark.parametrize(
    ("message", "asked"),
    [
        (Message(ANA, "Hola Ana"), {"session", "chatId", "text", "linkPreview"}),
        (Message(ANA, "Hola Ana", PICTURE), {"session", "chatId", "caption", "file"}),
        (Message(ANA, "Hola Ana", document=DOCUMENT), {"session", "chatId", "caption", "file"}),
    ],
)
def test_br_068_no_delay_is_passed_and_waha_is_asked_once(message, asked):
    def answer(wire, connection):
        hear(wire, connection)
        connection.sendall(as_http({"status": 500, "body": {"statusCode": 500, "exception": {"message": "Timed Out"}}}))

    with Wire(answer) as waha, pytest.raises(Exception, match="Timed Out"):
        WahaGateway(Connection(waha.url, "eventos")).send(message)
    [request] = waha.heard
    assert json.loads(request.partition(b"\r\n\r\n")[2]).keys() == asked


def test_br_123_each_report_says_its_own_status_whenever_it_comes():
    names = (
        "02_leido_antes.json",
        "03_entregado_tarde.json",
        "04_entregado_repetido_otro_evento.json",
        "01_servidor.json",
    )
    said = [receipts(name) for name in names]
    assert said == [[("AAAA000000000000001", status)] for status in (R.READ, R.DELIVERED, R.DELIVERED, R.SENT)]


def test_br_125_the_same_news_under_another_event_is_the_same_news():
    assert read("03_entregado_tarde.json").news == read("04_entregado_repetido_otro_evento.json").news


def test_br_127_a_report_on_a_message_of_nobody_names_that_message_alone():
    assert receipts("05_id_desconocido.json") == [("ZZZZ000000000000999", R.DELIVERED)]


def test_br_128_what_cannot_be_read_spoils_nothing_beside_it():
    post = json.loads((POSTS / "08_lote_de_ids.json").read_text())
    post["payload"]["_data"]["MessageIDs"].insert(1, {"broken": True})
    reading = WahaHook().read(post)
    assert [receipt.message_id for receipt in reading.news] == ["AAAA000000000000001", "BBBB000000000000002"]


@pytest.mark.parametrize("body", [None, [], "<html><body>hola</body></html>", {"event": "message.ack"}])
def test_br_128_what_is_no_report_raises_nothing(body):
    reading = WahaHook().read(body)
    assert (reading.news, len(reading.faults)) == ([], 1)


def test_br_130_a_hidden_number_is_matched_by_the_message_and_never_taken_for_a_phone():
    [receipt] = read("06_mismo_mensaje_como_lid.json").news
    assert (receipt.message_id, receipt.status) == ("AAAA000000000000001", R.DELIVERED)
    assert (receipt.chat_id, receipt.phone) == ("100000000000001@lid", "")


def test_br_130_whoever_replies_under_a_hidden_number_has_no_phone_until_waha_tells_it():
    payload = {"id": "false_100000000000001@lid_A58ABF7E", "from": "100000000000001@lid", "body": "BAJA"}
    [reply] = WahaHook().read({"event": "message", "payload": payload}).news
    assert (reply.chat_id, reply.phone) == ("100000000000001@lid", "")
    with responses.RequestsMock() as web:
        web.get("http://waha.test/api/eventos/lids/100000000000001%40lid", json={"pn": "573000000001@c.us"})
        assert WahaGateway(Connection("http://waha.test", "eventos")).phone_of(reply.chat_id) == ANA


def test_br_131_each_id_of_a_batch_is_a_receipt_of_its_own():
    assert receipts("08_lote_de_ids.json") == [("AAAA000000000000001", R.READ), ("BBBB000000000000002", R.READ)]


def test_br_133_the_name_counts_and_the_number_is_read_on_the_scale_of_waha():
    def status_of(**fields):
        payload = {"id": "true_573000000001@c.us_AAAA000000000000001", "fromMe": True} | fields
        return [receipt.status for receipt in WahaHook().read({"event": "message.ack", "payload": payload}).news]

    assert receipts("07_error.json") == [("AAAA000000000000001", R.FAILED)]
    assert [status_of(ack=number) for number in (-1, 0, 1, 2, 3, 4)] == [
        [R.FAILED],
        [],
        [R.SENT],
        [R.DELIVERED],
        [R.READ],
        [R.READ],
    ]
    assert status_of(ack=4, ackName="DEVICE") == [R.DELIVERED]
    assert status_of(ack=2, ackName="SOMETHING") == []


def test_a_session_that_fell_is_told():
    [news] = read("09_sesion_caida.json").news
    assert (type(news), news.state) == (StateNews, "failed")
