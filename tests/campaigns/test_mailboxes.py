"""Mailboxes: whose server a letter goes through, and whom it names as its sender."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import translation

from campaigns.audience import describe
from campaigns.claims import Claimed
from campaigns.enums import LanePause
from campaigns.mail_urls import BadMailUrl, read_mail_url
from campaigns.mailboxes import (
    MailServers,
    is_unreadable,
    mailbox_of,
    mailbox_of_campaign,
    rest_sentence,
    wake_lanes,
)
from campaigns.messages import call_for
from campaigns.models import EventMailbox, Lane, Mailbox
from campaigns.preparing import prepare
from campaigns.progress import snapshot
from campaigns.scene import Scene
from campaigns.stopping import StopPipe
from tests.campaigns.driving import run_until_idle
from tests.factories import NOW, make_campaign, make_contact, make_delivery, make_event
from tests.fakes import FakeGateway
from whatsapp.gateways.base import ErrorKind, Stopped

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(days=400)  # after everything that the factories date with the real clock


@pytest.fixture
def servers():
    opened = MailServers()
    yield opened
    opened.close()


def make_mailbox(server=None, **fields):
    values = {"name": "Festival", "from_address": "Festival de cine <entradas@example.org>"}
    if server:
        values["url"] = f"smtp://127.0.0.1:{server.port}"
    return Mailbox.objects.create(**values | fields)


def lane_of(mailbox):
    """As the dispatcher reads it in every turn."""
    return Lane.objects.select_related("mailbox").get(mailbox=mailbox, number=1)


def send(servers, lane):
    delivery = make_delivery(channel="email", address="ana@example.com", subject="Tu entrada", text="Hola", pool=7)
    attempt = delivery.attempts.create(number=1, lane=lane, fence=0, started_at=delivery.created_at)
    lane.lease_expires_at = delivery.created_at + timedelta(days=999)
    call = call_for(Claimed(delivery, attempt), gateway=None, servers=servers, lane=lane)
    return call.send(call.prepare())


def spoil(mailbox):
    """As after a change of the keys of the installation."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE campaigns_mailbox SET url = 'enc:other-key' WHERE id = %s", [mailbox.pk])
    mailbox.refresh_from_db()


def test_a_letter_leaves_through_the_server_of_its_mailbox_under_its_name(servers, post_office):
    server = post_office()
    mailbox = make_mailbox(server, reply_to="respuestas@example.org")
    send(servers, lane_of(mailbox))
    [content] = server.messages
    assert b"From: Festival de cine <entradas@example.org>\r\n" in content
    assert b"Reply-To: respuestas@example.org\r\n" in content
    assert b"@example.org>\r\n" in next(line for line in content.splitlines(True) if line.startswith(b"Message-ID"))


def test_without_a_mailbox_it_leaves_from_the_installation(servers, mailoutbox, settings):
    settings.DEFAULT_FROM_EMAIL = "Pregonero <casa@example.net>"
    send(servers, Lane.objects.get(channel="email", mailbox=None, number=1))
    assert [(message.from_email, message.reply_to) for message in mailoutbox] == [("Pregonero <casa@example.net>", [])]


def test_a_mailbox_without_a_server_uses_the_one_of_the_installation_under_its_own_name(servers, mailoutbox):
    send(servers, lane_of(make_mailbox()))
    assert [message.from_email for message in mailoutbox] == ["Festival de cine <entradas@example.org>"]


def test_letters_of_a_mailbox_share_its_connection(servers, post_office):
    server = post_office()
    mailbox = make_mailbox(server)
    for _ in range(3):
        send(servers, lane_of(mailbox))
    assert (len(server.messages), server.connections) == (3, 1)


def test_two_mailboxes_never_share_one(servers, post_office):
    one, other = post_office(), post_office()
    send(servers, lane_of(make_mailbox(one)))
    send(servers, lane_of(make_mailbox(other, name="Otro", from_address="otro@example.org")))
    assert (len(one.messages), len(other.messages)) == (1, 1)


def test_a_change_acts_on_the_very_next_message(servers, post_office):
    old, new = post_office(), post_office()
    mailbox = make_mailbox(old)
    send(servers, lane_of(mailbox))
    mailbox.url = f"smtp://127.0.0.1:{new.port}"
    mailbox.from_address = "nueva@example.org"
    mailbox.save(update_fields=["url", "from_address"])
    send(servers, lane_of(mailbox))
    assert (len(old.messages), len(new.messages)) == (1, 1)
    assert b"From: nueva@example.org\r\n" in new.messages[0]


def test_a_server_that_cannot_be_read_stops_the_lane_and_nothing_leaves_elsewhere(servers, mailoutbox):
    mailbox = make_mailbox(url="smtp+tls://caja:secreto@mail.example.org:587")
    spoil(mailbox)
    assert is_unreadable(mailbox)
    with pytest.raises(Stopped) as raised:
        send(servers, lane_of(mailbox))
    assert raised.value.kind == ErrorKind.AUTH
    assert mailoutbox == []


def test_a_stored_server_that_is_none_stops_the_lane(servers, mailoutbox):
    with pytest.raises(Stopped) as raised:
        send(servers, lane_of(make_mailbox(url="https://example.org")))
    assert raised.value.kind == ErrorKind.AUTH
    assert mailoutbox == []


def test_the_login_of_the_installation_never_goes_to_another_server(servers, post_office, settings):
    settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = "casa", "secreto-de-casa"
    server = post_office(EHLO=["250-hello\r\n250 AUTH PLAIN LOGIN"])
    send(servers, lane_of(make_mailbox(server)))
    assert "AUTH" not in server.steps


