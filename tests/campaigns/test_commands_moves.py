"""`launch_campaign`, `pause_campaign`, `resume_campaign`, `cancel_campaign`: the moves, and their refusals in sentences."""

import io

import pytest
from django.db import OperationalError
from django.utils import translation

from campaigns.audience import describe
from campaigns.models import Campaign
from tests.campaigns.commands import Engine, refusal, run
from tests.factories import NOW, make_campaign, make_contact, make_delivery, make_lane

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]
UNKNOWN = "There is no campaign with the number “%s”. `manage.py campaign_status` lists the latest."


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


@pytest.fixture
def engine(monkeypatch):
    return Engine().use(monkeypatch)


def make_draft(**fields):
    values = {"name": "Aviso", "launched_at": None, "prepared_at": None, "audience": describe(everybody=True)}
    return make_campaign(status="draft", **values | fields)


def status_of(campaign):
    return Campaign.objects.get(pk=campaign.pk).status


@pytest.mark.usefixtures("no_history")
@pytest.mark.parametrize(
    ("status", "command"),
    [
        ("draft", ["launch_campaign"]),
        ("draft", ["launch_campaign", "--at", "2030-01-01 10:00"]),
        ("sending", ["pause_campaign"]),
        ("paused", ["resume_campaign"]),
        ("sending", ["cancel_campaign", "--yes"]),
        ("finished", ["resend_failed", "--campaign"]),
    ],
)
def test_what_cannot_be_written_down_is_not_done(status, command):
    campaign = make_campaign(
        status=status,
        finished_at=NOW if status == "finished" else None,
        audience=describe(everybody=True),
        **({"launched_at": None, "prepared_at": None} if status == "draft" else {}),
    )
    make_lane()
    make_delivery(campaign=campaign, status="failed", error_kind="other", contact=make_contact())
    with pytest.raises(OperationalError):
        run(*command, str(campaign.pk))
    assert status_of(campaign) == status


@pytest.mark.parametrize("command", ["launch_campaign", "pause_campaign", "resume_campaign", "cancel_campaign"])
@pytest.mark.parametrize("number", ["7", "-1", "x", "1_0", "１", "9" * 30, ""])
def test_an_unknown_number_is_refused(command, number):
    assert refusal(command, "--", number) == UNKNOWN % number


@pytest.mark.parametrize(
    ("command", "status"),
    [
        ("launch_campaign", "finished"),
        ("launch_campaign", "sending"),
        ("pause_campaign", "draft"),
        ("pause_campaign", "paused"),
        ("resume_campaign", "sending"),
        ("resume_campaign", "cancelled"),
        ("cancel_campaign", "finished"),
        ("cancel_campaign", "cancelled"),
    ],
)
def test_a_move_that_is_not_allowed_is_refused_with_the_state(command, status):
    campaign = make_campaign(name="Aviso", status=status, finished_at=NOW)
    extra = ["--yes"] if command == "cancel_campaign" else []
    said = str(Campaign(status=status).get_status_display()).lower()
    assert refusal(command, campaign.pk, *extra) == f"“Aviso” is {said} now, so this was not done."
    assert status_of(campaign) == status


def test_a_draft_is_launched_after_its_numbers_were_shown(engine):
    make_lane()
    make_contact(email="casa@example.com")
    make_contact(email="casa@example.com")
    campaign = make_draft(channels="email")
    assert run("launch_campaign", campaign.pk)[:4] == [
        "Aviso",
        "E-mail   1",
        "Skipped  0",
        "Merged   1  several people with one address: it gets one message",
    ]
    assert status_of(campaign) == "sending"


def test_a_launch_can_be_waited_for(engine):
    make_lane()
    make_contact()
    campaign = make_draft()
    assert run("launch_campaign", campaign.pk, "--wait")[-1] == "It took 0 s; the estimate was 0 s."
    assert status_of(campaign) == "finished"


def test_what_forbids_a_launch_is_said_and_the_draft_stays(engine):
    make_contact()
    campaign = make_draft(body="")
    assert refusal("launch_campaign", campaign.pk) == (
        "There is no WhatsApp number in use. Add one or switch one on, or send it by e-mail.\n"
        "The message has no text yet. Write it first."
    )
    assert status_of(campaign) == "draft"


