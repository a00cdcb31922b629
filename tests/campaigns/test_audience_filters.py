"""For whom a campaign is: what each condition lets in, and what it never lets in."""

import re

import pytest
from django.db import connection
from django.utils import translation

from campaigns.audience import contacts_of, describe, people_of, tickets_of
from campaigns.audience_words import audience_words
from campaigns.enums import DeliveryStatus
from tests.factories import NOW, make_campaign, make_contact, make_delivery, make_event, make_tag, make_ticket
from tickets.models import Contact, Segment

pytestmark = pytest.mark.django_db


def announcement(**chosen):
    return make_campaign(audience=describe(**chosen))


def tickets(event, **chosen):
    return make_campaign(kind="tickets", event=event, audience=describe(**{"event_tickets": True} | chosen))


def names(campaign):
    found = contacts_of(campaign) if campaign.kind == "announcement" else tickets_of(campaign)
    return sorted(row.name if campaign.kind == "announcement" else row.holder.name for row in found)


@pytest.fixture
def tagged():
    """Who has which of two tags."""
    a, b = make_tag("A"), make_tag("B")
    make_contact(name="only a", tags=(a,))
    make_contact(name="only b", tags=(b,))
    make_contact(name="both", tags=(a, b))
    make_contact(name="none")
    return a.pk, b.pk


def test_one_of_the_tags_all_of_them_and_none_of_them(tagged):
    a, b = tagged
    assert names(announcement(tags=[a, b])) == ["both", "only a", "only b"]
    assert names(announcement(all_tags=[a, b])) == ["both"]
    assert names(announcement(tags=[a], no_tags=[b])) == ["only a"]
    assert names(announcement(everybody=True, no_tags=[a, b])) == ["none"]
    assert names(announcement(everybody=True, all_tags=[b])) == ["both", "only b"]


def test_segments_are_added_up_like_tags_and_take_away_from_tickets(tagged):
    a, b = tagged
    one = Segment.objects.create(name="Uno", rules={"any_tags": [a], "no_tags": [b]})
    none = Segment.objects.create(name="Nadie", rules={})
    assert names(announcement(segments=[one.pk])) == ["only a"]
    assert names(announcement(segments=[one.pk, none.pk], tags=[b])) == ["both", "only a", "only b"]
    assert names(announcement(segments=[one.pk], no_tags=[a])) == []
    assert names(announcement(segments=[none.pk])) == names(announcement(segments=[9999])) == []
    assert names(announcement(segments=[none.pk], all_tags=[a])) == []
    event = make_event()
    for person in Contact.objects.all():
        make_ticket(event=event, holder=person)
    assert names(tickets(event)) == ["both", "none", "only a", "only b"]
    assert names(tickets(event, segments=[one.pk])) == ["only a"]
    assert names(tickets(event, segments=[none.pk])) == []
    with translation.override("en"):
        assert audience_words(announcement(segments=[one.pk])) == "Whoever is in the segment “Uno”"


def test_what_takes_away_adds_nobody(tagged):
    a, b = tagged
    assert names(announcement(no_tags=[a])) == []
    assert names(announcement(not_reached_by=[make_campaign().pk])) == []
    assert names(announcement(tags=[a], all_tags=[b])) == ["both"]


def test_a_tag_that_is_gone_is_nobodys(tagged):
    assert names(announcement(tags=[99_999])) == []
    assert names(announcement(all_tags=[99_999])) == []


@pytest.mark.parametrize("status", DeliveryStatus.values)
def test_whom_a_campaign_reached_or_may_reach_yet_is_left_out(status):
    reached, other = make_contact(name="reached"), make_contact(name="other")
    before = make_campaign(status="sending")
    stamps = {"sent_at": NOW, "claimed_at": NOW}
    make_delivery(campaign=before, contact=reached, status=status, **stamps)
    make_delivery(contact=other, status="sent", sent_at=NOW)  # of another campaign
    left = names(announcement(everybody=True, not_reached_by=[before.pk]))
    assert left == (["other"] if status in DeliveryStatus.taken else ["other", "reached"])


def test_holders_of_tickets_of_another_event_and_of_void_ones_are_not_meant():
    event = make_event()
    make_ticket(event=event, holder=make_contact(name="valid"))
    make_ticket(event=event, holder=make_contact(name="void"), status="voided")
    make_ticket(holder=make_contact(name="elsewhere"))
    assert names(announcement(holders={"event": event.pk})) == ["valid"]


