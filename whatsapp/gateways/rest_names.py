"""What plain REST services call the same things: {"phone", "message"} here is {"number", "text"} there."""

from whatsapp.gateways.base import _
from whatsapp.gateways.names import NameField

_WORD = r"[A-Za-z0-9_-]{1,60}"
_WORD_RULE = _("Only letters without accents, digits, hyphens and underscores, and at most 60 of them.")
# What a request has by itself. With the key in one of these it would not arrive as what it is.
_TAKEN = "accept|accept-.*|connection|content-.*|expect|host|keep-alive|proxy-.*|te|trailer|transfer-encoding|upgrade"
_TOKEN = rf"(?!(?i:{_TAKEN})\Z)[A-Za-z0-9!#$%&'*+.^_`|~-]{{1,60}}"
_TOKEN_RULE = _(
    "This cannot be a header for a key. Its name has no blanks and no accents, at most 60 characters, and is none that "
    "every request has, such as Host."
)

PHONE = NameField(
    "phone_field",
    _("field for the number"),
    _("Empty: “phone”."),
    pattern=_WORD,
    usual="phone",
    place="body",
    rule=_WORD_RULE,
)
TEXT = NameField(
    "text_field",
    _("field for the text"),
    _("Empty: “message”."),
    pattern=_WORD,
    usual="message",
    place="body",
    rule=_WORD_RULE,
)
PICTURE = NameField(
    "picture_field",
    _("field for the picture"),
    _("Empty: “imageBase64”. The picture is sent as a data URL."),
    pattern=_WORD,
    usual="imageBase64",
    place="body",
    rule=_WORD_RULE,
)
KEY_HEADER = NameField(
    "key_header",
    _("header for the key"),
    _("Empty: “X-Api-Key”. In “Authorization” the key is sent as a bearer token."),
    pattern=_TOKEN,
    usual="X-Api-Key",
    place="headers",
    rule=_TOKEN_RULE,
)
