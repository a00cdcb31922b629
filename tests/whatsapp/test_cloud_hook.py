"""What Meta posts: whether it is genuine, and what it says."""

import hashlib
import hmac
import json
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.whatsapp.cloud_answers import ACCOUNT, BSUID, NUMBER, messages, post, status
from whatsapp.gateways.base import State
from whatsapp.webhooks.base import Reading, Receipt, ReceiptStatus, Reply, StateNews, TemplateNews, Wish
from whatsapp.webhooks.cloud import CloudHook, verify_token

SECRET = "secreto-de-la-aplicacion"
AT = datetime.fromtimestamp(1_790_000_000, UTC)
PHONE, DIGITS = "+573000000001", "573000000001"
OPTIONS = {"session_name": NUMBER, "account": ACCOUNT}


def read(*changes: Any, options: dict[str, str] | None = None, account: str = ACCOUNT) -> Reading:
    return CloudHook().read(post(*changes, account=account), OPTIONS if options is None else options)


def news(*changes: Any, **where: Any) -> list[Any]:
    reading = read(*changes, **where)
    assert reading.faults == []
    return reading.news


# --- genuine ------------------------------------------------------------------------------------------------------


def signed(body: bytes, secret: str = SECRET) -> dict[str, str]:
    return {"x-hub-signature-256": "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()}


BODY = json.dumps(post(messages(statuses=[status("sent")])), ensure_ascii=False).encode() + " ñ".encode()


def test_signature_over_the_raw_bytes():
    assert CloudHook().is_genuine(signed(BODY), BODY, SECRET) is True


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"x-hub-signature-256": ""},
        {"x-hub-signature-256": "sha256="},
        {"x-hub-signature-256": signed(BODY)["x-hub-signature-256"].removeprefix("sha256=")},
        {"x-hub-signature-256": signed(BODY)["x-hub-signature-256"].replace("sha256=", "sha1=")},
        {"x-hub-signature-256": signed(BODY, "otro")["x-hub-signature-256"]},
        {"x-hub-signature-256": signed(BODY + b" ")["x-hub-signature-256"]},
        {"x-hub-signature-256": "sha256=ñ"},
        {"x-hub-signature": "sha1=" + hmac.new(SECRET.encode(), BODY, hashlib.sha1).hexdigest()},
    ],
)
def test_anything_else_is_forged(headers):
    assert CloudHook().is_genuine(headers, BODY, SECRET) is False


def test_without_a_secret_nothing_is_genuine():
    assert CloudHook().is_genuine(signed(BODY, ""), BODY, "") is False


# --- the question whether the address is ours ---------------------------------------------------------------------


def asked(**changes: str) -> dict[str, str]:
    values = {"mode": "subscribe", "verify_token": verify_token(SECRET), "challenge": "1158201444"}
    return {f"hub.{name}": value for name, value in (values | changes).items()}


def test_challenge_is_given_back():
    assert CloudHook().challenge(asked(), SECRET) == "1158201444"


@pytest.mark.parametrize(
    "query",
    [
        {},
        asked(verify_token=""),
        asked(verify_token=SECRET),
        asked(verify_token=verify_token("otro")),
        asked(mode="unsubscribe"),
        asked(challenge=""),
        asked(challenge="<script>"),
        asked(challenge="1" * 201),
    ],
)
def test_nobody_else_gets_an_answer(query):
    assert CloudHook().challenge(query, SECRET) is None


def test_without_a_secret_there_is_no_answer():
    assert CloudHook().challenge(asked(verify_token=verify_token("")), "") is None


def test_verify_token_can_be_shown_and_typed():
    token = verify_token(SECRET)
    assert (len(token), token == verify_token(SECRET), token == verify_token(SECRET + "x")) == (32, True, False)
    assert set(token) <= set("0123456789abcdef")
    assert SECRET not in token


# --- receipts -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("sent", ReceiptStatus.SENT),
        ("delivered", ReceiptStatus.DELIVERED),
        ("read", ReceiptStatus.READ),
        ("played", ReceiptStatus.READ),
    ],
)
def test_receipts(word, expected):
    assert news(messages(statuses=[status(word)])) == [Receipt("wamid.AAAA", expected, AT, phone=PHONE)]


def test_receipt_brings_our_reference_back():
    [receipt] = news(messages(statuses=[status("sent", biz_opaque_callback_data="entrega-42")]))
    assert receipt.reference == "entrega-42"


