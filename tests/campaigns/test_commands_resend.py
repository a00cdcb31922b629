"""`resend_failed` and `resend_ticket`: exactly what was asked for, and nobody twice by accident."""

from datetime import timedelta

import pytest
from django.utils import translation

from campaigns.management.reports import why_words
from campaigns.models import Campaign, Lane
from tests.campaigns.commands import LATER, Engine, Outcome, refusal, run
from tests.factories import NOW, make_campaign, make_contact, make_delivery, make_event, make_lane, make_ticket
from tickets.codes import new_code
from whatsapp.models import Sender

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


@pytest.fixture
def engine(monkeypatch):
    return Engine().use(monkeypatch)


@pytest.fixture
def campaign(engine):
    """Two kinds of failure, one text that was too long, one uncertain message and one that arrived."""
    make_lane()
    campaign = make_campaign(status="finished", finished_at=NOW)
    kinds = ["unreachable", "unreachable", "temporary", "too_long"]
    for status, kind in [*(("failed", kind) for kind in kinds), ("uncertain", "uncertain"), ("sent", "")]:
        make_delivery(campaign=campaign, contact=make_contact(), status=status, error_kind=kind, sent_at=NOW)
    return campaign


def states(campaign):
    return sorted(campaign.deliveries.values_list("status", flat=True))


UNTOUCHED = ["failed", "failed", "failed", "failed", "sent", "uncertain"]


def test_what_failed_is_listed_by_kind_and_queued(campaign):
    lines = run("resend_failed", "--campaign", campaign.pk)
    assert lines[:3] == [
        f"unreachable  2  {why_words('unreachable')}",
        f"temporary    1  {why_words('temporary')}",
        "3 messages are sent again.",
    ]
    campaign.refresh_from_db()
    assert campaign.status == "sending"
    assert states(campaign) == ["failed", "pending", "pending", "pending", "sent", "uncertain"]


def test_a_text_that_was_too_long_is_never_queued_again(campaign):
    run("resend_failed", "--campaign", campaign.pk, "--include-uncertain")
    assert campaign.deliveries.get(error_kind="too_long").status == "failed"


def test_a_dry_run_changes_nothing(campaign):
    lines = run("resend_failed", "--campaign", campaign.pk, "--include-uncertain", "--dry-run")
    assert [line.split()[:2] for line in lines[:3]] == [["unreachable", "2"], ["temporary", "1"], ["uncertain", "1"]]
    assert lines[3:] == ["Nothing was sent: this was a dry run."]
    assert states(campaign) == UNTOUCHED


def test_only_the_kinds_that_were_named(campaign):
    run("resend_failed", "--campaign", campaign.pk, "--kind", "temporary")
    assert states(campaign) == ["failed", "failed", "failed", "pending", "sent", "uncertain"]
    run("resend_failed", "--campaign", campaign.pk, "--kind", "temporary", "unreachable")
    assert states(campaign) == ["failed", "pending", "pending", "pending", "sent", "uncertain"]


def test_the_uncertain_ones_alone_when_they_are_named(campaign):
    run("resend_failed", "--campaign", campaign.pk, "--kind", "uncertain", "--include-uncertain")
    assert states(campaign) == ["failed", "failed", "failed", "failed", "pending", "sent"]


def test_uncertain_ones_without_failed_ones(campaign):
    campaign.deliveries.exclude(error_kind="too_long").filter(status="failed").update(status="sent", sent_at=NOW)
    assert run("resend_failed", "--campaign", campaign.pk, "--include-uncertain")[1] == "1 message is sent again."
    assert states(campaign) == ["failed", "pending", "sent", "sent", "sent", "sent"]


def test_a_blocked_ticket_is_not_sent():
    ticket = make_ticket(status="blocked", code="K7MD-4QXT")
    assert refusal("resend_ticket", ticket.code) == "Ticket K7MD-4QXT is not sent: its state is “Blocked”."


