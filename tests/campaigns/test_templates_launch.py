"""Before a launch: which numbers may send a campaign, and whether Meta still takes its template."""

from datetime import timedelta

import pytest

from campaigns import lifecycle
from campaigns.finish import whatsapp_lanes
from campaigns.models import Campaign
from campaigns.preflight import preflight
from campaigns.scene import Scene
from campaigns.views.plan import Options, make_plan
from tests.campaigns.choosing import body, chosen, header
from tests.campaigns.commands import refusal
from tests.campaigns.pages import launch_page, page, plan_of
from tests.factories import (
    NOW,
    make_campaign,
    make_cloud_sender,
    make_contact,
    make_delivery,
    make_event,
    make_sender,
    make_template,
    make_ticket,
)
from whatsapp.models import MessageTemplate

pytestmark = [pytest.mark.django_db, pytest.mark.any_database, pytest.mark.usefixtures("fixed_clock")]
NEEDS_ONE = "The WhatsApp numbers in use need a template that Meta has approved, and this campaign has none."


@pytest.fixture
def official():
    return make_cloud_sender(name="Oficial", state="ready")


@pytest.fixture
def row(official):
    return make_template(official)


def announcement(row=None, **fields):
    people = [make_contact(name="Ana Prueba").pk, make_contact().pk]
    template = chosen(row, _1="{nombre}") if row else {}
    return make_campaign(**{"audience": {"contacts": people}, "template": template, "body": "Hola"} | fields)


def plan(campaign):
    return make_plan(campaign, Options.of(campaign, {}), now=NOW)


def test_without_a_template_nothing_leaves_where_every_number_needs_one(official, row):
    found = plan(announcement())
    assert found.problems == [NEEDS_ONE]
    assert (found.senders, found.finish) == ([], "")


def test_nor_with_that_of_another_account(official):
    foreign = make_template(make_cloud_sender(account="999", is_enabled=False))
    assert plan(announcement(foreign)).problems == [
        "No number in use belongs to the account at Meta whose template was chosen. Choose another template."
    ]


def test_with_its_template_it_can_be_launched(boss, official, row):
    campaign = announcement(row)
    found = plan(campaign)
    assert (found.problems, [number.sender for number in found.senders]) == ([], [official])
    assert boss.post(launch_page(campaign), plan_of(boss, campaign)).status_code == 302
    campaign.refresh_from_db()
    assert campaign.status == "sending"


def test_an_email_needs_none(official):
    assert plan(announcement(channels="email")).problems == []


def test_other_numbers_send_it_and_those_at_meta_are_named(official, row):
    other = make_sender(name="Taquilla", state="ready")
    found = plan(announcement())
    assert (found.problems, [number.sender for number in found.senders]) == ([], [other])
    assert (
        "“Oficial” only sends templates that Meta has approved, and this message has none of its account. The others "
        "send it."
    ) in found.warnings
    found = plan(announcement(row))
    assert [number.sender for number in found.senders] == [official, other]
    assert not any("templates" in warning for warning in found.warnings)


def test_time_is_reckoned_with_those_that_may_send_it(official, row):
    make_sender(state="ready")
    plain, fitting = announcement(), announcement(row)
    scene = Scene(NOW)
    assert (len(whatsapp_lanes(plain, scene)), len(whatsapp_lanes(fitting, scene))) == (1, 2)
    assert preflight(plain, now=NOW).waiting_seconds == 2.0
    assert preflight(fitting, now=NOW).waiting_seconds == 0.0  # both at once


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (
            {"status": "PAUSED"},
            "Meta does not let the template “entrada” leave: paused by Meta. Choose another one.",
        ),
        (
            {"parts": [body("Otro {{1}}")]},
            "The template “entrada” was changed at Meta. Open the draft, look at it, and save it again.",
        ),
        ({"category": "AUTHENTICATION"}, "This template is for codes to sign in with, and this program sends none."),
        ({"name": "otra"}, "Meta has no template “entrada” any more. Choose another one."),
    ],
)
def test_what_meta_has_against_it_by_now_forbids_the_launch(boss, row, change, sentence):
    campaign = announcement(row)
    seen = plan_of(boss, campaign)
    MessageTemplate.objects.update(**change)
    assert plan(campaign).problems == [sentence]
    answer = boss.post(launch_page(campaign), seen)  # by somebody who looked before
    assert sentence in answer.content.decode()
    campaign.refresh_from_db()
    assert campaign.status == "draft"


def test_but_not_where_only_other_numbers_would_send_it(row, official):
    campaign = announcement(row)
    MessageTemplate.objects.update(status="PAUSED")
    official.is_draining = True
    official.save()
    make_sender(state="ready")
    assert plan(campaign).problems == []


