"""The fakes answer what the real programs were seen to answer. Else an adapter could agree with a fake and be wrong."""

import json
from typing import Any

import pytest
import requests

from tests.fake_gateway import FakeProcess
from tests.gateways.dialects.all import DIALECTS
from tests.whatsapp.contract.listener import Listener

pytestmark = pytest.mark.processes
PERSON, NOBODY = "12025550123", "12025550999"
DISCONNECTED = {"response": None, "status": "Disconnected", "message": "A sessão do WhatsApp não está ativa."}
UNEXPECTED = "Session status is not as expected. Try again later or restart the session"


def evolution_error(status: int, word: str, message: Any) -> dict[str, Any]:
    return {"status": status, "error": word, "response": {"message": message}}


def key_of(name: str) -> dict[str, str]:
    key = DIALECTS[name].key
    return {
        "rest": {"X-Api-Key": key},
        "waha": {"X-Api-Key": key},
        "evolution": {"apikey": key},
        "gowa": {"X-Device-Id": "taquilla"},
        "wppconnect": {"Authorization": f"Bearer {key}"},
        "cloud": {"Authorization": f"Bearer {key}"},
    }[name]


def ask(fake: FakeProcess, request: str, body: Any = None, headers: dict[str, str] | None = None) -> tuple[int, Any]:
    """`request`: method and path. The status, and the body as JSON or as text."""
    method, path = request.split()
    auth = ("ana", DIALECTS["gowa"].key) if fake.name == "gowa" and headers is None else None
    content = body if isinstance(body, str | None) else json.dumps(body)
    # Exactly application/json has a meaning of its own to one of them.
    kind = {"Content-Type": "application/json; charset=utf-8"} if body is not None else {}
    with requests.Session() as session:
        session.trust_env = False
        answer = session.request(
            method,
            fake.url + path,
            data=content,
            headers=kind | (key_of(fake.name) if headers is None else headers),
            auth=auth,
            allow_redirects=False,
            timeout=30,
        )
    try:
        return answer.status_code, answer.json()
    except ValueError:
        return answer.status_code, answer.text


def case(name: str, request: str, status: int, answer: Any, body: Any = None, **modes: Any) -> Any:
    return pytest.param(name, modes, request, body, status, answer, id=f"{name} {request} {modes.get('phase', '')}")


CLOSED, STARTING = {"phase": "logged_out"}, {"phase": "starting"}
RECORDED = [
    case("wppconnect", "GET /api/taquilla/status-session", 200, {"status": "CLOSED", "qrcode": None, "version": "2.10.4"}, **CLOSED),
    case("wppconnect", "GET /api/taquilla/check-connection-session", 200, {"status": False, "message": "Disconnected"}, **CLOSED),
    case("wppconnect", "POST /api/taquilla/send-message", 404, DISCONNECTED, {"phone": PERSON, "message": "x"}, **CLOSED),
    case("wppconnect", f"GET /api/taquilla/check-number-status/{PERSON}", 404, DISCONNECTED, **CLOSED),
    case("wppconnect", "POST /api/taquilla/start-session", 200, {"status": "CLOSED", "qrcode": None, "session": "taquilla"}, {}, **CLOSED),
    case("wppconnect", "GET /api/taquilla/qrcode-session", 200, {"status": "INITIALIZING", "message": "QRCode is not available..."}, **STARTING),
    case("wppconnect", "POST /api/taquilla/close-session", 500, {"status": False, "message": "Error closing session", "error": {"level": "error"}}, {}, **STARTING),
    case("wppconnect", "POST /api/taquilla/wrong/generate-token", 400, {"response": False, "message": "The SECRET_KEY is incorrect"}),
    case("wppconnect", "POST /api/taquilla/send-message", 404, DISCONNECTED, {"phone": int(PERSON), "message": "x"}),
    case("wppconnect", "POST /api/taquilla/send-message", 201, {"status": "success", "response": [], "mapper": "return"}, {"message": "x"}),
    case("evolution", "GET /instance/connectionState/demo", 404, evolution_error(404, "Not Found", ['The "demo" instance does not exist'])),
    case("evolution", "GET /instance/connectionState/taquilla", 200, {"instance": {"instanceName": "taquilla", "state": "connecting"}}, **STARTING),
    case("evolution", "GET /instance/connect/taquilla", 200, {"count": 0}, **CLOSED),
    case("evolution", "POST /message/sendText/taquilla", 500, evolution_error(500, "Internal Server Error", "Connection Closed"), {"number": PERSON, "text": "x"}, **CLOSED),
    case("evolution", "POST /message/sendText/taquilla", 400, evolution_error(400, "Bad Request", [["Invalid format"]]), {"number": int(PERSON), "text": "x"}),
    case("evolution", "POST /message/sendText/taquilla", 400, evolution_error(400, "Bad Request", ["Text is required"]), {"number": PERSON, "text": ""}),
    case("evolution", "POST /message/sendMedia/taquilla", 400, evolution_error(400, "Bad Request", ["Owned media must be a url or base64"]), {"number": PERSON, "mediatype": "image", "media": "data:image/png;base64,AAAA"}),
    case("evolution", "POST /instance/restart/taquilla", 200, {"error": True, "message": "[object Object]"}, {}, **CLOSED),
    case("evolution", "POST /message/sendText/taquilla", 400, evolution_error(400, "Bad Request", [{"jid": f"{NOBODY}@s.whatsapp.net", "exists": False, "number": NOBODY}]), {"number": NOBODY, "text": "x"}, absent=[NOBODY]),
    case("waha", "GET /api/taquilla/auth/qr", 422, {"error": UNEXPECTED, "session": "taquilla", "status": "FAILED", "expected": ["SCAN_QR_CODE"]}, **CLOSED),
    case("waha", "POST /api/sendText", 422, {"error": UNEXPECTED, "session": "taquilla", "status": "FAILED", "expected": ["WORKING"]}, {"session": "taquilla", "chatId": PERSON, "text": "x"}, **CLOSED),
    case("waha", f"GET /api/contacts/check-exists?phone={NOBODY}&session=taquilla", 200, {"numberExists": False}, absent=[NOBODY]),
    case("waha", f"GET /api/contacts/check-exists?phone={PERSON}&session=taquilla", 200, {"numberExists": True, "chatId": f"{PERSON}@c.us"}),
    case("gowa", "POST /send/message", 401, {"code": "AUTHENTICATION_ERROR", "message": "you are not connect to services server, please reconnect", "results": None}, {"phone": PERSON, "message": "x"}, **CLOSED),
    case("gowa", "POST /send/message", 400, {"code": "INVALID_JID", "message": f"Phone {NOBODY}@s.whatsapp.net is not on whatsapp", "results": None}, {"phone": NOBODY, "message": "x"}, absent=[NOBODY]),
    case("gowa", f"GET /user/check?phone={PERSON}", 200, {"code": "SUCCESS", "message": "Success check user", "results": {"is_on_whatsapp": False}}, variant="lookup_fails"),
    case("rest", "GET /status", 200, {"ready": True, "qr": None, "message": "WhatsApp está listo"}),
    case("rest", "POST /send", 503, {"success": False, "error": "El servicio de WhatsApp no está listo"}, {"phone": PERSON, "message": "x"}, **STARTING),
]  # fmt: skip


