"""An instance of Evolution API that only answers what a test lays out, and how tests ask it."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest
import responses

from whatsapp.gateways.base import Connection, Document, ErrorKind, GatewayError, Message, OutcomeUnknown, Picture
from whatsapp.gateways.evolution import EvolutionGateway

DATA = Path(__file__).parent.parent / "data" / "gateway"
URL = "http://gateway.test:8080"
KEY = "clave-de-prueba"
TEXT, MEDIA = f"{URL}/message/sendText/eventos", f"{URL}/message/sendMedia/eventos"
CHECK = f"{URL}/chat/whatsappNumbers/eventos"
MESSAGE = Message("+573000000001", "Hola Ana, tu entrada para la función del sábado")
PICTURE = Picture(b"\x89PNG", "image/png", "ABCD.png")
WITH_PICTURE = Message(MESSAGE.phone, MESSAGE.text, PICTURE)
WITH_DOCUMENT = Message(MESSAGE.phone, MESSAGE.text, document=Document(b"%PDF", "application/pdf", "ABCD.pdf"))
SENT = {
    "key": {"remoteJid": "573000000001@s.whatsapp.net", "fromMe": True, "id": "3EB0AA11BB22"},
    "pushName": "Taquilla",
    "status": "PENDING",
    "message": {"conversation": MESSAGE.text},
    "messageType": "conversation",
    "messageTimestamp": 1790000000,
    "instanceId": "00000000-0000-4000-8000-000000000001",
    "source": "web",
}
TOKEN = "ficha-de-la-instancia"
PNG = b"\x89PNG\r\n\x1a\nevolution"
NO_INSTANCE = {
    "status": 404,
    "error": "Not Found",
    "response": {"message": ['The "eventos" instance does not exist']},
}
CODE = {
    "pairingCode": None,
    "code": "2@abc,def==",
    "base64": "data:image/png;base64," + base64.b64encode(PNG).decode(),
    "count": 1,
}
HTML = "<html><head><title>{0}</title></head><body><h1>{0}</h1></body></html>"
K = ErrorKind
UNCERTAIN = (OutcomeUnknown, K.UNCERTAIN)


def gateway(**connection: str) -> EvolutionGateway:
    return EvolutionGateway(Connection(URL, **{"session_name": "eventos", "api_key": KEY} | connection))


def answer(web: responses.RequestsMock, status: int, body: Any, url: str = TEXT, **more: Any) -> None:
    web.post(url, body=body if isinstance(body, str) else json.dumps(body), status=status, **more)


def asked(web: responses.RequestsMock) -> dict[str, Any]:
    return json.loads(web.calls[0].request.body)


def recorded(name: str) -> dict[str, Any]:
    return json.loads((DATA / name).read_text())


def failure(status: int, said: Any, error: str = "Bad Request") -> dict[str, Any]:
    return {"status": status, "error": error, "response": {"message": said}}


def error_of(web: responses.RequestsMock, status: int, body: Any, message: Message = MESSAGE) -> GatewayError:
    answer(web, status, body, TEXT if message is MESSAGE else MEDIA)
    with pytest.raises(GatewayError) as caught:
        gateway().send(message)
    assert caught.value.http_status == status
    return caught.value


def meaning_of(*args: Any) -> tuple[type[GatewayError], ErrorKind]:
    error = error_of(*args)
    return type(error), error.kind


def say(web: responses.RequestsMock, path: str, body: Any, http: int = 200, method: str = "GET") -> None:
    web.add(method, URL + path, body=body if isinstance(body, str) else json.dumps(body), status=http)


def say_connection(web: responses.RequestsMock, state: str | None) -> None:
    instance = {"instanceName": "eventos"} | ({} if state is None else {"state": state})
    say(web, "/instance/connectionState/eventos", {"instance": instance})


def say_record(web: responses.RequestsMock, **row: Any) -> None:
    known = {"name": "eventos", "token": TOKEN, "connectionStatus": "close", "disconnectionReasonCode": None}
    say(web, "/instance/fetchInstances?instanceName=eventos", [known | row])


def paths(web: responses.RequestsMock) -> list[str]:
    return [f"{call.request.method} {call.request.path_url}" for call in web.calls]
