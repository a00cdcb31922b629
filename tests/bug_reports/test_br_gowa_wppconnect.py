"""Gateways and their reports (areas 4 and 8) at GOWA and at WPPConnect, whose own ways make these bugs likely."""

import contextlib
import hashlib
import hmac
import json
from typing import Any

import pytest

from campaigns.models import Delivery
from tests.bug_reports.scene import HANG, as_http, queue, states
from tests.campaigns.driving import run_until_idle
from tests.factories import make_campaign, make_lane, make_sender, make_settings
from tests.fakes import Clock
from tests.whatsapp.wire import Wire, hear
from whatsapp.gateways.base import Connection, State
from whatsapp.gateways.gowa import GowaGateway
from whatsapp.gateways.wppconnect import WppConnectGateway
from whatsapp.webhooks.base import ReceiptStatus
from whatsapp.webhooks.gowa import GowaHook
from whatsapp.webhooks.wppconnect import WppConnectHook

pytestmark = pytest.mark.django_db
PERSON = "12025550123"
LID = "900100200301@lid"
R = ReceiptStatus


class Api:
    """Answers each message with the next of `answers`, then takes everything. `status` answers whoever looks."""

    sends: tuple[str, ...]
    good: dict[str, Any]

    def __init__(self, *answers: Any, status: dict[str, Any]):
        self.answers, self.status = list(answers), status
        self.asked: list[str] = []

    @property
    def messages(self) -> int:
        return sum(path in self.sends for path in self.asked)

    def __call__(self, wire, connection):
        hear(wire, connection)
        path = wire.heard[-1].split(b" ", 2)[1].decode()
        self.asked.append(path)
        answer = self.status if path not in self.sends else self.answers.pop(0) if self.answers else self.good
        if answer == HANG:
            wire.wait(None, connection)
        else:
            connection.sendall(as_http(answer))


class Gowa(Api):
    sends = ("/send/message",)
    good = {"status": 200, "body": {"code": "SUCCESS", "results": {"message_id": "3EB0AA11"}}}
    adapter = GowaGateway

    def __init__(self, *answers, is_connected=True, is_logged_in=True):
        super().__init__(*answers, status={})
        self.says(is_connected, is_logged_in)

    def says(self, is_connected, is_logged_in):
        results = {"is_connected": is_connected, "is_logged_in": is_logged_in}
        self.status = {"status": 200, "body": {"code": "SUCCESS", "results": results}}


class WppConnect(Api):
    sends = ("/api/demo/send-message",)
    good = {"status": 201, "body": {"status": "success", "response": [{"id": f"true_{PERSON}@c.us_3EB0AA11"}]}}
    adapter = WppConnectGateway

    def __init__(self, *answers, state="CONNECTED"):
        super().__init__(*answers, status={})
        self.says(state)

    def says(self, state):
        self.status = {"status": 200, "body": {"status": state, "qrcode": None, "urlcode": ""}}


@contextlib.contextmanager
def serving(api, *, read_seconds=5.0):
    with Wire(api) as wire:
        connection = Connection(wire.url, session_name="demo", connect_seconds=1.0, read_seconds=read_seconds)
        yield api.adapter(connection)


def gowa_says(status: int, code: str, message: str = "x") -> dict[str, Any]:
    return {"status": status, "body": {"code": code, "message": message, "results": None}}


DISCONNECTED = {
    "status": 404,
    "body": {"response": None, "status": "Disconnected", "message": "A sessão do WhatsApp não está ativa."},
}
DOUBTED = {
    "status": 400,
    "body": {"response": None, "status": "Connected", "message": f"O número {PERSON} não existe."},
}
FAILED_500 = {"status": 500, "body": {"status": "Error", "message": "Erro ao enviar a mensagem.", "error": {}}}


