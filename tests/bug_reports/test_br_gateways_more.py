"""What gateways do to a campaign: bug reports BR-065 to BR-070."""

import itertools

import pytest

from campaigns import lifecycle
from campaigns.checks import check_tasks
from campaigns.models import Delivery, DeliveryAttempt
from tests.bug_reports.scene import HANG, Service, gaps, queue, recorded, serving, states, status_of
from tests.campaigns.driving import run_until_idle
from tests.campaigns.pages import page
from tests.factories import make_campaign, make_lane, make_sender, make_settings
from tests.fakes import Clock, FakeGateway
from whatsapp.gateways.base import ErrorKind, OutcomeUnknown, Refused, Unreachable
from whatsapp.registry import gateway_for

pytestmark = pytest.mark.django_db
TIMED_OUT = "500_timed_out.json"


def test_br_065_a_4xx_is_no_success_and_stands_in_the_record():
    make_lane()
    queue(2)
    with serving(Service(recorded("400_texto_largo.json"))) as gateway:
        run_until_idle(gateway, budget=60.0)
    [failed] = Delivery.objects.filter(status="failed")
    assert (failed.error_kind, failed.sent_at, states()) == ("rejected_content", None, {"failed": 1, "sent": 1})
    assert "4096 characters" in failed.error_detail
    assert failed.attempts.get().http_status == 400


def test_br_065_a_wrong_key_stops_the_number_and_fails_nobody():
    lane = make_lane()
    queue(2)
    with serving(Service(recorded("401_clave.json"))) as gateway:
        run_until_idle(gateway, budget=60.0)
    lane.refresh_from_db()
    assert (lane.is_stopped, lane.pause_reason, states()) == (True, "auth", {"pending": 2})


def test_br_066_a_call_that_hangs_ends_as_uncertain_and_the_next_one_leaves():
    make_lane()
    queue(2)
    service = Service(HANG)
    with serving(service, read_seconds=0.2) as gateway:
        run_until_idle(gateway, budget=60.0)
    assert (states(), len(service.messages)) == ({"uncertain": 1, "sent": 1}, 2)
    assert "no complete answer within 0.2 s" in Delivery.objects.get(status="uncertain").error_detail


def test_br_066_every_gateway_has_limits_and_a_task_outlasts_them(settings):
    connection = gateway_for(make_sender()).connection
    assert 0 < connection.connect_seconds < settings.Q_CLUSTER["timeout"]
    assert 0 < connection.read_seconds < settings.Q_CLUSTER["timeout"]
    settings.GATEWAY_READ_SECONDS = settings.Q_CLUSTER["timeout"]
    assert [message.id for message in check_tasks(None)] == ["campaigns.E001"]


def test_br_067_a_500_for_one_number_is_that_persons_failure_and_stops_nobody():
    lane = make_lane()
    make_settings(breaker_threshold=1)
    queue(3)
    with serving(Service(recorded("500_numero_sin_whatsapp.json"))) as gateway:
        run_until_idle(gateway, budget=60.0)
    lane.refresh_from_db()
    assert (states(), lane.pause_reason) == ({"failed": 1, "sent": 2}, "")
    assert Delivery.objects.get(status="failed").error_kind == "not_on_whatsapp"


def test_br_067_unknown_500s_in_a_row_rest_the_number():
    lane = make_lane()
    make_settings(breaker_threshold=2)
    queue(5)
    with serving(Service(*[recorded(TIMED_OUT)] * 5)) as gateway:
        run_until_idle(gateway, budget=60.0)
    lane.refresh_from_db()
    assert (states(), lane.pause_reason) == ({"uncertain": 2, "pending": 3}, "breaker")


def test_br_068_pacing_is_ours_and_the_gateway_counts_one_message_each():
    make_lane()
    queue(12)
    service = Service()
    with serving(service) as gateway:
        run_until_idle(gateway, budget=120.0)
    assert {tuple(message) for message in service.messages} == {("phone", "message")}  # no delay, no typing
    assert len(service.messages) == len({message["phone"] for message in service.messages}) == 12
    assert gaps() == [2.0] * 10 + [2.5]


def test_br_069_an_outage_waits_and_what_it_left_is_offered_kind_by_kind(boss):
    lane = make_lane()
    make_settings(breaker_threshold=5)
    campaign = make_campaign(status="sending")
    queue(5, campaign=campaign)
    bad_hour = [Refused("no", kind=ErrorKind.NOT_ON_WHATSAPP), OutcomeUnknown("HTTP 504"), Unreachable("refused")]
    run_until_idle(FakeGateway(*bad_hour), budget=4.5)
    lane.refresh_from_db()
    assert (states(), lane.pause_reason) == ({"failed": 1, "uncertain": 1, "pending": 3}, "unreachable")
    assert boss.get(page("resend", campaign.pk)).context["count"] == 1
    assert boss.get(page("resend", campaign.pk), {"uncertain": "1"}).context["count"] == 1
    run_until_idle(FakeGateway(), Clock(DeliveryAttempt.objects.latest("pk").started_at), budget=7200.0)
    assert (states(), status_of(campaign)) == ({"failed": 1, "uncertain": 1, "sent": 3}, "finished")
    assert lifecycle.resend(campaign, now=DeliveryAttempt.objects.latest("pk").started_at) == 1


@pytest.mark.parametrize("place", range(4))
def test_br_070_an_error_inside_a_success_is_an_error_of_that_person(place):
    """Whether the three others arrived is for receipts to say."""
    make_lane()
    queue(4)
    answers = ["201"] * 4
    answers[place] = recorded("200_exito_con_error_dentro.json")
    with serving(Service(*answers)) as gateway:
        run_until_idle(gateway, budget=60.0)
    found = list(Delivery.objects.order_by("slot").values_list("status", flat=True))
    assert found == ["failed" if slot == place else "sent" for slot in range(4)]
    assert Delivery.objects.get(status="failed").error_kind == "not_on_whatsapp"


def test_br_070_each_result_is_the_answer_of_its_own_call():
    make_lane()
    queue(4)
    run_until_idle(FakeGateway(*itertools.repeat(Refused("no"), 2)))
    assert list(Delivery.objects.order_by("slot").values_list("status", flat=True)) == ["failed"] * 2 + ["sent"] * 2