def test_failed_receipt_says_why():
    errors = [{"code": 131026, "title": "Message undeliverable", "error_data": {"details": "Not on WhatsApp"}}]
    assert news(messages(statuses=[status("failed", errors=errors)])) == [
        Receipt(
            "wamid.AAAA",
            ReceiptStatus.FAILED,
            AT,
            error_kind="not_on_whatsapp",
            detail="error 131026: Message undeliverable: Not on WhatsApp",
            phone=PHONE,
        )
    ]


def test_errors_of_a_message_that_did_not_fail_are_no_reason():
    [receipt] = news(messages(statuses=[status("sent", errors=[{"code": 131026}])]))
    assert (receipt.error_kind, receipt.detail) == ("", "")


@pytest.mark.parametrize("word", ["deleted", "warning"])
def test_words_that_change_nothing(word):
    assert news(messages(statuses=[status(word)])) == []


def test_receipts_of_groups_are_nobodys():
    assert news(messages(statuses=[status("read", recipient_type="group")])) == []


def test_id_of_a_person_stands_beside_the_number():
    contacts = [{"wa_id": "573000000009", "user_id": "CO.9"}, {"wa_id": DIGITS, "user_id": BSUID}]
    [receipt] = news(messages(contacts=contacts, statuses=[status("read")]))
    assert (receipt.chat_id, receipt.phone) == (BSUID, PHONE)


def test_id_in_the_status_itself():
    [receipt] = news(messages(statuses=[status("read", recipient_user_id=BSUID)]))
    assert (receipt.chat_id, receipt.phone) == (BSUID, PHONE)


def test_contact_of_somebody_else_lends_nobody_an_id():
    contacts = [{"wa_id": "573000000009", "user_id": "CO.9"}]
    [receipt] = news(messages(contacts=contacts, statuses=[status("read")]))
    assert (receipt.chat_id, receipt.phone) == ("", PHONE)


def test_person_who_hides_the_number_is_known_by_the_id():
    hidden = status("read", recipient_user_id=BSUID)
    del hidden["recipient_id"]
    [receipt] = news(messages(contacts=[{"user_id": BSUID, "profile": {"username": "ana"}}], statuses=[hidden]))
    assert (receipt.chat_id, receipt.phone) == (BSUID, "")


def test_id_brings_the_number_where_the_contact_has_it():
    hidden = status("read", recipient_user_id=BSUID)
    del hidden["recipient_id"]
    [receipt] = news(messages(contacts=[{"user_id": BSUID, "wa_id": DIGITS}], statuses=[hidden]))
    assert (receipt.chat_id, receipt.phone) == (BSUID, PHONE)


@pytest.mark.parametrize("recipient_id", [BSUID, "100000000000001@lid", "123", "1" * 16, "", None, 573000000001])
def test_what_is_no_number_is_never_one(recipient_id):
    assert news(messages(statuses=[status("read", recipient_id=recipient_id)]))[0].phone == ""


# --- replies ------------------------------------------------------------------------------------------------------


def reply(**more: Any) -> dict[str, Any]:
    return {"from": DIGITS, "id": "wamid.BBBB", "timestamp": "1790000000", "type": "text", **more}


@pytest.mark.parametrize(
    ("more", "text"),
    [
        ({"type": "text", "text": {"body": " BAJA "}}, "BAJA"),
        ({"type": "button", "button": {"text": "No más avisos", "payload": "STOP"}}, "No más avisos"),
        ({"type": "button", "button": {"payload": "STOP"}}, "STOP"),
        (
            {
                "type": "interactive",
                "interactive": {"type": "button_reply", "button_reply": {"id": "1", "title": "Sí"}},
            },
            "Sí",
        ),
        (
            {"type": "interactive", "interactive": {"type": "list_reply", "list_reply": {"id": "1", "title": "No"}}},
            "No",
        ),
        ({"type": "image", "image": {"id": "7", "caption": "mi entrada"}}, "mi entrada"),
        ({"type": "image", "image": {"id": "7"}}, ""),
        ({"type": "audio", "audio": {"id": "7"}}, ""),
        ({"type": "unsupported", "errors": [{"code": 131051}]}, ""),
    ],
)
def test_replies(more, text):
    assert news(messages(contacts=[{"wa_id": DIGITS}], messages=[reply(**more)])) == [
        Reply("wamid.BBBB", DIGITS, PHONE, text, AT)
    ]


@pytest.mark.parametrize("kind", ["reaction", "system", "request_welcome", "edit", "revoke"])
def test_what_nobody_wrote_is_no_reply(kind):
    assert news(messages(messages=[reply(type=kind)])) == []


def test_what_is_written_in_a_group_is_no_reply():
    assert news(messages(messages=[reply(group_id="abc", text={"body": "BAJA"})])) == []


