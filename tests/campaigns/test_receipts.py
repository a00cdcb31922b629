"""What a provider reports of our messages: which row it changes, how, and which rows it never touches."""

from datetime import datetime, timedelta

import pytest
from django.db import DataError, connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from campaigns import receipts
from campaigns.explanations import RECEIPT_FAILED, explain
from campaigns.models import Delivery, DeliveryAttempt
from campaigns.tick import tick
from tests.campaigns.hearing import LEFT_AT, call, receipt, sent, state, status, tell
from tests.factories import NOW, make_campaign, make_contact, make_delivery, make_sender
from tickets.models import Contact, HistoryEntry
from whatsapp.models import ChatIdentity, EarlyReceipt, Sender
from whatsapp.signals import news_arrived
from whatsapp.webhooks.base import Receipt

pytestmark = pytest.mark.django_db

LATER = LEFT_AT + timedelta(minutes=1)
BEGUN_AT = LEFT_AT - timedelta(seconds=1)


@pytest.fixture
def sender():
    return make_sender()


# --- which message


def test_a_receipt_changes_the_message_with_its_id_and_no_other(sender):
    mine, other = sent("AAAA", sender=sender), sent("BBBB", sender=sender)
    of_another_number = sent("AAAA")
    assert tell(sender, receipt("delivered", "AAAA", LATER)) == 1
    assert state(mine) == ("delivered", LEFT_AT, LATER, None)
    assert [status(other), status(of_another_number)] == ["sent", "sent"]


def test_the_news_come_by_the_signal(sender):
    delivery = sent(sender=sender)
    news_arrived.send(sender=Sender, sender_id=sender.pk, news=[receipt("read")], now=NOW)
    assert state(delivery) == ("read", LEFT_AT, NOW, NOW)


def test_an_id_as_long_as_can_be_is_found_by_what_was_kept_of_it(sender):
    delivery = sent("x" * 200, sender=sender)
    tell(sender, receipt("delivered", "x" * 300))
    assert status(delivery) == "delivered"


def test_of_two_messages_with_one_id_the_newer_is_meant(sender):
    older, newer = sent(sender=sender), sent(sender=sender)
    tell(sender, receipt("delivered"))
    assert [status(older), status(newer)] == ["sent", "delivered"]


def test_our_reference_finds_a_message_whose_answer_was_lost(sender):
    delivery = sent("", "uncertain", sender=sender, error_kind="uncertain", error_detail="HTTP 500")
    tell(sender, receipt("sent", "META1", LATER, reference=f"delivery-{delivery.pk}-1"))
    assert state(delivery) == ("sent", BEGUN_AT, None, None)
    delivery.refresh_from_db()
    assert (delivery.gateway_message_id, delivery.error_kind, delivery.error_detail) == ("META1", "", "")
    tell(sender, receipt("read", "META1", LATER))  # from now on without it
    assert status(delivery) == "read"


def test_a_reference_of_another_number_or_of_no_call_is_not_ours(sender):
    delivery = sent("", "uncertain", sender=sender)
    other = make_sender()
    tell(other, receipt("sent", "X1", reference=f"delivery-{delivery.pk}-1"))
    tell(sender, receipt("sent", "X2", reference=f"delivery-{delivery.pk}-2"))
    tell(sender, receipt("sent", "X3", reference=f"{delivery.pk}-1"))
    assert status(delivery) == "uncertain"


# --- from which states


@pytest.mark.parametrize("before", ["sent", "failed", "uncertain", "pending", "waiting", "delivered", "read"])
def test_a_proof_of_arrival_beats_what_was_known(sender, before):
    delivery = sent(sender=sender, status=before, due_at=NOW if before == "waiting" else None, error_kind="unreachable")
    tell(sender, receipt("delivered", at=LATER))
    delivery.refresh_from_db()
    assert (delivery.status, delivery.delivered_at) == ("read" if before == "read" else "delivered", LATER)
    if before not in ("delivered", "read"):
        assert (delivery.error_kind, delivery.due_at, delivery.status_changed_at) == ("", None, NOW)