def test_the_newest_reading_counts(official, row):
    sister = make_cloud_sender()
    make_template(sister, status="PAUSED", fetched_at=NOW - timedelta(days=1))
    assert plan(announcement(row)).problems == []


def test_a_place_without_words_forbids_it(row):
    campaign = announcement()
    campaign.template = chosen(row, _1=" ")
    assert plan(campaign).problems == ["Something is missing in the template “entrada”. Open the draft and fill it in."]


def test_a_header_without_its_picture_forbids_it(official):
    row = make_template(official, parts=[header("IMAGE"), body("Hola")])
    campaign = announcement()
    campaign.template = chosen(row, {"x": ""})
    assert plan(campaign).problems == ["This template begins with a picture. Choose the picture of the message."]


def test_an_announcement_has_no_document(official):
    row = make_template(official, parts=[header("DOCUMENT"), body("Hola")])
    campaign = announcement()
    campaign.template = chosen(row, {"x": ""})
    assert plan(campaign).problems == [
        "This template begins with a document, and this message has none. Choose another template."
    ]


def test_a_template_that_becomes_too_long_forbids_it(row):
    campaign = announcement()
    campaign.template = chosen(row, _1="ñ" * 1100)
    assert plan(campaign).problems == [
        "For some people the finished text is longer than the channel allows. Shorten it."
    ]


def test_a_place_that_cannot_be_filled_in_forbids_it(row):
    campaign = announcement()
    campaign.template = chosen(row, _1="{nombr}")
    found = plan(campaign)
    assert found.numbers is None
    assert found.problems[0] == "“{nombr}” is not the name of anything that we know. Did you mean {nombre}?"


def test_the_samples_show_what_arrives(boss, official, row):
    campaign = announcement(row)
    [sample, _other] = plan(campaign).samples
    assert (sample.template, sample.is_only_template) == ("Hola Ana, te esperamos.", True)
    html = boss.get(launch_page(campaign)).content.decode()
    assert "Hola Ana, te esperamos." in html
    assert "From the other numbers" not in html
    make_sender(state="ready")
    html = boss.get(launch_page(campaign)).content.decode()
    assert "From numbers at Meta" in html
    assert "From the other numbers" in html


def test_the_page_of_a_campaign_and_of_a_message_show_it(boss, row):
    campaign = announcement(row, status="sending")
    values = {"name": "entrada", "language": "es_CO", "body": [{"text": "Ana"}]}
    delivery = make_delivery(campaign=campaign, template=values)
    html = boss.get(page("change", campaign.pk)).content.decode()
    assert "Hola {nombre}, te esperamos." in html
    html = boss.get(f"/admin/campaigns/delivery/{delivery.pk}/change/").content.decode()
    assert "Template “entrada” (es_CO)" in html
    assert "Hola Ana, te esperamos." in html


# --- without a page


def test_the_command_refuses_it_too(official, row):
    assert NEEDS_ONE in refusal("launch_campaign", announcement().pk)
    MessageTemplate.objects.update(status="PAUSED")
    assert "paused by Meta" in refusal("launch_campaign", announcement(row).pk)


def test_a_scheduled_campaign_asks_where_its_template_was_paused_meanwhile(row):
    at = {"status": "scheduled", "scheduled_at": NOW}
    paused, fine = announcement(row, **at), announcement(**at, channels="email")
    MessageTemplate.objects.update(status="PAUSED")
    assert lifecycle.start_due(now=NOW, grace=timedelta(minutes=15)) == 1
    paused.refresh_from_db()
    fine.refresh_from_db()
    assert (paused.status, fine.status) == ("overdue", "sending")
    assert paused.status_reason == "Meta does not let the template “entrada” leave: paused by Meta. Choose another one."


def test_what_was_read_on_the_page_is_what_is_launched(boss, row):
    campaign = announcement(row)
    seen = plan_of(boss, campaign)
    Campaign.objects.filter(pk=campaign.pk).update(template=chosen(row, _1="otra persona"))
    boss.post(launch_page(campaign), seen)
    campaign.refresh_from_db()
    assert campaign.status == "draft"


def test_a_draft_of_tickets_begins_with_the_template_of_the_last_ones(boss, official, row):
    event = make_event()
    make_ticket(event=event)
    template = chosen(row, _1="{nombre}")
    make_campaign(kind="tickets", event=event, status="finished", finished_at=NOW, template=template)
    answer = boss.post(f"/admin/tickets/event/{event.pk}/send/")
    draft = Campaign.objects.get(status="draft")
    assert answer["Location"] == launch_page(draft)
    assert plan(draft).problems == []
