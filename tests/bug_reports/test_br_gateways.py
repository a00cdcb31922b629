"""What gateways do to a campaign: bug reports BR-054 to BR-064, the recorded shapes through the whole engine."""

import json
import socket
from datetime import timedelta

import pytest
import responses

from campaigns import lifecycle
from campaigns.drafts import draft_tickets
from campaigns.models import Campaign, Delivery, DeliveryAttempt, Lane
from campaigns.progress import snapshot
from campaigns.scene import Scene
from campaigns.settling import count_as_sent
from campaigns.tick import tick
from tests.bug_reports.scene import Service, gaps, queue, recorded, serving, somebody_works, states
from tests.campaigns.driving import run_until_idle
from tests.campaigns.pages import launch_page, page
from tests.factories import NOW, make_campaign, make_lane, make_sender, make_settings, make_ticket
from tests.fakes import Clock, FakeGateway
from whatsapp.control import check_sender
from whatsapp.gateways.base import Connection, OutcomeUnknown, State, Throttled
from whatsapp.gateways.rest import RestGateway
from whatsapp.models import Sender
from whatsapp.restarts import MOST_AN_HOUR, is_due

pytestmark = pytest.mark.django_db


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


def test_br_054_a_time_out_after_delivery_is_uncertain_and_arrives_once():
    make_lane()
    queue(3)
    service = Service(*recorded("secuencia_timeout_tras_entregar.json")["respuestas"])
    clock = Clock()
    with serving(service, read_seconds=0.3) as gateway:
        run_until_idle(gateway, clock, budget=60.0)
        for _ in range(3):
            clock.tick(3600)
            tick(now=clock.now)
            run_until_idle(gateway, clock, budget=60.0)
    [doubtful] = Delivery.objects.filter(status="uncertain")
    assert (states(), len(service.messages)) == ({"sent": 2, "uncertain": 1}, 3)
    assert (doubtful.slot, doubtful.attempts_made) == (2, 1)


def test_br_054_nobody_at_the_port_is_no_doubt_and_is_tried_again():
    make_lane()
    queue(1)
    clock, nobody = Clock(), RestGateway(Connection(f"http://127.0.0.1:{free_port()}"))
    run_until_idle(nobody, clock, budget=0.5)
    assert (states(), DeliveryAttempt.objects.get().error_kind) == ({"pending": 1}, "unreachable")
    run_until_idle(FakeGateway(), Clock(NOW + timedelta(hours=2)))
    assert states() == {"sent": 1}


def test_br_054_a_person_may_send_it_again_after_a_warning(boss):
    make_lane()
    [delivery] = queue(1)
    run_until_idle(FakeGateway(OutcomeUnknown("time-out")))
    asked = boss.get(page("resend", delivery.campaign_id), {"uncertain": "1"})
    assert "may have arrived already" in asked.content.decode()
    boss.post(page("resend", delivery.campaign_id), {"uncertain": "1", "expected": "1"})
    assert states() == {"pending": 1}


def test_br_054_counting_as_sent_is_the_other_way_out(boss):
    make_lane()
    [delivery] = queue(1)
    run_until_idle(FakeGateway(OutcomeUnknown("time-out")))
    assert count_as_sent(Delivery.objects.all(), user=boss.user, now=NOW) == 1
    assert lifecycle.resend(delivery.campaign, uncertain=True, now=NOW) == 0
    assert states() == {"sent": 1}


def test_br_055_accepted_is_sent_and_never_delivered():
    """The other half, a number from which nothing arrives, needs receipts."""
    make_lane()
    queue(2)
    run_until_idle(FakeGateway())
    found = Delivery.objects.values_list("status", "delivered_at", "read_at")
    assert set(found) == {("sent", None, None)}
    assert set(Delivery.objects.values_list("sent_at", flat=True)) == {NOW, NOW + timedelta(seconds=2)}