# --- 4 Gateway failures -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "api",
    [Gowa(HANG), Gowa(gowa_says(504, "GATEWAY_TIMEOUT")), WppConnect(HANG), WppConnect(FAILED_500)],
    ids=["gowa hangs", "gowa 504", "wppconnect hangs", "wppconnect 500"],
)
def test_br_054_a_message_whose_answer_is_lost_is_in_doubt_and_leaves_once(api):
    make_lane(sender=make_sender(asks_first=False))
    queue(2)
    with serving(api, read_seconds=0.3) as gateway:
        run_until_idle(gateway, budget=7200.0)
    assert (states(), api.messages) == ({"uncertain": 1, "sent": 1}, 2)


@pytest.mark.parametrize(
    ("api", "asleep", "awake"),
    [
        (
            Gowa(Gowa.good, gowa_says(401, "AUTHENTICATION_ERROR", "you are not logged in")),
            (False, False),
            (True, True),
        ),
        (WppConnect(WppConnect.good, DISCONNECTED), ("CLOSED",), ("CONNECTED",)),
    ],
    ids=["gowa", "wppconnect"],
)
def test_br_057_a_session_that_closes_in_the_middle_keeps_the_rest_and_goes_on_alone(api, asleep, awake):
    """GOWA says it with the status of a wrong key, WPPConnect with that of a wrong address."""
    lane = make_lane(sender=make_sender(asks_first=False))
    queue(3, campaign=make_campaign(status="sending"))
    clock = Clock()
    with serving(api) as gateway:
        api.says(*asleep)
        run_until_idle(gateway, clock, budget=30.0)
        lane.refresh_from_db()
        assert (states(), lane.pause_reason, lane.is_stopped) == ({"sent": 1, "pending": 2}, "not_ready", False)
        assert set(Delivery.objects.values_list("tries_charged", flat=True)) == {0}
        api.says(*awake)
        run_until_idle(gateway, clock, budget=600.0)
    assert (states(), api.messages) == ({"sent": 3}, 4)


def test_br_058_nobody_who_scans_is_disturbed_by_a_campaign_that_waits():
    """A code of GOWA is made by a call that ends the linking under way."""
    make_lane(sender=make_sender(asks_first=False))
    queue(1)
    api = Gowa(gowa_says(401, "AUTHENTICATION_ERROR"), is_logged_in=False)
    with serving(api) as gateway:
        run_until_idle(gateway, budget=900.0)
    assert states() == {"pending": 1}
    assert api.asked.count("/app/status") > 3
    assert "/app/login" not in api.asked


@pytest.mark.parametrize(
    ("api", "state"),
    [
        (Gowa(is_connected=False, is_logged_in=True), State.STARTING),
        (Gowa(is_connected=True, is_logged_in=False), State.NEEDS_QR),
        (Gowa(is_connected=False, is_logged_in=False), State.LOGGED_OUT),
    ],
    ids=["logged in, not connected", "connected, not logged in", "neither"],
)
def test_br_059_gowa_is_ready_only_where_both_of_its_answers_say_so(api, state):
    with serving(api) as gateway:
        assert gateway.probe().state is state


def test_br_059_a_session_that_is_connected_and_is_not_is_unknown():
    """WPPConnect says how the session was; asked whether it is, it says no."""

    class Contradiction(WppConnect):
        def __call__(self, wire, connection):
            if len(self.asked) == 1:
                self.status = {"status": 200, "body": {"status": False, "message": "Disconnected"}}
            super().__call__(wire, connection)

    with serving(Contradiction()) as gateway:
        assert gateway.status().state is State.UNKNOWN


def test_br_060_a_lock_against_new_people_is_not_taken_for_a_busy_gateway():
    lane = make_lane(sender=make_sender(asks_first=False))
    queue(2)
    api = Gowa(gowa_says(429, "WA_REACHOUT_TIMELOCK", "error 463"))
    with serving(api) as gateway:
        run_until_idle(gateway, budget=0.5)
    lane.refresh_from_db()
    assert states() == {"pending": 2}
    assert lane.attempts.get().error_kind == "new_contacts"