@pytest.fixture
def event():
    """Tickets in every state, named after it."""
    event = make_event()
    for name, statuses, inside in (
        ("never sent", (), 0),
        ("failed", ("failed",), 0),
        ("sent", ("sent",), 0),
        ("delivered", ("delivered",), 0),
        ("read", ("read",), 0),
        ("read on the other channel", ("delivered", "read"), 0),
        ("inside", ("read",), 1),
    ):
        ticket = make_ticket(event=event, holder=make_contact(name=name), people_inside=inside)
        for status in statuses:
            sent = {"sent_at": NOW} if status in DeliveryStatus.arrived else {}
            make_delivery(ticket=ticket, contact=ticket.holder, status=status, **sent)
    return event


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ("undelivered", {"never sent", "failed"}),
        ("unread", {"delivered"}),
        ("inside", {"inside"}),
        ("outside", {"never sent", "failed", "sent", "delivered", "read", "read on the other channel"}),
        ("nonsense", set()),
    ],
)
def test_the_states_of_tickets_for_tickets_and_for_announcements(event, state, expected):
    assert set(names(tickets(event, ticket_state=state))) == expected
    assert set(names(announcement(holders={"event": event.pk, "state": state}))) == expected


def test_tags_of_holders_limit_tickets(tagged):
    a, b = tagged
    event = make_event()
    from tickets.models import Contact

    for contact in Contact.objects.all():
        make_ticket(event=event, holder=contact)
    assert names(tickets(event, tags=[a])) == ["both", "only a"]
    assert names(tickets(event, tags=[a, b], no_tags=[b])) == ["only a"]
    assert names(tickets(event, all_tags=[a, b])) == ["both"]


def test_many_chosen_people_are_one_value_of_the_question(django_assert_num_queries):
    people = [make_contact().pk for _ in range(3)]
    campaign = announcement(contacts=[*people, *range(1_000_000, 1_050_000)])
    with django_assert_num_queries(1):
        assert contacts_of(campaign).count() == 3
    assert [person.contact.pk for batch in people_of(campaign) for person in batch] == people


def test_names_that_are_taken_away_end_no_list_and_nobody_overtakes_them(monkeypatch):
    """The names are asked for a few at a time; here the first few are all unwanted, or were deleted."""
    monkeypatch.setattr("campaigns.audience.BATCH", 2)
    unwanted, wanted = make_tag(), make_tag()
    out = [make_contact(tags=(unwanted,)).pk for _ in range(3)]
    first, tagged, last = make_contact().pk, make_contact(tags=(wanted,)).pk, make_contact().pk
    campaign = announcement(contacts=[*out, first, last], tags=[wanted.pk], no_tags=[unwanted.pk])
    assert [person.contact.pk for batch in people_of(campaign) for person in batch] == [first, tagged, last]


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL keeps statistics")
@pytest.mark.parametrize(
    ("kind", "chosen"),
    [
        ("announcement", {"holders": {"event": 1, "state": "unread"}}),
        ("announcement", {"holders": {"event": 1, "state": "undelivered"}}),
        ("announcement", {"holders": {"event": 1}}),
        ("announcement", {"everybody": True, "not_reached_by": [1]}),
        ("announcement", {"everybody": True, "not_reached_by": [1, 2]}),
        ("tickets", {"event_tickets": True, "ticket_state": "unread"}),
        ("tickets", {"event_tickets": True, "ticket_state": "undelivered"}),
        ("tickets", {"event_tickets": True, "not_reached_by": [1]}),
    ],
)
def test_what_hangs_on_each_row_is_found_by_that_row(kind, chosen):
    """Else each of 100,000 people would cost a walk through all messages of a state or campaign."""
    campaign = make_campaign(kind=kind, event=make_event(), audience=describe(**chosen))
    rows = tickets_of(campaign) if kind == "tickets" else contacts_of(campaign)
    _outer, _sign, inner = rows.order_by("pk").explain().partition("CORRELATED")
    found = re.findall(r"SEARCH \w+ USING (?:COVERING )?INDEX \w+ \((\w+)=", inner)
    assert found
    assert set(found) <= {"holder_id", "ticket_id", "contact_id"}


def test_in_words(tagged, fixed_clock):
    a, b = tagged
    event = make_event(name="Feria")
    before = make_campaign(name="Aviso")
    told = audience_words(announcement(tags=[a], no_tags=[b], not_reached_by=[before.pk]))
    assert told == "Whoever has the tag “A”; without the tags “B”; without those whom “Aviso” reached"
    told = audience_words(announcement(holders={"event": event.pk, "state": "inside"}, all_tags=[a]))
    assert told == (
        "Whoever holds a valid ticket of “Feria” (those of people who are inside); only with all of the tags “A”"
    )
    told = audience_words(tickets(event, ticket_state="unread", tags=[a]))
    assert told == (
        "Whoever holds a valid ticket of the event (those that arrived and were not read); only with one of the tags “A”"
    )
    assert audience_words(announcement(no_tags=[a])) == "Nobody yet"
