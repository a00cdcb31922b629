"""What is posted to Meta for one message, and what its answer says."""

import re
from collections.abc import Mapping
from typing import Any

from whatsapp.gateways.answers import ID_LENGTH, look
from whatsapp.gateways.base import Accepted, Document, Message, Parameter, Picture, TemplateUse
from whatsapp.gateways.cloud_templates import cleaned
from whatsapp.gateways.http import Answer

REFERENCE_LENGTH = 512
BSUID = re.compile(r"[A-Z]{2}\.(?:ENT\.)?[A-Za-z0-9]{1,128}")  # Meta's id of a person who may hide their number
_NUMBER = re.compile(r"\+?(\d{7,15})(?:@(?:c\.us|s\.whatsapp\.net))?")


def media_of(message: Message) -> Picture | Document | None:
    return message.document or message.picture


def payload_of(message: Message, media_id: str = "") -> dict[str, Any]:
    """`media_id`: of the message's picture or document, which was handed over before."""
    payload = {"messaging_product": "whatsapp", "recipient_type": "individual", **_recipient(message)}
    payload |= _content(message, _media(message, media_id))
    if message.reference:
        payload["biz_opaque_callback_data"] = message.reference[:REFERENCE_LENGTH]
    return payload


def _recipient(message: Message) -> dict[str, str]:
    """An id that another gateway gave, and that Meta would not know, is no reason to miss the person."""
    if BSUID.fullmatch(message.recipient_id):
        return {"recipient": message.recipient_id}
    found = _NUMBER.fullmatch(message.recipient_id)
    return {"to": found[1] if found else re.sub(r"\D", "", message.phone)}


def _media(message: Message, media_id: str) -> tuple[str, dict[str, str]] | None:
    if message.document:
        return "document", {"id": media_id, "filename": message.document.filename}
    return ("image", {"id": media_id}) if message.picture else None


def _content(message: Message, media: tuple[str, dict[str, str]] | None) -> dict[str, Any]:
    if message.template:
        return {"type": "template", "template": _template(message.template, media)}
    if media is None:
        return {"type": "text", "text": {"preview_url": False, "body": message.text}}
    kind, file = media
    return {"type": kind, kind: file | ({"caption": message.text} if message.text else {})}


def _template(use: TemplateUse, media: tuple[str, dict[str, str]] | None) -> dict[str, Any]:
    header = [{"type": media[0], media[0]: media[1]}] if media else [_parameter(part) for part in use.header]
    components: list[dict[str, Any]] = []
    if header:
        components.append({"type": "header", "parameters": header})
    if use.body:
        components.append({"type": "body", "parameters": [_parameter(part) for part in use.body]})
    components += [
        {"type": "button", "sub_type": "url", "index": str(part.index), "parameters": [_parameter(part)]}
        for part in use.buttons
    ]
    named: dict[str, Any] = {"name": use.name, "language": {"code": use.language}}
    return named | ({"components": components} if components else {})


def _parameter(part: Parameter) -> dict[str, str]:
    named = {"parameter_name": part.name} if part.name else {}
    return {"type": "text", **named, "text": cleaned(part.text)}


def accepted_in(answer: Answer) -> Accepted | None:
    """None where Meta does not say that it took the message. One that it holds back for a look was taken too."""
    body = answer.json()
    if not answer.is_success or not isinstance(body, Mapping) or body.get("error"):
        return None
    message_id = look(_first(body.get("messages")), "id")
    if not isinstance(message_id, str) or not message_id.strip():
        return None
    return Accepted(message_id.strip()[:ID_LENGTH], answer.status)


def _first(value: Any) -> Any:
    return value[0] if isinstance(value, list) and value else None
