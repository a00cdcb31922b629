"""What a gateway posts about a message is read as what was said when it was sent: the same id, the same person."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.whatsapp.contract.bench import ANA, NAMES, TEXT, Bench, those_who, those_who_cannot
from tests.whatsapp.contract.listener import Letter, Listener
from whatsapp.gateways.base import Message, Signing, State
from whatsapp.registry import gateways
from whatsapp.webhooks.base import News, OwnMessage, Receipt, Reply, StateNews, TemplateNews, Wish

pytestmark = pytest.mark.processes
SECRET = "secreto-de-los-informes-4d5e6f"
POSTING = [name for name in NAMES if gateways()[name].hook]
SIGNING = [name for name in POSTING if gateways()[name].capabilities.signing is not Signing.NONE]
WORDS = ("sent", "delivered", "read", "failed")
all_who_post = pytest.mark.parametrize("bench", POSTING, indirect=True)
all_who_sign = pytest.mark.parametrize("bench", SIGNING, indirect=True)


@pytest.fixture
def listener() -> Iterator[Listener]:
    with Listener() as listener:
        yield listener


@pytest.fixture
def told(bench: Bench, listener: Listener) -> Bench:
    bench.fake.post_to(listener.url, SECRET)
    return bench


def is_genuine(bench: Bench, letter: Letter, secret: str = SECRET) -> bool:
    return bench.kind.hook().is_genuine(letter.headers, letter.body, secret)


def read(bench: Bench, letter: Letter) -> list[News]:
    """All of it is genuine and understood."""
    assert bench.can.signing is Signing.NONE or is_genuine(bench, letter)
    about = {"session_name": bench.fake.session, "phone": f"+{bench.dialect.own}"}
    reading = bench.kind.hook().read(json.loads(letter.body), about)
    assert reading.faults == []
    return reading.news


def test_what_is_claimed_of_its_reports_is_so(bench):
    assert bench.can.receipts == bench.dialect.posts.statuses
    assert bench.can.signing == bench.dialect.posts.signs


# --- receipts -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("word", WORDS)
@all_who_post
def test_receipt(told, listener, word):
    accepted = told.send().accepted
    told.fake.receipt(1, word)
    found = [news for letter in listener.letters for news in read(told, letter)]
    wanted = [(accepted.message_id, word)] if word in told.can.receipts else []
    assert [(each.message_id, each.status) for each in found if isinstance(each, Receipt)] == wanted
    assert len(found) == len(wanted)


@all_who_post
def test_receipts_name_the_person_or_nobody(told, listener):
    told.send()
    told.fake.receipt(1, "read")
    [receipt] = read(told, listener.letters[0])
    assert receipt.phone in {ANA, ""}
    assert "@lid" not in receipt.phone


@those_who("needs_templates")
def test_reference_comes_back(told, listener):
    """So that a message whose answer was lost can be found again."""
    told.fake.set(trap="reset")
    told.send(Message(ANA, TEXT, reference="d-42.7"))
    told.fake.receipt(1, "sent")
    [receipt] = read(told, listener.letters[0])
    assert (receipt.reference, receipt.message_id) == ("d-42.7", told.fake.messages()[0]["id"])


@all_who_post
def test_receipts_that_come_by_themselves_and_early(told, listener):
    """They overtake the answer to the message."""
    told.fake.set(receipts=["delivered", "read"], is_early=True)
    accepted = told.send().accepted
    found = [news for letter in listener.letters for news in read(told, letter)]
    assert [(each.message_id, each.status) for each in found] == [
        (accepted.message_id, "delivered"),
        (accepted.message_id, "read"),
    ]


# --- who says it --------------------------------------------------------------------------------------------------


@all_who_sign
def test_forged(told, listener):
    told.send()
    told.fake.receipt(1, "read", secret="otro-secreto-que-no-es-4d5e6f")
    told.fake.receipt(1, "read")
    forged, right = listener.letters
    assert (is_genuine(told, forged), is_genuine(told, right)) == (False, True)


@all_who_sign
def test_without_its_proof_or_with_an_empty_secret_nothing_is_genuine(told, listener):
    told.send()
    told.fake.receipt(1, "read")
    [letter] = listener.letters
    bare = {name: letter.headers[name] for name in ("host", "content-type", "content-length")}
    assert not is_genuine(told, Letter(bare, letter.body))
    assert not is_genuine(told, Letter(bare, letter.body), "")


@all_who_sign
def test_one_letter_changed_is_not_genuine_where_the_body_is_signed(told, listener):
    told.send()
    told.fake.receipt(1, "read")
    [letter] = listener.letters
    changed = Letter(letter.headers, letter.body.replace(b"573000000001", b"573000000002"))
    assert is_genuine(told, changed) is (told.can.signing is not Signing.BODY)


@pytest.mark.parametrize("bench", [name for name in POSTING if name != "rest"], indirect=True)
def test_what_is_posted_about_another_number_of_the_same_gateway_is_passed_over(told, listener):
    told.send()
    told.fake.receipt(1, "read")
    told.fake.reply(ANA, "BAJA")
    other = {"session_name": "another-one", "phone": "+12025550199", "other_phones": told.dialect.own}
    for letter in listener.letters:
        assert read(told, letter)
        assert told.kind.hook().read(json.loads(letter.body), other).news == []


# --- what people write --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["BAJA", "No, gracias ñ😀", "dos\nlíneas"])
@those_who("hears_replies")
def test_reply(told, listener, text):
    told.fake.reply(ANA, text)
    [reply] = read(told, listener.letters[0])
    assert (type(reply), reply.phone, reply.text) == (Reply, ANA, text)
    assert reply.message_id
    assert reply.chat_id


@those_who("hears_replies")
def test_reply_of_somebody_whose_number_does_not_show(told, listener):
    """Their other id is never taken for a number. Some gateways can be asked whose it is."""
    told.fake.reply(ANA, "BAJA", hidden=True)
    [reply] = read(told, listener.letters[0])
    assert (reply.text, bool(reply.chat_id), reply.phone in {ANA, ""}) == ("BAJA", True, True)
    if told.can.finds_phones:
        assert (reply.phone or told.gateway().phone_of(reply.chat_id)) == ANA


@those_who("finds_phones")
def test_whose_id_it_is_nobody_knows(told):
    assert told.gateway().phone_of("900199999999999@lid") == ""


@those_who_cannot("hears_replies")
def test_gateways_that_hear_nothing_post_nothing(bench):
    with pytest.raises(LookupError):
        bench.fake.reply(ANA, "BAJA")


# --- other news ---------------------------------------------------------------------------------------------------


def posted(bench: Bench, listener: Listener, what: str, **said: Any) -> list[News]:
    """Skips gateways that post nothing of the kind."""
    try:
        bench.fake.post(what, **said)
    except LookupError:
        pytest.skip(f"{bench.name} posts nothing of the kind")
    return [news for letter in listener.letters for news in read(bench, letter)]


@pytest.mark.parametrize("state", ["ready", "needs_qr", "logged_out"])
@pytest.mark.parametrize("bench", [name for name in POSTING if name not in {"rest", "gowa", "cloud"}], indirect=True)
def test_state(told, listener, state):
    [news] = posted(told, listener, "session_state", state=state)
    assert isinstance(news, StateNews)
    assert (news.state is State.READY) == (state == "ready")


@pytest.mark.parametrize("bench", [name for name in POSTING if name in {"waha", "evolution", "gowa"}], indirect=True)
def test_own_message(told, listener):
    """Proof for one whose answer was lost."""
    told.fake.set(trap="reset")
    told.send()
    [news] = posted(told, listener, "own_message", message=1)
    assert isinstance(news, OwnMessage)
    assert (news.message_id, news.phone, news.text) == (told.fake.messages()[0]["id"], ANA, TEXT)


@those_who("needs_templates")
def test_news_that_only_meta_has(told, listener):
    told.fake.wish(ANA, False)
    told.fake.template("entrada", "es_CO", "PAUSED")
    told.fake.session_state("restricted")
    wish, template, state = (news for letter in listener.letters for news in read(told, letter))
    assert (type(wish), wish.phone, wish.wants) == (Wish, ANA, False)
    assert template == TemplateNews("entrada", "es_CO", "PAUSED")
    assert (type(state), state.state, state.ends_at is None) == (StateNews, State.RESTRICTED, False)


# --- what nobody has thought of -----------------------------------------------------------------------------------

KINDS = st.sampled_from(
    [
        *("message.ack", "message", "message.any", "session.status", "messages.update", "messages.upsert"),
        *("send.message", "connection.update", "onack", "onmessage", "status-find", "whatsapp_business_account"),
        *("messages", "account_update", "user_preferences", "message_template_status_update", "text", "failed", ""),
    ]
)
PLACES = st.sampled_from(
    [
        *("event", "payload", "data", "id", "ids", "ack", "ackName", "status", "state", "key", "keyId", "from", "to"),
        *(
            "chat_id",
            "receipt_type",
            "body",
            "text",
            "type",
            "object",
            "entry",
            "changes",
            "field",
            "value",
            "statuses",
        ),
        *("messages", "contacts", "wa_id", "user_id", "errors", "metadata", "phone_number_id", "message", "session"),
    ]
)
LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | KINDS | st.text(max_size=5)
BODIES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(PLACES, inner, max_size=5), max_leaves=15
)


@pytest.mark.parametrize("name", POSTING)
@given(body=BODIES, event=KINDS)
@settings(max_examples=200, derandomize=True, database=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_post_is_read_without_falling_over(name, body, event):
    hook = gateways()[name].hook()
    for whole in (
        body,
        {"event": event, "payload": body, "data": body},
        {"event": event, "object": event, "entry": [body]},
    ):
        for news in hook.read(whole, {"session_name": "taquilla"}).news:
            assert isinstance(news, News)
