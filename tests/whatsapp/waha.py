"""What tests of the WAHA adapter have in common: a number behind it, and answers as it gives them."""

import json
from pathlib import Path
from typing import Any

import pytest
import responses

from whatsapp.gateways.base import Accepted, Connection, GatewayError, Message
from whatsapp.gateways.waha import WahaGateway

DATA = Path(__file__).parent.parent / "data"
URL = "http://waha.test:3000"
KEY = "clave-de-prueba"
MESSAGE = Message("+573000000001", "Hola Ana, tu entrada para la función del sábado")
HTML = "<html><head><title>{0}</title></head><body><h1>{0}</h1></body></html>"


def gateway(**connection: Any) -> WahaGateway:
    return WahaGateway(Connection(URL, **({"session_name": "eventos", "api_key": KEY} | connection)))


def recorded(name: str) -> dict[str, Any]:
    return json.loads((DATA / "gateway" / name).read_text())


def as_text(body: Any) -> str:
    return body if isinstance(body, str) else json.dumps(body)


def send(message: Message = MESSAGE, **connection: Any) -> Accepted:
    return gateway(**connection).send(message)


def answer(web: responses.RequestsMock, status: int, body: Any, headers: dict[str, str] | None = None) -> None:
    web.post(f"{URL}/api/sendText", body=as_text(body), status=status, headers=headers or {})


def error_of(
    web: responses.RequestsMock, status: int, body: Any, headers: dict[str, str] | None = None
) -> GatewayError:
    answer(web, status, body, headers)
    with pytest.raises(GatewayError) as caught:
        send()
    assert caught.value.http_status == status
    return caught.value


def thrown(text: str, message: Message = MESSAGE) -> dict[str, Any]:
    """A 500 of WAHA: what its engine threw, and our whole request."""
    return {
        "statusCode": 500,
        "timestamp": "2026-08-08T12:00:00.000Z",
        "exception": {
            "message": text,
            "code": 2,
            "name": "Error",
            "stack": f"Error: {text}\n    at callErrorFromStatus",
        },
        "request": {
            "path": "/api/sendText",
            "method": "POST",
            "body": {"session": "eventos", "chatId": f"{message.phone[1:]}@c.us", "text": message.text},
            "query": {},
        },
        "version": {"version": "2026.7.2", "engine": "GOWS", "tier": "CORE"},
    }
