"""Meta's answers and posts, as they look. Everything in them is made up."""

import json
from typing import Any

import responses

from whatsapp.gateways.base import Connection
from whatsapp.gateways.cloud import CloudGateway

URL = "https://graph.test"
NUMBER, ACCOUNT, TOKEN = "222000111", "111000222", "EAAtokenDePrueba"
NODE = f"{URL}/v25.0/{NUMBER}"
MESSAGES, MEDIA = f"{NODE}/messages", f"{NODE}/media"
BSUID = "US.13491208655302741918"


def gateway(**changes: Any) -> CloudGateway:
    values: dict[str, Any] = {"session_name": NUMBER, "api_key": TOKEN, "options": {"account": ACCOUNT}}
    return CloudGateway(Connection(**{"base_url": URL} | values | changes))


def taken(message_id: str = "wamid.AAAA", **contact: str) -> dict[str, Any]:
    contact = contact or {"input": "573000000001", "wa_id": "573000000001"}
    return {"messaging_product": "whatsapp", "contacts": [contact], "messages": [{"id": message_id}]}


def fault(code: int | None, message: str = "Something", details: str = "", **more: Any) -> dict[str, Any]:
    data = {"error_data": {"messaging_product": "whatsapp", "details": details}} if details else {}
    named = {} if code is None else {"code": code}
    return {
        "error": {
            "message": f"(#{code}) {message}",
            "type": "OAuthException",
            "fbtrace_id": "A1",
            **named,
            **data,
            **more,
        }
    }


def bodies(web: responses.RequestsMock, address: str = MESSAGES) -> list[Any]:
    """What was posted there, in order."""
    return [json.loads(call.request.body) for call in web.calls if call.request.url == address]


def post(*changes: dict[str, Any], account: str = ACCOUNT) -> dict[str, Any]:
    return {"object": "whatsapp_business_account", "entry": [{"id": account, "changes": list(changes)}]}


def messages(*, number: str = NUMBER, **value: Any) -> dict[str, Any]:
    """A change of the field that carries statuses and replies."""
    metadata = {"display_phone_number": "12025550100", "phone_number_id": number}
    return {"field": "messages", "value": {"messaging_product": "whatsapp", "metadata": metadata, **value}}


def status(word: str, message_id: str = "wamid.AAAA", **more: Any) -> dict[str, Any]:
    return {"id": message_id, "status": word, "timestamp": "1790000000", "recipient_id": "573000000001", **more}
