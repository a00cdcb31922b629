"""A database that is put back from a backup, or that wakes up elsewhere, asks before it sends."""

import json
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import OperationalError
from django.utils import translation

from campaigns import adoption, installation, tasks
from campaigns.checks import check_place as check_place_of_file
from campaigns.installation import Hold, check_place, why_held
from campaigns.models import Campaign, Delivery, Dispatcher, Installation
from campaigns.tick import tick
from campaigns.watchdog import Watchdog, has_due_work
from tests.campaigns.commands import run
from tests.campaigns.pages import page, said
from tests.factories import NOW, make_campaign, make_contact, make_delivery, make_lane, make_settings
from tickets.models import HistoryEntry

pytestmark = pytest.mark.django_db
LONG_AGO = NOW - timedelta(days=3)


@pytest.fixture
def file(settings, tmp_path):
    """What this computer remembers; nothing yet."""
    settings.INSTALLATION_ID = ""
    settings.INSTALLATION_FILE = str(tmp_path / "kept" / "installation.json")
    return Path(settings.INSTALLATION_FILE)


@pytest.fixture
def due():
    """A message that could leave at once."""
    make_lane()
    return make_delivery(contact=make_contact())


def remembered(file):
    found = json.loads(file.read_text())
    return found["identity"], found["generation"]


def put_back(generation):
    """The same database as it was some ticks ago."""
    Installation.objects.update(generation=generation)


def move_away(file):
    """The database now runs on a computer that knows nothing of it."""
    file.unlink()
    Dispatcher.objects.update(heartbeat_at=LONG_AGO)


# --- a start


def test_the_first_start_takes_the_database_on(file):
    assert check_place(now=NOW) == ""
    row = Installation.objects.get()
    assert row.identity
    assert remembered(file) == (row.identity, row.generation)
    assert check_place_of_file(None) == []


def test_migrations_make_no_row():
    assert not Installation.objects.exists()


def test_a_new_database_in_an_old_place_starts_above_what_the_place_remembers(file):
    file.parent.mkdir()
    file.write_text('{"identity": "ours", "generation": 41}')
    assert check_place(now=NOW) == ""
    assert remembered(file) == ("ours", 42)


def test_every_tick_raises_the_generation_in_the_database_and_in_the_file(file):
    for _ in range(3):
        tick(now=NOW)
    row = Installation.objects.get()
    assert row.generation == 4
    assert remembered(file) == (row.identity, 4)


def test_a_slice_learns_the_generation_that_another_computer_reached(file):
    check_place(now=NOW)
    Installation.objects.update(generation=70)
    assert check_place(now=NOW) == ""
    assert remembered(file)[1] == 70


def test_two_processes_that_start_at_once_agree_on_one_identity(file, monkeypatch):
    """The other one makes the file and the row between our look and our own start."""
    original = installation.take_on

    def other_first():
        original()
        original()

    monkeypatch.setattr(installation, "take_on", other_first)
    assert check_place(now=NOW) == ""
    assert check_place(now=NOW) == ""
    assert remembered(file)[0] == Installation.objects.get().identity


def test_a_computer_that_sees_the_row_before_the_file_looks_again(file, monkeypatch):
    check_place(now=NOW)
    looks = iter([installation.place.Place()])
    real = installation.place.look
    monkeypatch.setattr(installation.place, "look", lambda: next(looks, None) or real())
    assert check_place(now=NOW) == ""


def test_a_file_that_cannot_be_written_stops_nobody(file, caplog):
    file.parent.write_text("a file where the folder should be")
    assert check_place(now=NOW) == ""
    assert check_place(now=NOW) == ""
    assert "cannot be written" in caplog.text
    assert [warning.id for warning in check_place_of_file(None)] == ["campaigns.W002"]


# --- what is held, and why


def test_an_older_database_is_held(file):
    for _ in range(5):
        tick(now=NOW)
    put_back(generation=3)
    assert check_place(now=NOW) == Hold.OLDER_DATABASE
    row = Installation.objects.get()
    assert (row.held_reason, row.held_since) == (Hold.OLDER_DATABASE, NOW)


def test_a_database_on_another_computer_is_held(file):
    tick(now=NOW)
    move_away(file)
    assert check_place(now=NOW) == Hold.UNKNOWN_PLACE
    assert why_held() == Hold.UNKNOWN_PLACE


def test_the_database_of_another_installation_is_held(file):
    tick(now=LONG_AGO)
    Installation.objects.update(identity="theirs")
    assert check_place(now=NOW) == Hold.OTHER_INSTALLATION
    assert why_held() == Hold.OTHER_INSTALLATION


@pytest.mark.parametrize("content", ["", "{", '{"identity": "ours"}', "[]", '{"identity": "ours", "generation": "x"}'])
def test_a_file_that_makes_no_sense_is_as_good_as_none(file, content):
    tick(now=LONG_AGO)
    file.write_text(content)
    assert check_place(now=NOW) == Hold.UNKNOWN_PLACE


