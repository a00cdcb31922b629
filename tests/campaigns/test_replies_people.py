"""Replies go where the person goes: into a merge, out of it, onto their timeline, and away when they are deleted."""

from datetime import timedelta

import pytest
from django.urls import reverse

from campaigns.models import Campaign, Delivery, Reply, ReplySettings
from campaigns.replies.keeping import forget_old
from campaigns.replies.people import answered
from campaigns.tick import tick
from tests.campaigns.replying import LID, arrives, prepare_all, said, writes
from tests.factories import NOW, make_campaign, make_contact, make_delivery, make_reply, make_sender
from tickets.aliases import keep_aliases
from tickets.merging import merge, plan_merge
from tickets.models import Contact
from tickets.timeline import Viewer, timeline
from whatsapp.identities import learn, phone_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fixed_clock")]

DAY = timedelta(days=1)
BRAZIL = ("+5511955550101", "+551155550101")
# The number as we keep it, and as a gateway names it.
OTHER_FORMS = [("+525555550101", "+5215555550101"), ("+5491155550101", "+541155550101"), BRAZIL]
EVERYTHING = Viewer(lambda _permission: True)


@pytest.fixture
def sender():
    return make_sender(name="Taquilla")


@pytest.fixture
def ana():
    return make_contact(name="Ana", phone="+573000000001")


def merged(keep, gone, **chosen):
    return merge(keep, gone, chosen, expected=plan_merge(keep, gone).fingerprint, user=None, now=NOW)


# --- merging


def test_replies_move_over(sender, ana):
    gone = make_contact(name="Ana P.", phone="+573000000002")
    for number in range(2):
        writes(gone, "Hola", sender, message_id=str(number))
    assert "2 replies move over." in plan_merge(ana, gone).lines
    merged(ana, gone)
    assert list(Reply.objects.values_list("contact", "text")) == [(ana.pk, "Hola")] * 2


def test_whoever_has_none_brings_no_line(ana):
    assert [line for line in plan_merge(ana, make_contact()).lines if "repl" in line] == []


@pytest.mark.parametrize("stays", ["keep", "gone"])
def test_who_wrote_under_the_id_of_either_is_found_afterwards(sender, ana, stays):
    gone = make_contact(name="Ana P.", phone="+573000000002")
    learn([(LID, ana.phone), ("2@lid", gone.phone)], now=NOW)
    kept = merged(ana, gone, phone=stays)
    assert {phone_of(LID), phone_of("2@lid")} == {kept.phone}
    arrives(sender, said("BAJA", chat_id=LID))
    assert Contact.objects.get().whatsapp_opt_out_at == NOW


@pytest.mark.parametrize(("number", "learnt"), OTHER_FORMS)
@pytest.mark.parametrize("kept_aliases", [True, False])
def test_who_wrote_under_another_form_of_the_number_is_found_after_a_merge(sender, ana, number, learnt, kept_aliases):
    gone = make_contact(name="Ana P.", phone=number)
    if kept_aliases:
        keep_aliases({gone.pk: number})
    learn([(LID, learnt)], now=NOW)
    merged(ana, gone)
    assert phone_of(LID) == ana.phone
    arrives(sender, said("BAJA", chat_id=LID))
    assert Contact.objects.get().whatsapp_opt_out_at == NOW


def test_a_merge_leaves_the_ids_of_whoever_has_the_other_form_as_their_own_number(ana):
    number, twin = BRAZIL
    gone, other = make_contact(phone=number), make_contact(phone=twin)
    learn([(LID, number), ("2@lid", twin)], now=NOW)
    merged(ana, gone)
    assert (phone_of(LID), phone_of("2@lid")) == (ana.phone, other.phone)


def test_an_opt_out_by_reply_survives_a_merge(sender, ana):
    gone = make_contact(name="Ana P.", phone="+573000000002")
    writes(gone, "BAJA", sender)
    assert merged(ana, gone).whatsapp_opt_out_text == "BAJA"


