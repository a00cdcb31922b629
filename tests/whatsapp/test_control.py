from datetime import timedelta

import pytest

from tests.factories import NOW, make_sender
from whatsapp import registry
from whatsapp.control import CannotRestart, RestartTooSoon, check_sender, restart_sender
from whatsapp.gateways.base import Capabilities, Gateway, State, Status, Unreachable
from whatsapp.models import Sender

pytestmark = pytest.mark.django_db


class FakeGateway(Gateway):
    name = "fake"
    label = "Fake"
    said = Status(State.READY, "listo")
    restarts = 0
    fails = False

    def status(self):
        return self.said

    def restart(self):
        type(self).restarts += 1
        if self.fails:
            raise Unreachable("no connection")
        return "Reiniciando"

    def send(self, message):
        raise NotImplementedError


@pytest.fixture
def fake(monkeypatch):
    kind = type("Fake", (FakeGateway,), {})
    monkeypatch.setitem(registry.gateways(), "fake", kind)
    return kind


def test_check_asks_and_records(fake):
    sender = make_sender(gateway="fake")
    assert check_sender(sender, now=NOW) == Status(State.READY, "listo")
    stored = Sender.objects.get(pk=sender.pk)
    assert (stored.state, stored.state_detail, stored.checked_at) == ("ready", "listo", NOW)
    assert (sender.state, sender.checked_at) == ("ready", NOW)


def test_check_of_a_gateway_that_is_not_installed():
    sender = make_sender(gateway="antiguo")
    assert check_sender(sender, now=NOW).state is State.FAILED
    assert (sender.state, "antiguo" in sender.state_detail) == ("failed", True)


def test_restart(fake):
    sender = make_sender(gateway="fake", state="ready", state_since=NOW - timedelta(days=1))
    assert restart_sender(sender, now=NOW) == "Reiniciando"
    assert fake.restarts == 1
    assert (sender.state, sender.state_since, sender.restarted_at) == ("starting", NOW, NOW)


def test_restart_at_most_once_a_minute(fake):
    sender = make_sender(gateway="fake")
    restart_sender(sender, now=NOW)
    with pytest.raises(RestartTooSoon):
        restart_sender(sender, now=NOW + timedelta(seconds=59))
    assert fake.restarts == 1


def test_restart_again_after_a_minute(fake):
    sender = make_sender(gateway="fake")
    restart_sender(sender, now=NOW)
    restart_sender(sender, now=NOW + timedelta(seconds=60))
    assert fake.restarts == 2


def test_two_who_hold_the_same_row_restart_once(fake):
    sender = make_sender(gateway="fake")
    copy = Sender.objects.get(pk=sender.pk)
    restart_sender(sender, now=NOW)
    with pytest.raises(RestartTooSoon):
        restart_sender(copy, now=NOW)
    assert fake.restarts == 1


def test_restart_that_fails_still_takes_its_minute(fake):
    fake.fails = True
    sender = make_sender(gateway="fake", state="ready")
    with pytest.raises(Unreachable):
        restart_sender(sender, now=NOW)
    stored = Sender.objects.get(pk=sender.pk)
    assert (stored.state, stored.restarted_at) == ("ready", NOW)


def test_restart_of_a_gateway_that_has_none(fake):
    fake.capabilities = Capabilities(restarts=False)
    sender = make_sender(gateway="fake")
    with pytest.raises(CannotRestart, match="Fake"):
        restart_sender(sender, now=NOW)
    assert Sender.objects.get(pk=sender.pk).restarted_at is None


def test_restart_of_a_gateway_that_is_not_installed():
    with pytest.raises(CannotRestart, match="antiguo"):
        restart_sender(make_sender(gateway="antiguo"), now=NOW)