@pytest.mark.parametrize("before", ["claimed", "skipped", "cancelled", "expired"])
@pytest.mark.parametrize("reported", ["sent", "failed", "read"])
def test_what_is_leaving_or_was_taken_back_stays_as_it_is(sender, before, reported):
    delivery = sent(sender=sender, status=before, error_kind="opted_out" if before == "skipped" else "")
    tell(sender, receipt(reported, reference=f"delivery-{delivery.pk}-1"))
    assert status(delivery) == before


def test_a_resend_that_has_not_left_does_not_leave_any_more():
    delivery = sent(status="pending")
    tell(delivery.sender, receipt("delivered"))
    queue = Delivery.objects.filter(status="pending")
    assert (status(delivery), queue.count()) == ("delivered", 0)


@pytest.mark.parametrize("reported", ["sent", "failed"])
def test_only_an_arrival_stops_a_resend(reported):
    delivery = sent(status="pending")
    tell(delivery.sender, receipt(reported))
    assert status(delivery) == "pending"


@pytest.mark.parametrize(("before", "after"), [("sent", "failed"), ("uncertain", "failed"), ("delivered", "delivered")])
def test_a_failure_only_counts_while_nothing_has_arrived(sender, before, after):
    delivery = sent(sender=sender, status=before)
    tell(sender, receipt("failed", error_kind="not_on_whatsapp", detail="Code 26: +57 300 000 0011 is no user"))
    delivery.refresh_from_db()
    assert delivery.status == after
    if after == "failed":
        assert (delivery.error_kind, delivery.error_detail) == ("not_on_whatsapp", "Code 26: … is no user")


@pytest.mark.parametrize("kind", ["", "blocked", "rate_limited", "uncertain", "nonsense"])
def test_a_failure_without_a_reason_of_its_own_has_words_too(sender, kind):
    """ "It goes on by itself" would be wrong of a message that has failed."""
    delivery = sent(sender=sender)
    tell(sender, receipt("failed", error_kind=kind))
    delivery.refresh_from_db()
    assert (delivery.status, delivery.error_kind) == ("failed", RECEIPT_FAILED)
    with translation.override("en"):
        assert str(explain(RECEIPT_FAILED).sentence).startswith("It left, and later")


def test_the_record_of_the_call_stays_as_it_ended(sender):
    delivery = sent("", "uncertain", sender=sender)
    before = DeliveryAttempt.objects.filter(delivery=delivery).values().get()
    tell(sender, receipt("read", "META1", reference=f"delivery-{delivery.pk}-1"))
    assert DeliveryAttempt.objects.filter(delivery=delivery).values().get() == before


# --- earlier calls of the same message


def test_a_repeated_failure_of_the_first_try_says_nothing_of_the_second(sender):
    """Failed, sent again, and of the second call nobody knows the end."""
    delivery = sent("FIRST", "uncertain", sender=sender, calls=2)
    delivery.attempts.filter(number=2).update(gateway_message_id="")
    delivery.attempts.filter(number=1).update(outcome="accepted", gateway_message_id="FIRST")
    tell(sender, receipt("failed", "FIRST"), receipt("sent", "FIRST"))
    assert status(delivery) == "uncertain"
    tell(sender, receipt("delivered", "FIRST"))  # but that it arrived after all does
    assert status(delivery) == "delivered"


def test_a_repeated_failure_of_the_first_try_does_not_fail_what_a_person_counted_as_sent(sender):
    delivery = sent("FIRST", "sent", sender=sender, calls=2)
    delivery.attempts.filter(number=1).update(outcome="accepted", gateway_message_id="FIRST")
    delivery.attempts.filter(number=2).update(outcome="uncertain", gateway_message_id="")
    tell(sender, receipt("failed", "FIRST"))
    assert status(delivery) == "sent"


def test_of_an_earlier_call_with_our_reference_only_an_arrival_counts(sender):
    delivery = sent("", "uncertain", sender=sender, calls=2)
    earlier = f"delivery-{delivery.pk}-1"
    tell(sender, receipt("sent", "FIRST", reference=earlier), receipt("failed", "FIRST", reference=earlier))
    assert status(delivery) == "uncertain"
    tell(sender, receipt("delivered", "FIRST", reference=earlier))
    assert status(delivery) == "delivered"