# --- deleting


def test_a_person_who_is_deleted_takes_number_and_words_along(sender, ana):
    """That somebody replied still counts."""
    campaign = make_campaign(status="finished", finished_at=NOW)
    make_delivery(campaign=campaign, contact=ana, sender=sender, status="sent", sent_at=NOW - DAY)
    other = make_contact()
    writes(ana, "Soy Ana", sender, message_id="1")
    writes(other, "Soy otra", sender, message_id="2")
    ana.delete()
    first, second = Reply.objects.order_by("pk")
    assert (first.contact, first.text, first.phone, first.chat_id) == (None, "", "", "")
    assert (first.received_at, first.meaning, first.state) == (NOW, "other", "matched")
    assert (second.contact, second.text, second.phone) == (other, "Soy otra", other.phone)
    assert answered(campaign).people == 1


@pytest.mark.parametrize(("number", "learnt"), OTHER_FORMS)
def test_ids_under_another_form_of_the_number_go_with_the_person(django_capture_on_commit_callbacks, number, learnt):
    person = make_contact(phone=number)
    learn([(LID, learnt), ("2@lid", number), ("3@lid", "+573000000098")], now=NOW)
    with django_capture_on_commit_callbacks(execute=True):
        person.delete()
    assert (phone_of(LID), phone_of("2@lid"), phone_of("3@lid")) == ("", "", "+573000000098")


@pytest.mark.parametrize(("number", "learnt"), OTHER_FORMS)
def test_ids_stay_where_somebody_else_took_the_number_over(django_capture_on_commit_callbacks, number, learnt):
    person = make_contact(phone=number)
    learn([(LID, learnt)], now=NOW)
    with django_capture_on_commit_callbacks(execute=True):
        person.delete()
        make_contact(phone=number)
    assert phone_of(LID) == learnt


def test_ids_of_whoever_has_the_other_form_as_their_own_number_stay(django_capture_on_commit_callbacks):
    number, twin = BRAZIL
    person, _other = make_contact(phone=number), make_contact(phone=twin)
    learn([(LID, number), ("2@lid", twin)], now=NOW)
    with django_capture_on_commit_callbacks(execute=True):
        person.delete()
    assert (phone_of(LID), phone_of("2@lid")) == ("", twin)


# --- keeping


def test_texts_are_kept_for_a_year(sender, ana):
    for number, days in enumerate((364, 366)):
        writes(ana, "Hola", sender, message_id=str(number), at=NOW - days * DAY)
    assert (forget_old(now=NOW), forget_old(now=NOW)) == (1, 0)
    assert list(Reply.objects.order_by("pk").values_list("text", "phone")) == [("Hola", ana.phone), ("", ana.phone)]


def test_strangers_are_forgotten_with_their_words_and_wishes_wait(sender):
    old = NOW - 366 * DAY
    arrives(sender, said("Hola", phone="+573000000098", message_id="1", at=old))
    arrives(sender, said("BAJA", phone="+573000000099", message_id="2", at=old))
    assert tick(now=NOW).replies_forgotten == 1
    assert list(Reply.objects.order_by("pk").values_list("text", "phone", "chat_id")) == [
        ("", "", ""),
        ("BAJA", "+573000000099", "573000000099@c.us"),
    ]


@pytest.mark.parametrize(("days", "forgotten"), [(None, 0), (30, 1)])
def test_how_long_is_a_setting(sender, ana, days, forgotten):
    ReplySettings.objects.create(pk=1, keep_days=days)
    writes(ana, "Hola", sender, at=NOW - 31 * DAY)
    assert forget_old(now=NOW) == forgotten


