"""E-mail against a real SMTP server on loopback: connections, outcomes, ids."""

import socket
from email import message_from_bytes
from email.policy import default

import pytest
from aiosmtpd.controller import Controller
from django.core.mail import get_connection

from campaigns import mailer
from campaigns.mailer import Letter, MailServer, domain_of
from whatsapp.gateways.base import ErrorKind, OutcomeUnknown, Picture, Refused, Stopped, Unreachable


class Sink:
    """A well-behaved server. The local part of an address may say what to answer."""

    def __init__(self):
        self.messages = []
        self.connections = 0
        self.answer = None

    async def handle_EHLO(self, server, session, envelope, hostname, responses):
        self.connections += 1
        session.host_name = hostname
        return responses

    async def handle_RCPT(self, server, session, envelope, address, options):
        code = address.partition("@")[0]
        if code.isdigit():
            return f"{code} <{address}> no"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        if self.answer == "hang up":
            self.messages.append(envelope)
            server.transport.abort()
            return "250 never seen"
        if self.answer:
            return self.answer
        self.messages.append(envelope)
        return "250 OK"


@pytest.fixture
def sink():
    return Sink()


@pytest.fixture
def mailbox(sink):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    controller = Controller(sink, hostname="127.0.0.1", port=port)
    controller.start()
    box = MailServer(lambda: smtp(port))
    box.port = port
    yield box
    box.close()
    controller.stop()


def smtp(port):
    return get_connection("django.core.mail.backends.smtp.EmailBackend", host="127.0.0.1", port=port, timeout=5)


def letter(to="ana@example.com", **fields):
    values = {
        "subject": "Tu entrada",
        "text": "Hola *Ana* & Cía <b>",
        "html": "<p>Hola</p>",
        "message_id": "<delivery-1@example.com>",
        "sender": "Pregonero <entradas@example.com>",
    }
    return Letter(to=to, **values | fields)


def test_a_letter_arrives_as_written_with_its_own_id(mailbox, sink):
    accepted = mailbox.send(letter(picture=Picture(b"png", filename="K7MD.png")))
    message = message_from_bytes(sink.messages[0].content, policy=default)
    assert accepted.message_id == message["Message-ID"] == "<delivery-1@example.com>"
    assert (message["To"], message["Subject"], message["From"]) == (
        "ana@example.com",
        "Tu entrada",
        "Pregonero <entradas@example.com>",
    )
    assert message.get_body(("plain",)).get_content().strip() == "Hola *Ana* & Cía <b>"
    assert [part.get_filename() for part in message.iter_attachments()] == ["K7MD.png"]


def test_one_connection_serves_many_letters(mailbox, sink):
    for _ in range(5):
        mailbox.send(letter())
    assert (len(sink.messages), sink.connections) == (5, 1)


def test_a_refused_person_leaves_the_connection_to_the_next_one(mailbox, sink):
    with pytest.raises(Refused) as raised:
        mailbox.send(letter(to="550@example.com"))
    assert raised.value.kind == ErrorKind.INVALID_NUMBER
    assert "@" not in raised.value.detail
    mailbox.send(letter())
    assert (len(sink.messages), sink.connections) == (1, 1)


def test_a_refusal_of_the_content_is_not_uncertain(mailbox, sink):
    sink.answer = "554 looks like spam"
    with pytest.raises(Refused) as raised:
        mailbox.send(letter())
    assert raised.value.kind == ErrorKind.REJECTED_CONTENT


def test_a_connection_lost_after_the_message_leaves_us_not_knowing(mailbox, sink):
    sink.answer = "hang up"
    with pytest.raises(OutcomeUnknown):
        mailbox.send(letter())
    sink.answer = None
    mailbox.send(letter())
    assert len(sink.messages) == 2


def test_a_connection_that_was_dropped_while_resting_is_opened_again(mailbox, sink, monkeypatch):
    monkeypatch.setattr(mailer, "ASK_AFTER_SECONDS", 0.0)
    mailbox.send(letter())
    idle = mailbox._idle.queue[0].backend
    idle.connection.sock.shutdown(socket.SHUT_RDWR)
    mailbox.send(letter())
    assert (len(sink.messages), sink.connections) == (2, 2)


