"""The number on the button, the rows that the launch writes and what is listed as skipped: one count, for any audience."""

from collections import Counter

import pytest
from django.core.cache import cache
from django.db import transaction
from hypothesis import HealthCheck, given, settings

from campaigns import lifecycle
from campaigns.audience import people_of
from campaigns.drafts import draft_tickets
from campaigns.headcount import FALLBACK, MERGED, RECIPIENT, SKIPPED, headcount
from campaigns.models import Delivery
from campaigns.preflight import preflight
from campaigns.preparing import prepare
from campaigns.stopping import StopPipe
from campaigns.views.plan import Options, make_plan
from tests.bug_reports.launching import LATER
from tests.campaigns.audiences import make_audience, scenarios
from tests.factories import make_campaign, make_contact, make_event, make_lane, make_ticket

pytestmark = pytest.mark.django_db


def launched(campaign):
    lifecycle.launch(campaign, now=LATER)
    prepare(campaign.pk, budget=60, stop=StopPipe(), clock=lambda: LATER)
    return list(campaign.deliveries.order_by("pk"))


def ids_of(count, kind):
    """By channel: the ids of everybody in the groups of that kind."""
    found = Counter()
    for group, ids in count.groups.items():
        if group.kind == kind:
            found.update((group.channel, key) for key in ids)
    return found


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(scenario=scenarios)
def test_the_button_the_rows_and_the_lists_agree_for_any_audience(scenario):
    cache.clear()
    with transaction.atomic():
        make_lane()
        check(make_audience(scenario))
        transaction.set_rollback(True)


def check(campaign):
    audience = [person for people in people_of(campaign) for person in people]
    plan = preflight(campaign, now=LATER)
    button = make_plan(campaign, Options.of(campaign, {}), now=LATER).messages
    count = plan.count
    rows = launched(campaign)
    pending = [row for row in rows if row.status == "pending"]
    assert button == plan.messages == len(pending)
    assert Counter(row.channel for row in pending) == plan.recipients
    # Who is skipped, and why, is what stands on the list afterwards.
    skipped = Counter((row.channel, row.error_kind) for row in rows if row.status == "skipped")
    assert skipped == plan.skipped
    assert len(rows) == plan.messages + plan.skipped_total
    # Nobody is in two groups and nobody in none.
    assert plan.messages + plan.skipped_total + plan.merged == len(audience)
    together = ids_of(count, RECIPIENT) + ids_of(count, SKIPPED) + ids_of(count, MERGED)
    assert together == Counter((person.channel, (person.ticket or person.contact).pk) for person in audience)
    assert ids_of(count, RECIPIENT) == Counter((row.channel, row.ticket_id or row.contact_id) for row in pending)
    # What is said to be missing is missing in the text.
    lacking = ids_of(count, FALLBACK)
    amigo = {(row.channel, row.ticket_id or row.contact_id) for row in pending if "amigo" in row.text}
    assert amigo == set(lacking)


def test_whoever_was_merged_is_listed_with_whom():
    first, second = (make_contact(email="familia@example.com", phone="") for _ in range(2))
    third = make_contact(email="otra@example.com", phone="")
    campaign = make_audience_of([first, second, third])
    count = headcount(campaign)
    assert count.merged_into == {("email", second.pk): first.pk}
    assert [row.contact_id for row in launched(campaign)] == [first.pk, third.pk]


def make_audience_of(contacts):
    audience = {"contacts": [contact.pk for contact in contacts]}
    return make_campaign(
        status="draft", launched_at=None, prepared_at=None, channels="email", subject="Aviso", audience=audience
    )


def test_the_samples_are_the_first_one_what_is_missing_and_the_longest():
    names = ["Ana", "Beatriz Eugenia", "Cid", "Delia"]
    contacts = [make_contact(name=name, phone="", email=f"{name[:3].lower()}@example.com") for name in names]
    for contact, nickname in zip(contacts, ["A", "B" * 40, "", "D"], strict=True):
        contact.nickname = nickname
        contact.save()
    campaign = make_audience_of(contacts)
    campaign.body, campaign.subject = "{apodo} {mesa|libre}", "{apodo}"
    make_contact(attributes={"mesa": "1"})
    contacts[0].attributes = contacts[1].attributes = contacts[3].attributes = {"mesa": "7"}
    for contact in contacts:
        contact.save()
    count = headcount(campaign)
    assert [(sample.person.contact.name, sample.why) for sample in count.samples] == [
        ("Ana", ""),
        ("Cid", "fallback"),
        ("Beatriz Eugenia", "longest"),
    ]
    assert (count.longest["email"].length, count.longest["email"].limit) == (40, 200)


def test_of_a_long_list_only_ids_are_kept():
    event = make_event()
    for _ in range(12):
        make_ticket(event=event)
    count = headcount(draft_tickets(event))
    [(group, ids)] = [(group, ids) for group, ids in count.groups.items() if group.kind == RECIPIENT]
    assert (ids.itemsize, len(ids), len(count.names[group]), len(count.first)) == (8, 12, 5, 5)
    assert not Delivery.objects.exists()
