"""The simulator in its own process, seen through HTTP."""

import signal
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests
from django.core.management import CommandError, call_command

from tests.simulator import ROOT, Simulator
from whatsapp.gateways.base import (
    Accepted,
    Connection,
    ErrorKind,
    GatewayError,
    Message,
    NotSent,
    OutcomeUnknown,
    Picture,
    Refused,
    State,
    Stopped,
    Throttled,
)
from whatsapp.gateways.rest import RestGateway
from whatsapp.simulator.accounts import QR_TEXT

pytestmark = pytest.mark.processes
PNG = b"\x89PNG\r\n\x1a\n" + bytes(20)


def gateway_of(simulator: Simulator, read_seconds: float = 20.0) -> RestGateway:
    return RestGateway(Connection(simulator.url, read_seconds=read_seconds))


def message(number: int = 1, text: str = "Hola") -> Message:
    return Message(f"+57300000{number:04d}", text)


def outcome_of(gateway: RestGateway, sent: Message) -> type[GatewayError] | type[Accepted]:
    try:
        return type(gateway.send(sent))
    except GatewayError as error:
        return type(error)


# --- the adapter against it ---------------------------------------------------------------------------------------


def test_messages_arrive_in_order_with_their_words(simulator):
    gateway = gateway_of(simulator)
    accepted = [gateway.send(message(number, f"Hola, persona {number} ñ😀\ny otra línea")) for number in (1, 2, 3)]
    arrived = simulator.messages()
    assert [(each["number"], each["phone"], each["text"]) for each in arrived] == [
        (number, f"57300000{number:04d}", f"Hola, persona {number} ñ😀\ny otra línea") for number in (1, 2, 3)
    ]
    assert [each["id"] for each in arrived] == [each.message_id for each in accepted]
    assert {(each["has_media"], each["profile"]) for each in arrived} == {(False, "steady")}
    moments = [each["received_at"] for each in arrived]
    assert moments == sorted(moments)


def test_picture_arrives(simulator):
    gateway_of(simulator).send(Message("+573000000001", "Tu entrada", Picture(PNG)))
    assert [each["has_media"] for each in simulator.messages()] == [True]
    picture = requests.get(f"{simulator.url}/_simulator/media?number=1", timeout=20)
    assert (picture.headers["Content-Type"], picture.content) == ("image/png", PNG)


def test_number_without_whatsapp(simulator):
    with pytest.raises(Refused) as caught:
        gateway_of(simulator).send(message(404))
    assert caught.value.kind is ErrorKind.NOT_ON_WHATSAPP
    assert simulator.messages() == []


def test_number_that_is_none(simulator):
    with pytest.raises(Refused) as caught:
        gateway_of(simulator).send(Message("+57", "Hola"))
    assert caught.value.kind is ErrorKind.INVALID_NUMBER


def test_picture_that_is_none(simulator):
    with pytest.raises(Refused) as caught:
        gateway_of(simulator).send(Message("+573000000001", "Hola", Picture(b"x", "application/pdf")))
    assert caught.value.kind is ErrorKind.REJECTED_CONTENT
    assert simulator.messages() == []


def test_not_ready_and_then_restarted(simulator):
    simulator.profile("not-ready", restart_seconds=0)
    gateway = gateway_of(simulator)
    status = gateway.status()
    assert (status.state, status.qr_text) == (State.NEEDS_QR, QR_TEXT)
    with pytest.raises(NotSent) as caught:
        gateway.send(message())
    assert caught.value.kind is ErrorKind.NOT_READY
    gateway.restart()
    assert gateway.status().state is State.READY
    assert outcome_of(gateway, message()) is Accepted


def test_starting_after_a_restart(simulator):
    simulator.profile("steady", restart_seconds=3600)
    gateway = gateway_of(simulator)
    gateway.restart()
    assert gateway.status().state is State.STARTING
    assert outcome_of(gateway, message()) is NotSent


def test_delivered_without_an_answer_is_uncertain_and_arrived_once(simulator):
    simulator.profile("accept-then-timeout")
    assert outcome_of(gateway_of(simulator, read_seconds=0.3), message()) is OutcomeUnknown
    assert len(simulator.messages()) == 1


@pytest.mark.timeout(60)
def test_a_call_whose_client_has_left_is_not_kept(simulator):
    simulator.profile("accept-then-timeout", hold_seconds=3600)
    outcome_of(gateway_of(simulator, read_seconds=0.1), message())
    while simulator.state()["in_flight"]:
        pass