def test_naming_the_uncertain_kind_is_not_enough(campaign):
    assert refusal("resend_failed", "--campaign", campaign.pk, "--kind", "uncertain") == (
        "Uncertain messages may have arrived. If you want them twice, say --include-uncertain."
    )
    assert states(campaign) == UNTOUCHED


def test_an_unknown_kind_is_refused_with_those_that_there_are(campaign):
    assert refusal("resend_failed", "--campaign", campaign.pk, "--kind", "temporary", "lost") == (
        "There is no kind of failure “lost”. There are: invalid_number, not_on_whatsapp, rejected_content, temporary, "
        "frequency, unsubscribed, template, not_ready, rate_limited, new_contacts, blocked, auth, unreachable, nobody_found, overtaken, uncertain."
    )
    assert states(campaign) == UNTOUCHED


def test_a_kind_that_only_this_campaign_has_is_known(campaign):
    campaign.deliveries.filter(error_kind="temporary").update(error_kind="from_a_receipt")
    assert run("resend_failed", "--campaign", campaign.pk, "--kind", "from_a_receipt")[0] == (
        "from_a_receipt  1  from_a_receipt"
    )


def test_too_long_is_refused_with_what_to_do(campaign):
    assert refusal("resend_failed", "--campaign", campaign.pk, "--kind", "too_long") == (
        "These texts were too long and would be again. Shorten the text and send it to these people anew."
    )


@pytest.mark.parametrize(
    "arguments", [["--kind", "blocked"], ["--kind", "blocked", "--dry-run"], ["--wait", "--kind", "auth"]]
)
def test_nothing_to_send_again_is_no_error(campaign, arguments):
    assert run("resend_failed", "--campaign", campaign.pk, *arguments) == ["There is nothing to send again."]
    campaign.refresh_from_db()
    assert campaign.status == "finished"


def test_a_second_time_queues_nothing(campaign):
    run("resend_failed", "--campaign", campaign.pk)
    assert run("resend_failed", "--campaign", campaign.pk) == ["There is nothing to send again."]


@pytest.mark.parametrize("arguments", [[], ["--dry-run"]])
def test_a_cancelled_campaign_stays_cancelled(campaign, arguments):
    Campaign.objects.filter(pk=campaign.pk).update(status="cancelled")
    assert refusal("resend_failed", "--campaign", campaign.pk, *arguments) == (
        f"“{campaign.name}” is cancelled now, so this was not done."
    )
    assert states(campaign) == UNTOUCHED


def test_after_its_last_moment_nothing_is_queued(campaign):
    Campaign.objects.filter(pk=campaign.pk).update(not_after=LATER, zone="America/Bogota")
    assert refusal("resend_failed", "--campaign", campaign.pk) == (
        "It may not leave later than 10:00 (Bogotá), and that has passed."
    )
    assert states(campaign) == UNTOUCHED


def test_a_paused_campaign_queues_and_says_that_it_is_paused(campaign):
    Campaign.objects.filter(pk=campaign.pk).update(status="paused")
    assert run("resend_failed", "--campaign", campaign.pk)[3] == "Paused. Nothing leaves until you resume."


def test_wait_follows_to_the_end_and_reports_what_is_left(campaign, engine):
    done = Outcome("resend_failed", "--campaign", campaign.pk, "--wait")
    assert len(engine.gateway.sent) == 3
    assert (done.status, done.refusal) == (3, "2 messages did not arrive, or may not have.")
    assert done.lines[-5:] == [
        "Sent       4",
        f"Failed     1  {why_words('too_long')}",
        f"Uncertain  1  {why_words('uncertain')}",
        "Skipped    0",
        "It took 4 s; the estimate was 4 s.",
    ]


@pytest.fixture
def ticket(engine):
    make_lane()
    event = make_event(name="Concierto", starts_at=LATER + timedelta(days=1))
    return make_ticket(event=event, holder=make_contact(name="Ana"), code="K7MD-4QXT")


