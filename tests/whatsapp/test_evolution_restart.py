"""The restart of an instance of Evolution API."""

import pytest
import responses

from tests.whatsapp.evolution import CODE, NO_INSTANCE, gateway, paths, say, say_connection
from whatsapp.gateways.base import ErrorKind, GatewayError, NotSent, OutcomeUnknown, Stopped, Unreachable


@pytest.fixture
def web():
    with responses.RequestsMock() as mock:
        yield mock


@pytest.mark.parametrize("state", ["open", "connecting", None])
def test_restart_of_what_runs(web, state):
    say_connection(web, state)
    say(web, "/instance/restart/eventos", {"instance": {"instanceName": "eventos", "state": "open"}}, method="POST")
    assert gateway().restart() == ""
    assert paths(web)[1:] == ["POST /instance/restart/eventos"]


def test_restart_of_what_is_closed_connects_it(web):
    say_connection(web, "close")
    say(web, "/instance/connect/eventos", CODE)
    assert gateway().restart() == ""
    assert paths(web)[1:] == ["GET /instance/connect/eventos"]


@pytest.mark.parametrize(
    ("message", "detail"),
    [
        ("[object Object]", "the gateway answers with an error and does not say which"),
        ("Error: soy +57 300 000 0001", "Error: soy …"),
    ],
)
@pytest.mark.parametrize(("state", "method", "verb"), [("open", "POST", "restart"), ("close", "GET", "connect")])
def test_error_inside_a_success_is_no_restart(web, state, method, verb, message, detail):
    say_connection(web, state)
    say(web, f"/instance/{verb}/eventos", {"error": True, "message": message}, method=method)
    with pytest.raises(NotSent) as caught:
        gateway().restart()
    assert (caught.value.kind, caught.value.detail) == (ErrorKind.NOT_READY, detail)


@pytest.mark.parametrize(
    ("http", "body", "error"),
    [
        (401, {"response": {"message": "Unauthorized"}}, Stopped),
        (404, NO_INSTANCE, NotSent),
        (404, "<html>", Unreachable),
        (500, "", OutcomeUnknown),
        (200, "<html>Login</html>", OutcomeUnknown),
        (200, "", OutcomeUnknown),
    ],
)
def test_restart_that_is_not_accepted(web, http, body, error):
    say_connection(web, "open")
    say(web, "/instance/restart/eventos", body, http, method="POST")
    with pytest.raises(GatewayError) as caught:
        gateway().restart()
    assert type(caught.value) is error


@pytest.mark.parametrize(
    ("http", "body", "error"),
    [
        (404, NO_INSTANCE, NotSent),
        (200, "<html>Login</html>", OutcomeUnknown),
        (200, {"state": "open"}, OutcomeUnknown),
    ],
)
def test_nothing_is_restarted_where_the_state_is_not_told(web, http, body, error):
    say(web, "/instance/connectionState/eventos", body, http)
    with pytest.raises(GatewayError) as caught:
        gateway().restart()
    assert type(caught.value) is error
    assert paths(web) == ["GET /instance/connectionState/eventos"]