def test_collapse_is_counted_and_nothing_is_ready_after_it(simulator):
    simulator.profile("collapsing", fall_seconds=0, down_seconds=3600)
    gateway = gateway_of(simulator)
    outcomes = [outcome_of(gateway, message(number)) for number in range(1, 13)]
    assert outcomes == [Accepted] * 8 + [OutcomeUnknown] + [NotSent] * 3
    assert gateway.status().state is State.STARTING
    state = simulator.state()
    assert (state["collapses"], state["ready"], state["calls"]) == (1, False, 12)


def test_flaky_is_never_taken_for_a_failure_that_it_was_not(simulator):
    """What a flaky gateway delivered must be accepted or uncertain: a safe retry would be a second message."""
    simulator.profile("flaky", failure_percent=80)
    gateway = gateway_of(simulator)
    outcomes = {f"57300000{number:04d}": outcome_of(gateway, message(number)) for number in range(1, 101)}
    arrived = {each["phone"] for each in simulator.messages()}
    assert {outcomes[phone] for phone in arrived} == {Accepted, OutcomeUnknown}
    assert set(outcomes.values()) == {Accepted, OutcomeUnknown, NotSent}
    assert {phone for phone, outcome in outcomes.items() if outcome is Accepted} <= arrived


def test_slow_answers_after_its_latency(simulator):
    simulator.profile("slow", latency_ms=300)
    assert outcome_of(gateway_of(simulator, read_seconds=0.1), message(1)) is OutcomeUnknown
    assert outcome_of(gateway_of(simulator), message(2)) is Accepted


def test_calls_that_overlap_are_seen(simulator):
    simulator.profile("accept-then-timeout")
    everybody = threading.Barrier(3)

    def send(number: int) -> None:
        everybody.wait()
        outcome_of(gateway_of(simulator, read_seconds=1.0), message(number))

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(send, (1, 2, 3)))
    assert simulator.state()["max_in_flight"] == 3


def test_calls_in_a_row_do_not_overlap(simulator):
    for number in (1, 2, 3):
        gateway_of(simulator).send(message(number))
    assert simulator.state()["max_in_flight"] == 1


def test_qr_code_is_shown_scanned_and_lost_again(simulator):
    simulator.profile("asks-for-qr", logout_after=1)
    gateway = gateway_of(simulator)
    assert (gateway.status().state, gateway.status().qr_text) == (State.NEEDS_QR, QR_TEXT)
    assert outcome_of(gateway, message(1)) is NotSent
    simulator.scan()
    assert (gateway.status().state, outcome_of(gateway, message(2))) == (State.READY, Accepted)
    assert (gateway.status().state, outcome_of(gateway, message(3))) == (State.NEEDS_QR, NotSent)


@pytest.mark.parametrize(("form", "waits"), [("seconds", {60.0}), ("date", {60.0, 61.0}), ("none", {None})])
def test_rate_limit_names_its_wait_in_every_form(simulator, form, waits):
    simulator.profile("rate-limited", max_calls=1, window_seconds=60, retry_after=form)
    gateway = gateway_of(simulator)
    assert outcome_of(gateway, message(1)) is Accepted
    with pytest.raises(Throttled) as caught:
        gateway.send(message(2))
    assert caught.value.retry_after in waits


def test_ban_stops_the_number_without_an_end(simulator):
    simulator.profile("bans", ban_after=1, restart_seconds=0)
    gateway = gateway_of(simulator)
    assert outcome_of(gateway, message(1)) is Accepted
    gateway.restart()
    with pytest.raises(Stopped) as caught:
        gateway.send(message(2))
    assert (caught.value.kind, caught.value.retry_after) == (ErrorKind.BLOCKED, None)
    assert gateway.status().state is State.RESTRICTED


@pytest.mark.parametrize("form", ["seconds", "date"])
def test_lock_stops_the_number_until_its_end(simulator, form):
    simulator.profile("bans", ban_after=1, lock_seconds=600_000, retry_after=form)
    gateway = gateway_of(simulator)
    assert outcome_of(gateway, message(1)) is Accepted
    with pytest.raises(Stopped) as caught:
        gateway.send(message(2))
    assert caught.value.kind is ErrorKind.NEW_CONTACTS
    assert 599_900 < caught.value.retry_after <= 600_001
    assert gateway.status().state is State.RESTRICTED


