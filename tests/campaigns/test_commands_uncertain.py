"""`uncertain` and `settle_uncertain`: looking is free, deciding asks first, and every refusal is a sentence."""

import io
import json
import sys

import pytest

from tests.campaigns.commands import Outcome, refusal, run
from tests.campaigns.doubts import CALLED, make_finished, make_uncertain, states, status_of
from tests.factories import make_campaign, make_delivery, make_lane, make_sender, make_user
from tickets.models import HistoryEntry

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fixed_clock")]


def ids(campaign):
    return sorted(campaign.deliveries.values_list("pk", flat=True))


def settle(campaign, *arguments):
    return run("settle_uncertain", campaign.pk, *arguments, "--yes")


# --- uncertain -----------------------------------------------------------------------------------------------------


def test_each_message_with_what_is_known_and_the_sum():
    lane = make_lane(sender=make_sender(name="Taquilla"))
    delivery = make_uncertain(
        lane=lane, recipient="Ana", address="+573001234567", http_status=502, detail="Bad Gateway"
    )
    campaign = delivery.campaign
    assert run("uncertain") == [
        f"{delivery.pk}  Ana  +573001234567",
        f"    {campaign.pk}  {campaign.name}  WhatsApp · Taquilla  09:50 (Bogotá)  15 s",
        "    It left, but no clear answer came: it may have arrived.",
        "    HTTP 502 · Bad Gateway",
        "    It very likely arrived. Count it as sent, unless the person says that nothing came.",
        "1 message is uncertain. Decide with settle_uncertain.",
    ]


def test_only_those_of_the_campaign():
    campaign, other = make_finished(2), make_finished(1)
    make_delivery(campaign=campaign)
    assert run("uncertain", campaign.pk)[-1] == "2 messages are uncertain. Decide with settle_uncertain."
    assert run("uncertain", other.pk)[-1] == "1 message is uncertain. Decide with settle_uncertain."


def test_nothing_uncertain_is_no_error():
    assert run("uncertain") == ["Nothing is uncertain."]
    assert json.loads("\n".join(run("uncertain", "--json"))) == []


def test_an_unknown_campaign_is_refused():
    assert refusal("uncertain", "77").startswith("There is no campaign with the number “77”.")


def test_json_for_programs():
    lane = make_lane(sender=make_sender(name="Taquilla"))
    delivery = make_uncertain(lane=lane, http_status=502, detail="Bad Gateway", latency_ms=340)
    (found,) = json.loads("\n".join(run("uncertain", "--json")))
    advice = found.pop("advice")
    assert "It very likely arrived" in advice
    assert found == {
        "delivery": delivery.pk,
        "campaign": delivery.campaign_id,
        "person": delivery.recipient,
        "address": delivery.address,
        "channel": "whatsapp",
        "from": "Taquilla",
        "started_at": CALLED.isoformat(),
        "seconds": 0.3,
        "error_kind": "uncertain",
        "http_status": 502,
        "detail": "Bad Gateway",
        "signs": [],
    }


# --- settle_uncertain ----------------------------------------------------------------------------------------------


def test_counting_says_how_many_and_writes_who():
    campaign, user = make_finished(2), make_user("ana")
    assert settle(campaign, "--count-as-sent", "--user", "ana") == [
        "2 messages are counted as sent. Nothing leaves, and it cannot be undone.",
        "2 messages are counted as sent.",
    ]
    assert states(campaign) == ["sent", "sent"]
    assert set(campaign.deliveries.values_list("settled_by", flat=True)) == {user.pk}
    entry = HistoryEntry.objects.get()
    assert (entry.user, entry.action, entry.after) == (user, "settled", {"uncertain": 2})


def test_without_a_user_it_is_done_all_the_same():
    campaign = make_finished(1)
    settle(campaign, "--count-as-sent")
    entry = HistoryEntry.objects.get()
    assert (states(campaign), entry.user, entry.actor) == (["sent"], None, "manage.py settle_uncertain")


