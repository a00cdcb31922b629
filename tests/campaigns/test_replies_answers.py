"""Whoever stops or goes on hears it once, from the number they wrote to, and nothing else leaves for it."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import time, timedelta

import pytest
from django.db import connection

from campaigns.keeping import hand_on
from campaigns.lifecycle import finish_done
from campaigns.models import Campaign, Delivery, Reply, ReplySettings
from campaigns.models.campaign import LISTED
from campaigns.queueing import expire_late
from tests.campaigns.replying import LID, answers, arrives, leaves, prepare_all, said, writes
from tests.factories import (
    NOW,
    make_campaign,
    make_contact,
    make_delivery,
    make_lane,
    make_reply,
    make_sender,
    make_settings,
    make_ticket,
)
from tests.fakes import FakeGateway
from tickets.models import Contact
from tickets.optouts import opt_in, opt_out
from whatsapp.gateways.base import Accepted
from whatsapp.models import ChatIdentity

pytestmark = pytest.mark.django_db

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
STOPPED = ReplySettings().stop_answer_es
RESUMED = ReplySettings().resume_answer_es


@pytest.fixture
def sender():
    sender = make_sender(name="Taquilla")
    make_lane(sender=sender)
    return sender


@pytest.fixture
def ana():
    return make_contact(name="Ana", phone="+573000000001", email="ana@example.com")


def rows():
    return Delivery.objects.filter(campaign__origin="reply").order_by("pk")


# --- exactly once


def test_one_answer_leaves_as_a_delivery_to_the_person(sender, ana):
    reply = writes(ana, "BAJA", sender)
    assert leaves() == [(ana.phone, STOPPED)]
    [row] = rows()
    assert (row.contact, row.sender, row.status, row.channel) == (ana, sender, "sent", "whatsapp")
    [campaign] = answers()
    assert (reply.answer, campaign.form_key) == (campaign, f"reply-{reply.pk}")
    assert (campaign.priority, campaign.not_after) == (0, NOW + DAY)


def test_the_same_reply_again_is_not_answered_again(sender, ana):
    baja = said("BAJA", phone=ana.phone)
    for _time in range(3):
        arrives(sender, baja)
    leaves()
    arrives(sender, baja, now=NOW + 2 * DAY)
    assert (rows().count(), leaves(NOW + 2 * DAY)) == (1, [])


def test_saying_it_again_is_not_answered_again(sender, ana):
    for hours in (0, 1, 30, 60):
        writes(ana, "BAJA", sender, message_id=f"ID{hours}", now=NOW + hours * HOUR)
    assert answers().count() == 1


def test_two_machines_that_answer_each_other_come_to_an_end(sender, ana):
    """At most one a day for each person, whatever they say."""
    for hours in range(30):
        writes(ana, ("BAJA", "ALTA")[hours % 2], sender, message_id=f"ID{hours}", now=NOW + hours * HOUR)
    assert [campaign.launched_at for campaign in answers()] == [NOW, NOW + 24 * HOUR]


def test_each_person_has_a_day_of_their_own(sender, ana):
    bea = make_contact(phone="+573000000002")
    for number, person in enumerate((ana, bea)):
        writes(person, "BAJA", sender, message_id=f"ID{number}")
    assert answers().count() == 2


def test_the_answer_to_alta_says_so(sender, ana):
    opt_out(ana, "whatsapp", user=None, source="Taquilla", at=NOW - DAY)
    ana.refresh_from_db()
    writes(ana, "ALTA", sender)
    assert leaves() == [(ana.phone, RESUMED)]


def test_something_else_is_not_answered(sender, ana):
    writes(ana, "¡Gracias!", sender)
    writes(ana, "ALTA", sender, message_id="2")  # who never left
    assert leaves() == []


def test_a_stranger_is_not_answered(sender):
    arrives(sender, said("BAJA", phone="+573000000099"))
    assert leaves() == []


def test_what_somebody_wrote_long_ago_is_not_answered(sender, ana):
    """The opt-out counts, and nobody waits for an answer any more; nor may one leave without an approved template."""
    writes(ana, "BAJA", sender, at=NOW - DAY)
    assert (ana.whatsapp_opt_out_at, answers().count()) == (NOW - DAY, 0)
    bea = make_contact(phone="+573000000002")
    writes(bea, "BAJA", sender, message_id="2", at=NOW - DAY + timedelta(minutes=1))
    assert leaves() == [(bea.phone, STOPPED)]


def test_who_writes_from_another_number_of_theirs_is_heard_and_not_answered(sender, ana):
    """It would go to a number from which nobody wrote."""
    chat_id = "573000000077@c.us"
    make_reply(sender=sender, chat_id=chat_id, contact=ana, state="settled", settled_at=NOW - DAY, meaning="other")
    arrives(sender, said("BAJA", phone="+573000000077"))
    ana.refresh_from_db()
    assert (ana.whatsapp_opt_out_at, leaves()) == (NOW, [])


def test_who_writes_under_an_id_is_answered_at_their_number(sender, ana):
    ChatIdentity.objects.create(chat_id=LID, phone=ana.phone, learnt_at=NOW)
    arrives(sender, said("BAJA", chat_id=LID))
    assert leaves() == [(ana.phone, STOPPED)]


@pytest.mark.django_db(transaction=True)
def test_two_posts_at_once_are_answered_once(sender, ana):
    """The same reply, in the hands of two processes."""
    ready = threading.Barrier(2)

    def hear_it():
        ready.wait(10)
        arrives(sender, said("BAJA", phone=ana.phone))
        connection.close()

    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(hear_it) for _ in range(2)]:
            done.result(30)
    assert (Reply.objects.count(), answers().count()) == (1, 1)


# --- in which words


def test_it_is_said_in_the_language_of_the_person(sender):
    eve = make_contact(phone="+12025550101", language="en")
    writes(eve, "baja", sender)
    assert leaves() == [(eve.phone, ReplySettings().stop_answer_en)]


def test_a_portuguese_word_is_answered_in_portuguese(sender, ana):
    """Contacts cannot be set to it."""
    writes(ana, "Sair", sender)
    assert leaves() == [(ana.phone, ReplySettings().stop_answer_pt)]


def test_a_word_of_several_languages_is_answered_in_that_of_the_person(sender, ana):
    writes(ana, "PARAR", sender)
    assert leaves() == [(ana.phone, STOPPED)]


def test_words_and_answers_are_those_of_now(sender, ana):
    ReplySettings.objects.create(pk=1, stop_words_es="CHAO", stop_answer_es="Adiós, {nombre}.")
    writes(ana, "BAJA", sender)
    writes(ana, "chao", sender, message_id="2")
    assert leaves() == [(ana.phone, "Adiós, Ana.")]


# --- past the opt-out, and nothing else


def test_it_passes_the_opt_out_and_nothing_else_does(sender, ana):
    pending = [make_delivery(contact=ana, address=ana.phone) for _ in range(3)]
    writes(ana, "BAJA", sender)
    assert leaves() == [(ana.phone, STOPPED)]
    assert [Delivery.objects.get(pk=row.pk).error_kind for row in pending] == ["opted_out"] * 3


def test_an_answer_that_is_not_true_any_more_stays(sender, ana):
    writes(ana, "BAJA", sender)
    prepare_all()
    ana.refresh_from_db()
    opt_in(ana, "whatsapp", user=None, source="Taquilla", at=NOW, seen=ana.whatsapp_opt_out_at)
    assert leaves() == []
    [row] = rows()
    assert (row.status, row.error_kind) == ("skipped", "changed_mind")


def test_whoever_stops_is_not_told_that_they_go_on(sender, ana):
    opt_out(ana, "whatsapp", user=None, source="Taquilla", at=NOW - DAY)
    ana.refresh_from_db()
    writes(ana, "ALTA", sender, at=NOW - HOUR)
    prepare_all()
    writes(ana, "BAJA", sender, message_id="2")
    assert leaves() == []
    assert [(row.status, row.error_kind) for row in rows()] == [("skipped", "opted_out")]


def test_another_no_does_not_take_the_answer_to_the_first_away(sender, ana):
    writes(ana, "BAJA", sender)
    prepare_all()
    writes(ana, "ALTA", sender, message_id="2", now=NOW + timedelta(seconds=1))
    writes(ana, "BAJA", sender, message_id="3", now=NOW + timedelta(seconds=2))
    assert leaves() == [(ana.phone, STOPPED)]


def test_whoever_was_deleted_is_not_answered(sender, ana):
    writes(ana, "BAJA", sender)
    prepare_all()
    Contact.objects.filter(pk=ana.pk).delete()
    assert leaves() == []
    assert [row.error_kind for row in rows()] == ["contact_deleted"]


# --- from which number, and when


def test_it_leaves_from_the_number_they_wrote_to(sender, ana):
    """Whatever number they were reached from before."""
    other = make_lane().sender
    make_delivery(contact=ana, sender=other, status="sent", sent_at=NOW - HOUR)
    writes(ana, "BAJA", sender)
    leaves()
    assert [row.sender for row in rows()] == [sender]


def test_no_other_number_answers_for_it(sender, ana):
    make_lane()
    writes(ana, "BAJA", sender)
    prepare_all()
    type(sender).objects.filter(pk=sender.pk).update(is_enabled=False)
    assert hand_on(now=NOW) == 0
    assert leaves() == []
    assert [row.pool for row in rows()] == [sender.pk]


def test_what_a_number_kept_for_others_is_handed_on_all_the_same(sender, ana):
    """The rule above is for answers alone."""
    make_lane()
    make_delivery(pool=sender.pk)
    type(sender).objects.filter(pk=sender.pk).update(is_enabled=False)
    assert hand_on(now=NOW) == 1


def test_after_a_day_it_is_too_late(sender, ana):
    writes(ana, "BAJA", sender)
    prepare_all()
    assert expire_late(now=NOW + DAY) == 1


def test_it_comes_before_announcements_and_keeps_the_pace(sender, ana):
    make_settings(base_delay=2, step=0, maximum_delay=2)
    others = [make_delivery(contact=make_contact()) for _ in range(2)]
    writes(ana, "BAJA", sender)
    gateway = FakeGateway()
    assert leaves(gateway=gateway)[0] == (ana.phone, STOPPED)
    calls = [row.attempts.get().started_at for row in (*rows(), *others)]
    assert calls == [NOW, NOW + timedelta(seconds=2), NOW + timedelta(seconds=4)]


def test_it_waits_for_the_sending_hours_as_tickets_do(sender, ana):
    """15:00 in London is 10:00 in Bogotá."""
    make_settings(window_from=time(11), window_to=time(20), window_timezone="America/Bogota")
    writes(ana, "BAJA", sender)
    gateway = FakeGateway()
    assert leaves(gateway=gateway) == []
    assert leaves(NOW + HOUR) == [(ana.phone, STOPPED)]


# --- in no list


def test_it_is_in_no_list_of_campaigns(sender, ana):
    writes(ana, "BAJA", sender)
    listed = make_campaign()
    assert list(Campaign.objects.filter(LISTED)) == [listed]
    [campaign] = answers()
    assert (campaign.is_listed, campaign.is_aside, listed.is_listed) == (False, False, True)


def test_it_ends_like_any_other(sender, ana):
    writes(ana, "BAJA", sender)
    leaves()
    finish_done(now=NOW)
    assert [campaign.status for campaign in answers()] == ["finished"]


def test_a_reply_to_the_answer_is_one(sender, ana):
    writes(ana, "BAJA", sender)
    leaves()
    reply = writes(ana, "¿Seguro?", sender, message_id="2", now=NOW + HOUR)
    assert reply.delivery == rows().get()


def test_tickets_still_reach_whoever_stopped(sender, ana):
    ticket = make_ticket(holder=ana)
    writes(ana, "BAJA", sender)
    campaign = make_campaign(
        kind="tickets",
        event=ticket.event,
        status="sending",
        prepared_at=None,
        audience={"tickets": [ticket.pk]},
        launched_at=NOW + HOUR,
    )
    sent = leaves(gateway=FakeGateway(lambda message: Accepted("A1")))
    assert sorted(text for _phone, text in sent) == sorted(["Hola Ana", STOPPED])
    assert campaign.deliveries.get().status == "sent"