@pytest.mark.parametrize(("name", "modes", "request_", "body", "status", "answer"), RECORDED)
def test_recorded(fake_of, name, modes, request_, body, status, answer):
    fake = fake_of(name)
    fake.reset()
    fake.set(**modes)
    assert ask(fake, request_, body) == (status, answer)
    assert fake.messages() == []


def test_wrong_keys(fake_of):
    asked = {
        "rest": "GET /status",
        "waha": "GET /api/sessions/taquilla",
        "evolution": "GET /instance/connectionState/taquilla",
        "gowa": "GET /app/status",
        "wppconnect": "GET /api/taquilla/status-session",
        "cloud": "GET /v25.0/222000111222",
    }
    for name in asked:
        fake_of(name).reset()
    answers = {name: ask(fake_of(name), request, headers={}) for name, request in asked.items()}
    assert {name: status for name, (status, _) in answers.items()} == dict.fromkeys(asked, 401)
    assert answers["waha"][1] == {"message": "Unauthorized", "statusCode": 401}
    assert answers["evolution"][1] == evolution_error(401, "Unauthorized", "Unauthorized")
    assert answers["gowa"][1] == "Unauthorized"  # no JSON, unlike its 401 that means something else
    assert answers["wppconnect"][1] == {"message": "Token is not present. Check your header and try again"}
    assert answers["cloud"][1]["error"]["code"] == 190


# --- the back door ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("modes", [{"phaze": "ready"}, {"trap": "no_such_trap"}])
def test_a_mode_that_there_is_not_is_refused(fake_of, modes):
    with pytest.raises(AssertionError, match="no such"):
        fake_of("waha").set(**modes)


def test_what_a_gateway_does_not_post_is_refused(fake_of):
    with pytest.raises(LookupError):
        fake_of("gowa").session_state("ready")


def test_it_posts_to_this_computer_only(fake_of):
    fake = fake_of("waha")
    fake.post_to("http://192.0.2.1/hooks/")
    with pytest.raises(AssertionError, match="this computer only"):
        fake.reply(PERSON, "BAJA")


def test_meta_asks_whose_address_it_is(fake_of):
    fake = fake_of("cloud")
    with Listener() as listener:
        fake.post_to(listener.url)
        assert (fake.ask("right"), fake.ask("wrong")) == (True, False)


def test_a_page_that_no_such_gateway_has_is_kept(fake_of):
    fake = fake_of("evolution")
    fake.reset()
    ask(fake, "GET /api/sendText")
    assert fake.state()["strange"] == ["GET /api/sendText: there is no such page"]


def test_it_ends_when_whoever_started_it_is_gone():
    """So that nothing is left behind by tests that were killed. And three at once are three."""
    with FakeProcess("waha") as first, FakeProcess("gowa") as second, FakeProcess("waha") as third:
        assert len({first.url, second.url, third.url}) == 3
        first.process.stdin.close()
        assert first.process.wait(timeout=20) == 0