def test_nobody_chosen_is_refused(engine):
    assert refusal("launch_campaign", make_draft(audience={}).pk) == "There is nobody to send it to."


def test_a_pause_keeps_its_reason_on_one_line():
    campaign = make_campaign(status="sending")
    make_delivery(campaign=campaign)
    assert run("pause_campaign", campaign.pk, "--reason", " Esperar\na Ana ") == [
        "Paused with 1 message to go.",
        f"Go on with it:  manage.py resume_campaign {campaign.pk}",
    ]
    campaign.refresh_from_db()
    assert (campaign.status, campaign.status_reason) == ("paused", "Esperar a Ana")


def test_a_paused_campaign_goes_on(engine):
    make_lane()
    campaign = make_campaign(status="paused")
    make_delivery(campaign=campaign)
    make_delivery(campaign=campaign)
    assert run("resume_campaign", campaign.pk)[0] == "Resumed with 2 messages to go."
    assert status_of(campaign) == "sending"


def test_a_cancel_takes_back_what_has_not_left():
    campaign = make_campaign(status="sending")
    make_delivery(campaign=campaign)
    make_delivery(campaign=campaign, status="waiting")
    make_delivery(campaign=campaign, status="sent", sent_at=NOW)
    assert run("cancel_campaign", campaign.pk, "--yes", "--reason", "Llueve") == [
        "2 messages have not left and never will.",
        "Cancelled. 2 messages were taken back.",
    ]
    campaign.refresh_from_db()
    assert (campaign.status, campaign.status_reason) == ("cancelled", "Llueve")


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"status": "draft", "launched_at": None}, "It was not launched yet: nobody was sent it, and nobody will be."),
        (
            {"status": "sending", "prepared_at": None},
            "The list of people is still being prepared: nobody was sent it, and nobody will be.",
        ),
    ],
)
def test_a_cancel_before_anybody_is_on_the_list(fields, sentence):
    assert run("cancel_campaign", make_campaign(**fields).pk, "--yes")[0] == sentence


class Typed(io.StringIO):
    def __init__(self, text, *, is_terminal=True):
        super().__init__(text)
        self.is_terminal = is_terminal

    def isatty(self):
        return self.is_terminal


@pytest.mark.parametrize("answer", ["y\n", "Yes\n", " s \n", "SÍ\n", "si\n"])
def test_a_terminal_is_asked_and_a_yes_cancels(monkeypatch, answer):
    monkeypatch.setattr("sys.stdin", Typed(answer))
    campaign = make_campaign(name="Aviso", status="sending")
    assert (
        run("cancel_campaign", campaign.pk)[1]
        == "Cancel “Aviso” for good? [y/N] Cancelled. 0 messages were taken back."
    )
    assert status_of(campaign) == "cancelled"


@pytest.mark.parametrize("answer", ["\n", "", "n\n", "no\n", "yep\n", "yes please\n"])
def test_anything_but_a_yes_cancels_nothing(monkeypatch, answer):
    monkeypatch.setattr("sys.stdin", Typed(answer))
    campaign = make_campaign(status="sending")
    assert refusal("cancel_campaign", campaign.pk) == "Nothing was cancelled."
    assert status_of(campaign) == "sending"


def test_ctrl_c_at_the_question_cancels_nothing(monkeypatch):
    terminal = Typed("")
    terminal.readline = lambda: (_ for _ in ()).throw(KeyboardInterrupt)
    monkeypatch.setattr("sys.stdin", terminal)
    campaign = make_campaign(status="sending")
    assert refusal("cancel_campaign", campaign.pk) == "Nothing was cancelled."
    assert status_of(campaign) == "sending"


def test_without_a_terminal_it_needs_yes(monkeypatch):
    monkeypatch.setattr("sys.stdin", Typed("y\n", is_terminal=False))
    campaign = make_campaign(status="sending")
    assert refusal("cancel_campaign", campaign.pk) == (
        "Nobody can be asked here. Say --yes if you mean it; nothing was cancelled."
    )
    assert status_of(campaign) == "sending"
