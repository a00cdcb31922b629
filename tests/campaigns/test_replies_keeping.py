"""Strangers are forgotten after the days in the settings: whatever they sent, and under which ids they wrote."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from campaigns.models import Reply, ReplySettings
from campaigns.replies import keeping
from campaigns.replies.keeping import forget_old
from campaigns.tick import tick
from tests.campaigns.replying import LID, arrives, said, writes
from tests.factories import NOW, make_contact, make_reply, make_sender
from tickets.aliases import keep_aliases
from tickets.models import Contact
from whatsapp.identities import learn, phone_of
from whatsapp.models import ChatIdentity
from whatsapp.webhooks.base import Wish

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fixed_clock")]

DAY = timedelta(days=1)
OLD, YOUNG = NOW - 366 * DAY, NOW - 364 * DAY
STRANGER = "+573000000099"
OTHER_FORMS = [
    ("+525555550101", "+5215555550101"),
    ("+5491155550101", "+541155550101"),
    ("+5511955550101", "+551155550101"),
    ("+551155550101", "+5511955550101"),
    ("+573000000001", "+573000000001"),
]


@pytest.fixture
def sender():
    return make_sender()


@pytest.fixture
def ana():
    return make_contact(name="Ana", phone="+573000000001")


def who():
    return list(Reply.objects.order_by("pk").values_list("phone", "chat_id"))


# --- replies without words


def test_a_stranger_who_sent_a_picture_is_forgotten_too(sender):
    arrives(sender, said("", phone=STRANGER, message_id="1", at=OLD), said("", chat_id=LID, message_id="2", at=OLD))
    arrives(sender, said("", phone=STRANGER, message_id="3", at=YOUNG))
    assert tick(now=NOW).replies_forgotten == 2
    assert who() == [("", "")] * 2 + [(STRANGER, f"{STRANGER[1:]}@c.us")]
    assert tick(now=NOW).replies_forgotten == 0


def test_a_picture_of_a_contact_stays_theirs(sender, ana):
    writes(ana, "", sender, at=OLD)
    assert forget_old(now=NOW) == 0
    assert who() == [(ana.phone, f"{ana.phone[1:]}@c.us")]


def test_a_wish_without_words_waits_for_somebody_to_settle_it(sender):
    arrives(sender, Wish(chat_id=f"{STRANGER[1:]}@c.us", phone=STRANGER, wants=False, at=OLD))
    assert forget_old(now=NOW) == 0
    assert who() == [(STRANGER, f"{STRANGER[1:]}@c.us")]


def test_many_are_forgotten_a_part_at_a_time(sender, monkeypatch):
    monkeypatch.setattr(keeping, "MOST_AT_ONCE", 2)
    for number in range(5):
        make_reply(sender=sender, phone=STRANGER, text="", meaning="other", message_id=str(number), received_at=OLD)
    assert [forget_old(now=NOW) for _time in range(4)] == [2, 2, 1, 0]


def test_for_ever_is_for_strangers_too(sender):
    ReplySettings.objects.create(pk=1, keep_days=None)
    learn([(LID, STRANGER)], now=OLD)
    make_reply(sender=sender, phone=STRANGER, text="", meaning="other", received_at=OLD)
    assert forget_old(now=NOW) == 0
    assert (who()[0][0], phone_of(LID)) == (STRANGER, STRANGER)


# --- ids


def test_ids_of_strangers_go_after_the_same_days():
    learn([(LID, STRANGER)], now=OLD)
    learn([("2@lid", STRANGER)], now=YOUNG)
    forget_old(now=NOW)
    assert (phone_of(LID), phone_of("2@lid")) == ("", STRANGER)


@pytest.mark.parametrize(("number", "learnt"), OTHER_FORMS)
@pytest.mark.parametrize("kept_aliases", [True, False])
def test_ids_of_contacts_stay_in_whatever_form_their_number_was_learnt(number, learnt, kept_aliases):
    contact = make_contact(phone=number)
    if kept_aliases:
        keep_aliases({contact.pk: number})
    learn([(LID, learnt)], now=OLD)
    forget_old(now=NOW)
    assert phone_of(LID) == learnt


def test_ids_of_whoever_is_a_contact_no_more_go_as_many_days_later(ana):
    learn([(LID, ana.phone)], now=OLD)
    forget_old(now=NOW)
    Contact.objects.filter(pk=ana.pk).update(phone="+573000000002")
    forget_old(now=NOW + 365 * DAY)
    assert phone_of(LID) == ana.phone
    forget_old(now=NOW + 366 * DAY)
    assert phone_of(LID) == ""


def test_an_id_from_which_a_wish_waits_is_not_forgotten(sender):
    arrives(sender, said("BAJA", chat_id=LID, at=OLD), now=OLD)
    learn([(LID, STRANGER)], now=OLD)
    forget_old(now=NOW)
    assert phone_of(LID) == STRANGER
    person = make_contact(phone=STRANGER)  # comes with a list
    tick(now=NOW)
    person.refresh_from_db()
    assert person.whatsapp_opt_out_at == OLD


def test_ids_of_contacts_do_not_stand_in_front_of_strangers(monkeypatch):
    monkeypatch.setattr(keeping, "MOST_IDS_AT_ONCE", 2)
    people = [make_contact() for _number in range(3)]
    learn([(f"{person.pk}@lid", person.phone) for person in people], now=OLD - DAY)
    learn([(f"9{number}@lid", STRANGER) for number in range(3)], now=OLD)
    left = []
    for _time in range(4):
        forget_old(now=NOW)
        left.append(ChatIdentity.objects.count())
    assert left == [6, 5, 3, 3]


def test_the_old_ones_are_found_by_their_index(sender):
    for number in range(50):
        make_reply(sender=sender, phone=STRANGER, text="", meaning="other", message_id=str(number), received_at=YOUNG)
    learn([(f"{number}@lid", STRANGER) for number in range(50)], now=YOUNG)
    with CaptureQueriesContext(connection) as asked:
        forget_old(now=NOW)
    if connection.vendor == "sqlite":
        plans = [_plan(one["sql"]) for one in asked if one["sql"].startswith("SELECT")]
        assert any("reply_of_stranger" in plan for plan in plans)
        assert any("identity_by_age" in plan for plan in plans)
        assert not any("TEMP B-TREE" in plan for plan in plans if "reply_" in plan or "identity_" in plan)


def _plan(sql):
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {sql}")
        return " ".join(row[3] for row in cursor.fetchall())