def test_no_server_means_that_nothing_left():
    with pytest.raises(Unreachable):
        MailServer(lambda: smtp(9)).send(letter())


def test_a_long_subject_with_accents_arrives_whole(mailbox, sink):
    subject = " ".join(["Ánimo, ñandú"] * 15)
    mailbox.send(letter(subject=subject))
    # Folding may put a blank in front, which means nothing in a header.
    assert message_from_bytes(sink.messages[0].content, policy=default)["Subject"].strip() == subject


def test_the_domain_of_an_address():
    assert domain_of("Pregonero <entradas@example.com>") == "example.com"
    assert domain_of("nonsense") == "localhost"


def test_a_letter_that_cannot_be_built_is_refused_and_leaves_the_connection_alone(mailbox, sink):
    """Certainly nothing left: uncertain would rest the whole lane after a few."""
    with pytest.raises(Refused) as raised:
        mailbox.send(letter(subject="Tu\nentrada"))
    assert raised.value.kind == ErrorKind.REJECTED_CONTENT
    mailbox.send(letter())
    assert (len(sink.messages), sink.connections) == (1, 1)


def test_an_error_that_nobody_expects_closes_its_connection(mailbox, sink, monkeypatch):
    closed = []
    monkeypatch.setattr(mailer, "drop", closed.append)
    monkeypatch.setattr(mailer, "deliver", lambda backend, parcel: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        mailbox.send(letter())
    [backend] = closed
    backend.close()


def test_answers_go_where_the_mailbox_says(mailbox, sink):
    mailbox.send(letter(reply_to="respuestas@example.com"))
    assert message_from_bytes(sink.messages[0].content, policy=default)["Reply-To"] == "respuestas@example.com"


def test_a_line_that_begins_with_a_dot_arrives_with_it(mailbox, sink):
    mailbox.send(letter(text=".\r\n..\nfin"))
    message = message_from_bytes(sink.messages[0].content, policy=default)
    assert message.get_body(("plain",)).get_content().splitlines() == [".", "..", "fin"]


@pytest.mark.parametrize("address", ["maría@example.com", "ana@example.com; luis@example.com", "ana"])
def test_an_address_that_mail_servers_do_not_know_is_that_person_s_fault_alone(mailbox, sink, address):
    with pytest.raises(Refused) as raised:
        mailbox.send(letter(to=address))
    assert raised.value.kind == ErrorKind.INVALID_NUMBER
    assert sink.connections == 0


def test_a_domain_with_accents_is_written_as_mail_servers_read_it(mailbox, sink):
    mailbox.send(letter(to="ana@añil.example"))
    assert sink.messages[0].rcpt_tos == ["ana@xn--ail-7ma.example"]


def test_a_sender_that_is_no_address_stops_the_lane_and_charges_nobody(mailbox):
    with pytest.raises(Stopped) as raised:
        mailbox.send(letter(sender="Pregonero"))
    assert raised.value.kind == ErrorKind.AUTH


def test_backends_without_connections_go_on_working(settings, mailoutbox):
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    server = MailServer()
    server.send(letter())
    server.send(letter(to="luis@example.com"))
    server.close()
    assert [message.to for message in mailoutbox] == [["ana@example.com"], ["luis@example.com"]]


def test_a_connection_is_changed_after_so_many_messages(mailbox, sink, settings):
    settings.EMAIL_MESSAGES_PER_CONNECTION = 2
    for _ in range(5):
        mailbox.send(letter())
    assert (len(sink.messages), sink.connections) == (5, 3)


def test_a_connection_that_comes_back_after_the_end_is_closed(mailbox, sink):
    backend = smtp(mailbox.port)
    closed = MailServer(lambda: backend)
    closed.close()
    closed.send(letter())
    assert backend.connection is None
