"""What every gateway has to say of itself and of numbers, against a fake of it."""

import pytest

from tests.gateways.dialect import PNG, QR_TEXT
from tests.gateways.dialects.all import DIALECTS
from tests.whatsapp.contract.bench import (
    ANA,
    TEXT,
    Bench,
    those_who,
    those_who_cannot,
    those_whose,
)
from whatsapp.gateways.base import (
    ErrorKind,
    GatewayError,
    Message,
    NotSent,
    NumberCheck,
    State,
    Stopped,
    Unreachable,
)
from whatsapp.registry import OURS

pytestmark = pytest.mark.processes
NOT_READY = ("needs_qr", "starting", "logged_out")


def test_each_gateway_of_ours_has_a_fake():
    assert {gateway.name for gateway in OURS} <= set(DIALECTS)


def raised_by_restart(bench: Bench, **connection: str) -> GatewayError:
    with pytest.raises(GatewayError) as caught:
        bench.gateway(**connection).restart()
    bench.check_detail(caught.value.detail)
    return caught.value


# --- how it is ----------------------------------------------------------------------------------------------------


def test_ready(bench):
    assert bench.gateway().status().state is State.READY


def test_a_look_at_it_changes_nothing(bench):
    bench.gateway().status()
    state = bench.fake.state()
    assert (state["restarts"], state["messages"], set(state["calls"])) == (0, [], {"status"})


@those_who("shows_qr")
def test_code_to_scan(bench):
    bench.fake.set(phase="needs_qr")
    status = bench.gateway().status()
    assert status.state is State.NEEDS_QR
    assert (status.qr_text, status.qr_image) in {(QR_TEXT, b""), ("", PNG), (QR_TEXT, PNG)}


@those_whose("code_disturbs")
def test_a_program_that_looks_by_itself_asks_for_no_code(bench):
    """Making one ends the one that somebody is just scanning."""
    bench.fake.set(phase="needs_qr")
    assert bench.gateway().probe().state is State.NEEDS_QR
    assert bench.fake.calls("qr") == 0


@pytest.mark.parametrize("phase", ["ready", "needs_qr", "starting", "logged_out", "missing"])
def test_a_program_that_looks_by_itself_sees_the_same(bench, phase):
    bench.fake.set(phase=phase)
    assert bench.gateway().probe().state is bench.gateway().status().state


@pytest.mark.parametrize("phase", ["starting", "logged_out", "missing"])
def test_neither_ready_nor_to_be_scanned(bench, phase):
    bench.fake.set(phase=phase)
    status = bench.gateway().status()
    assert status.state not in {State.READY, State.NEEDS_QR}
    assert (status.qr_text, status.qr_image) == ("", b"")
    bench.check_detail(status.detail)


def test_status_with_a_wrong_key(bench):
    status = bench.gateway(key="otra-llave-1b2c").status()
    assert status.state is State.AUTH_ERROR
    assert "otra-llave" not in status.detail


def test_status_of_nobody(bench, nobody):
    assert bench.gateway(url=nobody).status().state is State.UNREACHABLE


@those_whose("status_tells_end")
def test_end_of_a_lock_where_the_status_tells_it(bench):
    """It works, for people whom it knows."""
    bench.fake.set(lock="account", retry_after="7200")
    status = bench.gateway().status()
    assert status.state is State.READY
    assert status.locked_for is not None
    assert 0 < status.locked_for <= 7200


# --- restart ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("phase", ["ready", "starting", "logged_out"])
@those_who("restarts")
def test_restart(bench, phase):
    bench.fake.set(phase=phase)
    bench.check_detail(bench.gateway().restart())
    assert bench.fake.state()["restarts"] == 1


@those_who("restarts")
def test_restart_with_a_wrong_key(bench):
    error = raised_by_restart(bench, key="otra-llave-1b2c")
    assert (type(error), error.kind) == (Stopped, ErrorKind.AUTH)
    assert bench.fake.state()["restarts"] == 0


@those_who("restarts")
def test_restart_of_nobody(bench, nobody):
    assert type(raised_by_restart(bench, url=nobody)) is Unreachable


@those_whose("refuses_restart")
def test_restart_that_is_refused(bench):
    """Some say so with 200."""
    bench.fake.set(variant="no_restart")
    raised_by_restart(bench)
    assert bench.fake.state()["restarts"] == 0


@those_who_cannot("restarts")
def test_where_there_is_nothing_to_restart(bench):
    raised_by_restart(bench)
    assert bench.fake.state()["calls"] == {}


# --- whether a number has WhatsApp --------------------------------------------------------------------------------


@those_who("checks_numbers")
def test_number_with_whatsapp(bench):
    assert bench.gateway().check_number(ANA).exists is True
    assert bench.fake.state()["calls"] == {"check": 1}


@those_who("checks_numbers")
def test_number_without_whatsapp(bench):
    bench.fake.set(absent=[ANA[1:]])
    check = bench.gateway().check_number(ANA)
    assert (check.exists, check.recipient_id) == (False, "")
    bench.check_detail(check.detail)


@those_who_cannot("checks_numbers")
def test_where_nobody_can_be_asked(bench):
    assert bench.gateway().check_number(ANA) == NumberCheck(None)
    assert bench.fake.state()["calls"] == {}


@those_whose("check_names_person")
def test_number_that_whatsapp_knows_under_other_digits(bench):
    """Mexico: whoever sends to the digits that were asked reaches nobody, and is told that all is well."""
    bench.fake.set(variants={"525500000001": "5215500000001"})
    check = bench.gateway().check_number("+525500000001")
    assert (check.exists, "5215500000001" in check.recipient_id) == (True, True)
    outcome = bench.send(Message("+525500000001", TEXT, recipient_id=check.recipient_id))
    assert outcome.ending == "accepted"
    assert [each["phone"] for each in bench.fake.messages()] == ["5215500000001"]


@pytest.mark.parametrize("phase", [*NOT_READY, "missing"])
@those_who("checks_numbers")
def test_nobody_knows_while_it_is_not_ready(bench, phase):
    """And says so in a way that keeps the message from leaving, which would fare no better."""
    bench.fake.set(phase=phase)
    check = bench.gateway().check_number(ANA)
    assert (check.exists, isinstance(check.error, NotSent)) == (None, True)
    bench.check_detail(check.detail)


@those_who("checks_numbers")
def test_nobody_knows_with_a_wrong_key(bench):
    check = bench.gateway(key="otra-llave-1b2c").check_number(ANA)
    assert (check.exists, type(check.error), check.error.kind) == (None, Stopped, ErrorKind.AUTH)


@those_who("checks_numbers")
def test_nobody_knows_of_nobody(bench, nobody):
    check = bench.gateway(url=nobody).check_number(ANA)
    assert (check.exists, type(check.error)) == (None, Unreachable)
