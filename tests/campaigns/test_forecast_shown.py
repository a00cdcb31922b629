"""Whoever asks when it ends is also told why it lasts several days."""

import pytest

from tests.campaigns.commands import run
from tests.campaigns.pages import page
from tests.factories import (
    make_campaign,
    make_contact,
    make_delivery,
    make_event,
    make_lane,
    make_sender,
    make_settings,
    make_ticket,
)

pytestmark = pytest.mark.django_db
THREE_DAYS = "It needs 3 days because of the daily limit."


@pytest.fixture
def slow(boss):
    """Five messages, two a day."""
    make_settings(daily_cap=2, window_timezone="America/Bogota")
    make_lane(sender=make_sender(name="Taquilla"))
    campaign = make_campaign(status="sending")
    for _ in range(5):
        make_delivery(campaign=campaign, contact=make_contact())
    return campaign


def test_on_the_page_of_the_campaign(boss, slow):
    html = boss.get(page("change", slow.pk)).content.decode()
    assert "Ends at about 27 Nov 2026, 00:00 (Bogotá)" in html
    assert THREE_DAYS in html


def test_in_campaign_status(slow):
    lines = run("campaign_status", slow.pk)
    ends = lines.index("At this pace it ends at about 27 Nov 2026, 00:00 (Bogotá).")
    assert lines[ends + 1] == THREE_DAYS


def test_before_tickets_are_sent_by_command(boss):
    make_settings(
        daily_cap=3, window_timezone="America/Bogota", jitter_percent=100, base_delay=60, step=0, maximum_delay=60
    )
    make_lane(sender=make_sender(name="Taquilla"))
    event = make_event(slug="concierto")
    for _ in range(5):
        make_ticket(event=event)
    assert run("send_tickets", "--event", "concierto", "--dry-run")[-4:-1] == [
        "If it starts now, it ends at about 26 Nov 2026, 00:01 (Bogotá).",
        "With the random extra of the pauses it may last until 26 Nov 2026, 00:02 (Bogotá).",
        "It needs 2 days because of the daily limit.",
    ]