def test_br_057_a_session_that_closes_in_the_middle_keeps_the_rest_and_goes_on_alone():
    lane = make_lane()
    campaign = make_campaign(status="sending")
    queue(6, campaign=campaign)
    service = Service(*recorded("secuencia_cierre_de_sesion.json")["respuestas"])
    clock = Clock()
    with serving(service) as gateway:
        service.is_ready = False
        run_until_idle(gateway, clock, budget=30.0)
        lane.refresh_from_db()
        assert states() == {"sent": 3, "pending": 3}
        assert set(Delivery.objects.values_list("tries_charged", flat=True)) == {0}
        somebody_works(clock.now)
        waiting = snapshot(campaign, Scene(clock.now)).waiting
        assert (lane.pause_reason, waiting.reason, waiting.until is not None) == ("not_ready", "not_ready", True)
        service.is_ready = True
        run_until_idle(gateway, clock, budget=300.0)
    phones = [message["phone"] for message in service.messages]
    assert states() == {"sent": 6}
    assert (len(phones), len(set(phones))) == (7, 6)  # the one that was refused came again, and no other


@pytest.fixture
def told(monkeypatch):
    """A number behind a gateway whose status can be told."""
    told = FakeGateway()
    monkeypatch.setattr("whatsapp.control.gateway_for", lambda sender: told)
    return told


def test_br_058_the_page_of_a_number_says_its_state_since_when_and_how_to_get_a_new_code(boss, told):
    sender = make_sender()
    told.state = State.NEEDS_QR
    check_sender(sender, now=NOW)
    html = boss.get(f"/admin/whatsapp/sender/{sender.pk}/change/").content.decode()
    assert (sender.state, sender.state_since) == ("needs_qr", NOW)
    assert "QR" in html
    assert f"/admin/whatsapp/sender/{sender.pk}/restart/" in html
    assert f"/admin/whatsapp/sender/{sender.pk}/check/" in html


@pytest.mark.parametrize(("state", "is_warned"), [("ready", False), ("needs_qr", True), ("unknown", True)])
def test_br_058_br_059_the_launch_page_says_when_no_number_is_known_to_work(boss, state, is_warned):
    """It may be launched all the same (docs/decisions/0014): nothing leaves and nobody fails until one works."""
    somebody_works()
    make_sender(state=state)
    draft = draft_tickets(make_ticket().event, user=boss.user)
    warnings = boss.get(launch_page(draft)).context["plan"].warnings
    assert any("No WhatsApp number is known to be ready" in warning for warning in warnings) is is_warned


def test_br_059_answers_that_contradict_each_other_are_unknown():
    contradiction = {"status": 200, "body": {"ready": True, "status": "disconnected"}}
    assert status_said(contradiction) == State.UNKNOWN


def status_said(answer):
    with responses.RequestsMock() as web:
        web.get("http://gateway.test/status", body=json.dumps(answer["body"]), status=answer["status"])
        return RestGateway(Connection("http://gateway.test")).status().state


def test_br_059_health_is_also_the_last_message_and_restarts_have_a_limit():
    lane = make_lane()
    queue(1)
    run_until_idle(FakeGateway())
    assert Sender.objects.get(pk=lane.sender_id).last_send_at == NOW
    asked = [NOW + timedelta(minutes=minute) for minute in (1, 6, 23)]
    assert len(asked) == MOST_AN_HOUR
    assert not is_due(asked, NOW, now=NOW + timedelta(minutes=60))


def test_br_060_pauses_vary_by_chance_and_are_never_shorter_than_the_rule():
    make_lane()
    make_settings(jitter_percent=50)
    queue(9)
    run_until_idle(FakeGateway())
    assert all(2.0 <= gap <= 3.0 for gap in gaps())
    assert len(set(gaps())) > 1