@pytest.mark.parametrize("api", [Gowa, WppConnect])
def test_br_062_a_page_of_a_proxy_breaks_nothing_and_says_what_it_was(api):
    lane = make_lane(sender=make_sender(asks_first=False))
    queue(2)
    page = {"status": 502, "body": "<html><head><title>502 Bad Gateway</title></head></html>"}
    with serving(api(page)) as gateway:
        run_until_idle(gateway, budget=60.0)
    attempt = lane.attempts.earliest("pk")
    assert states() == {"uncertain": 1, "sent": 1}
    assert (attempt.http_status, attempt.detail) == (502, "HTTP 502: 502 Bad Gateway")


@pytest.mark.parametrize(
    ("identity", "receipt_id"),
    [
        (f"true_{PERSON}@c.us_3EB0AA11", f"true_{LID}_3EB0AA11"),
        (
            {"id": "3EB0AA11", "_serialized": f"true_{PERSON}@c.us_3EB0AA11"},
            {"id": "3EB0AA11", "_serialized": f"true_{LID}_3EB0AA11"},
        ),
    ],
)
def test_br_064_the_id_of_a_message_is_that_of_its_receipts(identity, receipt_id):
    make_lane(sender=make_sender(asks_first=False))
    queue(1)
    api = WppConnect({"status": 201, "body": {"status": "success", "response": [{"id": identity}]}})
    with serving(api) as gateway:
        run_until_idle(gateway)
    [receipt] = WppConnectHook().read({"event": "onack", "id": receipt_id, "ack": 2}).news
    assert Delivery.objects.get().gateway_message_id == receipt.message_id == "3EB0AA11"


@pytest.mark.parametrize(
    ("api", "state", "kind"),
    [
        (Gowa(gowa_says(400, "VALIDATION_ERROR", "message: cannot be blank.")), "failed", "rejected_content"),
        (Gowa(gowa_says(400, "INVALID_JID", f"Phone {PERSON} is not on whatsapp")), "failed", "not_on_whatsapp"),
        (WppConnect(DOUBTED), "uncertain", "uncertain"),  # it says no, and sends
        (
            WppConnect({"status": 401, "body": {"message": "Sending the file is mandatory"}}),
            "failed",
            "rejected_content",
        ),
    ],
    ids=["gowa", "gowa, no WhatsApp", "wppconnect, no WhatsApp", "wppconnect, no file"],
)
def test_br_065_br_067_a_4xx_is_no_success_and_stops_nobody(api, state, kind):
    lane = make_lane(sender=make_sender(asks_first=False))
    make_settings(breaker_threshold=2)
    queue(3)
    with serving(api) as gateway:
        run_until_idle(gateway, budget=60.0)
    lane.refresh_from_db()
    [wrong] = Delivery.objects.exclude(status="sent")
    assert (wrong.status, wrong.error_kind, wrong.attempts_made) == (state, kind, 1)
    assert (api.messages, lane.pause_reason) == (3, "")
    assert PERSON not in wrong.error_detail


@pytest.mark.parametrize(
    "api",
    [
        Gowa({"status": 401, "body": "Unauthorized"}),
        WppConnect({"status": 401, "body": {"error": "Check that the Session"}}),
    ],
    ids=["gowa", "wppconnect"],
)
def test_br_065_a_wrong_key_stops_the_number_and_fails_nobody(api):
    lane = make_lane(sender=make_sender(asks_first=False))
    queue(2)
    with serving(api) as gateway:
        run_until_idle(gateway, budget=60.0)
    lane.refresh_from_db()
    assert (lane.is_stopped, lane.pause_reason, states()) == (True, "auth", {"pending": 2})


