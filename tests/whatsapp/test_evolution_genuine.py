"""Whether a post is of our own Evolution API: by a secret in a header, or by a token that the secret signed."""

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.factories import NOW
from whatsapp.webhooks.evolution import EvolutionHook
from whatsapp.webhooks.evolution_token import is_signed

SECRET = "secreto-de-prueba"


def is_genuine(headers: dict[str, str], secret: str = SECRET) -> bool:
    return EvolutionHook().is_genuine(headers, b"{}", secret)


def encoded(part: Any) -> str:
    text = part if isinstance(part, str) else json.dumps(part)
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def token(claims: Any = None, *, secret: str = SECRET, header: Any = None, now: datetime | None = None) -> str:
    """As Evolution API makes it."""
    issued = int((now or datetime.now(UTC)).timestamp())
    usual = {"iat": issued, "exp": issued + 600, "app": "evolution", "action": "webhook"}
    signed = f"{encoded(header or {'alg': 'HS256', 'typ': 'JWT'})}.{encoded(usual if claims is None else claims)}"
    return f"{signed}.{signature(signed, secret)}"


def signature(signed: str, secret: str = SECRET) -> str:
    digest = hmac.new(secret.encode(), signed.encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def test_secret_in_our_header():
    assert is_genuine({"x-pregonero-secret": SECRET})


@pytest.mark.parametrize("given", ["", SECRET.upper(), SECRET + " ", SECRET[:-1], "eñe", "\udcff"])
def test_other_secret_in_our_header(given):
    assert not is_genuine({"x-pregonero-secret": given})


def test_secret_somewhere_else_is_not_enough():
    assert not is_genuine({"authorization": SECRET, "apikey": SECRET, "x-secret": SECRET})
    assert not is_genuine({"authorization": f"Bearer {SECRET}"})
    assert not is_genuine({})


def test_nothing_is_genuine_without_a_secret():
    empty = token(secret="")
    assert not is_genuine({"x-pregonero-secret": "", "authorization": f"Bearer {empty}"}, "")


@pytest.mark.parametrize("scheme", ["Bearer ", "bearer ", "  Bearer   "])
def test_token_of_ten_minutes(scheme):
    assert is_genuine({"authorization": scheme + token()})


@pytest.mark.parametrize("scheme", ["", "Basic ", "Token ", "Bearer"])
def test_token_under_another_name_is_none(scheme):
    assert not is_genuine({"authorization": scheme + token()})


def test_token_that_another_secret_has_signed():
    assert not is_genuine({"authorization": f"Bearer {token(secret='otro')}"})


def test_token_beside_a_wrong_header_is_still_genuine():
    assert is_genuine({"x-pregonero-secret": "otro", "authorization": f"Bearer {token()}"})


@pytest.mark.parametrize(("after", "signed"), [(0, True), (599, True), (659, True), (660, False), (86_400, False)])
def test_token_runs_out_a_minute_late_for_the_sake_of_its_clock(after, signed):
    made = f"Bearer {token(now=NOW)}"
    assert is_signed(made, SECRET, now=NOW + timedelta(seconds=after)) is signed


@pytest.mark.parametrize("ends", [None, True, "9999999999", [], {"a": 1}, float("nan")])
def test_token_that_never_runs_out_is_none(ends):
    assert not is_signed(f"Bearer {token({'exp': ends})}", SECRET, now=datetime(1970, 1, 1, tzinfo=UTC))


@pytest.mark.parametrize("claims", [[], "exp", {}, "{", "[" * 5000, None])
def test_claims_that_are_none(claims):
    made = token(claims) if claims is not None else token().rpartition(".")[0].partition(".")[0]
    assert not is_genuine({"authorization": f"Bearer {made}"})


@pytest.mark.parametrize("algorithm", ["none", "HS512", "RS256", "hs256", None])
def test_token_may_not_choose_how_it_is_signed(algorithm):
    made = token(header={"alg": algorithm, "typ": "JWT"})
    assert not is_genuine({"authorization": f"Bearer {made}"})


@pytest.mark.parametrize(
    "spoil",
    [
        lambda made: made.rpartition(".")[0] + ".",
        lambda made: made.rpartition(".")[0],
        lambda made: made + "=",
        lambda made: made + ".x",
        lambda made: "." + made,
        lambda made: made.replace(".", "..", 1),
        lambda made: made[:-1],
        lambda made: made + "ñ",
        lambda made: "\udcff" + made,
        lambda made: f"{encoded({'alg': 'HS256'})}.{encoded({'exp': 9_999_999_999})}.{made.rpartition('.')[2]}",
    ],
)
def test_spoiled_token(spoil):
    assert not is_genuine({"authorization": f"Bearer {spoil(token())}"})
