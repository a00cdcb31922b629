"""Drafts and launches as people make them."""

from datetime import timedelta

from campaigns import lifecycle
from campaigns.audience import describe
from campaigns.models import Campaign
from campaigns.preparing import prepare
from campaigns.stopping import StopPipe
from tests.factories import NOW, make_campaign, make_contact

LATER = NOW + timedelta(days=400)  # after the rows that the real clock has dated


def make_people(count, **fields):
    return [make_contact(email="", **fields) for _ in range(count)]


def announcement(people, **fields):
    chosen = describe(contacts=[person.pk for person in people])
    return make_campaign(**{"status": "draft", "launched_at": None, "prepared_at": None, "audience": chosen} | fields)


def prepared(campaign, now=LATER):
    lifecycle.launch(campaign, now=now)
    prepare(campaign.pk, budget=60, stop=StopPipe(), clock=lambda: now)
    return Campaign.objects.get(pk=campaign.pk)
