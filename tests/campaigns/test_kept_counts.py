"""A headcount is used again while nothing has changed, and never after something has."""

from datetime import timedelta

import pytest
import time_machine

from campaigns import kept_counts
from campaigns.audience import describe
from campaigns.drafts import draft_announcement, draft_tickets
from campaigns.headcount import RECIPIENT, headcount
from campaigns.kept_counts import KEEP_SECONDS, kept_headcount
from campaigns.models import Campaign
from tests.campaigns.audiences import draft_for_everybody
from tests.campaigns.pages import launch_page, plan_of
from tests.factories import (
    NOW,
    make_campaign,
    make_contact,
    make_delivery,
    make_event,
    make_sender,
    make_tag,
    make_ticket,
)
from tickets import ticket_moves
from tickets.models import Contact

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fixed_clock")]


@pytest.fixture
def counts(monkeypatch):
    """The campaigns that were really counted."""
    counted = []

    def count(campaign):
        counted.append(campaign.pk)
        return headcount(campaign)

    monkeypatch.setattr(kept_counts, "headcount", count)
    return counted


def read(campaign):
    return Campaign.objects.select_related("event").get(pk=campaign.pk)


@pytest.fixture
def tickets():
    event = make_event()
    for _ in range(3):
        make_ticket(event=event, holder=make_contact(tags=(make_tag(),)))
    return draft_tickets(event)


@pytest.fixture
def tagged():
    tag = make_tag("Socios")
    for _ in range(3):
        make_contact(tags=(tag,))
    campaign = draft_announcement(name="Aviso", tags=[tag.pk])
    Campaign.objects.filter(pk=campaign.pk).update(body="Hola {nombre}")
    return read(campaign)


def test_the_same_draft_and_data_are_counted_once(tickets, tagged, counts):
    for campaign in (tickets, tagged):
        first, second = kept_headcount(read(campaign)), kept_headcount(read(campaign))
        assert second.groups == first.groups == headcount(read(campaign)).groups
        assert [(sample.finished, sample.why) for sample in first.samples] == [
            (sample.finished, sample.why) for sample in second.samples
        ]
    assert counts == [tickets.pk, tagged.pk]


def test_after_a_while_it_is_counted_anew(tagged, counts):
    kept_headcount(tagged)
    with time_machine.travel(NOW + timedelta(seconds=KEEP_SECONDS + 1), tick=False):
        kept_headcount(tagged)
    assert len(counts) == 2


def test_a_few_headcounts_are_kept_and_not_more(tagged, counts):
    others = [draft_for_everybody() for _ in range(kept_counts.SLOTS)]
    for campaign in (tagged, *others, tagged):
        kept_headcount(campaign)
    assert counts.count(tagged.pk) == 2


def change_contact(**fields):
    def change(campaign):
        contact = Contact.objects.first()
        for name, value in fields.items():
            setattr(contact, name, value)
        contact.save()

    return change


def change_draft(**fields):
    return lambda campaign: Campaign.objects.filter(pk=campaign.pk).update(**fields)


def change_event(campaign):
    campaign.event.venue = "Otro teatro"
    campaign.event.save()


def add_and_remove_a_tag(campaign):
    """As many links as before, and other people."""
    links = Contact.tags.through.objects
    first = links.order_by("pk").first()
    links.create(contact=make_contact(), tag_id=first.tag_id)
    first.delete()


def import_nickname(campaign):
    """As an import writes: without `save`."""
    contact = Contact.objects.first()
    contact.nickname = "Ani"
    Contact.objects.bulk_update([contact], ["nickname"])
    Contact.objects.filter(pk=contact.pk).update(updated_at=NOW + timedelta(seconds=1))


def void(campaign):
    ticket_moves.void_tickets([campaign.event.tickets.first().pk])


def block(campaign):
    ticket_moves.block_tickets([campaign.event.tickets.first().pk])


def send_elsewhere(campaign):
    other = make_campaign(kind="tickets", event=campaign.event, status="sending")
    make_delivery(campaign=other, ticket=campaign.event.tickets.first(), status="sent", sent_at=NOW)


later = pytest.mark.parametrize(
    "change",
    [
        change_contact(name="Otra Persona"),
        change_contact(phone=""),
        change_contact(email_opt_out_at=NOW),
        change_contact(attributes={"mesa": "4"}),
        change_draft(body="Otro texto"),
        change_draft(channels="both"),
        change_draft(subject="Otro asunto"),
        import_nickname,
        lambda campaign: make_contact(),
    ],
)


@later
@pytest.mark.parametrize("kind", ["tickets", "tagged"])
def test_whatever_changes_is_counted_anew(request, counts, kind, change):
    campaign = request.getfixturevalue(kind)
    kept_headcount(campaign)
    with time_machine.travel(NOW + timedelta(seconds=1), tick=False):
        change(campaign)
        kept_headcount(read(campaign))
    assert len(counts) == 2


