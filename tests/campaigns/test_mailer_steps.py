"""At which step a server says no or breaks off, and what is certain then."""

import pytest
from django.core.mail import get_connection

from campaigns import mailer
from campaigns.mailer import MailServer
from tests.campaigns.mail_server import HANG_UP, ScriptedServer
from tests.campaigns.test_mailer import letter
from whatsapp.gateways.base import ErrorKind, OutcomeUnknown, Refused, Stopped, Throttled, Unreachable

K = ErrorKind


@pytest.fixture
def serve():
    """A function that starts a server with a script and gives both ends."""
    running = []

    def start(timeout=5, login=(), **script):
        server = ScriptedServer(**script)
        username, password = login or ("", "")
        box = MailServer(
            lambda: get_connection(
                "django.core.mail.backends.smtp.EmailBackend",
                host="127.0.0.1",
                port=server.port,
                timeout=timeout,
                username=username,
                password=password,
            )
        )
        running.extend([box, server])
        return box, server

    yield start
    for each in running:
        each.close()


def kind_of(box, **fields):
    with pytest.raises(Exception) as raised:  # noqa: PT011  (the kind is what is looked at)
        box.send(letter(**fields))
    return raised.value.kind


@pytest.mark.parametrize("step", ["MAIL", "RCPT", "DATA"])
def test_a_break_before_the_content_means_that_nothing_left(serve, step):
    box, server = serve(**{step: [HANG_UP]})
    with pytest.raises(Unreachable):
        box.send(letter())
    assert server.messages == []


@pytest.mark.parametrize("step", ["MAIL", "RCPT", "DATA"])
@pytest.mark.parametrize("answer", [HANG_UP, "421 4.7.0 closing", "450 4.7.1 too many messages in this session"])
def test_a_used_connection_that_had_enough_is_replaced_and_nobody_notices(serve, step, answer):
    box, server = serve(**{step: ["354 go on" if step == "DATA" else "250 ok", answer]})
    box.send(letter())
    box.send(letter())
    assert (len(server.messages), server.connections) == (2, 2)


def test_the_second_connection_is_the_last_try(serve):
    box, server = serve(MAIL=["250 ok", HANG_UP, HANG_UP])
    box.send(letter())
    assert kind_of(box) == K.UNREACHABLE
    assert server.connections == 2


def test_a_server_that_is_silent_is_not_waited_for_twice(serve):
    box, server = serve(timeout=0.1, MAIL=["250 ok", ""])
    box.send(letter())
    server.script["MAIL"] = ["250-not finished"]
    assert kind_of(box) == K.UNREACHABLE
    assert server.connections == 1


def test_a_break_after_the_content_leaves_us_not_knowing(serve):
    box, server = serve(CONTENT=["250 ok", HANG_UP])
    box.send(letter())
    with pytest.raises(OutcomeUnknown):
        box.send(letter())
    assert (len(server.messages), server.connections) == (2, 1)


def test_an_answer_that_is_none_after_the_content_leaves_us_not_knowing(serve):
    box, _server = serve(CONTENT=["what?"])
    with pytest.raises(OutcomeUnknown):
        box.send(letter())


def test_a_server_that_closes_instead_of_taking_the_content_took_nothing(serve):
    box, server = serve(CONTENT=["250 ok", "421 4.3.2 shutting down"])
    box.send(letter())
    with pytest.raises(Throttled):
        box.send(letter())
    assert (len(server.messages), server.connections) == (2, 1)  # and it is not tried again at once


def test_a_refused_sender_stops_the_lane_and_charges_nobody(serve):
    box, _server = serve(MAIL=["550 5.7.1 you may not use that address"])
    assert kind_of(box) == K.BLOCKED


def test_a_refused_content_keeps_the_connection(serve):
    box, server = serve(CONTENT=["554 5.7.1 spam"])
    assert kind_of(box) == K.REJECTED_CONTENT
    box.send(letter())
    assert (server.connections, server.steps.count("RSET")) == (1, 1)


def test_a_reset_that_breaks_the_connection_costs_the_next_person_nothing(serve):
    box, server = serve(RCPT=["550 5.1.1 unknown"], RSET=[HANG_UP])
    with pytest.raises(Refused):
        box.send(letter())
    box.send(letter())
    assert (len(server.messages), server.connections) == (1, 2)


@pytest.mark.parametrize(
    ("greeting", "kind"),
    [
        ("421 4.3.2 too many connections", K.RATE_LIMITED),
        ("554 5.7.1 not from there", K.BLOCKED),
        (HANG_UP, K.UNREACHABLE),
    ],
)
def test_how_a_server_may_greet(serve, greeting, kind):
    box, _server = serve(GREETING=[greeting])
    assert kind_of(box) == kind


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        ("535 5.7.8 wrong password", K.AUTH),
        ("550 account locked", K.AUTH),
        ("454 4.7.0 try again later", K.RATE_LIMITED),
        ("421 4.7.0 too many logins", K.RATE_LIMITED),
    ],
)
def test_a_login_that_fails(serve, answer, kind):
    box, _server = serve(login=("caja", "secreto"), EHLO=["250-hello\r\n250 AUTH PLAIN"], AUTH=[answer])
    assert kind_of(box) == kind


def test_a_server_without_logins_needs_a_person(serve):
    box, _server = serve(login=("caja", "secreto"))
    assert kind_of(box) == K.AUTH


def test_a_password_that_cannot_be_written_needs_a_person(serve):
    box, _server = serve(login=("caja", "contraseña"), EHLO=["250-hello\r\n250 AUTH PLAIN"])
    assert kind_of(box) == K.AUTH


def test_a_look_logs_in_and_sends_nothing(serve):
    box, server = serve()
    box.look()
    assert server.steps == ["GREETING", "QUIT"]


def test_the_size_is_said_before_where_the_server_wants_to_know(serve):
    box, _server = serve(EHLO=["250-hello\r\n250 SIZE 100"], MAIL=["552 5.3.4 too big"])
    assert kind_of(box) == K.REJECTED_CONTENT


def test_a_rest_that_was_too_long_is_found_out_by_asking(serve, monkeypatch):
    monkeypatch.setattr(mailer, "ASK_AFTER_SECONDS", 0.0)
    box, server = serve(NOOP=["421 4.4.2 idle too long"])
    box.send(letter())
    box.send(letter())
    assert (len(server.messages), server.connections) == (2, 2)


def test_a_stopped_lane_hears_what_the_server_said(serve):
    box, _server = serve(MAIL=["550 5.7.1 <caja@example.org> is not yours"])
    with pytest.raises(Stopped, match=r"^550 5\.7\.1 … is not yours$"):
        box.send(letter())
