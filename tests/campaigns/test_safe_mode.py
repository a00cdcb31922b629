"""OVERRIDE_RECIPIENTS: nothing reaches a real person, everybody is told so, and nobody counts as reached."""

from datetime import timedelta

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.urls import reverse

from campaigns import checks, safe_mode
from campaigns.attempts import Ended, RetryRule, close_attempt
from campaigns.audience import people_of
from campaigns.claims import Claimed
from campaigns.enums import Channel, DeliveryStatus, SkipReason
from campaigns.mailboxes import MailServers
from campaigns.messages import call_for
from campaigns.models import Delivery
from campaigns.queueing import requeue, resendable
from config.override_recipients import read_test_recipients
from tests.factories import NOW, make_campaign, make_contact, make_delivery, make_lane, make_ticket
from tests.fakes import FakeGateway
from whatsapp.gateways.base import Accepted, GatewayError, NotSent, OutcomeUnknown, Refused

PHONES = ["+573001112233", "+573001112244"]
MAIL = "pruebas@example.org"
D = DeliveryStatus


@pytest.fixture
def safe(settings):
    settings.OVERRIDE_RECIPIENTS = [*PHONES, MAIL]
    return settings


# --- the setting


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ([], []),
        (["+573001112233", " pruebas@example.org "], ["+573001112233", "pruebas@example.org"]),
        (["a@example.org", "a@example.org"], ["a@example.org"]),
    ],
)
def test_test_addresses_are_numbers_and_e_mail_addresses(typed, read):
    assert read_test_recipients(typed) == read


@pytest.mark.parametrize(
    "typed", ["1", "3001112233", "573001112233", "+0573001112233", "+57 300 111 2233", "ana@", " "]
)
def test_anything_else_stops_the_start(typed):
    with pytest.raises(ImproperlyConfigured, match="OVERRIDE_RECIPIENTS"):
        read_test_recipients([typed])


def test_without_test_addresses_it_is_off():
    assert safe_mode.is_on() is False
    assert safe_mode.address_for(Channel.WHATSAPP, 1) is None
    assert safe_mode.blocks(Channel.EMAIL) is False


def test_messages_are_shared_out_and_a_second_try_goes_to_the_same_address(safe):
    assert [safe_mode.address_for(Channel.WHATSAPP, pk) for pk in (1, 2, 3, 1)] == [
        PHONES[1], PHONES[0], PHONES[1], PHONES[1],
    ]  # fmt: skip
    assert safe_mode.address_for(Channel.EMAIL, 3) == MAIL


def test_a_channel_without_a_test_address_sends_nothing(settings):
    settings.OVERRIDE_RECIPIENTS = [MAIL]
    assert [safe_mode.blocks(channel) for channel in Channel] == [True, False]
    assert str(Channel.WHATSAPP.label) in safe_mode.sentence()


def test_a_check_says_that_nobody_gets_anything(safe):
    assert [found.id for found in checks.check_safe_mode(None)] == ["campaigns.W010"]
    safe.DEBUG = True
    assert checks.check_safe_mode(None) == []


def test_no_check_without_it(settings):
    settings.DEBUG = False
    assert checks.check_safe_mode(None) == []


# --- what leaves


def claimed(lane, **fields):
    delivery = make_delivery(channel=lane.channel, status="claimed", claimed_at=NOW, attempts_made=1, **fields)
    return Claimed(delivery, delivery.attempts.create(number=1, lane=lane, fence=0, started_at=NOW))


def email_lane():
    return make_lane(channel="email", number=90)


def make_call(one, lane, gateway=None):
    lane.lease_expires_at = NOW + timedelta(days=999)
    return call_for(one, gateway=gateway, servers=MailServers(), lane=lane)