@pytest.mark.parametrize(
    "response", [[], [{}], [{"id": f"true_{PERSON}@c.us_3EB0AA11", "ack": -1}]], ids=["nobody", "no id", "failed"]
)
def test_br_070_success_around_nothing_is_no_success(response):
    make_lane(sender=make_sender(asks_first=False))
    queue(3)
    api = WppConnect(WppConnect.good, {"status": 201, "body": {"status": "success", "response": response}})
    with serving(api) as gateway:
        run_until_idle(gateway, budget=60.0)
    assert list(Delivery.objects.order_by("slot").values_list("status", flat=True)) == ["sent", "uncertain", "sent"]


# --- 8 Delivery webhooks ------------------------------------------------------------------------------------------


def gowa_ack(receipt_type: str, *ids: Any, **payload: Any) -> dict[str, Any]:
    chat = f"{PERSON}@s.whatsapp.net"
    values = {"ids": list(ids), "chat_id": chat, "from": chat, "receipt_type": receipt_type}
    return {"event": "message.ack", "payload": values | payload}


def test_br_128_what_nobody_understands_spoils_nothing_and_is_counted():
    assert [GowaHook().read(body).faults for body in ([], {"event": "message"})] == [["TypeError"], ["KeyError"]]
    found = GowaHook().read(gowa_ack("read", None, {"id": 1}, "3EB0BB22")).news
    assert [receipt.message_id for receipt in found] == ["3EB0BB22"]


def test_br_129_a_post_counts_only_with_the_signature_of_its_own_bytes():
    body = json.dumps(gowa_ack("read", "3EB0AA11")).encode()
    secret = "una-frase-larga-de-prueba"

    def signature(content: bytes, key: str) -> dict[str, str]:
        return {"x-hub-signature-256": "sha256=" + hmac.new(key.encode(), content, hashlib.sha256).hexdigest()}

    cases = [signature(body, secret), {}, signature(body + b" ", secret), signature(body, "otra")]
    assert [GowaHook().is_genuine(headers, body, secret) for headers in cases] == [True, False, False, False]
    assert not GowaHook().is_genuine(signature(body, "secret"), body, "secret")  # GOWA's default: anybody could sign


def test_br_130_an_id_without_a_number_matches_by_message_and_never_becomes_a_number():
    gowa = GowaHook().read(gowa_ack("read", "3EB0AA11", chat_id=LID, **{"from": LID}, from_lid=LID))
    wppconnect = WppConnectHook().read({"event": "onack", "id": f"true_{LID}_3EB0AA11", "to": LID, "ack": 3})
    for reading in (gowa, wppconnect):
        [receipt] = reading.news
        assert (receipt.message_id, receipt.chat_id, receipt.phone) == ("3EB0AA11", LID, "")


def test_br_131_each_id_of_a_post_is_reported_by_itself():
    found = GowaHook().read(gowa_ack("delivered", "3EB0AA11", "3EB0BB22")).news
    assert [receipt.message_id for receipt in found] == ["3EB0AA11", "3EB0BB22"]


def test_br_133_each_gateway_has_its_own_scale():
    numbers = [
        WppConnectHook().read({"event": "onack", "id": "3EB0AA11", "to": "", "ack": ack}) for ack in range(-1, 7)
    ]
    words = [GowaHook().read(gowa_ack(word, "3EB0AA11")) for word in ("retry", "delivered", "read", "played", "sent")]

    assert [[receipt.status for receipt in reading.news] for reading in numbers] == [
        [R.FAILED],
        [],
        [R.SENT],
        [R.DELIVERED],
        [R.READ],
        [R.READ],
        [],
        [],
    ]
    assert [len(reading.faults) for reading in numbers] == [0, 0, 0, 0, 0, 0, 0, 1]
    assert [[receipt.status for receipt in reading.news] for reading in words] == [
        [],
        [R.DELIVERED],
        [R.READ],
        [R.READ],
        [],
    ]
    assert [len(reading.faults) for reading in words] == [0, 0, 0, 0, 1]