def test_sending_again_warns_and_says_what_is_next():
    campaign = make_finished(1)
    lines = settle(campaign, "--send-again")
    assert lines[:2] == [
        "1 message is sent again. It has very likely arrived: whoever got it gets it twice.",
        "1 message is sent again.",
    ]
    assert f"See how it goes:  manage.py campaign_status {campaign.pk}" in lines
    assert (states(campaign), status_of(campaign)) == (["pending"], "sending")


def test_only_the_named_ones():
    campaign = make_finished(3)
    settle(campaign, "--count-as-sent", "--delivery", *ids(campaign)[:2])
    assert states(campaign) == ["sent", "sent", "uncertain"]


def test_one_that_is_not_there_to_decide_about_refuses_all():
    campaign, other = make_finished(2), make_finished(1)
    settled = make_delivery(campaign=campaign, status="failed").pk
    asked = [ids(campaign)[0], settled, ids(other)[0]]
    missing = ", ".join(map(str, sorted(asked[1:])))
    assert refusal("settle_uncertain", campaign.pk, "--count-as-sent", "--yes", "--delivery", *asked) == (
        f"Not uncertain, or not of this campaign: {missing}. Nothing was changed."
    )
    assert states(campaign) == ["failed", "uncertain", "uncertain"]


@pytest.mark.parametrize("typed", ["x", "0", "1_000", "-3", "1.5"])
def test_what_is_no_number_is_refused(typed):
    campaign = make_finished(1)
    refused = refusal("settle_uncertain", campaign.pk, "--count-as-sent", "--yes", f"--delivery={typed}")
    assert refused.startswith(f"--delivery: “{typed}” does not do.")


@pytest.mark.parametrize("way", ["--count-as-sent", "--send-again"])
def test_nothing_to_decide_is_no_error(way):
    campaign = make_finished()
    assert settle(campaign, way) == ["Nothing is uncertain."]


@pytest.mark.parametrize("ways", [[], ["--count-as-sent", "--send-again"]])
def test_exactly_one_way_is_chosen(ways):
    campaign = make_finished(1)
    assert Outcome("settle_uncertain", campaign.pk, *ways, "--yes").status == 1
    assert states(campaign) == ["uncertain"]


def test_an_unknown_user_is_refused():
    campaign = make_finished(1)
    make_user("eva", is_active=False)
    for name in ("nobody", "eva"):
        assert refusal("settle_uncertain", campaign.pk, "--count-as-sent", "--yes", "--user", name) == (
            f"There is no active user “{name}”."
        )
    assert states(campaign) == ["uncertain"]


def test_a_cancelled_campaign_sends_nothing_again_but_counts():
    campaign = make_campaign(status="cancelled", name="Gira")
    make_uncertain(campaign=campaign)
    assert refusal("settle_uncertain", campaign.pk, "--send-again", "--yes") == (
        "“Gira” is cancelled now, so this was not done."
    )
    assert states(campaign) == ["uncertain"]
    settle(campaign, "--count-as-sent")
    assert states(campaign) == ["sent"]


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.mark.parametrize(
    ("answer", "after"),
    [("y\n", "sent"), ("sí\n", "sent"), ("n\n", "uncertain"), ("\n", "uncertain"), ("", "uncertain")],
)
def test_it_asks_first(monkeypatch, answer, after):
    campaign = make_finished(1)
    monkeypatch.setattr(sys, "stdin", Terminal(answer))
    done = Outcome("settle_uncertain", campaign.pk, "--count-as-sent")
    assert "[y/N]" in done.out
    assert states(campaign) == [after]
    assert (done.status, done.refusal) == ((0, "") if after == "sent" else (1, "Nothing was changed."))


def test_where_nobody_can_be_asked_it_needs_yes(monkeypatch):
    campaign = make_finished(1)
    monkeypatch.setattr(sys, "stdin", io.StringIO("y\n"))
    assert refusal("settle_uncertain", campaign.pk, "--count-as-sent").startswith("Nobody can be asked here.")
    assert states(campaign) == ["uncertain"]