def test_a_reference_names_the_number_that_called_and_not_the_one_that_calls_now(sender):
    delivery = sent("", "uncertain", sender=make_sender())
    call(delivery, 0, sender=sender, outcome="uncertain")
    tell(sender, receipt("delivered", "OLD", reference=f"delivery-{delivery.pk}-0"))
    assert status(delivery) == "uncertain"  # no call has the number 0
    Delivery.objects.filter(pk=delivery.pk).update(attempts_made=2)
    call(delivery, 2, outcome="uncertain")
    DeliveryAttempt.objects.filter(delivery=delivery, number=1).update(sender=sender)
    tell(sender, receipt("delivered", "OLD", reference=f"delivery-{delivery.pk}-1"))
    assert status(delivery) == "delivered"


# --- times


def test_a_moment_is_never_in_the_future_nor_before_it_left(sender):
    hasty, slow = sent("A1", sender=sender), sent("A2", sender=sender)
    tell(
        sender, receipt("read", "A1", NOW + timedelta(days=1)), receipt("delivered", "A2", LEFT_AT - timedelta(days=1))
    )
    assert state(hasty) == ("read", LEFT_AT, NOW, NOW)
    assert state(slow) == ("delivered", LEFT_AT, LEFT_AT, None)


def test_without_a_moment_it_was_now(sender):
    delivery = sent(sender=sender)
    tell(sender, receipt("delivered"))
    assert state(delivery) == ("delivered", LEFT_AT, NOW, None)


def test_since_when_it_is_so_only_moves_with_the_state(sender):
    delivery = sent(sender=sender)
    tell(sender, receipt("delivered", at=NOW))
    later = NOW + timedelta(minutes=1)
    tell(sender, receipt("delivered", at=LATER), now=later)
    delivery.refresh_from_db()
    assert (delivery.delivered_at, delivery.status_changed_at) == (LATER, NOW)


# --- what else follows


def test_who_told_whatsapp_to_stop_us_gets_no_more_announcements(sender):
    person, other = make_contact(), make_contact()
    first = sent("A1", sender=sender, contact=person)
    sent("A2", sender=sender, contact=other)
    waiting = make_delivery(contact=person, campaign=make_campaign(status="sending"))
    tell(sender, receipt("failed", "A1", error_kind="unsubscribed"), receipt("failed", "A2", error_kind="frequency"))
    assert [status(first), status(waiting)] == ["failed", "skipped"]
    assert set(Contact.objects.exclude(whatsapp_opt_out_at=None)) == {person}
    entry = HistoryEntry.objects.get(action="opted_out")
    assert (entry.object_id, entry.actor) == (str(person.pk), "")


def test_a_repeated_report_does_not_undo_a_new_consent(sender):
    person = make_contact()
    sent(sender=sender, contact=person)
    tell(sender, receipt("failed", error_kind="unsubscribed"))
    Contact.objects.filter(pk=person.pk).update(whatsapp_opt_out_at=None)
    tell(sender, receipt("failed", error_kind="unsubscribed"))
    assert not Contact.objects.exclude(whatsapp_opt_out_at=None).exists()


def test_the_receipt_of_an_id_that_is_no_number_teaches_whose_it_is(sender):
    delivery = sent(sender=sender)
    tell(sender, receipt("delivered", chat_id="100000000000001@lid"))
    assert ChatIdentity.objects.values_list("chat_id", "phone").get() == ("100000000000001@lid", delivery.address)
    assert Contact.objects.count() == 1


@pytest.mark.parametrize("chat_id", ["", "573000000001@c.us", "573000000001", "120363000000000001@g.us"])
def test_a_number_and_a_group_teach_nothing(sender, chat_id):
    sent(sender=sender)
    tell(sender, receipt("delivered", chat_id=chat_id))
    assert not ChatIdentity.objects.exists()


def test_the_number_remembers_when_it_was_last_heard_of(sender):
    tell(sender, receipt("delivered", "nobody's"))
    assert Sender.objects.get().last_receipt_at == NOW
    tell(sender, receipt("delivered", "nobody's"), now=NOW - timedelta(minutes=1))  # a post that was read late
    assert Sender.objects.get().last_receipt_at == NOW


# --- one bad item


NONSENSE = [
    Receipt("", "read"),
    Receipt("AAAA", "eaten"),
    Receipt("AA\x00AA", "read"),
    Receipt("AA\ud800AA", "read"),
    Receipt(None, "read"),
    Receipt("AAAA", "failed", detail=None),
    Receipt("AAAA", "read", at="yesterday"),
]