# --- its own routes -----------------------------------------------------------------------------------------------


def test_reset_forgets_everything(simulator):
    gateway_of(simulator).send(message())
    simulator.profile("flaky")
    simulator.reset()
    state = simulator.state()
    assert (state["delivered"], state["calls"], state["profile"]) == (0, 0, "steady")
    assert simulator.messages() == []


def test_profile_starts_from_the_options_of_the_command_line(simulator):
    simulator.profile("flaky", failure_percent=99)
    assert simulator.profile("flaky")["options"]["failure_percent"] == 30.0


@pytest.mark.parametrize("payload", [{"profile": "nice"}, {"speed": 1}, [], "slow", None])
def test_profile_that_is_none_is_refused_with_a_sentence(simulator, payload):
    answer = requests.post(f"{simulator.url}/_simulator/profile", json=payload, timeout=20)
    assert (answer.status_code, list(answer.json())) == (400, ["error"])
    assert simulator.state()["profile"] == "steady"


@pytest.mark.parametrize("path", ["reset", "profile", "restart", "scan"])
def test_buttons_on_pages_of_others_do_nothing(simulator, path):
    gateway_of(simulator).send(message())
    answer = requests.post(
        f"{simulator.url}/_simulator/{path}",
        data={"profile": "flaky"},
        headers={"Origin": "https://otra.example"},
        timeout=20,
    )
    state = simulator.state()
    assert (answer.status_code, state["delivered"], state["profile"], state["ready"]) == (403, 1, "steady", True)


@pytest.mark.parametrize("path", ["/send", "/_simulator/reset", "/restart", "/nothing"])
def test_get_changes_nothing(simulator, path):
    gateway_of(simulator).send(message())
    assert requests.get(f"{simulator.url}{path}", timeout=20).status_code == 404
    assert (simulator.state()["delivered"], simulator.state()["ready"]) == (1, True)


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"phone": 573000000001, "message": "x"}', b"[" * 5000])
def test_requests_that_make_no_sense_are_bad(simulator, body):
    answer = requests.post(f"{simulator.url}/send", data=body, timeout=20)
    assert (answer.status_code, answer.json()["success"]) == (400, False)


def test_requests_that_are_too_long_are_refused(simulator):
    headers = {"Content-Length": str(10**9)}
    prepared = requests.Request("POST", f"{simulator.url}/send", headers=headers).prepare()
    prepared.headers["Content-Length"] = headers["Content-Length"]
    with requests.Session() as web:
        assert web.send(prepared, timeout=20).status_code == 413


# --- the process --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signal_ends_it_at_once_even_while_a_call_is_kept_waiting(number):
    with Simulator("--profile", "accept-then-timeout") as simulator:
        waiting = threading.Thread(target=outcome_of, args=(gateway_of(simulator), message()))
        waiting.start()
        while not simulator.messages():
            pass
        simulator.process.send_signal(number)
        assert simulator.process.wait(timeout=20) == 0
        waiting.join(timeout=20)


def test_options_of_the_command_line():
    with Simulator("--profile", "slow", "--latency-ms", "5", "--seed", "9", "--unregistered", "77") as simulator:
        options = simulator.state()["options"]
    wanted = {"profile": "slow", "latency_ms": 5.0, "seed": 9, "unregistered": "77"}
    assert options | wanted == options


def manage(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "manage.py", "whatsapp_simulator", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_port_that_is_taken_is_one_sentence_and_status_1(simulator):
    port = simulator.url.rpartition(":")[2]
    ended = manage("--port", port)
    assert (ended.returncode, ended.stdout, len(ended.stderr.splitlines())) == (1, "", 1)
    assert port in ended.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ("--port", "99999"),
        ("--host", "gateway.invalid"),
        ("--latency-ms", "-1"),
        ("--unregistered", "x"),
        ("--receipts-to", "http://203.0.113.1/hooks/"),
        ("--journal", "manage.py"),
        ("--journal", "/nowhere/at/all"),
    ],
)
def test_arguments_that_make_no_sense_are_one_sentence(arguments):
    with pytest.raises(CommandError) as caught:
        call_command("whatsapp_simulator", "--port", "0", *arguments)
    assert len(str(caught.value).splitlines()) == 1
