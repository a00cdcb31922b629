"""What Meta posts about a number, its account and its templates."""

import hashlib
import hmac
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from whatsapp.gateways.answers import look
from whatsapp.webhooks.base import Hook, News, hmac_matches, same
from whatsapp.webhooks.cloud_account import account_news, template_news
from whatsapp.webhooks.cloud_people import Part, receipts, replies, wishes

TOKEN_LENGTH = 32
_CHALLENGE = re.compile(r"[\w.-]{1,200}", re.ASCII)

_OF_A_NUMBER = {"statuses": receipts, "messages": replies, "user_preferences": wishes}
_OF_THE_ACCOUNT = {"account_update": account_news, "message_template_status_update": template_news}
_READERS = _OF_A_NUMBER | _OF_THE_ACCOUNT


def verify_token(secret: str) -> str:
    """What to type into Meta's form as the verify token: made from the app secret, which it does not give away."""
    return hmac.new(secret.encode(), b"verify token", hashlib.sha256).hexdigest()[:TOKEN_LENGTH]


class CloudHook(Hook):
    most_bytes = 3 * 1024 * 1024  # what Meta says that a batch may have

    def is_genuine(self, headers: Mapping[str, str], body: bytes, secret: str) -> bool:
        algorithm, _separator, claimed = headers.get("x-hub-signature-256", "").partition("=")
        return bool(secret) and algorithm == "sha256" and hmac_matches(body, secret, claimed, "sha256")

    def challenge(self, query: Mapping[str, str], secret: str) -> str | None:
        if not secret or query.get("hub.mode") != "subscribe":
            return None
        word = query.get("hub.challenge", "")
        is_known = same(verify_token(secret), query.get("hub.verify_token", ""))
        return word if is_known and _CHALLENGE.fullmatch(word) else None

    def verify_token(self, secret: str) -> str:
        return verify_token(secret)

    def items(self, body: Any) -> Iterable[Any]:
        if body["object"] != "whatsapp_business_account":
            raise ValueError("not about WhatsApp")
        return [part for entry in body["entry"] for part in _parts(entry)]

    def read_item(self, item: Any, options: Mapping[str, str]) -> Iterable[News]:
        """Where `options` holds `session_name` too, what belongs to other numbers is passed over."""
        if not isinstance(item, Part):
            raise TypeError("not a part of a post")
        return _READERS[item.kind](item) if _is_ours(item, options) else ()


def _parts(entry: Any) -> Iterator[Any]:
    """What has no known shape is handed on as it is, so that it is a fault of its own and not of the whole post."""
    changes = look(entry, "changes")
    if not isinstance(changes, list):
        yield entry
        return
    account = str(entry.get("id") or "")
    for change in changes:
        value = look(change, "value")
        if not isinstance(value, Mapping):
            yield change
            continue
        kind = str(change.get("field"))
        if kind in _OF_THE_ACCOUNT:
            yield Part(kind, value, value, account)
        for name in _OF_A_NUMBER:
            yield from _listed(name, value, account)


def _listed(name: str, value: Mapping[str, Any], account: str) -> Iterator[Any]:
    contents = value.get(name, [])
    if not isinstance(contents, list):
        yield contents
        return
    for content in contents:
        yield Part(name, content, value, account) if isinstance(content, Mapping) else content


def _is_ours(part: Part, options: Mapping[str, str]) -> bool:
    """Meta posts for all numbers of an app to one address, unless it is told another one for a number."""
    if part.kind in _OF_A_NUMBER:
        ours = options.get("session_name", "")
        return not ours or str(part.value["metadata"]["phone_number_id"]) == ours
    ours = options.get("account", "")
    return not ours or not part.account or part.account == ours
