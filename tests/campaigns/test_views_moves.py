"""Pause, resume, cancel, send again: POST only, each with its own permission, written down with its numbers."""

import pytest
from django.db import OperationalError

from campaigns.models import Campaign, Delivery
from tests.campaigns.pages import page, said
from tests.factories import NOW, make_campaign, make_delivery
from tests.history import told
from tickets.models import HistoryEntry

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]

MOVES = {
    "pause": ("sending", "paused", "campaigns.pause_campaign"),
    "resume": ("paused", "sending", "campaigns.pause_campaign"),
    "cancel": ("sending", "cancelled", "campaigns.cancel_campaign"),
    "unschedule": ("scheduled", "draft", "campaigns.launch_campaign"),
}


def make_at(status, **fields):
    times = {"scheduled_at": NOW} if status == "scheduled" else {}
    return make_campaign(status=status, **times, **fields)


def status_of(campaign):
    return Campaign.objects.values_list("status", flat=True).get(pk=campaign.pk)


def states(campaign):
    return sorted(Delivery.objects.filter(campaign=campaign).values_list("status", flat=True))


@pytest.mark.parametrize("move", MOVES)
def test_a_button_moves_the_campaign_and_is_written_down(boss, move):
    before, after, _permission = MOVES[move]
    campaign = make_at(before)
    answer = boss.post(page(move, campaign.pk))
    assert answer.headers["Location"] == page("change", campaign.pk)
    assert status_of(campaign) == after
    entry = HistoryEntry.objects.get()
    assert (entry.user, entry.object_id) == (boss.user, str(campaign.pk))


@pytest.mark.usefixtures("no_history")
@pytest.mark.parametrize("move", MOVES)
def test_what_cannot_be_written_down_is_not_done(boss, move):
    campaign = make_at(MOVES[move][0])
    with pytest.raises(OperationalError):
        boss.post(page(move, campaign.pk))
    assert status_of(campaign) == MOVES[move][0]


@pytest.mark.usefixtures("no_history")
def test_what_cannot_be_written_down_is_not_sent_again(boss):
    campaign = make_at("finished", finished_at=NOW)
    make_delivery(campaign=campaign, status="failed", error_kind="other")
    with pytest.raises(OperationalError):
        boss.post(page("resend", campaign.pk), {"expected": "1"})
    assert (status_of(campaign), states(campaign)) == ("finished", ["failed"])


@pytest.mark.parametrize("move", MOVES)
def test_looking_at_its_address_moves_nothing(boss, move):
    campaign = make_at(MOVES[move][0])
    boss.get(page(move, campaign.pk))
    assert status_of(campaign) == MOVES[move][0]
    assert not HistoryEntry.objects.exists()


@pytest.mark.parametrize("move", MOVES)
def test_without_its_permission_a_button_is_refused(staff, move):
    before, _after, permission = MOVES[move]
    others = {wanted for _b, _a, wanted in MOVES.values()} - {permission}
    campaign = make_at(before)
    client = staff("campaigns.view_campaign", "campaigns.change_campaign", *others)
    assert client.post(page(move, campaign.pk)).status_code == 403
    assert status_of(campaign) == before


@pytest.mark.parametrize("move", MOVES)
def test_its_own_permission_is_enough(staff, move):
    before, after, permission = MOVES[move]
    campaign = make_at(before)
    staff("campaigns.view_campaign", permission).post(page(move, campaign.pk))
    assert status_of(campaign) == after


@pytest.mark.parametrize("move", MOVES)
def test_a_button_that_comes_too_late_is_a_sentence(boss, move):
    campaign = make_at("finished", finished_at=NOW)
    answer = boss.post(page(move, campaign.pk))
    assert answer.headers["Location"] == page("change", campaign.pk)
    assert "is finished now" in said(answer)[0]
    assert not HistoryEntry.objects.exists()


def test_pausing_says_how_many_are_left(boss):
    campaign = make_at("sending")
    for _ in range(3):
        make_delivery(campaign=campaign)
    assert said(boss.post(page("pause", campaign.pk))) == ["Paused with 3 messages to go."]


def test_resuming_what_runs_already_is_said_so(boss):
    answer = boss.post(page("resume", make_at("sending").pk))
    assert "is being sent already" in said(answer)[0]


# --- cancel --------------------------------------------------------------------------------------------------------


def test_cancelling_asks_first_with_numbers(boss):
    campaign = make_at("sending")
    for status, sent in (("pending", None), ("waiting", None), ("sent", NOW), ("uncertain", None), ("failed", None)):
        make_delivery(campaign=campaign, status=status, sent_at=sent)
    context = boss.get(page("cancel", campaign.pk)).context
    assert (context["left"], context["gone"]) == (2, 2)
    assert status_of(campaign) == "sending"


def test_cancelling_takes_back_what_has_not_left(boss):
    campaign = make_at("paused")
    make_delivery(campaign=campaign, status="pending")
    make_delivery(campaign=campaign, status="sent", sent_at=NOW)
    answer = boss.post(page("cancel", campaign.pk), {"reason": "Se aplazó"})
    assert said(answer) == ["Cancelled. 1 message was taken back."]
    assert states(campaign) == ["cancelled", "sent"]
    assert Campaign.objects.get(pk=campaign.pk).status_reason == "Se aplazó"


