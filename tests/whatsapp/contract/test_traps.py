"""Whatever comes back, an adapter never calls a message that left one that did not, and sends it once.

`own` traps are answers of one gateway that invite a wrong conclusion; the others can befall any of them.
"""

import pytest

from tests.gateways.dialects.all import DIALECTS
from tests.gateways.traps import TRAPS
from tests.whatsapp.contract.bench import (
    ANA,
    LONG,
    NAMES,
    SHORT,
    TEXT,
    Bench,
    document,
    picture,
    those_who,
    those_whose,
)
from whatsapp.gateways.base import ErrorKind, GatewayError, Message, NumberCheck, State, Status

pytestmark = pytest.mark.processes
MISLEADING = [
    "El número no está registrado en WhatsApp",
    "Escanee el código QR: la sesión no está conectada",
    "server returned error 463, account restricted",
    "AUTHENTICATION_ERROR WA_REACHOUT_TIMELOCK INVALID_JID",
    "Connection Closed",
    "no LID found for you",
    '{"exists": false, "code": 190}',
]
ENDINGS = {"accepted", *ErrorKind}
WAYS = sorted(set(TRAPS) - {"raw", "bent", "stale"})
CASES = [(name, is_there) for name in WAYS for is_there in (False, True) if TRAPS[name].can_deliver or not is_there]


def limit_for(trap: str) -> float:
    return SHORT if TRAPS[trap].is_slow else LONG


def right_endings(bench: Bench, trap: str) -> frozenset[str]:
    silent = {"accepted"} if TRAPS[trap].is_unreadable and bench.dialect.silence_is_success else ()
    return TRAPS[trap].ends.union(silent)


@pytest.mark.parametrize(("trap", "delivers"), CASES)
def test_message(bench, trap, delivers):
    bench.fake.set(trap=trap, delivers=delivers)
    outcome = bench.send(read_seconds=limit_for(trap))
    assert outcome.ending in right_endings(bench, trap)
    assert len(bench.fake.messages()) == delivers
    assert bench.fake.calls("send") == (trap != "reset_unread")  # no second try, and no redirect followed
    bench.check_truth(outcome)


@pytest.mark.parametrize("trap", ["reset", "hold", "cut", "page_502", "plain_500", "redirect_302"])
def test_picture(bench, trap):
    bench.fake.set(trap=trap)
    seconds = 3.0 if bench.dialect.uploads_first else limit_for(trap)  # its first call has to succeed
    outcome = bench.send(Message(ANA, TEXT, picture()), read_seconds=seconds)
    assert (outcome.ending, len(bench.fake.messages()), bench.fake.calls("send")) == ("uncertain", 1, 1)


@pytest.mark.parametrize("trap", WAYS)
@those_whose("uploads_first")
def test_what_is_handed_over_before_the_message(bench, trap):
    """Whatever becomes of a picture alone, nobody has got a message: that is never in doubt."""
    bench.fake.set(trap=trap, trap_on=["upload"])
    outcome = bench.send(Message(ANA, TEXT, document=document()), read_seconds=2 * limit_for(trap))
    assert outcome.ending not in {"accepted", "uncertain"}
    assert (bench.fake.messages(), bench.fake.calls("send")) == ([], 0)


@pytest.mark.parametrize(("name", "trap"), [(name, trap) for name in NAMES for trap in DIALECTS[name].traps])
def test_own(bench_of, name, trap):
    bench, known = bench_of(name), DIALECTS[name].traps[trap]
    bench.fake.set(trap=trap)
    outcome = bench.send()
    assert known.ends <= ENDINGS
    assert outcome.ending in known.ends, known.doc
    assert len(bench.fake.messages()) == known.delivers
    assert bench.fake.calls("send") == 1
    bench.check_truth(outcome)


@pytest.mark.parametrize(("name", "code"), [(name, code) for name in NAMES for code in DIALECTS[name].codes])
def test_codes(bench_of, name, code):
    bench = bench_of(name)
    bench.fake.set(variant=code)
    assert bench.send().ending in DIALECTS[name].codes[code]
    assert bench.fake.messages() == []


@pytest.mark.parametrize("text", MISLEADING)
def test_a_message_that_is_quoted_says_nothing_about_the_gateway(bench, text):
    bench.fake.set(trap="echoes")
    outcome = bench.send(Message(ANA, text))
    assert (outcome.ending, len(bench.fake.messages())) == ("uncertain", 1)


@pytest.mark.parametrize(("name", "shape"), [(name, shape) for name in NAMES for shape in DIALECTS[name].shapes])
def test_each_shape_of_success(bench_of, name, shape):
    bench = bench_of(name)
    bench.fake.set(variant=shape)
    for message in (Message(ANA, TEXT), Message(ANA, TEXT, picture()), Message(ANA, TEXT, document=document())):
        outcome = bench.send(message)
        assert outcome.accepted.message_id == bench.fake.messages()[-1]["id"]


# --- everything else -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("trap", WAYS)
def test_status_and_number_are_not_known(bench, trap):
    bench.fake.set(trap=trap, trap_on=["all"])
    gateway = bench.gateway(read_seconds=limit_for(trap))
    status, check = gateway.status(), gateway.check_number(ANA)
    assert isinstance(status, Status)
    assert status.state not in {State.READY, State.NEEDS_QR}
    assert isinstance(check, NumberCheck)
    assert (check.exists, check.recipient_id) == (None, "")
    bench.check_detail(status.detail)
    bench.check_detail(check.detail)


@pytest.mark.parametrize("trap", WAYS)
@those_who("shows_qr")
def test_code_that_cannot_be_read_is_not_shown(bench, trap):
    bench.fake.set(phase="needs_qr", trap=trap, trap_on=["qr", "qr_picture"])
    status = bench.gateway(read_seconds=limit_for(trap)).status()
    assert status.state is not State.READY
    assert status.qr_image == b"" or status.qr_image.startswith(b"\x89PNG\r\n\x1a\n")


@pytest.mark.parametrize("trap", WAYS)
def test_restart_fails_in_words_of_ours(bench, trap):
    bench.fake.set(trap=trap, trap_on=["all"])
    try:
        bench.check_detail(bench.gateway(read_seconds=limit_for(trap)).restart())
    except GatewayError as error:
        bench.check_detail(error.detail)


@pytest.mark.parametrize("trap", WAYS)
@those_who("needs_templates")
def test_half_a_list_of_templates_is_none(bench, trap):
    bench.fake.set(trap=trap, trap_on=["templates"])
    with pytest.raises(GatewayError) as caught:
        bench.gateway(read_seconds=limit_for(trap)).templates()
    bench.check_detail(caught.value.detail)
