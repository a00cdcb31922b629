"""What people write is kept once, given to whoever wrote it, and obeyed at once."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext

from campaigns.claims import claim
from campaigns.models import Delivery, Reply, ReplySettings
from campaigns.preparing import prepare
from campaigns.replies.wishes import BY_PROVIDER, BY_REPLY
from campaigns.stopping import StopPipe
from campaigns.windows import sending
from tests.campaigns.replying import LID, answers, arrives, leaves, prepare_all, said, writes
from tests.factories import (
    NOW,
    make_campaign,
    make_contact,
    make_delivery,
    make_event,
    make_lane,
    make_sender,
    make_ticket,
)
from tickets.models import Contact, HistoryEntry
from tickets.optouts import opt_in, opt_out
from whatsapp.models import ChatIdentity
from whatsapp.webhooks import base as news_of

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)


@pytest.fixture
def sender():
    return make_sender(name="Taquilla")


@pytest.fixture
def ana():
    return make_contact(name="Ana", phone="+573000000001", email="")


def waiting_for(contact, **fields):
    values = {"contact": contact, "address": contact.phone, "recipient": contact.name}
    return make_delivery(**values | fields)


def words(source):
    """As the staff of the site reads them."""
    with translation.override(settings.LANGUAGE_CODE):
        return gettext(source)


def status_of(delivery):
    delivery.refresh_from_db()
    return delivery.status, delivery.error_kind


# --- kept


def test_a_reply_is_kept_as_it_was_written(sender, ana):
    reply = writes(ana, "¿Hay parqueadero?", sender, message_id="3EB0AA07", now=NOW)
    assert (reply.sender, reply.contact, reply.message_id) == (sender, ana, "3EB0AA07")
    assert (reply.text, reply.phone, reply.chat_id) == ("¿Hay parqueadero?", "+573000000001", "573000000001@c.us")
    assert (reply.received_at, reply.meaning, reply.state) == (NOW, "other", "matched")
    assert ana.whatsapp_opt_out_at is None


def test_the_same_reply_again_is_the_same_reply(sender, ana):
    """Gateways repeat their posts, and one post may hold a reply twice."""
    baja = said("BAJA", phone=ana.phone)
    arrives(sender, baja, baja)
    arrives(sender, baja, now=NOW + HOUR)
    assert Reply.objects.count() == 1
    assert HistoryEntry.objects.filter(action="opted_out").count() == 1


def test_the_same_id_on_another_number_is_another_reply(sender, ana):
    for number in (sender, make_sender()):
        arrives(number, said("Hola", phone=ana.phone))
    assert Reply.objects.count() == 2


def test_replies_without_an_id_are_told_apart_by_what_they_say(sender, ana):
    news = [said(text, phone=ana.phone, message_id="") for text in ("Hola", "¿Hola?", "Hola")]
    arrives(sender, *news)
    assert sorted(Reply.objects.values_list("text", flat=True)) == ["Hola", "¿Hola?"]


def test_what_is_no_person_is_no_reply(sender):
    for chat_id in ("120363000000000001@g.us", "status@broadcast", "120363000000000002@newsletter"):
        arrives(sender, said("BAJA", chat_id=chat_id))
    assert Reply.objects.count() == 0


def test_other_news_are_for_others(sender):
    arrives(sender, news_of.Receipt(message_id="3EB0AA01", status=news_of.ReceiptStatus.READ))
    assert Reply.objects.count() == 0


def test_a_text_that_no_database_takes_is_kept_without_what_it_cannot_hold(sender):
    arrives(sender, said("ho\x00la" + "a" * 3000, phone="+573000000009", message_id="3EB0\x00AA"))
    [reply] = Reply.objects.all()
    assert (reply.text, reply.message_id) == ("ho la" + "a" * 995, "3EB0AA")


@pytest.mark.parametrize("at", [None, NOW + 5 * HOUR, NOW.replace(year=1970)])
def test_a_moment_that_cannot_be_is_now(sender, ana, at):
    assert writes(ana, "Hola", sender, at=at).received_at == NOW


# --- whom it belongs to


def test_it_is_a_reply_to_what_that_number_sent_last(sender, ana):
    other = make_sender()
    sent = {"status": "read", "sender": sender}
    waiting_for(ana, sent_at=NOW - 3 * HOUR, **sent)
    last = waiting_for(ana, sent_at=NOW - 2 * HOUR, **sent)
    waiting_for(ana, sent_at=NOW - HOUR, **sent | {"sender": other})
    waiting_for(ana, sent_at=NOW + HOUR, **sent)  # after it was written
    waiting_for(make_contact(), sent_at=NOW - HOUR, **sent)
    assert writes(ana, "Hola", sender).delivery == last


def test_without_a_message_from_that_number_it_replies_to_nothing(sender, ana):
    assert writes(ana, "Hola", sender).delivery is None


def test_a_stranger_is_nobody_and_becomes_no_contact(sender, ana):
    arrives(sender, said("BAJA", phone="+573000000099"))
    [reply] = Reply.objects.all()
    assert (reply.contact, reply.state, reply.meaning) == (None, "unmatched", "stop")
    assert list(Contact.objects.all()) == [ana]


def test_an_id_that_was_seen_to_be_somebodys_is_theirs(sender, ana):
    ChatIdentity.objects.create(chat_id=LID, phone=ana.phone, learnt_at=NOW)
    arrives(sender, said("BAJA", chat_id=LID))
    ana.refresh_from_db()
    assert ana.whatsapp_opt_out_at == NOW


def test_a_gateway_that_names_id_and_number_teaches_us(sender, ana):
    arrives(sender, said("Hola", phone=ana.phone, chat_id=LID))
    assert list(ChatIdentity.objects.values_list("chat_id", "phone")) == [(LID, ana.phone)]


@pytest.mark.parametrize("chat_id", ["573000000001@c.us", "573000000001", "573000000001@s.whatsapp.net"])
def test_an_id_that_is_the_number_teaches_nothing(sender, ana, chat_id):
    arrives(sender, said("Hola", phone=ana.phone, chat_id=chat_id))
    assert not ChatIdentity.objects.exists()


# --- stop


def test_baja_stops_announcements_and_lets_tickets_go(sender, ana):
    event = make_event()
    announcement = waiting_for(ana)
    tickets = make_campaign(kind="tickets", event=event, status="sending")
    ticket = waiting_for(ana, campaign=tickets, ticket=make_ticket(event=event, holder=ana))
    writes(ana, "  Baja! ", sender)
    assert (ana.whatsapp_opt_out_at, ana.whatsapp_opt_out_source) == (NOW, words(BY_REPLY))
    assert (ana.whatsapp_opt_out_text, ana.email_opt_out_at) == ("Baja!", None)
    assert status_of(announcement) == ("skipped", "opted_out")
    assert status_of(ticket) == ("pending", "")


def test_it_is_in_the_history_as_done_by_the_person(sender, ana):
    writes(ana, "STOP", sender)
    [entry] = HistoryEntry.objects.filter(action="opted_out")
    assert (entry.object_id, entry.actor) == (str(ana.pk), "(the person)")
    assert entry.after["whatsapp_opt_out_text"] == "STOP"


def test_somebody_whose_message_is_being_taken_at_this_moment_gets_no_other(sender, ana):
    """The opt-out comes between two claims: the one after it skips."""
    lane = make_lane(sender=sender)
    first = make_campaign(status="sending", audience={"contacts": [ana.pk]})
    later = make_campaign(status="sending", prepared_at=None, audience={"contacts": [ana.pk]})
    row = waiting_for(ana, campaign=first)
    [taken] = claim(lane, sending(), room=1, now=NOW)
    writes(ana, "BAJA", sender)
    prepare(later.pk, budget=60, stop=StopPipe(), clock=lambda: NOW)
    assert status_of(taken.delivery) == ("claimed", "")  # it is on its way already
    assert taken.delivery.pk == row.pk
    [skipped] = Delivery.objects.filter(campaign=later)
    assert (skipped.status, skipped.error_kind) == ("skipped", "opted_out")


def test_what_came_back_to_the_queue_is_skipped_at_the_next_claim(sender, ana):
    """It was held when they said no, and could not leave."""
    lane, row = make_lane(sender=sender), waiting_for(ana)
    [taken] = claim(lane, sending(), room=1, now=NOW)
    writes(ana, "BAJA", sender)
    Delivery.objects.filter(pk=taken.delivery.pk).update(status="pending", claimed_at=None)
    mine = [campaign for campaign in sending() if campaign.origin == ""]
    assert claim(lane, mine, room=1, now=NOW) == []
    assert status_of(row) == ("skipped", "opted_out")


def test_nothing_but_the_answer_leaves_after_it(sender, ana):
    make_lane(sender=sender)
    everybody = make_campaign(status="sending", prepared_at=None, audience={"everybody": True}, body="Anuncio")
    bea = make_contact(name="Bea", phone="+573000000002", email="")
    writes(ana, "BAJA", sender)
    sent = leaves()
    assert sorted(phone for phone, _text in sent) == [ana.phone, bea.phone]
    assert [text for phone, text in sent if phone == ana.phone] == [ReplySettings().stop_answer_es]
    assert Delivery.objects.get(campaign=everybody, contact=ana).error_kind == "opted_out"


def test_saying_it_twice_changes_nothing_more(sender, ana):
    writes(ana, "BAJA", sender)
    writes(ana, "baja!!", sender, message_id="3EB0AA02", now=NOW + HOUR)
    assert (ana.whatsapp_opt_out_at, ana.whatsapp_opt_out_text) == (NOW, "BAJA")


# --- resume


def test_alta_takes_it_back_and_is_consent(sender, ana):
    writes(ana, "BAJA", sender)
    writes(ana, "alta", sender, message_id="3EB0AA02", now=NOW + HOUR)
    assert (ana.whatsapp_opt_out_at, ana.whatsapp_opt_out_source, ana.whatsapp_opt_out_text) == (None, "", "")
    assert (ana.whatsapp_consent_at, ana.whatsapp_consent_text) == (NOW + HOUR, "alta")
    assert ana.whatsapp_consent_source == words(BY_REPLY)
    announcement = make_campaign(status="sending", prepared_at=None, audience={"contacts": [ana.pk]})
    prepare_all(NOW + HOUR)
    assert Delivery.objects.get(campaign=announcement).status == "pending"


def test_alta_of_somebody_who_never_left_changes_nothing(sender, ana):
    assert writes(ana, "ALTA", sender).state == "matched"
    assert (ana.whatsapp_consent_at, HistoryEntry.objects.exists()) == (None, False)


# --- the last word counts


def test_a_baja_that_arrives_after_a_later_alta_is_over(sender, ana):
    """The gateway was off and posts in any order."""
    writes(ana, "ALTA", sender, message_id="2", at=NOW)
    writes(ana, "BAJA", sender, message_id="1", at=NOW - timedelta(seconds=5))
    assert ana.whatsapp_opt_out_at is None


def test_an_alta_that_arrives_after_a_later_baja_is_over(sender, ana):
    writes(ana, "BAJA", sender, message_id="2", at=NOW)
    writes(ana, "ALTA", sender, message_id="1", at=NOW - timedelta(seconds=5))
    assert ana.whatsapp_opt_out_at == NOW


def test_an_old_baja_is_over_for_whoever_agreed_since(sender, ana):
    writes(ana, "BAJA", sender, message_id="1", at=NOW - 30 * HOUR)
    opt_in(ana, "whatsapp", user=None, source="Taquilla", at=NOW - 20 * HOUR, seen=ana.whatsapp_opt_out_at)
    writes(ana, "BAJA", sender, message_id="2", at=NOW - 25 * HOUR)
    assert ana.whatsapp_opt_out_at is None


def test_an_old_alta_is_over_for_whoever_said_no_since(sender, ana):
    """On our page, or at the ticket office."""
    opt_out(ana, "whatsapp", user=None, source="Taquilla", at=NOW - HOUR)
    writes(ana, "ALTA", sender, at=NOW - 2 * HOUR)
    assert ana.whatsapp_opt_out_at == NOW - HOUR


def test_clocks_that_differ_lose_no_baja(sender, ana):
    """They agreed on our page a moment ago, by our clock; the gateway's is slow."""
    Contact.objects.filter(pk=ana.pk).update(whatsapp_consent_at=NOW)
    writes(ana, "BAJA", sender, at=NOW - timedelta(minutes=10))
    assert ana.whatsapp_opt_out_at == NOW - timedelta(minutes=10)


# --- told to WhatsApp itself


def wish(contact, wants, at=NOW):
    return news_of.Wish(phone=contact.phone, chat_id=contact.phone.removeprefix("+"), wants=wants, at=at)


def test_whoever_tells_whatsapp_itself_is_heard_and_not_answered(sender, ana):
    arrives(sender, wish(ana, False), wish(ana, False))
    ana.refresh_from_db()
    assert (ana.whatsapp_opt_out_at, ana.whatsapp_opt_out_source) == (NOW, words(BY_PROVIDER))
    arrives(sender, wish(ana, True, NOW + HOUR), now=NOW + HOUR)
    ana.refresh_from_db()
    assert (ana.whatsapp_opt_out_at, ana.whatsapp_consent_at) == (None, NOW + HOUR)
    assert answers().count() == 0
    assert list(Reply.objects.values_list("told_provider", "text")) == [(True, ""), (True, "")]


def test_a_wish_of_nobody_known_waits_for_somebody(sender):
    arrives(sender, news_of.Wish(phone="", chat_id="CO.100000000000001", wants=False, at=NOW))
    [reply] = Reply.objects.all()
    assert (reply.state, reply.meaning, reply.phone) == ("unmatched", "stop", "")
