"""Wishes of people whom nobody knows wait for somebody who does."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.urls import reverse

from campaigns.models import Reply
from campaigns.replies.settling import settle
from tests.campaigns.replying import LID, answers, arrives, leaves, said, writes
from tests.factories import NOW, make_contact, make_delivery, make_lane, make_reply, make_sender, make_user
from tickets.models import HistoryEntry
from whatsapp.identities import phone_of
from whatsapp.models import ChatIdentity

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]

HOUR = timedelta(hours=1)
MAY = ("campaigns.view_reply", "campaigns.settle_reply", "tickets.view_contact")
LIST = "/admin/campaigns/reply/"


@pytest.fixture
def sender():
    sender = make_sender(name="Taquilla")
    make_lane(sender=sender)
    return sender


@pytest.fixture
def ana():
    return make_contact(name="Ana", phone="+573000000001")


def unknown(sender, text="BAJA", *, message_id="3EB0AA01", at=NOW, **fields):
    arrives(sender, said(text, message_id=message_id, at=at, **{"chat_id": LID} | fields), now=NOW)
    return Reply.objects.get(message_id=message_id)


def page_of(reply):
    return reverse("admin:campaigns_reply_settle", args=[reply.pk])


def decided():
    return list(Reply.objects.order_by("pk").values_list("state", "contact", "settled_by"))


# --- the list


def test_the_desk_shows_wishes_of_nobody_and_nothing_else(boss, sender, ana):
    waiting = unknown(sender)
    unknown(sender, "Hola", message_id="2")
    writes(ana, "BAJA", sender, message_id="3")
    make_reply(sender=sender, state="settled", settled_at=NOW)
    listed = boss.get(f"{LIST}?settle=1").context["cl"].result_list
    assert [row.pk for row in listed] == [waiting.pk]
    assert boss.get(LIST).context["cl"].result_count == 4


def test_the_list_costs_the_same_with_one_and_with_many(boss, sender, django_assert_num_queries):
    unknown(sender)
    boss.get(LIST)
    with django_assert_num_queries(6) as taken:
        boss.get(LIST)
    for number in range(5):
        contact = make_contact()
        make_reply(sender=make_sender(), contact=contact, state="matched", message_id=str(number))
    with django_assert_num_queries(len(taken)):
        assert boss.get(LIST).context["cl"].result_count == 6


def test_one_that_waits_opens_where_it_is_decided(boss, staff, sender):
    reply = unknown(sender)
    change = reverse("admin:campaigns_reply_change", args=[reply.pk])
    assert boss.get(change)["Location"] == page_of(reply)
    shown = staff("campaigns.view_reply").get(change)
    assert shown.status_code == 200
    assert "/settle/" not in shown.content.decode()


def test_one_that_is_known_is_only_read(boss, sender, ana):
    reply = writes(ana, "BAJA", sender)
    leaves()
    shown = boss.get(reverse("admin:campaigns_reply_change", args=[reply.pk]))
    html = shown.content.decode()
    assert shown.status_code == 200
    assert reverse("admin:campaigns_delivery_change", args=[answers().get().deliveries.get().pk]) in html
    assert boss.post(reverse("admin:campaigns_reply_change", args=[reply.pk]), {"text": "x"}).status_code == 403


def test_what_people_write_does_nothing_on_the_pages(boss, sender):
    reply = unknown(sender, "<script>alert(1)</script>", message_id="1")
    Reply.objects.update(meaning="stop")
    for address in (LIST, page_of(reply), reverse("admin:campaigns_reply_history", args=[reply.pk])):
        assert "<script>alert" not in boss.get(address).content.decode()


# --- finding the person


def test_somebody_is_found_by_name_number_and_mail(boss, sender, ana):
    reply = unknown(sender)
    make_contact(name="Bea", phone="+573000000002")
    for typed in ("ana", "300 000 0001", "+573000000001", ana.email):
        found = boss.get(page_of(reply), {"q": typed}).context["found"]
        assert [contact.name for contact in found] == ["Ana"]
    assert boss.get(page_of(reply)).context["found"] == []


def test_looking_changes_nothing(boss, sender, ana):
    reply = unknown(sender)
    html = boss.get(page_of(reply), {"to": ana.pk}).content.decode()
    assert "Was it Ana?" in html
    assert "Ana gets no more announcements by WhatsApp" in html
    assert decided() == [("unmatched", None, None)]


def test_the_page_says_what_is_known_of_the_writer(boss, sender):
    assert LID in boss.get(page_of(unknown(sender))).content.decode()
    other = unknown(sender, message_id="2", chat_id="", phone="+573000000077")
    assert "From +573000000077, a number of no contact." in boss.get(page_of(other)).content.decode()


@pytest.mark.parametrize("to", ["0", "999999", "abc", "-1", "9" * 30, "１"])
def test_a_person_who_is_none_is_nobody(boss, sender, to):
    reply = unknown(sender)
    assert boss.get(page_of(reply), {"to": to}).context["to"] is None
    assert boss.post(page_of(reply), {"to": to}).status_code == 200
    assert decided() == [("unmatched", None, None)]


# --- deciding


def test_choosing_the_person_opts_them_out_and_answers_them(boss, sender, ana):
    reply = unknown(sender)
    pending = make_delivery(contact=ana, address=ana.phone)
    answer = boss.post(page_of(reply), {"to": ana.pk}, follow=True)
    assert "1 reply is of Ana" in answer.content.decode()
    assert decided() == [("settled", ana.pk, boss.user.pk)]
    ana.refresh_from_db()
    pending.refresh_from_db()
    assert (ana.whatsapp_opt_out_at, ana.whatsapp_opt_out_text, pending.error_kind) == (NOW, "BAJA", "opted_out")
    assert [phone for phone, _text in leaves()] == [ana.phone]


def test_it_is_written_down_who_decided(boss, sender, ana):
    boss.post(page_of(unknown(sender)), {"to": ana.pk})
    entries = HistoryEntry.objects.filter(action__in=["opted_out", "reply_settled"]).order_by("pk")
    assert [(entry.action, entry.actor) for entry in entries] == [("opted_out", "jefa"), ("reply_settled", "jefa")]
    assert entries[1].after == {"to_whom": "Ana"}


def test_the_next_reply_needs_nobody(boss, sender, ana):
    boss.post(page_of(unknown(sender)), {"to": ana.pk})
    assert phone_of(LID) == ana.phone
    arrives(sender, said("ALTA", chat_id=LID, message_id="2", at=NOW + HOUR), now=NOW + HOUR)
    ana.refresh_from_db()
    assert (ana.whatsapp_opt_out_at, decided()[1]) == (None, ("matched", ana.pk, None))


def test_a_second_number_of_somebody_is_remembered(boss, sender, ana):
    """It is no other form of theirs, and not put into their entry."""
    second = {"chat_id": "573000000077@c.us", "phone": "+573000000077"}
    boss.post(page_of(unknown(sender, **second)), {"to": ana.pk})
    arrives(sender, said("ALTA", message_id="2", at=NOW + HOUR, **second), now=NOW + HOUR)
    ana.refresh_from_db()
    assert (ana.whatsapp_opt_out_at, ana.phone, decided()[1]) == (None, "+573000000001", ("matched", ana.pk, None))
    assert not ChatIdentity.objects.exists()


def test_whoever_was_nobody_of_ours_is_asked_about_again(boss, sender):
    boss.post(page_of(unknown(sender)), {"nobody": "1"})
    assert unknown(sender, message_id="2").state == "unmatched"


def test_all_that_the_same_chat_wrote_is_theirs(boss, sender, ana):
    """In the order in which it was written, whatever the order in which it came."""
    last = unknown(sender, "BAJA", message_id="3", at=NOW)
    unknown(sender, "ALTA", message_id="2", at=NOW - HOUR)
    unknown(sender, "BAJA", message_id="1", at=NOW - 2 * HOUR)
    unknown(sender, "Hola", message_id="4", at=NOW - 3 * HOUR)
    other = unknown(sender, "BAJA", message_id="5", chat_id="200000000000002@lid")
    shown = [row.message_id for row, _tone, _moment in boss.get(page_of(last)).context["rows"]]
    boss.post(page_of(last), {"to": ana.pk})
    ana.refresh_from_db()
    assert (shown, ana.whatsapp_opt_out_at) == (["4", "1", "2", "3"], NOW)
    assert decided() == [("settled", ana.pk, boss.user.pk)] * 4 + [("unmatched", None, None)]
    assert Reply.objects.get(pk=other.pk).state == "unmatched"


def test_those_of_unknown_chats_are_settled_one_by_one(boss, sender, ana):
    """They have nothing in common."""
    rows = [make_reply(sender=sender, chat_id="", phone="", message_id=str(number)) for number in range(2)]
    boss.post(page_of(rows[0]), {"to": ana.pk})
    assert [state for state, _contact, _by in decided()] == ["settled", "unmatched"]


def test_somebody_without_a_number_is_opted_out_all_the_same(boss, sender):
    eva = make_contact(name="Eva", phone="", email="eva@example.com")
    boss.post(page_of(unknown(sender)), {"to": eva.pk})
    eva.refresh_from_db()
    assert (eva.whatsapp_opt_out_at, ChatIdentity.objects.count(), answers().count()) == (NOW, 0, 0)


def test_what_they_wrote_days_ago_is_not_answered(boss, sender, ana):
    boss.post(page_of(unknown(sender, at=NOW - 25 * HOUR)), {"to": ana.pk})
    ana.refresh_from_db()
    assert (ana.whatsapp_opt_out_at, answers().count()) == (NOW - 25 * HOUR, 0)


def test_nobody_of_ours_is_settled_and_changes_nobody(boss, sender, ana):
    reply = unknown(sender)
    answer = boss.post(page_of(reply), {"nobody": "1"}, follow=True)
    assert "1 reply is of nobody of ours." in answer.content.decode()
    assert (decided(), phone_of(LID)) == ([("settled", None, boss.user.pk)], "")
    ana.refresh_from_db()
    assert ana.whatsapp_opt_out_at is None
    assert boss.get(f"{LIST}?settle=1").context["cl"].result_count == 0


def test_after_one_comes_the_next(boss, sender, ana):
    first, second = unknown(sender), unknown(sender, message_id="2", chat_id="2@lid")
    assert boss.post(page_of(first), {"to": ana.pk})["Location"] == page_of(second)
    assert boss.post(page_of(second), {"nobody": "1"})["Location"] == f"{LIST}?settle=1"


def test_a_decision_that_comes_too_late_changes_nothing(boss, sender, ana):
    reply, bea = unknown(sender), make_contact(name="Bea")
    settle(reply, ana, user=boss.user, now=NOW)
    late = boss.post(page_of(reply), {"to": bea.pk}, follow=True)
    assert "That was decided already" in late.content.decode()
    bea.refresh_from_db()
    assert (bea.whatsapp_opt_out_at, decided()) == (None, [("settled", ana.pk, boss.user.pk)])
    assert settle(reply, bea, user=boss.user, now=NOW) == 0


def test_a_late_decision_takes_nothing_that_came_since(sender):
    """Decided for nobody; then the same chat wrote again."""
    reply, bea = unknown(sender), make_contact(name="Bea")
    settle(reply, None, user=None, now=NOW)
    unknown(sender, message_id="2")
    assert settle(reply, bea, user=None, now=NOW) == 0
    assert [state for state, _contact, _by in decided()] == ["settled", "unmatched"]


def test_without_a_button_nothing_is_decided(boss, sender):
    """The Enter key in a box."""
    reply = unknown(sender)
    assert boss.post(page_of(reply), {}).status_code == 200
    assert decided() == [("unmatched", None, None)]


# --- for whom


@pytest.mark.parametrize("lacking", MAY)
def test_it_takes_all_of_its_permissions(staff, sender, ana, lacking):
    reply = unknown(sender)
    client = staff(*(set(MAY) - {lacking}))
    assert client.get(page_of(reply)).status_code == 403
    assert client.post(page_of(reply), {"to": ana.pk}).status_code == 403
    assert decided() == [("unmatched", None, None)]


def test_a_reply_that_is_not_there(boss):
    assert boss.get(reverse("admin:campaigns_reply_settle", args=[404])).status_code == 404


# --- the home page


def tasks_of(client):
    cache.clear()
    return [task.sentence for task in client.get("/admin/").context["part"]["tasks"]]


def test_the_home_page_asks_whoever_may_decide(boss, staff, sender):
    make_user("otra")
    assert [task for task in tasks_of(boss) if "nobody knows" in task] == []
    unknown(sender)
    [task] = [task for task in tasks_of(boss) if "nobody knows" in task]
    assert task.startswith("1 person wrote what they want to get from us")
    for lacking in MAY:
        client = staff(*(set(MAY) - {lacking}), "campaigns.view_campaign")
        assert [task for task in tasks_of(client) if "nobody knows" in task] == []