@pytest.mark.django_db
def test_a_whatsapp_message_goes_to_a_test_number_and_says_for_whom_it_was(safe):
    lane, gateway = make_lane(), FakeGateway()
    one = claimed(lane, address="+573001234567", text="Hola Ana")
    call = make_call(one, lane, gateway)
    call.send(call.prepare())
    [message] = gateway.sent
    assert message.phone == PHONES[one.delivery.pk % 2]
    first, rest = message.text.split("\n", 1)
    assert "+57•••4567" in first
    assert rest == "Hola Ana"
    assert message.reference == ""  # what became of it is nothing that became of the person's


@pytest.mark.django_db
def test_its_qr_code_is_the_real_one(safe):
    lane, gateway, ticket = make_lane(), FakeGateway(), make_ticket()
    call = make_call(claimed(lane, ticket=ticket, attach_qr=True), lane, gateway)
    call.send(call.prepare())
    assert gateway.sent[0].picture.filename == f"{ticket.code}.png"


@pytest.mark.django_db
def test_an_e_mail_goes_to_the_test_address_and_says_so_everywhere(safe, mailoutbox):
    lane = email_lane()
    one = claimed(lane, address="ana@example.com", subject="Tu entrada", text="Hola Ana")
    call = make_call(one, lane)
    call.send(call.prepare())
    [message] = mailoutbox
    assert message.to == [MAIL]
    assert message.subject != "Tu entrada"
    assert message.subject.endswith("] Tu entrada")
    assert "a•••@example.com" in message.body
    assert "a•••@example.com" in message.alternatives[0][0]
    assert message.extra_headers["X-Pregonero-Test-For"] == "a***@example.com"
    one.delivery.refresh_from_db()
    assert one.delivery.address == "ana@example.com"


@pytest.mark.django_db
def test_outside_safe_mode_everything_is_as_written(mailoutbox):
    lane, phone_lane, gateway = email_lane(), make_lane(), FakeGateway()
    for one, line in (
        (claimed(lane, address="ana@example.com", subject="Tu entrada", text="Hola Ana"), lane),
        (claimed(phone_lane, address="+573001234567", text="Hola Ana"), phone_lane),
    ):
        call = make_call(one, line, gateway)
        call.send(call.prepare())
    assert (mailoutbox[0].to, mailoutbox[0].subject, mailoutbox[0].body) == (
        ["ana@example.com"],
        "Tu entrada",
        "Hola Ana",
    )
    assert "X-Pregonero-Test-For" not in mailoutbox[0].extra_headers
    assert (gateway.sent[0].phone, gateway.sent[0].text) == ("+573001234567", "Hola Ana")
    assert gateway.sent[0].reference.startswith("delivery-")


@pytest.mark.django_db
def test_what_was_claimed_for_a_blocked_channel_goes_back(settings, mailoutbox):
    settings.OVERRIDE_RECIPIENTS = [MAIL]
    lane, gateway = make_lane(), FakeGateway()
    call = make_call(claimed(lane), lane, gateway)
    with pytest.raises(NotSent):
        call.send(call.prepare())
    assert gateway.sent == []


# --- nobody counts as reached


def end(one, answer):
    ended = {"error": answer} if isinstance(answer, GatewayError) else {"accepted": answer}
    close_attempt(one.attempt, one.delivery, Ended(NOW, 10, **ended), RetryRule(attempts=3, wait=1.0))
    one.delivery.refresh_from_db()
    one.attempt.refresh_from_db()
    return one.delivery


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("answer", "outcome"), [(Accepted("ID1"), "accepted"), (OutcomeUnknown("time-out"), "uncertain")]
)
def test_a_test_that_left_did_not_reach_the_person(safe, answer, outcome):
    one = claimed(make_lane())
    delivery = end(one, answer)
    assert (delivery.status, delivery.error_kind, delivery.sent_at) == (D.SKIPPED, SkipReason.TEST_ONLY, None)
    assert delivery.gateway_message_id == ""  # no receipt can raise it
    assert one.attempt.outcome == outcome