def test_the_identity_may_come_from_the_environment(file, settings):
    settings.INSTALLATION_ID = "ours"
    assert [check_place(now=LONG_AGO), check_place(now=NOW)] == ["", ""]
    settings.INSTALLATION_ID = "theirs"
    assert check_place(now=NOW) == Hold.OTHER_INSTALLATION
    assert not file.exists()


def test_a_hold_stays_until_somebody_decides(file):
    for _ in range(5):
        tick(now=NOW)
    put_back(generation=3)
    check_place(now=NOW)
    put_back(generation=100)
    assert check_place(now=NOW) == Hold.OLDER_DATABASE


def test_a_computer_that_joins_holds_only_itself(file):
    """The others go on: their last sign of life is fresh."""
    tick(now=NOW)
    file.unlink()
    assert check_place(now=NOW) == Hold.UNKNOWN_PLACE
    assert why_held() == ""


def test_a_known_computer_lifts_what_a_stranger_held(file):
    tick(now=NOW)
    known = file.read_text()
    move_away(file)
    check_place(now=NOW)
    file.write_text(known)
    assert check_place(now=NOW) == ""
    assert why_held() == ""


# --- what held means


@pytest.fixture
def held(file):
    """As it was some ticks ago, with a message that waits."""
    check_place(now=NOW)
    put_back(generation=9)
    check_place(now=NOW)
    put_back(generation=3)
    check_place(now=NOW)


def test_nothing_is_claimed(held, due):
    assert tasks.dispatch(1) == "held: older_database"
    assert Delivery.objects.get().status == "pending"


def test_a_tick_starts_nobody_and_kicks_nobody(held, due):
    campaign = make_campaign(status="scheduled", scheduled_at=NOW, launched_at=None)
    Dispatcher.objects.update(kicked_at=None)
    assert not any(vars(tick(now=NOW)).values())
    campaign.refresh_from_db()
    assert campaign.status == "scheduled"
    assert not Dispatcher.objects.filter(kicked_at__isnull=False).exists()
    assert Installation.objects.get().generation == 3


def test_a_held_worker_gives_signs_of_life_and_is_not_stuck(held, due):
    later = NOW + timedelta(hours=1)
    tick(now=later)
    assert Dispatcher.objects.get(slot=0).heartbeat_at == later
    assert not has_due_work(now=later)
    watchdog = Watchdog()
    assert not any(watchdog.is_stuck(now=later + timedelta(minutes=m)) for m in range(10))


def test_a_stranger_leaves_the_tick_to_the_others(file, due):
    tick(now=NOW)
    file.unlink()
    later = NOW + timedelta(seconds=60)
    assert not any(vars(tick(now=later)).values())
    assert Dispatcher.objects.get(slot=0).heartbeat_at == NOW


# --- a decision


def test_after_the_decision_it_sends_again(held, due):
    adoption.adopt(now=NOW)
    assert (check_place(now=NOW), why_held()) == ("", "")
    assert Dispatcher.objects.filter(kicked_at=NOW).exists()


def test_the_new_generation_is_above_whatever_any_computer_has_seen(held, file):
    identity, seen = remembered(file)
    row = adoption.adopt(now=NOW)
    assert row.generation == int(NOW.timestamp()) > seen
    assert remembered(file) == (identity, row.generation)


def test_even_above_a_computer_whose_clock_was_wrong(held, file):
    identity, _ = remembered(file)
    ahead = int(NOW.timestamp()) * 2
    file.write_text(json.dumps({"identity": identity, "generation": ahead}))
    assert adoption.adopt(now=NOW).generation == ahead + 1


def test_a_computer_that_belonged_to_another_installation_forgets_it(file):
    tick(now=LONG_AGO)
    Installation.objects.update(identity="theirs", generation=1)
    check_place(now=NOW)
    adoption.adopt(now=NOW)
    assert check_place(now=NOW) == ""
    assert remembered(file)[0] == "theirs"


def test_what_became_due_while_it_was_held_asks_even_within_the_grace(held):
    make_settings(schedule_grace_minutes=60)
    passed = make_campaign(status="scheduled", scheduled_at=NOW - timedelta(minutes=1), launched_at=None)
    coming = make_campaign(status="scheduled", scheduled_at=NOW + timedelta(minutes=1), launched_at=None)
    adoption.adopt(now=NOW)
    assert [Campaign.objects.get(pk=c.pk).status for c in (passed, coming)] == ["overdue", "scheduled"]
    assert installation.adopted_at() == NOW


def test_a_computer_that_joins_disturbs_no_schedule(file):
    tick(now=NOW)
    campaign = make_campaign(status="scheduled", scheduled_at=NOW, launched_at=None)
    file.unlink()
    adoption.adopt(now=NOW)
    assert check_place(now=NOW) == ""
    assert Campaign.objects.get(pk=campaign.pk).status == "scheduled"
    assert installation.adopted_at() is None


