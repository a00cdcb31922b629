"""What Evolution API says of an instance: its connection, the code to scan, and why it ended.

Two sources are needed. The connection is the live one. What the gateway has on record tells whether the number was
ever linked and why it was cut off; it also holds the instance's token, so that only single fields of it are read.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from whatsapp.gateways.answers import error_text, look
from whatsapp.gateways.base import State, Status, _
from whatsapp.gateways.evolution_errors import is_about_instance
from whatsapp.gateways.evolution_reasons import end_for
from whatsapp.gateways.http import Answer
from whatsapp.gateways.meanings import WRONG_ADDRESS
from whatsapp.gateways.qr_images import code_text, png_in_data_url
from whatsapp.gateways.scrubbing import scrub
from whatsapp.gateways.strangers import status_of_stranger

OPEN, CONNECTING, CLOSE = "open", "connecting", "close"
NO_INSTANCE = _("the instance does not exist")
NOT_LOADED = _("the gateway does not run this instance")
NOT_CONNECTED = _("not connected to WhatsApp")
NOT_LINKED = _("not linked with a phone yet; a restart asks for a code")


def connection_in(answer: Answer) -> str:
    """The live state in its own word; empty where there is none."""
    state = look(answer.json(), "instance.state") if answer.is_success else None
    return state.strip().lower() if isinstance(state, str) else ""


def status_from(answer: Answer, *, secrets: Iterable[str] = ()) -> Status:
    """Of an answer that needs no second question: ready, or something is wrong."""
    if not answer.is_success:
        return _refused(answer, scrub(error_text(answer), secrets=secrets))
    instance, state = look(answer.json(), "instance"), connection_in(answer)
    if not isinstance(instance, Mapping):
        return Status(State.UNREACHABLE, WRONG_ADDRESS.hint)
    if state == OPEN:
        return Status(State.READY)
    # An instance without a state is on record and not in memory: one that was deleted a moment ago looks like this.
    return (
        Status(State.UNKNOWN, scrub(f"state {state}", secrets=secrets)) if state else Status(State.FAILED, NOT_LOADED)
    )


def _refused(answer: Answer, said: str) -> Status:
    if is_about_instance(answer):
        # It is looked for before the key is: this says nothing about the key.
        return Status(State.FAILED, NO_INSTANCE)
    if answer.status == 404:
        return Status(State.UNREACHABLE, f"HTTP 404: {WRONG_ADDRESS.hint}")
    return status_of_stranger(answer, said)


def record_in(answer: Answer, name: str) -> Mapping[str, Any]:
    """What the gateway has on record of the instance `name`; empty where it does not say."""
    body = answer.json() if answer.is_success else None
    rows = body if isinstance(body, list) else []
    return next((row for row in rows if isinstance(row, Mapping) and row.get("name", name) == name), {})


def is_linked(record: Mapping[str, Any]) -> bool:
    """The last that was written down is that it was connected: now it finds its way back by itself.

    Then it needs no code, though the gateway still hands out the one with which it was linked long ago.
    """
    return record.get("connectionStatus") == OPEN


def after_close(record: Mapping[str, Any]) -> Status:
    # The code stays on record after the number has been linked anew: it counts only while nothing else followed.
    ended = end_for(record.get("disconnectionReasonCode")) if record.get("connectionStatus", CLOSE) == CLOSE else None
    if ended:
        return Status(*ended)
    if record and not record.get("ownerJid"):
        return Status(State.NEEDS_QR, NOT_LINKED)
    return Status(State.FAILED, NOT_CONNECTED)


def code_in(answer: Answer, *, secrets: Iterable[str] = ()) -> Status:
    """Of the answer to /instance/connect while the number is being connected: a code to scan, or nothing yet."""
    if connection_in(answer) == OPEN:
        return Status(State.READY)
    body = answer.json() if answer.is_success else None
    if not isinstance(body, Mapping) or body.get("error"):
        return Status(State.STARTING, scrub(error_text(answer), secrets=secrets))
    text, image = code_text(body.get("code")), png_in_data_url(body.get("base64"))
    return Status(State.NEEDS_QR if text or image else State.STARTING, qr_text=text, qr_image=image)