@pytest.mark.django_db
def test_a_test_that_failed_is_a_failure_as_always(safe):
    assert end(claimed(make_lane()), Refused("no")).status == D.FAILED


@pytest.mark.django_db
def test_outside_safe_mode_it_is_sent():
    assert end(claimed(make_lane()), Accepted("ID1")).status == D.SENT


@pytest.mark.django_db
def test_a_ticket_that_was_only_tested_is_on_the_next_list(safe):
    ticket = make_ticket()
    end(claimed(make_lane(), ticket=ticket), Accepted("ID1"))
    safe.OVERRIDE_RECIPIENTS = []
    campaign = make_campaign(kind="tickets", event=ticket.event, audience={"event_tickets": True}, launched_at=None)
    [[person]] = list(people_of(campaign))
    assert person.skip is None


@pytest.mark.django_db
def test_what_was_only_tested_can_be_sent_again_in_its_campaign(safe):
    delivery = end(claimed(make_lane()), Accepted("ID1"))
    others = make_delivery(campaign=delivery.campaign, status="skipped", error_kind=SkipReason.NO_PHONE)
    assert list(resendable(delivery.campaign)) == [delivery]
    assert list(resendable(delivery.campaign, kinds=[SkipReason.TEST_ONLY])) == [delivery]
    assert list(resendable(delivery.campaign, kinds=["rate_limited"])) == []
    assert requeue(Delivery.objects.filter(pk__in=[delivery.pk, others.pk]), now=NOW) == 1
    delivery.refresh_from_db()
    assert (delivery.status, delivery.error_kind) == (D.PENDING, "")


@pytest.mark.django_db
def test_the_campaign_page_offers_to_send_them_again(safe, boss):
    delivery = end(claimed(make_lane()), Accepted("ID1"))
    shown = boss.get(reverse("admin:campaigns_campaign_change", args=[delivery.campaign_id])).content.decode()
    assert f"kind={SkipReason.TEST_ONLY}" in shown
    again = reverse("admin:campaigns_campaign_resend", args=[delivery.campaign_id])
    boss.post(again, {"kind": SkipReason.TEST_ONLY, "expected": "1"})
    delivery.refresh_from_db()
    assert delivery.status == D.PENDING


# --- everybody is told


@pytest.mark.django_db
def test_every_page_of_the_staff_says_so_with_the_addresses(safe, boss):
    shown = boss.get(reverse("admin:index")).content.decode()
    assert 'class="p-band p-band-warn"' in shown
    assert all(address in shown for address in [*PHONES, MAIL])


@pytest.mark.django_db
def test_the_login_says_so_without_them(safe, client):
    shown = client.get(reverse("admin:login")).content.decode()
    assert 'class="p-band p-band-warn"' in shown
    assert MAIL not in shown


@pytest.mark.django_db
def test_the_public_page_of_a_ticket_says_nothing(safe, client):
    ticket = make_ticket()
    response = client.get(reverse("tickets:public_ticket", args=[ticket.token]))
    assert response.status_code == 200
    assert "p-band" not in response.content.decode()


@pytest.mark.django_db
def test_no_band_without_it(boss):
    assert "p-band-warn" not in boss.get(reverse("admin:index")).content.decode()


@pytest.mark.django_db
def test_commands_say_so_beside_their_answer(safe, capsys):
    call_command("campaign_status", "--json")
    said = capsys.readouterr()
    assert said.out == "[]\n"
    assert MAIL in said.err


@pytest.mark.django_db
@pytest.mark.parametrize("command", ["launch_campaign", "send_tickets"])
def test_commands_that_send_say_so_too(safe, capsys, command):
    make_contact()
    argument = ["--event", "no-such"] if command == "send_tickets" else ["999"]
    with pytest.raises(Exception, match=r"999|no-such"):
        call_command(command, *argument)
    assert MAIL in capsys.readouterr().err