@pytest.mark.parametrize("typed", ["K7MD-4QXT", "k7md4qxt", " k7md 4qxt ", "K7MD–4QXT"])
def test_a_ticket_goes_again_however_its_code_is_typed(ticket, typed):
    run("resend_ticket", typed)
    campaign = Campaign.objects.get()
    assert (campaign.status, campaign.priority, campaign.audience) == (
        "sending",
        0,
        {"tickets": [ticket.pk], "again": True},
    )


def test_a_ticket_that_was_sent_before_goes_again(ticket, engine):
    assert run("resend_ticket", ticket.code, "--wait")[-5] == "Sent       1"
    assert run("resend_ticket", ticket.code, "--wait")[-5] == "Sent       1"
    assert [message.phone for message in engine.gateway.sent] == [ticket.holder.phone] * 2


def test_only_that_ticket_goes(ticket, engine):
    make_ticket(event=ticket.event)
    assert run("resend_ticket", ticket.code)[0].endswith("is launched with 1 message.")


def test_by_both_channels(ticket):
    assert run("resend_ticket", ticket.code, "--channel", "both")[0].endswith("is launched with 2 messages.")


def refused_as_second(ticket):
    number = Campaign.objects.latest("pk").pk
    return refusal("resend_ticket", ticket.code) == (
        f"Ticket K7MD-4QXT is on its way again already: see campaign_status {number}."
    )


def test_the_same_command_twice_is_one_message(ticket, engine):
    run("resend_ticket", ticket.code)
    assert refused_as_second(ticket)  # nobody has written the list yet
    Lane.objects.update(next_send_at=LATER + timedelta(hours=1))
    engine.sleep(1)
    assert refused_as_second(ticket)  # it waits for its turn
    Lane.objects.update(next_send_at=None)
    engine.sleep(1)
    assert len(engine.gateway.sent) == 1
    run("resend_ticket", ticket.code)


def test_one_that_waits_forbids_neither_another_channel_nor_another_ticket(ticket):
    run("resend_ticket", ticket.code)
    run("resend_ticket", ticket.code, "--channel", "email")
    run("resend_ticket", make_ticket(event=ticket.event, code="K7MD-4QXZ").code)
    assert Campaign.objects.count() == 3


@pytest.mark.parametrize("typed", ["", "x", "K7MD-4QX", "K7MD-4QXI", "K7MD-4QXT-9"])
def test_what_is_no_code_is_refused(ticket, typed):
    assert refusal("resend_ticket", typed) == f"“{typed}” is not a code of a ticket. One looks like K7MD-4QXT."


def test_an_unknown_code_is_refused(ticket):
    code = new_code()
    assert refusal("resend_ticket", code.lower()) == f"There is no ticket with the code {code}."


@pytest.mark.parametrize("status", ["voided", "replaced"])
def test_a_ticket_that_is_not_valid_is_refused(ticket, status):
    ticket.status = status
    ticket.save()
    assert refusal("resend_ticket", ticket.code) == (
        f"Ticket K7MD-4QXT is not sent: its state is “{ticket.get_status_display()}”."
    )
    assert not Campaign.objects.exists()


@pytest.mark.parametrize(
    ("missing", "channel", "sentence"),
    [
        ("phone", "whatsapp", "Ana has no WhatsApp number. Add one to the contact, or say --channel email."),
        ("email", "email", "Ana has no e-mail address. Add one to the contact, or say --channel whatsapp."),
    ],
)
def test_without_an_address_it_says_what_to_do(ticket, missing, channel, sentence):
    setattr(ticket.holder, missing, "")
    ticket.holder.save()
    assert refusal("resend_ticket", ticket.code, "--channel", channel) == sentence
    assert not Campaign.objects.exists()


def test_without_a_number_to_send_from_it_refuses(ticket):
    Sender.objects.update(is_enabled=False)
    assert refusal("resend_ticket", ticket.code) == (
        "There is no WhatsApp number in use. Add one or switch one on, or send it by e-mail."
    )
    assert not Campaign.objects.exists()
