"""Meta's list of approved templates."""

import pytest
import requests
import responses

from tests.whatsapp.cloud_answers import ACCOUNT, TOKEN, URL, fault, gateway
from whatsapp.gateways import cloud_list
from whatsapp.gateways.base import ErrorKind, GatewayError, OutcomeUnknown, Stopped, Template, Unreachable

LIST = f"{URL}/v25.0/{ACCOUNT}/message_templates"
BODY = {"type": "BODY", "text": "Hola {{1}}", "example": {"body_text": [["Ana"]]}}
ROW = {
    "id": "594425479261596",
    "name": "entrada",
    "language": "es_CO",
    "category": "UTILITY",
    "status": "APPROVED",
    "parameter_format": "POSITIONAL",
    "components": [BODY],
}


@pytest.fixture
def web():
    with responses.RequestsMock() as mock:
        yield mock


def page(*rows: object, after: str = "", more: bool = True) -> dict[str, object]:
    following = {"next": f"https://elsewhere.test/?access_token={TOKEN}"} if after and more else {}
    return {"data": list(rows), "paging": {"cursors": {"before": "x", "after": after}, **following}}


def test_list_is_asked_of_the_account(web):
    web.get(LIST, json=page(ROW))
    assert gateway().templates() == [Template("entrada", "es_CO", "UTILITY", "APPROVED", (BODY,), False)]
    request = web.calls[0].request
    assert request.params == {"fields": "name,language,category,status,components,parameter_format", "limit": "100"}
    assert request.headers["Authorization"] == f"Bearer {TOKEN}"


def test_named_places_are_told(web):
    web.get(LIST, json=page(ROW | {"parameter_format": "NAMED"}))
    assert gateway().templates()[0].has_named_parameters is True


def test_pages_are_followed_by_their_cursor_and_never_to_another_address(web):
    web.get(LIST, json=page(ROW, after="dos"))
    web.get(LIST, json=page(ROW | {"language": "en_US"}, after="tres", more=False))
    assert [template.language for template in gateway().templates()] == ["es_CO", "en_US"]
    assert [call.request.params.get("after") for call in web.calls] == [None, "dos"]


def test_list_that_does_not_end_is_no_list(web, monkeypatch):
    monkeypatch.setattr(cloud_list, "MOST_PAGES", 3)
    web.get(LIST, json=page(ROW, after="siempre"))
    with pytest.raises(Unreachable):
        gateway().templates()
    assert len(web.calls) == 3


@pytest.mark.parametrize("row", [None, "x", {}, ROW | {"name": ""}, ROW | {"name": 7}, ROW | {"language": None}])
def test_row_that_nobody_understands_spoils_no_other(web, row):
    web.get(LIST, json=page(row, ROW))
    assert [template.name for template in gateway().templates()] == ["entrada"]


@pytest.mark.parametrize(
    ("components", "parts"), [(None, ()), (7, ()), ({"type": "BODY"}, ()), ([None, BODY], (BODY,))]
)
def test_parts_in_no_known_shape(web, components, parts):
    web.get(LIST, json=page(ROW | {"components": components}))
    assert gateway().templates()[0].parts == parts


def test_page_may_be_long(web):
    long = BODY | {"text": "x" * 1024}
    web.get(LIST, json=page(*[ROW | {"name": f"n{number}", "components": [long]} for number in range(100)]))
    assert len(gateway().templates()) == 100


@pytest.mark.parametrize(
    ("answer", "error", "kind"),
    [
        ({"status": 401, "json": fault(190)}, Stopped, ErrorKind.AUTH),
        ({"status": 400, "json": fault(100, "Object with ID '1' does not exist")}, Stopped, ErrorKind.AUTH),
        ({"status": 400, "json": fault(80008)}, GatewayError, ErrorKind.RATE_LIMITED),
        ({"status": 200, "json": fault(190)}, Stopped, ErrorKind.AUTH),
        ({"status": 200, "json": {"data": None}}, Unreachable, ErrorKind.UNREACHABLE),
        ({"status": 200, "body": "{"}, Unreachable, ErrorKind.UNREACHABLE),
        ({"body": requests.ReadTimeout()}, OutcomeUnknown, ErrorKind.UNCERTAIN),
    ],
)
def test_half_a_list_is_none(web, answer, error, kind):
    web.get(LIST, json=page(ROW, after="dos"))
    web.get(LIST, **answer)
    with pytest.raises(error) as caught:
        gateway().templates()
    assert caught.value.kind is kind


def test_without_the_account_nothing_is_asked():
    with pytest.raises(Stopped):
        gateway(options={}).templates()