def test_person_is_known_by_id_and_number():
    contacts = [{"wa_id": DIGITS, "user_id": BSUID, "profile": {"name": "Ana"}}]
    assert news(messages(contacts=contacts, messages=[reply(text={"body": "Hola"})])) == [
        Reply("wamid.BBBB", BSUID, PHONE, "Hola", AT)
    ]


@pytest.mark.parametrize("sender", [{}, {"from": BSUID}])
def test_person_who_hides_the_number_has_none(sender):
    written = reply(text={"body": "Hola"}, from_user_id=BSUID)
    del written["from"]
    [found] = news(messages(contacts=[{"user_id": BSUID}], messages=[written | sender]))
    assert (found.chat_id, found.phone) == (BSUID, "")


def test_reply_of_nobody_is_a_fault():
    written = reply(text={"body": "Hola"})
    del written["from"]
    assert read(messages(messages=[written])) == Reading([], ["ValueError"])


# --- wishes -------------------------------------------------------------------------------------------------------


def wish(value: str, **more: Any) -> dict[str, Any]:
    return {"wa_id": DIGITS, "category": "marketing_messages", "value": value, "timestamp": 1_790_000_000, **more}


def preferences(*wishes: Any, **value: Any) -> dict[str, Any]:
    change = messages(user_preferences=list(wishes), **value)
    return change | {"field": "user_preferences"}


@pytest.mark.parametrize(("value", "wants"), [("stop", False), ("resume", True), ("signup", True)])
def test_wishes(value, wants):
    assert news(preferences(wish(value))) == [Wish(PHONE, "", wants, AT)]


def test_wish_of_a_person_who_hides_the_number():
    assert news(preferences(wish("stop", wa_id=None, user_id=BSUID))) == [Wish("", BSUID, False, AT)]


def test_wish_carries_both_names():
    contacts = [{"wa_id": DIGITS, "user_id": BSUID}]
    assert news(preferences(wish("stop"), contacts=contacts)) == [Wish(PHONE, BSUID, False, AT)]


def test_wish_about_something_else_is_none():
    assert news(preferences(wish("stop", category="calls"))) == []


@pytest.mark.parametrize("bad", [wish("perhaps"), wish("stop", wa_id=None), {"value": "stop"}])
def test_wish_that_nobody_understands_is_a_fault(bad):
    assert len(read(preferences(bad)).faults) == 1


# --- the account --------------------------------------------------------------------------------------------------


def account(event: str, **value: Any) -> dict[str, Any]:
    return {"field": "account_update", "value": {"event": event, **value}}


def restriction(kind: str, expiration: Any = 1_790_000_000) -> dict[str, Any]:
    return {"restriction_type": kind, "expiration": expiration}


WRITING, CALLING = "RESTRICTED_BIZ_INITIATED_MESSAGING", "RESTRICTED_BUSINESS_INITIATED_CALLING"
ANSWERING, ADDING = "RESTRICTED_CUSTOMER_INITIATED_MESSAGING", "RESTRICTED_ADD_PHONE_NUMBER_ACTION"


def test_restriction_with_its_end():
    found = news(
        account("ACCOUNT_RESTRICTION", restriction_info=[restriction(WRITING), restriction(ADDING, 1_800_000_000)])
    )
    assert found == [StateNews(State.RESTRICTED, f"Meta restricted the account: {WRITING}", AT, of_account=True)]


def test_last_end_of_several_counts():
    both = [restriction(WRITING, 1_790_000_000), restriction(ANSWERING, 1_790_086_400)]
    [found] = news(account("ACCOUNT_RESTRICTION", restriction_info=both))
    assert found.ends_at == datetime.fromtimestamp(1_790_086_400, UTC)


def test_restriction_without_an_end_has_none():
    both = [restriction(WRITING, None), restriction(ANSWERING)]
    [found] = news(account("ACCOUNT_RESTRICTION", restriction_info=both))
    assert found.ends_at is None


@pytest.mark.parametrize("kind", [CALLING, ADDING, "RESTRICTED_UTILITY_TEMPLATES"])
def test_restriction_of_something_else_stops_no_message(kind):
    assert news(account("ACCOUNT_RESTRICTION", restriction_info=[restriction(kind)])) == []


@pytest.mark.parametrize(
    ("change", "state", "of_account"),
    [
        (account("DISABLED_UPDATE", ban_info={"waba_ban_state": "DISABLE"}), State.RESTRICTED, True),
        (account("ACCOUNT_DELETED"), State.FAILED, True),
        (account("ACCOUNT_OFFBOARDED"), State.FAILED, False),  # one number of it
    ],
)
def test_account_that_can_be_used_no_more(change, state, of_account):
    assert [(each.state, each.of_account) for each in news(change)] == [(state, of_account)]