@pytest.mark.parametrize("bad", NONSENSE)
def test_one_that_makes_no_sense_spoils_no_other(sender, bad):
    delivery, other = sent("AAAA", sender=sender), sent("BBBB", sender=sender)
    tell(sender, bad, receipt("read", "BBBB"))
    assert [status(delivery), status(other)] == ["sent", "read"]


def test_a_moment_without_a_zone_is_no_moment(sender):
    delivery = sent(sender=sender)
    tell(sender, receipt("delivered", at=datetime(2020, 1, 1)))  # noqa: DTZ001
    assert state(delivery) == ("delivered", LEFT_AT, NOW, None)


def test_one_that_the_database_refuses_spoils_no_other(sender, monkeypatch):
    delivery, other = sent("AAAA", sender=sender), sent("BBBB", sender=sender)
    write = receipts.update_each

    def refuse(model, guard, names, rows):
        if any(row[0] == delivery.pk for row in rows):
            raise DataError
        return write(model, guard, names, rows)

    monkeypatch.setattr(receipts, "update_each", refuse)
    tell(sender, receipt("read", "AAAA"), receipt("read", "BBBB"))
    assert [status(delivery), status(other)] == ["sent", "read"]


# --- the cost


def _questions(sender, count):
    ids = [f"{count}-{number}" for number in range(count)]
    for message_id in ids:
        sent(message_id, sender=sender)
    with CaptureQueriesContext(
        connection,
    ) as asked:
        tell(sender, *(receipt("read", message_id, chat_id=f"{message_id}@lid") for message_id in ids))
    assert Delivery.objects.filter(status="read").count() >= count
    return len(asked)


def test_many_receipts_take_as_many_questions_as_a_few(sender):
    assert _questions(sender, 2) == _questions(sender, 60)


def test_a_post_that_says_nothing_new_writes_nothing(sender):
    sent(sender=sender)
    tell(sender, receipt("delivered", at=LATER, chat_id="1@lid"))
    with CaptureQueriesContext(connection) as asked:
        tell(sender, receipt("delivered", at=LATER, chat_id="1@lid"), receipt("sent", at=LATER))
    wrote = [one["sql"] for one in asked if one["sql"].startswith(("UPDATE", "INSERT", "DELETE"))]
    assert [sql.split()[1].strip('"') for sql in wrote] == ["whatsapp_sender"]  # when it was last heard of


def test_the_ids_are_found_by_their_index(sender):
    for number in range(20):
        sent(f"A{number}", sender=sender)
    with CaptureQueriesContext(connection) as asked:
        tell(sender, *(receipt("read", f"A{number}") for number in range(20)))
    if connection.vendor == "sqlite":
        plans = [
            _plan(one["sql"])
            for one in asked
            if one["sql"].startswith("SELECT") and 'campaigns_delivery"' in one["sql"]
        ]
        assert plans
        assert all("delivery_by_message" in plan for plan in plans)


def _plan(sql):
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {sql}")
        return " ".join(row[3] for row in cursor.fetchall())


# --- what is on record too late


def test_a_receipt_that_overtakes_our_own_save_waits_for_it(sender):
    delivery = sent("", "claimed", sender=sender)
    tell(sender, receipt("delivered", "AAAA", LATER))
    assert status(delivery) == "claimed"
    Delivery.objects.filter(pk=delivery.pk).update(status="sent", sent_at=LEFT_AT, gateway_message_id="AAAA")
    tell(sender, receipt("sent", "another"))  # the next post of the number
    assert state(delivery) == ("delivered", LEFT_AT, LATER, None)
    assert list(EarlyReceipt.objects.values_list("message_id", flat=True)) == ["another"]


def test_the_tick_looks_for_all_others(sender):
    delivery = sent("", "claimed", sender=sender)
    tell(sender, receipt("read", "AAAA", LATER))
    Delivery.objects.filter(pk=delivery.pk).update(status="sent", sent_at=LEFT_AT, gateway_message_id="AAAA")
    assert tick(now=NOW + timedelta(hours=1)).overtaken == 1
    assert state(delivery) == ("read", LEFT_AT, LATER, LATER)
    assert not EarlyReceipt.objects.exists()