def test_a_draft_can_be_cancelled(boss):
    campaign = make_at("draft", launched_at=None, prepared_at=None)
    boss.post(page("cancel", campaign.pk))
    assert status_of(campaign) == "cancelled"


def test_what_is_over_has_no_question(boss):
    campaign = make_at("finished", finished_at=NOW)
    assert boss.get(page("cancel", campaign.pk)).headers["Location"] == page("change", campaign.pk)


# --- send again ----------------------------------------------------------------------------------------------------


@pytest.fixture
def finished(boss):
    """Three failed in two ways, one is too long, one is uncertain, one arrived."""
    campaign = make_at("finished", finished_at=NOW)
    rows = (
        ("failed", "not_on_whatsapp"),
        ("failed", "not_on_whatsapp"),
        ("failed", "invalid_number"),
        ("failed", "too_long"),
        ("uncertain", "uncertain"),
    )
    for status, kind in rows:
        make_delivery(campaign=campaign, status=status, error_kind=kind)
    make_delivery(campaign=campaign, status="sent", sent_at=NOW)
    return campaign


def kinds_again(campaign):
    """What is queued again has lost its reason; what is left says which."""
    rest = Delivery.objects.filter(campaign=campaign, status__in=["failed", "uncertain"])
    return sorted(rest.values_list("error_kind", flat=True))


@pytest.mark.parametrize(
    ("asked", "count"), [({}, 3), ({"kind": "not_on_whatsapp"}, 2), ({"uncertain": "1"}, 1), ({"kind": "too_long"}, 0)]
)
def test_the_question_names_how_many(boss, finished, asked, count):
    response = boss.get(page("resend", finished.pk), asked)
    assert response.context["count"] == count
    assert states(finished).count("pending") == 0


def test_one_kind_is_sent_again_and_the_campaign_goes_on(boss, finished):
    answer = boss.post(page("resend", finished.pk), {"kind": "not_on_whatsapp", "expected": "2"})
    assert said(answer) == ["2 messages are sent again."]
    assert status_of(finished) == "sending"
    assert kinds_again(finished) == ["invalid_number", "too_long", "uncertain"]


def test_all_that_failed_means_neither_uncertain_nor_too_long(boss, finished):
    boss.post(page("resend", finished.pk), {"expected": "3"})
    assert kinds_again(finished) == ["too_long", "uncertain"]


def test_uncertain_ones_have_a_warning_and_are_sent_alone(boss, finished):
    html = boss.get(page("resend", finished.pk), {"uncertain": "1"}).content.decode()
    assert "may have arrived already" in html
    boss.post(page("resend", finished.pk), {"uncertain": "1", "expected": "1"})
    assert kinds_again(finished) == ["invalid_number", "not_on_whatsapp", "not_on_whatsapp", "too_long"]


def test_sending_again_is_in_the_history_with_number_and_reason(boss, finished):
    boss.post(page("resend", finished.pk), {"kind": "not_on_whatsapp", "expected": "2"})
    assert told() == [("jefa", "resent", ["Messages: 2", "Reason: The number has no WhatsApp."])]


def test_another_number_asks_again(boss, finished):
    make_delivery(campaign=finished, status="failed", error_kind="not_on_whatsapp")
    answer = boss.post(page("resend", finished.pk), {"kind": "not_on_whatsapp", "expected": "2"})
    assert "there were 2, now there are 3" in answer.content.decode()
    assert states(finished).count("pending") == 0


def test_a_post_without_a_number_asks(boss, finished):
    assert boss.post(page("resend", finished.pk)).status_code == 200
    assert states(finished).count("pending") == 0


def test_two_presses_send_once(boss, finished):
    fields = {"kind": "not_on_whatsapp", "expected": "2"}
    boss.post(page("resend", finished.pk), fields)
    answer = boss.post(page("resend", finished.pk), fields)
    assert said(answer)[-1] == "There is nothing left to send again."
    assert states(finished).count("pending") == 2
    assert HistoryEntry.objects.count() == 1


@pytest.mark.parametrize(
    ("permission", "allowed", "forbidden"),
    [("campaigns.resend_failed", {}, {"uncertain": "1"}), ("campaigns.resend_uncertain", {"uncertain": "1"}, {})],
)
def test_failed_and_uncertain_are_two_permissions(staff, finished, permission, allowed, forbidden):
    client = staff("campaigns.view_campaign", permission)
    assert client.get(page("resend", finished.pk), allowed).status_code == 200
    assert client.get(page("resend", finished.pk), forbidden).status_code == 403
    assert client.post(page("resend", finished.pk), forbidden | {"expected": "1"}).status_code == 403


def test_a_cancelled_campaign_sends_nothing_again(boss):
    campaign = make_at("cancelled")
    make_delivery(campaign=campaign, status="failed", error_kind="invalid_number")
    answer = boss.post(page("resend", campaign.pk), {"expected": "1"})
    assert "is cancelled now" in said(answer)[0]
    assert states(campaign) == ["failed"]


def test_names_in_the_question_are_for_those_who_may_see_deliveries(staff, finished):
    response = staff("campaigns.view_campaign", "campaigns.resend_failed").get(page("resend", finished.pk))
    assert response.context["examples"] == []
