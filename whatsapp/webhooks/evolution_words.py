"""What somebody wrote, wherever in a WhatsApp message it stands."""

from collections.abc import Mapping

_WRAPPERS = (
    "ephemeralMessage",
    "viewOnceMessage",
    "viewOnceMessageV2",
    "viewOnceMessageV2Extension",
    "documentWithCaptionMessage",
)
_PLACES = (
    "conversation",
    "extendedTextMessage.text",
    "imageMessage.caption",
    "videoMessage.caption",
    "documentMessage.caption",
    "buttonsResponseMessage.selectedDisplayText",
    "buttonsResponseMessage.selectedButtonId",
    "templateButtonReplyMessage.selectedDisplayText",
    "templateButtonReplyMessage.selectedId",
    "listResponseMessage.title",
    "listResponseMessage.singleSelectReply.selectedRowId",
    "interactiveResponseMessage.body.text",
)
# Notes between the programs, and what is said about another message instead of to us.
_NOT_WRITTEN = {
    "messageContextInfo",
    "senderKeyDistributionMessage",
    "protocolMessage",
    "editedMessage",
    "reactionMessage",
    "encReactionMessage",
    "pollUpdateMessage",
    "keepInChatMessage",
    "pinInChatMessage",
}
_DEPTH = 3


def words_in(message: Mapping[str, object]) -> str:
    """Empty for a voice note or a picture without a caption."""
    texts = (_at(_unwrapped(message), place) for place in _PLACES)
    return next((text for text in texts if isinstance(text, str) and text.strip()), "")


def is_written(message: Mapping[str, object]) -> bool:
    """Whether a person wrote or sent something, even if it has no words."""
    return bool(_unwrapped(message).keys() - _NOT_WRITTEN)


def _unwrapped(message: Mapping[str, object]) -> Mapping[str, object]:
    for _ in range(_DEPTH):
        inner = next((found for name in _WRAPPERS if isinstance(found := _at(message, f"{name}.message"), dict)), None)
        if inner is None:
            break
        message = inner
    return message


def _at(value: object, path: str) -> object:
    for name in path.split("."):
        value = value.get(name) if isinstance(value, Mapping) else None
    return value