def test_everything_can_be_paused_first(held):
    campaigns = [make_campaign(status=status, finished_at=NOW) for status in ("sending", "sending", "finished")]
    assert adoption.pause_everything(now=NOW) == 2
    assert [Campaign.objects.get(pk=c.pk).status for c in campaigns] == ["paused", "paused", "finished"]


def test_the_worker_on_another_computer_obeys_a_fresh_decision(file):
    """The page wrote the file of its own computer; the worker's knows nothing."""
    tick(now=LONG_AGO)
    move_away(file)
    check_place(now=NOW)
    row = adoption.adopt(now=NOW)
    file.unlink()
    assert not adoption.adopt_place(row.generation + 1, NOW, now=NOW)
    assert not adoption.adopt_place(row.generation, NOW, now=NOW + timedelta(minutes=3))
    assert not file.exists()
    assert adoption.adopt_place(row.generation, NOW, now=NOW)
    assert check_place(now=NOW) == ""


def test_the_situation_is_counted(held, due):
    make_delivery(campaign=due.campaign, status="waiting", due_at=NOW)
    make_delivery(campaign=due.campaign, status="sent", sent_at=NOW)
    make_campaign(status="scheduled", scheduled_at=NOW)
    found = adoption.situation()
    assert (found.reason, found.since) == (Hold.OLDER_DATABASE, NOW)
    assert (found.sending, found.messages, found.scheduled, found.last_call_at) == (1, 2, 1, None)


# --- its page, its band, its command


PAGE = "/admin/campaigns/campaign/installation/"


def test_every_page_says_why_nothing_leaves_and_where_to_decide(held, boss):
    html = boss.get("/admin/").content.decode()
    assert "an older copy of the database was put back" in html
    assert f'href="{PAGE}"' in html


def test_without_a_hold_there_is_no_band(boss):
    assert 'class="p-band' not in boss.get("/admin/").content.decode()


def test_whoever_may_not_see_campaigns_reads_it_without_the_link(held, staff):
    html = staff("tickets.view_event").get("/admin/").content.decode()
    assert "an older copy of the database was put back" in html
    assert PAGE not in html


def test_strangers_read_nothing_of_it(held, client, fixed_clock):
    assert "older copy" not in client.get("/admin/login/").content.decode()


def test_looking_decides_nothing(held, boss):
    assert boss.get(page("installation")).context["situation"].reason == Hold.OLDER_DATABASE
    assert why_held() == Hold.OLDER_DATABASE


def test_the_decision_is_made_by_post_and_written_down(held, boss):
    answer = boss.post(page("installation"), {"decision": "adopt"})
    assert (why_held(), said(answer)) == ("", ["This database sends again."])
    assert HistoryEntry.objects.get().user == boss.user


@pytest.mark.usefixtures("no_history")
@pytest.mark.parametrize("decision", ["adopt", "pause"])
def test_a_decision_that_cannot_be_written_down_is_not_taken(held, boss, due, decision):
    with pytest.raises(OperationalError):
        boss.post(page("installation"), {"decision": decision})
    due.campaign.refresh_from_db()
    assert (due.campaign.status, why_held()) == ("sending", Hold.OLDER_DATABASE)
    assert check_place(now=NOW) == Hold.OLDER_DATABASE


def test_pausing_first_leaves_the_decision_open(held, boss, due):
    boss.post(page("installation"), {"decision": "pause"})
    due.campaign.refresh_from_db()
    assert (due.campaign.status, why_held()) == ("paused", Hold.OLDER_DATABASE)


def test_only_an_administrator_decides(held, staff):
    client = staff("campaigns.view_campaign", "campaigns.launch_campaign")
    shown = client.get(page("installation"))
    assert (shown.status_code, shown.context["can_decide"]) == (200, False)
    assert client.post(page("installation"), {"decision": "adopt"}).status_code == 403
    assert why_held() == Hold.OLDER_DATABASE


def test_an_old_page_changes_nothing(boss):
    assert said(boss.post(page("installation"), {"decision": "adopt"})) == [
        "Sending is not held any more, so nothing was changed."
    ]


@pytest.mark.parametrize("language", ["es", "en"])
def test_each_reason_is_a_sentence(language):
    with translation.override(language):
        sentences = {installation.held_sentence(reason) for reason in [*Hold, "something new"]}
    assert len(sentences) == 4


def test_the_command_shows_then_adopts(held, due, fixed_clock):
    lines = run("adopt_installation", "--pause-all")
    due.campaign.refresh_from_db()
    assert (due.campaign.status, why_held()) == ("paused", "")
    assert lines[0].split() == ["1", "campaigns", "that", "are", "being", "sent"]
    assert lines[-1].endswith(f"INSTALLATION_ID={Installation.objects.get().identity}")


def test_a_dry_run_of_the_command_changes_nothing(held, fixed_clock):
    run("adopt_installation", "--dry-run")
    assert why_held() == Hold.OLDER_DATABASE


def test_the_tick_command_says_that_nothing_is_sent(held, fixed_clock):
    assert run("tick") == [installation.held_sentence(Hold.OLDER_DATABASE)]
