"""Who wrote, where WhatsApp does not say: found out later, by itself or by asking the gateway, and never guessed."""

from datetime import timedelta

import pytest
from django.db import connection
from django_q.models import OrmQ

from campaigns import tasks
from campaigns.models import Reply
from campaigns.replies.writers import ask_gateways, give, match_waiting, start_asking
from campaigns.tick import tick
from tests.campaigns.replying import LID, answers, arrives, leaves, said
from tests.factories import NOW, make_contact, make_delivery, make_lane, make_sender
from tests.fakes import Clock
from tickets.aliases import keep_aliases
from tickets.models import Contact
from whatsapp.finding import find_phone, is_phone
from whatsapp.gateways.base import Capabilities, Unreachable
from whatsapp.gateways.rest import RestGateway
from whatsapp.identities import learn, phone_of
from whatsapp.models import ChatIdentity

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)


@pytest.fixture
def sender():
    return make_sender(name="Taquilla")


@pytest.fixture
def ana():
    return make_contact(name="Ana", phone="+573000000001")


class Finder(RestGateway):
    """Knows the numbers in `phones`; one that is an error is raised."""

    name = "rest"
    capabilities = Capabilities(finds_phones=True)
    phones: dict = {}
    asked: list = []

    def phone_of(self, chat_id):
        assert self.connection.read_seconds == 15
        self.asked.append((chat_id, connection.in_atomic_block))
        found = self.phones.get(chat_id, "")
        if isinstance(found, Exception):
            raise found
        return found


@pytest.fixture
def finder(monkeypatch):
    monkeypatch.setattr(Finder, "phones", {})
    monkeypatch.setattr(Finder, "asked", [])
    monkeypatch.setattr("whatsapp.registry.gateways", lambda: {"rest": Finder})
    monkeypatch.setattr("whatsapp.finding.gateways", lambda: {"rest": Finder})
    return Finder


def unmatched(sender, text="BAJA", *, chat_id=LID, at=NOW, message_id="3EB0AA01"):
    arrives(sender, said(text, chat_id=chat_id, at=at, message_id=message_id), now=at)
    return Reply.objects.get(message_id=message_id)


def states():
    return list(Reply.objects.order_by("pk").values_list("state", "contact"))


def opted_out(contact):
    contact.refresh_from_db()
    return contact.whatsapp_opt_out_at


# --- known later


def test_a_reply_waits_until_its_writer_is_known(sender, ana):
    unmatched(sender)
    assert (match_waiting(now=NOW + HOUR), states()) == (0, [("unmatched", None)])
    learn([(LID, ana.phone)], now=NOW + HOUR)
    assert match_waiting(now=NOW + HOUR) == 1
    assert (states(), opted_out(ana)) == ([("matched", ana.pk)], NOW)
    assert match_waiting(now=NOW + 2 * HOUR) == 0


def test_the_tick_looks_for_them(sender, ana):
    make_lane(sender=sender)
    unmatched(sender)
    learn([(LID, ana.phone)], now=NOW)
    assert tick(now=NOW).replies_matched == 1
    assert leaves() != []


def test_what_was_said_in_between_is_done_in_the_order_it_was_said(sender, ana):
    unmatched(sender, "ALTA", at=NOW + HOUR, message_id="2")
    unmatched(sender, "BAJA", at=NOW, message_id="1")
    learn([(LID, ana.phone)], now=NOW + HOUR)
    match_waiting(now=NOW + HOUR)
    assert opted_out(ana) is None
    ana.refresh_from_db()
    assert ana.whatsapp_consent_at == NOW + HOUR


def test_it_replies_to_what_had_been_sent_by_then(sender, ana):
    unmatched(sender)
    sent = {"contact": ana, "sender": sender, "status": "sent"}
    before = make_delivery(sent_at=NOW - HOUR, **sent)
    make_delivery(sent_at=NOW + HOUR, **sent)
    learn([(LID, ana.phone)], now=NOW)
    match_waiting(now=NOW + 2 * HOUR)
    assert Reply.objects.get().delivery == before


def test_a_stranger_who_becomes_a_contact_is_found(sender):
    """Their list came later than their reply."""
    arrives(sender, said("BAJA", phone="+573000000055"))
    ana = make_contact(phone="+573000000055")
    assert (match_waiting(now=NOW + HOUR), opted_out(ana)) == (1, NOW)


def test_another_form_of_the_number_is_theirs(sender):
    """BR-002: WhatsApp still says 521."""
    arrives(sender, said("BAJA", phone="+5215555550101", message_id="1"))
    eva = make_contact(phone="+525555550101")
    keep_aliases({eva.pk: eva.phone})
    assert (match_waiting(now=NOW), opted_out(eva)) == (1, NOW)
    arrives(sender, said("Hola", phone="+5215555550101", message_id="2"))
    assert states() == [("matched", eva.pk)] * 2


def test_an_id_that_was_learnt_for_nobody_of_ours_keeps_waiting(sender, ana):
    unmatched(sender)
    learn([(LID, "+573000000066")], now=NOW)
    assert (match_waiting(now=NOW), states()) == (0, [("unmatched", None)])


def test_after_a_month_only_wishes_are_looked_at(sender, ana):
    unmatched(sender, "Hola", message_id="1")
    unmatched(sender, "BAJA", message_id="2")
    learn([(LID, ana.phone)], now=NOW)
    match_waiting(now=NOW + timedelta(days=31))
    assert states() == [("unmatched", None), ("matched", ana.pk)]