def test_the_mailbox_of_an_event_counts_while_it_is_in_use():
    event, mailbox = make_event(), make_mailbox()
    assert mailbox_of(event) is None
    EventMailbox.objects.create(event=event, mailbox=mailbox)
    assert mailbox_of(event) == mailbox
    Mailbox.objects.update(is_enabled=False)
    assert mailbox_of(event) is None
    assert mailbox_of(None) is None


def test_a_launched_campaign_keeps_the_mailbox_that_it_was_launched_with():
    event, mailbox = make_event(), make_mailbox()
    EventMailbox.objects.create(event=event, mailbox=mailbox)
    campaign = make_campaign(status="sending", event=event)
    assert mailbox_of_campaign(campaign) == mailbox
    make_delivery(campaign=campaign, channel="email", address="ana@example.com", pool=0)
    assert mailbox_of_campaign(campaign) is None


@pytest.mark.parametrize("is_enabled", [True, False])
def test_the_list_is_written_for_the_sender_that_the_launch_page_names(is_enabled):
    """With a mailbox that is out of use the letters leave from the installation, as the page says and reckons."""
    event, mailbox = make_event(), make_mailbox(is_enabled=is_enabled)
    EventMailbox.objects.create(event=event, mailbox=mailbox)
    make_contact()
    fields = {"channels": "email", "event": event, "audience": describe(everybody=True), "launched_at": LATER}
    campaign = make_campaign(status="sending", **fields | {"prepared_at": None})
    assert mailbox_of_campaign(campaign) == (mailbox if is_enabled else None)
    prepare(campaign.pk, budget=60, stop=StopPipe())
    assert campaign.deliveries.get().pool == (mailbox.pk if is_enabled else 0)


def test_a_mailbox_that_is_switched_off_after_the_launch_leaves_no_end_in_sight():
    event, mailbox = make_event(), make_mailbox()
    EventMailbox.objects.create(event=event, mailbox=mailbox)
    campaign = make_campaign(status="sending", event=event)
    make_delivery(campaign=campaign, channel="email", address="ana@example.com", pool=mailbox.pk)
    assert snapshot(campaign, Scene(NOW)).finish_at == NOW
    Mailbox.objects.update(is_enabled=False)
    assert snapshot(campaign, Scene(NOW)).finish_at is None


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("smtp+tls://x%40example.org:secreto%2F1@mail.example.org:587", "smtp+tls, mail.example.org:587, user x@example.org"),
        ("smtp+ssl://x:y@mail.example.org", "smtp+ssl, mail.example.org:465, user x"),
        ("smtp+tls://mail.example.org", "smtp+tls, mail.example.org:587"),
        ("smtp://localhost", "smtp, localhost:25"),
    ],
)  # fmt: skip
def test_a_server_is_shown_without_its_password(url, shown):
    address = read_mail_url(url)
    with translation.override("en"):
        assert str(address) == shown
    assert "secreto" not in repr(address)


def test_what_was_written_with_signs_is_read_as_it_is():
    assert read_mail_url("smtp+tls://a%40b:p%2F%3A%23%2B@host:2525").password == "p/:#+"


@pytest.mark.parametrize(
    "url",
    [
        "mail.example.org",
        "https://mail.example.org",
        "filemail:///etc",
        "consolemail://",
        "smtps://x:y@mail.example.org",
        "smtp://",
        "smtp://x:y@mail.example.org:port",
        "smtp://x:y@mail.example.org:587/path",
        "smtp://x:y@mail.example.org?timeout=1",
        "smtp://x:a#b@mail.example.org",
        "smtp://x:a+b@mail.example.org",
        "smtp://x@mail.example.org",
        "smtp://x:contraseña@mail.example.org",
        "smtp://[bad",
    ],
)
def test_what_is_no_mail_server_is_refused_with_a_sentence(url):
    with pytest.raises(BadMailUrl, match=r"\.$"):
        read_mail_url(url)


def test_a_lane_that_stopped_goes_on_when_a_person_changed_its_mailbox():
    mailbox = make_mailbox()
    Lane.objects.filter(mailbox=mailbox).update(pause_reason=LanePause.AUTH, is_stopped=True)
    mailbox.save()
    assert set(Lane.objects.filter(mailbox=mailbox).values_list("pause_reason", "is_stopped")) == {("", False)}


def test_only_the_lanes_of_that_mailbox_and_reason_are_woken():
    mailbox = make_mailbox()
    Lane.objects.filter(channel="email").update(pause_reason=LanePause.RATE_LIMITED)
    assert wake_lanes(None, reasons={LanePause.AUTH}) is False
    assert wake_lanes(None) is True
    assert lane_of(mailbox).pause_reason == LanePause.RATE_LIMITED


@pytest.mark.parametrize("reason", [value for value in LanePause.values if value])
def test_why_a_lane_rests_names_its_mailbox(reason):
    lane = lane_of(make_mailbox())
    lane.pause_reason = reason
    assert "“Festival”" in rest_sentence(lane)


def test_the_dispatcher_sends_each_campaign_through_its_own_mailbox(post_office, mailoutbox):
    server = post_office()
    mailbox = make_mailbox(server)
    campaign = make_campaign(status="sending", channels="email")
    for number, pool in enumerate([mailbox.pk, 0, mailbox.pk]):
        person = {"contact": make_contact(), "address": f"p{number}@example.com", "subject": "Hola"}
        make_delivery(campaign=campaign, channel="email", pool=pool, **person)
    run_until_idle(FakeGateway())
    assert set(campaign.deliveries.values_list("status", flat=True)) == {"sent"}
    assert (len(server.messages), [message.to for message in mailoutbox]) == (2, [["p1@example.com"]])
