"""whatsapp_status and whatsapp_restart, against the simulator in its own process."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import translation

from tests.factories import make_sender
from whatsapp import registry
from whatsapp.gateways.base import OutcomeUnknown, State, Status
from whatsapp.gateways.rest import RestGateway
from whatsapp.management.commands import whatsapp_restart
from whatsapp.models import Sender

pytestmark = [pytest.mark.django_db, pytest.mark.processes, pytest.mark.any_database]


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


@pytest.fixture(autouse=True)
def pauses(monkeypatch):
    """The pauses between two looks, without waiting."""
    made: list[float] = []
    monkeypatch.setattr(whatsapp_restart, "sleep", made.append)
    return made


def run(command: str, *arguments: str) -> tuple[int, str, str]:
    """Exit status, output, and the sentence of the error."""
    out = StringIO()
    try:
        call_command(command, *arguments, stdout=out)
    except CommandError as error:
        return error.returncode, out.getvalue(), str(error)
    return 0, out.getvalue(), ""


def test_status_of_a_ready_number(simulator):
    make_sender(name="Taquilla", base_url=simulator.url)
    status, out, error = run("whatsapp_status")
    assert (status, error) == (0, "")
    assert out.startswith("Taquilla  Ready  since ")


def test_status_says_what_to_do(simulator):
    simulator.profile("not-ready")
    make_sender(name="Taquilla", base_url=simulator.url)
    status, out, error = run("whatsapp_status")
    assert (status, error) == (1, "1 number is not ready.")
    assert "Waiting for its QR code" in out
    assert "scan the QR code" in out.splitlines()[-1]


def test_status_records_what_it_learns(simulator):
    sender = make_sender(base_url=simulator.url)
    run("whatsapp_status")
    sender.refresh_from_db()
    assert sender.state == "ready"


def test_status_asks_only_numbers_in_use(simulator):
    make_sender(name="Taquilla", base_url=simulator.url)
    make_sender(name="Cajón", base_url="http://gateway.invalid", is_enabled=False)
    status, out, _ = run("whatsapp_status")
    assert (status, "Cajón" in out) == (0, False)


def test_status_of_one_number(simulator):
    make_sender(name="Taquilla", base_url=simulator.url)
    make_sender(name="Puerta", base_url=simulator.url)
    assert "Puerta" not in run("whatsapp_status", "Taquilla")[1]


def test_status_as_json(simulator):
    simulator.profile("not-ready")
    sender = make_sender(name="Taquilla", base_url=simulator.url)
    status, out, _ = run("whatsapp_status", "--json")
    (row,) = json.loads(out)
    sender.refresh_from_db()
    assert status == 1
    assert row | {"what_to_do": ""} == {
        "name": "Taquilla",
        "ready": False,
        "state": "needs_qr",
        "detail": "Escanee el código QR",
        "since": sender.state_since.isoformat(),
        "checked_at": sender.checked_at.isoformat(),
        "what_to_do": "",
    }
    assert row["what_to_do"] != ""


def test_status_of_a_name_that_is_none():
    make_sender(name="Taquilla")
    status, _, error = run("whatsapp_status", "Taquila")
    assert (status, error) == (2, "There is no number called “Taquila”. There are: “Taquilla”.")


def test_status_without_numbers():
    assert run("whatsapp_status")[0] == 2


def test_restart_until_ready(simulator, pauses):
    simulator.profile("not-ready", restart_seconds=0)
    sender = make_sender(name="Taquilla", base_url=simulator.url)
    status, out, _ = run("whatsapp_restart", "Taquilla")
    sender.refresh_from_db()
    assert (status, sender.state) == (0, "ready")
    assert out.splitlines() == ["Restarting “Taquilla”. Servicio reiniciándose", "“Taquilla” is ready."]
    assert len(pauses) == 1  # not looked at before it can have begun


def test_restart_that_takes_too_long(simulator, monkeypatch):
    simulator.profile("steady", restart_seconds=3600)
    make_sender(name="Taquilla", base_url=simulator.url)
    moments = iter([0.0, 1.0, 2.0, 11.0])
    monkeypatch.setattr(whatsapp_restart, "monotonic", lambda: next(moments))
    status, out, error = run("whatsapp_restart", "Taquilla", "--limit", "10")
    assert (status, out.splitlines()[1:]) == (1, ["Starting…"])
    assert error.startswith("“Taquilla” is not ready: Starting (Iniciando WhatsApp).")


def test_restart_that_ends_at_a_qr_code_does_not_wait_for_a_person(monkeypatch, pauses):
    class WantsScan(RestGateway):
        def restart(self):
            return ""

        def status(self):
            return Status(State.NEEDS_QR)

    monkeypatch.setitem(registry.gateways(), "rest", WantsScan)
    make_sender(name="Taquilla")
    status, _, error = run("whatsapp_restart", "Taquilla")
    assert (status, "scan the QR code" in error, len(pauses)) == (1, True, 1)


@pytest.fixture
def tight_lipped(monkeypatch, simulator):
    """Cuts the connection when it restarts, as some do."""

    class TightLipped(RestGateway):
        def restart(self):
            raise OutcomeUnknown("the connection broke")

    monkeypatch.setitem(registry.gateways(), "rest", TightLipped)
    make_sender(name="Taquilla", base_url=simulator.url)


def test_restart_without_a_clear_answer_is_judged_by_what_follows(tight_lipped):
    status, out, _ = run("whatsapp_restart", "Taquilla")
    assert (status, out.splitlines()[-1]) == (0, "“Taquilla” is ready.")


def test_restart_without_a_clear_answer_and_without_waiting_is_no_success(tight_lipped):
    assert run("whatsapp_restart", "Taquilla", "--no-wait")[0] == 1


def test_restart_without_waiting(simulator, pauses):
    simulator.profile("steady", restart_seconds=3600)
    make_sender(name="Taquilla", base_url=simulator.url)
    assert run("whatsapp_restart", "Taquilla", "--no-wait")[0] == 0
    assert pauses == []


def test_restart_twice_in_a_minute(simulator):
    make_sender(name="Taquilla", base_url=simulator.url)
    run("whatsapp_restart", "Taquilla", "--no-wait")
    status, _, error = run("whatsapp_restart", "Taquilla", "--no-wait")
    assert (status, "less than a minute ago" in error) == (1, True)


def test_restart_of_a_gateway_that_does_not_answer():
    make_sender(name="Taquilla", base_url="http://gateway.invalid:3010")
    status, _, error = run("whatsapp_restart", "Taquilla")
    assert (status, error) == (1, "The gateway was not restarted: the host name is not known")


def test_restart_of_a_name_that_is_none():
    assert run("whatsapp_restart", "Nadie")[0] == 2
    assert not Sender.objects.exists()
