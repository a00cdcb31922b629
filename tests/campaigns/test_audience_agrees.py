"""What the page of the draft counts, what the launch page says and what the launch writes: the same, for any choice."""

from collections import Counter

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from campaigns import audience, lifecycle
from campaigns.audience import describe
from campaigns.audience_count import count_audience
from campaigns.enums import Channels, DeliveryStatus
from campaigns.models import Campaign, Delivery
from campaigns.preflight import preflight
from campaigns.preparing import prepare
from campaigns.stopping import StopPipe
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
from tickets.models import Segment

pytestmark = pytest.mark.django_db

PEOPLE = 6
STATES = ("", "undelivered", "unread", "inside", "outside")
some = st.lists(st.integers(0, 2), max_size=2, unique=True)
person = st.fixed_dictionaries(
    {
        "phone": st.booleans(),
        "email": st.sampled_from(("", "a@example.com", "b@example.com", "c@example.com")),  # families share theirs
        "no_whatsapp": st.booleans(),
        "no_email": st.booleans(),
        "tags": some,
        "ticket": st.sampled_from(("", "valid", "voided")),
        "inside": st.integers(0, 1),
        "before": st.sampled_from(("", *DeliveryStatus.values)),
        "way": st.sampled_from(("whatsapp", "email")),
    }
)
choice = st.fixed_dictionaries(
    {
        "tags": some,
        "all_tags": some,
        "no_tags": some,
        "segments": some,
        "named": st.lists(st.integers(0, PEOPLE - 1), max_size=PEOPLE, unique=True),
        "everybody": st.booleans(),
        "state": st.sampled_from(STATES),
        "holders": st.booleans(),
        "not_reached": st.booleans(),
        "again": st.booleans(),
    }
)


@pytest.fixture
def small_batches(monkeypatch):
    """So that six people are several batches, and the names of one are cut."""
    monkeypatch.setattr(audience, "BATCH", 2)


def make_people(described, event, tags, before):
    people = []
    for number, one in enumerate(described):
        phone = f"+5730000009{number:02d}" if one["phone"] or not one["email"] else ""
        contact = make_contact(
            phone=phone,
            email=one["email"],
            tags=tuple(tags[tag] for tag in one["tags"]),
            whatsapp_opt_out_at=NOW if one["no_whatsapp"] else None,
            email_opt_out_at=NOW if one["no_email"] else None,
        )
        people.append(contact)
        ticket = None
        if one["ticket"]:
            ticket = make_ticket(event=event, holder=contact, status=one["ticket"], people_inside=one["inside"])
        if one["before"]:
            stamps = {"sent_at": NOW, "claimed_at": NOW}
            kept = {"contact": contact, "ticket": ticket, "status": one["before"], "channel": one["way"]}
            make_delivery(campaign=before, **kept, **stamps)
    return people


def segments(event, tags):
    kinds = {"any_tags": [tags[0].pk], "wants": "email"}, {"holds": "outside", "event": event.pk}, {"email": "no"}
    return [Segment.objects.create(name=f"Segmento {number}", rules=rules).pk for number, rules in enumerate(kinds)]


def audience_of(asked, event, people, tags, before, kind):
    lists = {name: [tags[tag].pk for tag in asked[name]] for name in ("tags", "all_tags", "no_tags")}
    lists["segments"] = [pk for number, pk in enumerate(segments(event, tags)) if number in asked["segments"]]
    lists["not_reached_by"] = [before.pk] if asked["not_reached"] else []
    if kind == "tickets":
        held = event.tickets.filter(holder__in=[people[n].pk for n in asked["named"]])
        named = sorted(held.values_list("pk", flat=True))
        whole = asked["everybody"]
        return describe(event_tickets=whole, tickets=named, ticket_state=asked["state"], again=asked["again"], **lists)
    holders = {"event": event.pk, "state": asked["state"]} if asked["holders"] else None
    named = sorted(people[n].pk for n in asked["named"])
    return describe(contacts=named, holders=holders, everybody=asked["everybody"], **lists)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    described=st.lists(person, min_size=PEOPLE, max_size=PEOPLE),
    asked=choice,
    kind=st.sampled_from(("tickets", "announcement")),
    channels=st.sampled_from(Channels.values),
)
def test_the_count_the_launch_page_and_the_launch_agree(fixed_clock, small_batches, described, asked, kind, channels):
    with transaction.atomic():
        agree(described, asked, kind, channels)
        transaction.set_rollback(True)


def agree(described, asked, kind, channels):
    make_sender()
    event, tags = make_event(), [make_tag() for _ in range(3)]
    before = make_campaign(status="sending", event=event)
    people = make_people(described, event, tags, before)
    chosen = audience_of(asked, event, people, tags, before, kind)
    campaign = make_campaign(kind=kind, event=event, channels=channels, body="Hola {nombre}", audience=chosen)

    counted = count_audience(campaign)
    plan = preflight(campaign, now=NOW)
    assert counted.recipients == plan.recipients
    assert counted.skipped == plan.skipped
    assert counted.merged == plan.merged

    lifecycle.launch(campaign, now=NOW)
    prepare(campaign.pk, budget=60, stop=StopPipe(), clock=lambda: NOW)
    assert Campaign.objects.get(pk=campaign.pk).prepared_at is not None
    rows = Counter(Delivery.objects.filter(campaign=campaign).values_list("channel", "status", "error_kind"))
    assert (
        Counter({channel: n for (channel, status, _why), n in rows.items() if status == "pending"}) == plan.recipients
    )
    skipped = {(channel, why): n for (channel, status, why), n in rows.items() if status == "skipped"}
    assert Counter(skipped) == Counter({(str(c), str(r)): n for (c, r), n in plan.skipped.items()})
    assert rows.total() == counted.messages + counted.skipped_total
