"""How WPPConnect names states and chats, in its answers and in what it posts."""

from collections.abc import Mapping

from whatsapp.gateways.base import State

_WORDS = {
    State.READY: ("connected", "islogged", "inchat", "chatsavailable"),
    State.STARTING: ("initializing", "qrreadsuccess"),
    State.NEEDS_QR: ("qrcode", "phonecode", "notlogged"),
    State.LOGGED_OUT: ("disconnectedmobile", "desconnectedmobile", "deletetoken"),
    State.FAILED: (
        "closed",
        "qrreadfail",
        "qrreaderror",
        "autoclosecalled",
        "browserclose",
        "serverclose",
        "phonenotconnected",
    ),
}
STATES = {word: state for state, words in _WORDS.items() for word in words}  # words in small letters


def chat_of(value: object) -> str:
    """The id of a chat, which comes as text or as an object around it; empty where there is none."""
    if isinstance(value, Mapping):
        value = value.get("_serialized")
    return value if isinstance(value, str) else ""