@pytest.mark.parametrize(
    ("change", "left"),
    [
        (void, 2),
        (block, 2),
        (lambda campaign: campaign.event.tickets.update(attributes={"mesa": "7"}), 3),
        (send_elsewhere, 2),
        (lambda campaign: make_ticket(event=campaign.event), 4),
        (change_event, 3),
        (lambda campaign: campaign.event.tickets.order_by("pk").update(companions=2), 3),
    ],
)
def test_other_tickets_and_what_was_sent_elsewhere_is_counted_anew(tickets, counts, change, left):
    kept_headcount(tickets)
    change(tickets)
    assert kept_headcount(read(tickets)).total(RECIPIENT) == left
    assert len(counts) == 2


def test_people_who_change_places_are_counted_anew(tagged, counts):
    before = kept_headcount(tagged)
    add_and_remove_a_tag(tagged)
    after = kept_headcount(read(tagged))
    assert after.total(RECIPIENT) == before.total(RECIPIENT) == 3
    assert after.groups != before.groups


def test_messages_of_others_do_not_make_an_announcement_be_counted_anew(tagged, counts):
    kept_headcount(tagged)
    make_delivery(status="sent", sent_at=NOW)
    kept_headcount(read(tagged))
    assert len(counts) == 1


def with_audience(campaign, **chosen):
    Campaign.objects.filter(pk=campaign.pk).update(audience=campaign.audience | describe(**chosen))
    return read(campaign)


@pytest.mark.parametrize(
    ("kind", "chosen"),
    [
        ("tagged", {"all_tags": [1], "no_tags": [2]}),
        ("tagged", {"holders": {"event": 1, "state": "inside"}}),
        ("tagged", {"holders": {"event": 1, "state": "unread"}}),
        ("tagged", {"not_reached_by": [1]}),
        ("tickets", {"tags": [1], "all_tags": [1], "no_tags": [2], "ticket_state": "unread"}),
        ("tickets", {"not_reached_by": [1]}),
    ],
)
def test_messages_that_say_nothing_about_the_audience_never_do(request, counts, kind, chosen):
    campaign = with_audience(request.getfixturevalue(kind), **chosen)
    kept_headcount(campaign)
    make_delivery(contact=Contact.objects.first(), status="sent", sent_at=NOW)
    kept_headcount(read(campaign))
    assert len(counts) == 1


def test_a_test_of_the_message_does_not_make_it_be_counted_anew(tickets, counts):
    kept_headcount(read(tickets))
    trial = make_campaign(
        kind="tickets", event=tickets.event, status="sending", launched_at=NOW, prepared_at=NOW, trial_of=tickets
    )
    make_delivery(campaign=trial)
    kept_headcount(read(tickets))
    assert counts == [tickets.pk]


def test_tickets_that_are_sent_to_everybody_again_do_not_depend_on_what_was_sent(tickets, counts):
    campaign = with_audience(tickets, again=True, ticket_state="outside")
    kept_headcount(campaign)
    send_elsewhere(campaign)
    kept_headcount(read(campaign))
    assert len(counts) == 1


@pytest.mark.parametrize(("state", "status", "left"), [("undelivered", "sent", 2), ("unread", "delivered", 1)])
@pytest.mark.parametrize("again", [True, False])
def test_what_became_of_the_messages_of_tickets_is_counted_anew(tickets, counts, state, status, left, again):
    campaign = with_audience(tickets, ticket_state=state, again=again)
    kept_headcount(campaign)
    other = make_campaign(kind="tickets", event=tickets.event, status="sending", channels="email")
    times = {"sent_at": NOW} | ({"delivered_at": NOW} if status == "delivered" else {})
    make_delivery(campaign=other, channel="email", ticket=tickets.event.tickets.first(), status=status, **times)
    assert kept_headcount(read(campaign)).total(RECIPIENT) == left
    assert len(counts) == 2


def test_so_is_it_for_an_announcement_to_their_holders(tickets, counts):
    campaign = draft_announcement(name="Aviso")
    campaign = with_audience(campaign, holders={"event": tickets.event_id, "state": "undelivered"})
    Campaign.objects.filter(pk=campaign.pk).update(body="Hola")
    kept_headcount(read(campaign))
    other = make_campaign(kind="tickets", event=tickets.event, status="sending")
    make_delivery(campaign=other, ticket=tickets.event.tickets.first(), status="sent", sent_at=NOW)
    assert kept_headcount(read(campaign)).total(RECIPIENT) == 2
    assert len(counts) == 2


@pytest.mark.parametrize("kind", ["tickets", "tagged"])
def test_whom_a_campaign_reached_meanwhile_is_counted_anew(request, counts, kind):
    before = make_campaign(status="sending")
    campaign = with_audience(request.getfixturevalue(kind), not_reached_by=[before.pk])
    kept_headcount(campaign)
    make_delivery(campaign=before, contact=Contact.objects.first(), status="sent", sent_at=NOW)
    assert kept_headcount(read(campaign)).total(RECIPIENT) == 2
    assert len(counts) == 2


def test_the_button_does_not_count_what_the_page_has_counted(boss, tagged, counts, django_assert_max_num_queries):
    make_sender()
    fields = plan_of(boss, tagged)
    with django_assert_max_num_queries(30):  # five of them once in the life of a process
        boss.post(launch_page(tagged), fields)
    assert read(tagged).status == "sending"
    assert len(counts) == 1
