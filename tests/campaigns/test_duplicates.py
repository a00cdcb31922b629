"""A campaign once more, as a draft."""

from datetime import time, timedelta

import pytest

from campaigns.audience import people_of
from campaigns.audience_count import count_audience
from campaigns.drafts import draft_tickets
from campaigns.duplicates import audience_of_copy, duplicate
from campaigns.models import Campaign
from tests.bug_reports.launching import announcement, prepared
from tests.campaigns.pages import page, said
from tests.factories import NOW, make_campaign, make_contact, make_delivery, make_event, make_sender, make_ticket
from tests.history import told
from tickets.merging import merge, plan_merge
from tickets.models import Contact, HistoryEntry

pytestmark = pytest.mark.django_db


@pytest.fixture
def sent(boss):
    """Of three people one was reached, one failed and one is new."""
    make_sender()
    reached, failed, _new = (make_contact(name=name) for name in ("reached", "failed", "new"))
    campaign = make_campaign(
        name="Aviso",
        status="finished",
        finished_at=NOW,
        audience={"everybody": True},
        link="https://example.com/",
        window_from=time(9),
        window_to=time(18),
        not_after=NOW - timedelta(days=1),
    )
    make_delivery(campaign=campaign, contact=reached, status="read", sent_at=NOW)
    make_delivery(campaign=campaign, contact=failed, status="failed")
    return campaign


def names(campaign):
    return [person.contact.name for batch in people_of(campaign) for person in batch if not person.skip]


def press(client, campaign, **chosen):
    key = client.get(page("duplicate", campaign.pk)).context["form_key"]
    return client.post(page("duplicate", campaign.pk), {"form_key": key} | chosen)


def test_the_copy_is_a_draft_with_the_same_message(boss, sent):
    answer = press(boss, sent)
    copy = Campaign.objects.latest("pk")
    assert answer.headers["Location"] == page("change", copy.pk)
    assert (copy.name, copy.status, copy.body, copy.link) == ("Copy of Aviso", "draft", sent.body, sent.link)
    assert (copy.window_from, copy.not_after, copy.launched_at) == (sent.window_from, None, None)
    assert copy.created_by == boss.user
    assert said(answer) == ["“Copy of Aviso” is a draft. Nothing was sent."]


def test_whom_it_reached_is_left_out_unless_it_is_asked_for(boss, sent):
    press(boss, sent)
    assert names(Campaign.objects.latest("pk")) == ["failed", "new"]
    press(boss, sent, reached="with")
    assert names(Campaign.objects.latest("pk")) == ["reached", "failed", "new"]


def test_a_copy_of_a_copy_leaves_out_whom_both_reached(boss, sent):
    first = duplicate(sent, user=boss.user, key="a")
    make_delivery(campaign=first, contact=make_contact(name="later"), status="sent", sent_at=NOW)
    Campaign.objects.filter(pk=first.pk).update(status="finished", launched_at=NOW, finished_at=NOW)
    first.refresh_from_db()
    second = duplicate(first, user=boss.user, key="b")
    assert names(second) == ["failed", "new"]


def test_tickets_are_sent_again_only_when_it_is_asked_for(boss):
    make_sender()
    ticket = make_ticket(event=make_event())
    campaign = prepared(draft_tickets(ticket.event))
    assert names(duplicate(campaign, user=boss.user, key="a")) == []
    assert names(duplicate(campaign, user=boss.user, key="b", with_reached=True)) == [ticket.holder.name]


def test_every_ticket_that_did_not_arrive_is_in_the_copy(boss):
    """Also of somebody who got another: one that failed, and one that was issued after the launch."""
    make_sender()
    event, ana = make_event(), make_contact()
    arrived, failed = make_ticket(event=event, holder=ana), make_ticket(event=event, holder=ana, number=2)
    campaign = prepared(draft_tickets(event))
    campaign.deliveries.filter(ticket=arrived).update(status="sent", sent_at=NOW)
    campaign.deliveries.filter(ticket=failed).update(status="failed")
    later = make_ticket(event=event, holder=ana, number=3)
    copy = duplicate(campaign, user=boss.user, key="a")
    people = [person for batch in people_of(copy) for person in batch]
    assert [(person.ticket, person.skip) for person in people] == [
        (arrived, "already_sent"),
        (failed, None),
        (later, None),
    ]