def test_br_060_a_new_number_starts_slower_and_the_screen_explains_the_limit():
    lane = make_lane(sender=make_sender(is_new=True))
    make_settings(warm_up_steps="2, 4", daily_cap=3)
    campaign = make_campaign(status="sending")
    queue(9, campaign=campaign)
    clock = Clock()
    for sent in (2, 5, 8):  # two on the first day, then what the limit for everybody allows
        run_until_idle(FakeGateway(), clock, budget=120.0)
        assert states()["sent"] == sent
        somebody_works(clock.now)
        waiting = snapshot(campaign, Scene(clock.now)).waiting
        assert waiting.until is not None
        assert waiting.sentence
        clock.tick(86_400)
    assert lane.attempts.count() == 8


def test_br_060_a_run_of_failures_stops_the_number_for_a_while():
    lane = make_lane()
    make_settings(breaker_threshold=3)
    queue(6)
    run_until_idle(FakeGateway(*[OutcomeUnknown("500")] * 6), budget=60.0)
    lane.refresh_from_db()
    assert (lane.pause_reason, states()) == ("breaker", {"uncertain": 3, "pending": 3})


def test_br_061_a_wait_that_the_provider_names_holds_the_whole_number():
    make_lane()
    campaign = make_campaign(status="sending")
    queue(3, campaign=campaign)
    service = Service("201", recorded("429_retry_after.json"))
    clock = Clock()
    with serving(service) as gateway:
        run_until_idle(gateway, clock, budget=10.0)
        assert states() == {"sent": 1, "pending": 2}
        somebody_works(clock.now)
        waiting = snapshot(campaign, Scene(clock.now)).waiting
        limited_at = DeliveryAttempt.objects.latest("pk").finished_at
        assert (waiting.reason, waiting.until) == ("rate_limited", limited_at + timedelta(seconds=120))
        run_until_idle(gateway, clock, budget=600.0)
    assert (states(), gaps()[1]) == ({"sent": 3}, 120.0)
    assert set(Delivery.objects.values_list("tries_charged", flat=True)) == {0}


def test_br_061_a_limit_that_names_no_wait_and_one_that_names_a_year_are_both_waited_for_and_capped():
    lane = make_lane()
    queue(1)
    service = Service(recorded("429_html.json"))
    with serving(service) as gateway:
        run_until_idle(gateway, budget=0.5)
    lane.refresh_from_db()
    assert (lane.pause_reason, states()) == ("rate_limited", {"pending": 1})
    Lane.objects.update(pause_reason="", paused_until=None, next_send_at=None)
    run_until_idle(FakeGateway(Throttled("slow", retry_after=31_536_000.0)), budget=0.5)
    lane.refresh_from_db()
    assert lane.paused_until == NOW + timedelta(days=1)


def test_br_062_a_page_of_a_proxy_breaks_nothing_and_says_what_it_was():
    lane = make_lane()
    queue(3)
    service = Service(recorded("502_nginx.json"))
    with serving(service) as gateway:
        run_until_idle(gateway, budget=60.0)
    attempt = DeliveryAttempt.objects.earliest("pk")
    lane.refresh_from_db()
    assert states() == {"uncertain": 1, "sent": 2}
    assert (attempt.http_status, attempt.error_kind) == (502, "uncertain")
    assert "502 Bad Gateway" in attempt.detail
    assert "<" not in attempt.detail
    assert Campaign.objects.get().status == "finished"


@pytest.mark.parametrize(
    ("name", "message_id"),
    [
        ("201_id_texto.json", "AAAA000000000000001"),
        ("201_id_objeto.json", "AAAA000000000000002"),
        ("201_id_en_key.json", "AAAA000000000000003"),
    ],
)
def test_br_064_the_id_of_a_message_is_found_in_every_shape(name, message_id):
    make_lane()
    queue(1)
    with serving(Service(recorded(name))) as gateway:
        run_until_idle(gateway)
    assert list(Delivery.objects.values_list("status", "gateway_message_id")) == [("sent", message_id)]
    assert DeliveryAttempt.objects.get().gateway_message_id == message_id