@pytest.mark.parametrize(
    "change",
    [
        account("DISABLED_UPDATE", ban_info={"waba_ban_state": "REINSTATE"}),
        account("DISABLED_UPDATE", ban_info={"waba_ban_state": "SCHEDULE_FOR_DISABLE"}),
        account("ACCOUNT_VIOLATION", violation_info={"violation_type": "SPAM"}),
        account("ACCOUNT_RECONNECTED"),
        account("PARTNER_ADDED"),
    ],
)
def test_news_of_the_account_that_stop_no_message(change):
    assert news(change) == []


# --- templates ----------------------------------------------------------------------------------------------------


def template(event: str, language: str = "es-CO", **value: Any) -> dict[str, Any]:
    named = {"message_template_name": "entrada", "message_template_language": language, "message_template_id": 7}
    return {"field": "message_template_status_update", "value": {"event": event, **named, **value}}


@pytest.mark.parametrize(
    ("change", "status"),
    [
        (template("APPROVED"), "APPROVED"),
        (template("REINSTATED"), "APPROVED"),
        (template("PAUSED", other_info={"title": "FIRST_PAUSE"}), "PAUSED"),
        (template("LOCKED", other_info={"title": "SECOND_PAUSE"}), "PAUSED"),
        (template("UNLOCKED", other_info={"title": "UNPAUSE"}), "APPROVED"),
        (template("DISABLED"), "DISABLED"),
        (template("REJECTED", reason="SCAM"), "REJECTED"),
        (template("PENDING_DELETION", reason=None), "PENDING_DELETION"),
    ],
)
def test_templates(change, status):
    assert news(change) == [TemplateNews("entrada", "es_CO", status)]


@pytest.mark.parametrize("event", ["FLAGGED", "LOCKED", "LIMIT_EXCEEDED", "SOMETHING_NEW"])
def test_template_that_may_still_leave_is_no_news(event):
    assert news(template(event)) == []


# --- whose it is, and what is not understood ----------------------------------------------------------------------


def test_posts_about_other_numbers_of_the_app_are_passed_over():
    ours, theirs = messages(statuses=[status("sent")]), messages(number="999", statuses=[status("sent", "wamid.X")])
    assert [each.message_id for each in news(theirs, ours)] == ["wamid.AAAA"]
    assert news(messages(number="999", messages=[reply(text={"body": "BAJA"})])) == []
    assert news(preferences(wish("stop"), number="999")) == []


def test_whoever_does_not_say_which_number_it_is_gets_everything():
    assert len(news(messages(number="999", statuses=[status("sent")]), options={})) == 1


def test_post_that_does_not_say_which_number_it_is_about_is_a_fault():
    change = messages(statuses=[status("sent")])
    del change["value"]["metadata"]
    assert read(change) == Reading([], ["KeyError"])


def test_posts_about_other_accounts_are_passed_over():
    assert news(account("ACCOUNT_DELETED"), template("PAUSED"), account="999") == []
    assert len(news(account("ACCOUNT_DELETED"), template("PAUSED"), account="999", options={})) == 2


@pytest.mark.parametrize("body", [None, [], "x", 7, {}, {"object": "page", "entry": []}, post() | {"entry": 7}])
def test_post_of_no_known_shape(body):
    reading = CloudHook().read(body, OPTIONS)
    assert (reading.news, len(reading.faults)) == ([], 1)


@pytest.mark.parametrize(
    "change",
    [
        None,
        "x",
        {},
        {"field": "messages"},
        {"field": "messages", "value": None},
        messages(statuses=7),
        messages(statuses=[None]),
        messages(statuses=[{}]),
        messages(statuses=[status("dancing")]),
        messages(statuses=[status("sent", message_id="")]),
        messages(statuses=[status("sent", message_id=7)]),
        messages(messages=[{}]),
        messages(contacts=7, statuses=[status("sent")]),
        {"field": "account_update", "value": {}},
        {"field": "account_update", "value": {"event": "ACCOUNT_RESTRICTION"}},
        {"field": "message_template_status_update", "value": {"event": "PAUSED"}},
    ],
)
def test_part_that_nobody_understands_spoils_no_other(change):
    reading = read(change, messages(statuses=[status("sent")]))
    assert ([each.message_id for each in reading.news], len(reading.faults)) == (["wamid.AAAA"], 1)


@pytest.mark.parametrize("field", [["account_update"], None, "phone_number_quality_update", "security"])
def test_fields_of_no_concern_are_no_fault(field):
    assert read({"field": field, "value": {"event": "x"}}) == Reading()