def test_where_one_message_each_was_promised_a_ticket_by_mail_is_not_sent_by_whatsapp_too(boss):
    """To whoever got it by e-mail for want of a number, and has one by now."""
    make_sender()
    ticket = make_ticket(holder=make_contact(phone=""))
    first = draft_tickets(ticket.event)
    Campaign.objects.filter(pk=first.pk).update(channels="whatsapp_first")
    first = prepared(Campaign.objects.get(pk=first.pk))
    first.deliveries.update(status="delivered", sent_at=NOW)
    assert first.deliveries.get().channel == "email"
    Contact.objects.update(phone="+573001234567")
    copy = duplicate(first, user=boss.user, key="a")
    assert names(copy) == []
    head = count_audience(copy)
    assert (sum(head.recipients.values()), head.skipped["whatsapp", "already_sent"]) == (0, 1)
    copy.channels = "whatsapp"  # somebody wants it there as well, and says so
    assert (names(copy), count_audience(copy).recipients["whatsapp"]) == ([ticket.holder.name], 1)


@pytest.mark.parametrize("with_reached", [False, True])
@pytest.mark.parametrize("status", ["finished", "cancelled"])
def test_who_was_chosen_by_name_and_merged_since_is_in_the_copy(boss, status, with_reached):
    keep, middle, gone, other, deleted = (make_contact() for _ in range(5))
    numbers = sorted([gone.pk, other.pk, deleted.pk])
    campaign = make_campaign(status=status, finished_at=NOW, audience={"contacts": numbers})
    for stays, goes in ((middle, gone), (keep, middle)):
        merge(stays, goes, {}, expected=plan_merge(stays, goes).fingerprint, user=None, now=NOW)
    deleted.delete()
    copy = duplicate(campaign, user=boss.user, key="a", with_reached=with_reached)
    assert names(copy) == [keep.name, other.name]


def test_many_who_were_chosen_by_name_cost_few_queries(boss, django_assert_max_num_queries):
    campaign = make_campaign(status="finished", finished_at=NOW, audience={"contacts": list(range(10**6, 10**6 + 900))})
    with django_assert_max_num_queries(5):
        audience_of_copy(campaign, with_reached=True)


def test_of_a_draft_nobody_was_reached(boss):
    campaign = announcement([make_contact()])
    assert audience_of_copy(campaign, with_reached=False) == campaign.audience
    assert "reached" not in boss.get(page("duplicate", campaign.pk)).content.decode()


@pytest.mark.parametrize(("channels", "subject"), [("email", "Aviso"), ("both", "Aviso"), ("whatsapp", "")])
def test_an_e_mail_whose_subject_was_the_name_keeps_it(boss, channels, subject):
    """Nobody is to read “Copy of …” there."""
    copy = duplicate(make_campaign(name="Aviso", subject="", channels=channels), user=boss.user, key="a")
    assert (copy.name, copy.subject) == ("Copy of Aviso", subject)
    other = duplicate(make_campaign(name="Aviso", subject="Hola", channels=channels), user=boss.user, key="b")
    assert other.subject == "Hola"


def test_pressed_twice_it_makes_one(boss, sent):
    fields = {"form_key": boss.get(page("duplicate", sent.pk)).context["form_key"]}
    first = boss.post(page("duplicate", sent.pk), fields)
    second = boss.post(page("duplicate", sent.pk), fields)
    assert first.headers["Location"] == second.headers["Location"]
    assert Campaign.objects.filter(name="Copy of Aviso").count() == 1
    assert told() == [("jefa", "duplicated", ["Copy: Copy of Aviso"]), ("jefa", "added", ["Copy of: Aviso"])]
    assert [entry.object_id for entry in HistoryEntry.objects.order_by("pk")] == [
        str(sent.pk),
        str(Campaign.objects.get(name="Copy of Aviso").pk),
    ]


def test_looking_makes_nothing(boss, sent):
    boss.get(page("duplicate", sent.pk))
    assert Campaign.objects.count() == 1


def test_whoever_may_not_write_campaigns_sees_no_button_and_makes_none(staff, sent):
    client = staff("campaigns.view_campaign", "campaigns.change_campaign")
    assert page("duplicate", sent.pk) not in client.get(page("change", sent.pk)).content.decode()
    assert client.post(page("duplicate", sent.pk)).status_code == 403
    allowed = staff("campaigns.view_campaign", "campaigns.add_campaign")
    assert page("duplicate", sent.pk) in allowed.get(page("change", sent.pk)).content.decode()
    assert allowed.post(page("duplicate", sent.pk)).status_code == 302


def test_a_long_name_still_fits(boss):
    campaign = make_campaign(name="x" * 150)
    assert len(duplicate(campaign, user=boss.user, key="a").name) == 150
