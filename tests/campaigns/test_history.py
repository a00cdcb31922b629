"""What commands, the schedule and the system itself do is in the history of the campaign and of the number."""

from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry

from campaigns import lifecycle
from campaigns.adoption import pause_everything
from campaigns.drafts import draft_announcement
from tests.campaigns.commands import refusal, run
from tests.campaigns.pages import page, plan_of
from tests.factories import NOW, make_campaign, make_contact, make_delivery, make_lane, make_sender
from tests.fakes import FakeGateway
from tests.history import told
from tickets.enums import Action
from tickets.history import record
from tickets.history_words import details_of
from tickets.models import HistoryEntry
from whatsapp import registry
from whatsapp.gateways.base import OutcomeUnknown, Refused
from whatsapp.signals import acted

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fixed_clock")]


def _sending():
    campaign = make_campaign(status="sending")
    for _number in range(2):
        make_delivery(campaign=campaign, contact=make_contact())
    return campaign


def test_commands_that_move_a_campaign_are_named():
    make_lane()
    campaign = _sending()
    run("pause_campaign", str(campaign.pk), "--reason", "Error en el texto")
    run("resume_campaign", str(campaign.pk))
    run("cancel_campaign", str(campaign.pk), "--yes", "--reason", "Ya no hace falta")
    assert told() == [
        ("manage.py pause_campaign", "paused", ["Messages to go: 2", "Error en el texto"]),
        ("manage.py resume_campaign", "resumed", ["Messages to go: 2"]),
        ("manage.py cancel_campaign", "cancelled", ["Messages taken back: 2", "Ya no hace falta"]),
    ]


def test_a_command_that_is_refused_leaves_no_trace():
    assert refusal("pause_campaign", str(make_campaign().pk))
    assert told() == []


def test_a_campaign_that_starts_at_its_time_was_started_by_the_system():
    campaign = make_campaign(status="scheduled", scheduled_at=NOW, launched_at=None, prepared_at=None)
    lifecycle.start_due(now=NOW, grace=timedelta(minutes=15))
    entry = HistoryEntry.objects.get()
    assert (entry.actor, entry.action, entry.object_id) == ("", "launched", str(campaign.pk))


def test_one_that_is_late_says_why_it_asks():
    at = NOW - timedelta(hours=2)
    make_campaign(status="scheduled", scheduled_at=at, launched_at=None, prepared_at=None)
    lifecycle.start_due(now=NOW, grace=timedelta(minutes=15))
    entry = HistoryEntry.objects.get()
    assert (entry.action, bool(entry.sentence)) == ("asked", True)


def test_whatsapp_tells_by_a_signal_because_it_knows_nothing_of_the_history():
    sender = make_sender(name="Principal")
    acted.send(type(sender), user="whatsapp_restart", obj=sender, action="restarted", after={"answer": "ok"})
    assert told() == [("manage.py whatsapp_restart", "restarted", ["Answer: ok"])]


def test_it_is_on_the_page_of_the_campaign(boss):
    campaign = _sending()
    boss.post(page("pause", campaign.pk))
    html = boss.get(page("history", campaign.pk)).content.decode()
    for words in ("jefa", "Paused", "Messages to go: 2"):
        assert words in html


def test_who_is_merely_looked_at_has_no_other_persons_history(boss):
    first, second = _sending(), _sending()
    record(None, first, Action.PAUSED, sentence="solo de la primera")
    assert "solo de la primera" not in boss.get(page("history", second.pk)).content.decode()


def test_what_is_planned_on_the_page_is_in_the_history_once(boss):
    make_lane()
    campaign = draft_announcement(name="Aviso", contacts=[make_contact().pk], user=boss.user)
    type(campaign).objects.filter(pk=campaign.pk).update(body="Hola {nombre}")
    asked = plan_of(boss, campaign) | {"later": "1", "how": "at", "at": "2026-11-26T18:00"}
    for _press in range(2):
        boss.post(page("launch", campaign.pk), asked)
    campaign.refresh_from_db()
    assert campaign.status == "scheduled"
    (entry,) = HistoryEntry.objects.all()
    assert (entry.actor, entry.action) == ("jefa", "scheduled")
    by_word = dict(line.split(": ", 1) for line in details_of(entry))
    assert by_word == {"Send at": "26 Nov 2026, 18:00", "Messages": "1", "By WhatsApp": "1"}
    assert not LogEntry.objects.exists()


def test_campaigns_that_were_paused_because_a_database_is_a_copy_say_so_themselves():
    campaign = _sending()
    assert pause_everything(now=NOW) == 1
    entry = HistoryEntry.objects.get()
    assert (entry.actor, entry.action, entry.object_id, entry.at) == ("", "paused", str(campaign.pk), NOW)
    assert "is a copy" in entry.sentence


def test_what_the_system_opens_again_is_in_the_history():
    campaign = make_campaign(status="finished", finished_at=NOW)
    make_delivery(campaign=campaign)
    for _tick in range(2):
        lifecycle.reopen_unfinished(now=NOW)
    assert told() == [("", "reopened", [])]


@pytest.mark.parametrize(
    ("error", "action"), [(Refused("no"), "not_restarted"), (OutcomeUnknown("connection closed"), "restarted")]
)
def test_a_restart_by_command_that_was_not_confirmed_is_in_the_history(monkeypatch, error, action):
    class Fake(FakeGateway):
        def __init__(self, connection):
            super().__init__()

        def restart(self):
            raise error

    monkeypatch.setitem(registry.gateways(), "fake", Fake)
    make_sender(name="Principal", gateway="fake")
    refusal("whatsapp_restart", "Principal", "--no-wait")
    assert told() == [("manage.py whatsapp_restart", action, [f"Answer: {error.detail}"])]