def test_what_the_team_was_told_by_letter_is_forgotten_too(sender, ana):
    ReplySettings.objects.create(pk=1, keep_days=30, forward_to="sala@example.org")
    writes(ana, "Llego tarde", sender, at=NOW)
    tick(now=NOW)
    prepare_all()
    letter = Campaign.objects.get(origin="forward")
    assert "Llego tarde" in letter.body
    forget_old(now=NOW + 29 * DAY)
    assert "Llego tarde" in Delivery.objects.get(campaign=letter).text
    forget_old(now=NOW + 31 * DAY)
    letter.refresh_from_db()
    assert (letter.body, letter.email_body, Delivery.objects.get(campaign=letter).text) == ("", "", "")


# --- counting


def test_people_are_counted_once_whatever_they_write(sender, ana):
    campaign = make_campaign(status="finished", finished_at=NOW)
    bea = make_contact()
    for person in (ana, bea, make_contact()):
        make_delivery(campaign=campaign, contact=person, sender=sender, status="sent", sent_at=NOW - DAY)
    for number, text in enumerate(("Hola", "BAJA", "¿Hola?")):
        writes(ana, text, sender, message_id=str(number))
    writes(bea, "Gracias", sender, message_id="9")
    row = campaign.deliveries.get(contact=bea)
    make_reply(sender=sender, delivery=row, contact=bea, state="matched", told_provider=True)
    assert (answered(campaign).people, answered(campaign).stopped) == (2, 1)
    assert answered(make_campaign()).people == 0


def test_the_page_of_a_campaign_says_so(boss, staff, sender, ana):
    campaign = make_campaign(status="finished", finished_at=NOW)
    make_delivery(campaign=campaign, contact=ana, sender=sender, status="sent", sent_at=NOW - DAY)
    page = reverse("admin:campaigns_campaign_change", args=[campaign.pk])
    assert "answered" not in boss.get(page).content.decode()
    writes(ana, "BAJA", sender)
    html = boss.get(page).content.decode()
    assert "1 person answered." in html
    assert "1 of them wants no more announcements." in html
    way = f"{reverse('admin:campaigns_reply_changelist')}?delivery__campaign__id__exact={campaign.pk}"
    assert way in html
    make_reply(sender=sender, text="De otra campaña")
    listed = boss.get(way)
    assert [row.text for row in listed.context["cl"].result_list] == ["BAJA"]
    assert "answered" not in staff("campaigns.view_campaign").get(page).content.decode()


# --- the timeline


def test_it_is_on_the_timeline_of_the_person(sender, ana):
    reply = writes(ana, "¿Hay parqueadero?", sender, message_id="1", at=NOW - DAY)
    writes(ana, "BAJA", sender, message_id="2")
    entries = [entry for entry in timeline(ana, EVERYTHING).entries if entry.place.source == "replies"]
    assert [(str(entry.title), str(entry.badge), entry.tone) for entry in entries] == [
        ("Wrote to us", "No more announcements", "warn"),
        ("Wrote to us", "", "neutral"),
    ]
    assert entries[1].details == ("“¿Hay parqueadero?”", "to Taquilla")
    assert entries[1].url == reverse("admin:campaigns_reply_change", args=[reply.pk])


def test_the_timeline_goes_on_after_a_page_of_replies(sender, ana):
    for number in range(5):
        make_reply(sender=sender, contact=ana, state="matched", text=str(number), received_at=NOW - number * DAY)
    first = timeline(ana, EVERYTHING, limit=3)
    assert [entry.details[0] for entry in first.entries] == ["“0”", "“1”", "“2”"]
    place = first.entries[-1].place
    second = timeline(ana, EVERYTHING, before=place, limit=3)
    assert [entry.details[0] for entry in second.entries if entry.place.source == "replies"] == ["“3”", "“4”"]


def test_whoever_may_not_read_replies_does_not_see_them_there(sender, ana):
    writes(ana, "Hola", sender)
    viewer = Viewer(lambda permission: permission != "campaigns.view_reply")
    assert [entry for entry in timeline(ana, viewer).entries if entry.place.source == "replies"] == []