def test_whoever_comes_second_gives_it_to_nobody(sender, ana):
    """A person decided while the tick had the same reply in its hands."""
    reply, bea = unmatched(sender), make_contact(name="Bea")
    assert give(reply, ana, {"state": "matched"}, user=None, now=NOW)
    stale = Reply(pk=reply.pk, sender_id=sender.pk, meaning="stop", text="BAJA", received_at=NOW)
    assert not give(stale, bea, {"state": "matched"}, user=None, now=NOW)
    assert (opted_out(bea), states()) == (None, [("matched", ana.pk)])


def test_a_contact_who_went_meanwhile_gets_none(sender, ana):
    reply, gone = unmatched(sender), Contact(pk=ana.pk)
    ana.delete()
    assert not give(reply, gone, {"state": "matched"}, user=None, now=NOW)
    assert states() == [("unmatched", None)]


# --- an id is no number


@pytest.mark.parametrize("phone", ["", "+100000000000001", "100000000000001", "+", "+abc", "+57 300", "LID"])
def test_an_id_is_never_taken_for_a_number(sender, phone):
    """Whatever its gateway says; nor does it make a contact."""
    arrives(sender, said("BAJA", chat_id=LID, phone=phone))
    [reply] = Reply.objects.all()
    assert (reply.phone, reply.contact, reply.chat_id) == ("", None, LID)
    assert not Contact.objects.exists()


def test_somebody_whose_number_has_the_digits_of_an_id_is_not_the_writer(sender):
    other = make_contact(phone="+573000000003")
    arrives(sender, said("BAJA", chat_id="573000000003@lid"))
    assert (states(), opted_out(other)) == ([("unmatched", None)], None)


def test_a_device_of_somebody_is_their_number(sender, ana):
    arrives(sender, said("BAJA", chat_id="573000000001:12@s.whatsapp.net"))
    assert opted_out(ana) == NOW


# --- asking gateways


def ask(clock=None):
    return ask_gateways(ends=lambda: False, clock=clock or Clock())


def test_the_gateway_is_asked_and_the_reply_obeyed(sender, ana, finder):
    finder.phones = {LID: ana.phone}
    unmatched(sender)
    assert (ask(), states(), opted_out(ana)) == (1, [("matched", ana.pk)], NOW)
    assert Reply.objects.get().ask_at is None
    assert phone_of(LID) == ana.phone
    assert answers().count() == 1


@pytest.mark.django_db(transaction=True)
def test_no_transaction_is_open_while_it_is_asked(sender, ana, finder):
    finder.phones = {LID: ana.phone}
    unmatched(sender)
    ask()
    assert finder.asked == [(LID, False)]


def test_one_question_serves_all_replies_of_the_chat(sender, ana, finder):
    finder.phones = {LID: ana.phone}
    for number, text in enumerate(("Hola", "BAJA", "por favor")):
        unmatched(sender, text, message_id=str(number))
    ask()
    assert [chat for chat, _ in finder.asked] == [LID]
    assert states() == [("matched", ana.pk)] * 3


def test_it_is_asked_three_times_and_no_more(sender, finder):
    for number in range(2):  # of one chat: asked together
        unmatched(sender, message_id=str(number))
    clock, times = Clock(), []
    for _minute in range(60 * 24):
        ask(clock)
        times += [clock.now - NOW] * (len(finder.asked) - len(times))
        clock.tick(60)
    assert times == [timedelta(0), timedelta(minutes=10), timedelta(minutes=130)]
    assert states() == [("unmatched", None)] * 2


@pytest.mark.parametrize("answer", ["", "100000000000001", "+abc", Unreachable("nobody there")])
def test_an_answer_that_is_no_number_is_none(sender, finder, answer):
    finder.phones = {LID: answer}
    unmatched(sender)
    assert (ask(), ChatIdentity.objects.count()) == (0, 0)


def test_only_gateways_that_can_are_asked(sender, monkeypatch, finder):
    monkeypatch.setattr(Finder, "capabilities", Capabilities())
    unmatched(sender)
    assert (start_asking(now=NOW), ask(), finder.asked) == (False, 0, [])


def test_nobody_is_asked_about_a_number_or_through_one_that_is_switched_off(sender, finder):
    arrives(sender, said("BAJA", phone="+573000000099"))
    off = make_sender(is_enabled=False)
    unmatched(off, message_id="2")
    assert (start_asking(now=NOW), ask(), finder.asked) == (False, 0, [])


def test_a_gateway_that_is_gone_is_nobody(sender):
    sender.gateway = "gone"
    assert find_phone(sender, LID) == ""


def test_the_tick_asks_in_a_task_of_its_own(sender, ana, finder, fixed_clock, django_capture_on_commit_callbacks):
    """The tick itself has no time to wait for a gateway."""
    finder.phones = {LID: ana.phone}
    unmatched(sender)
    OrmQ.objects.all().delete()
    with django_capture_on_commit_callbacks(execute=True):
        assert tick(now=NOW).replies_asked_about == 1
    assert finder.asked == []
    assert "campaigns.tasks.find_writers" in [row.func() for row in OrmQ.objects.all()]
    assert (tasks.find_writers(), states()) == ("1 found", [("matched", ana.pk)])


def test_a_task_that_has_no_time_left_leaves_the_others_for_the_next(sender, finder):
    unmatched(sender)
    assert (ask_gateways(ends=lambda: True, clock=Clock()), finder.asked) == (0, [])


# --- identities


def test_what_a_number_looks_like():
    good = ["+573000000001", "+12025550101"]
    bad = ["573000000001", "+0573000000", "+57300", "+5730000000011234", "+57 3000000001", "", "+100@lid"]
    assert [is_phone(one) for one in good + bad] == [True] * 2 + [False] * 7
