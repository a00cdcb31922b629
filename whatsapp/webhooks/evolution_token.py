"""The token with which Evolution API signs its posts where it is given a `jwt_key`: a JWT, HS256, ten minutes long."""

import base64
import binascii
import hashlib
import hmac
import json
from datetime import datetime
from typing import Any

from whatsapp.webhooks.base import same

CLOCKS_DIFFER = 60.0  # seconds that the gateway's clock may be behind ours


def is_signed(authorization: str, secret: str, *, now: datetime) -> bool:
    """Whether the header carries a token that this secret has signed, and that has not run out.

    Nothing of a token is read before its signature has been found right. The one way to sign is ours to choose, not
    the token's: it may only agree.
    """
    scheme, _, token = authorization.strip().partition(" ")
    signed, _, signature = token.strip().rpartition(".")
    if scheme.lower() != "bearer" or not same(_signature(signed, secret), signature):
        return False
    header, _, claims = signed.partition(".")
    if _part(header).get("alg") != "HS256":
        return False
    ends = _part(claims).get("exp")
    return isinstance(ends, int | float) and not isinstance(ends, bool) and now.timestamp() < ends + CLOCKS_DIFFER


def _signature(signed: str, secret: str) -> str:
    digest = hmac.new(secret.encode(), signed.encode("utf-8", "surrogatepass"), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def _part(encoded: str) -> dict[str, Any]:
    try:
        part = json.loads(base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4)))
    except (ValueError, binascii.Error, RecursionError):
        return {}
    return part if isinstance(part, dict) else {}
