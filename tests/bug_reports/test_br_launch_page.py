"""The page before a launch: bug reports BR-145 to BR-152, as far as they concern it."""

import re

import pytest
from django_q.models import OrmQ

from campaigns.drafts import draft_announcement, draft_tickets
from campaigns.models import Campaign, Dispatcher, Installation
from campaigns.preparing import prepare
from campaigns.stopping import StopPipe
from tests.bug_reports.scene import states, status_of
from tests.campaigns.audiences import draft_for_everybody
from tests.campaigns.driving import run_until_idle
from tests.campaigns.pages import hidden_fields, launch_page, page, plan_of, said
from tests.factories import NOW, make_contact, make_delivery, make_event, make_lane, make_sender, make_tag, make_ticket
from tests.fakes import FakeGateway
from tickets.issuing import issue_tickets
from tickets.models import Contact, HistoryEntry

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]


@pytest.fixture
def draft(boss):
    """An announcement for whoever has a tag: three people, and one without the tag."""
    make_lane()
    tag = make_tag("Socios")
    for _ in range(3):
        make_contact(email="", tags=(tag,))
    make_contact(email="")
    campaign = draft_announcement(name="Aviso", tags=[tag.pk], user=boss.user)
    Campaign.objects.filter(pk=campaign.pk).update(body="Hola {nombre}")
    campaign.refresh_from_db()
    return campaign


def test_br_145_a_longer_list_costs_no_more_questions(boss, django_assert_max_num_queries):
    make_sender()
    event = make_event()
    for _ in range(3):
        make_ticket(event=event)
    campaign = draft_tickets(event, user=boss.user)
    address = f"{page('launch_people', campaign.pk)}?channels=both&who=to&on=whatsapp"
    boss.get(address)
    for _ in range(60):
        make_ticket(event=event)
    boss.get(address)  # counted
    with django_assert_max_num_queries(15):
        response = boss.get(address)
    assert len(response.context["rows"]) == 50


@pytest.mark.parametrize("kind", ["announcement", "tickets"])
def test_br_145_reading_an_audience_for_the_first_time_costs_no_more_either(boss, kind, django_assert_max_num_queries):
    make_sender()
    Installation.objects.get_or_create(pk=1, defaults={"identity": "medida"})
    Dispatcher.objects.update(heartbeat_at=NOW)
    people = Contact.objects.bulk_create(Contact(name=f"P{n}", phone=f"+57301{n:07d}") for n in range(1300))
    if kind == "tickets":
        event = make_event()
        issue_tickets(event, people)
        campaign = draft_tickets(event, user=boss.user)
    else:
        campaign = draft_for_everybody(body="Hola {nombre}")
    with django_assert_max_num_queries(15):
        response = boss.get(launch_page(campaign))
    assert response.context["plan"].messages == 1300


def test_br_146_the_page_names_a_few_and_lists_nobody(boss):
    make_sender()
    for number in range(120):
        make_contact(name=f"Persona{number:03d} Prueba", email="", whatsapp_opt_out_at=NOW if number % 2 else None)
    campaign = draft_for_everybody(body="Hola")
    html = boss.get(launch_page(campaign)).content.decode()
    assert len(set(re.findall(r"Persona\d{3} Prueba", html))) <= 15
    assert len(re.findall("<input", html)) < 30  # no hidden list of people
    listed = boss.get(page("launch_people", campaign.pk), {"who": "skipped", "on": "whatsapp", "why": "opted_out"})
    assert len(set(re.findall(r"Persona\d{3} Prueba", listed.content.decode()))) == 50


def test_br_147_no_field_of_the_page_offers_everybody(boss, draft):
    html = boss.get(launch_page(draft)).content.decode()
    assert set(re.findall(r'<select[^>]*name="([^"]+)"', html)) <= {"unit", "side", "language"}
    for person in ("Persona",):
        assert f">{person}" not in "".join(re.findall(r"<option.*?</option>", html))


@pytest.mark.parametrize("name", ["launch", "launch_people"])
def test_br_148_the_lists_of_people_follow_the_right_to_launch(staff, draft, name):
    for permissions in ((), ("campaigns.view_campaign",), ("campaigns.launch_campaign",)):
        assert staff(*permissions).get(page(name, draft.pk)).status_code == 403
    assert staff("campaigns.view_campaign", "campaigns.launch_campaign").get(page(name, draft.pk)).status_code == 200


def test_br_151_a_launch_page_from_before_the_launch_changes_nothing(boss, staff, draft):
    old = plan_of(boss, draft, channels="both")
    other = staff("campaigns.view_campaign", "campaigns.launch_campaign")
    other.post(launch_page(draft), plan_of(other, draft))
    before = Campaign.objects.filter(pk=draft.pk).values().get()
    answer = boss.post(launch_page(draft), old | {"later": "1", "at": "2026-11-27T09:00"})
    assert Campaign.objects.filter(pk=draft.pk).values().get() == before
    assert (before["status"], before["channels"], before["launched_by_id"]) == ("sending", "whatsapp", other.user.pk)
    assert "is being sent already" in said(answer)[-1]


@pytest.mark.parametrize("status", ["paused", "finished", "cancelled"])
def test_br_151_nor_does_one_that_is_older_than_a_pause_or_the_end(boss, draft, status):
    old = plan_of(boss, draft)
    times = {"launched_at": NOW, "prepared_at": NOW, "finished_at": NOW}
    Campaign.objects.filter(pk=draft.pk).update(status=status, **times)
    answer = boss.post(launch_page(draft), old)
    assert status_of(draft) == status
    assert "so this was not done" in said(answer)[-1]
    assert not HistoryEntry.objects.exists()


@pytest.mark.parametrize(
    "change",
    [
        {"body": "Otro texto"},
        {"audience": {"everybody": True}},
        {"subject": "Otro asunto"},
        {"link": "https://example.org/otro"},
    ],
)
def test_br_151_a_draft_that_somebody_edited_meanwhile_is_read_again(boss, draft, change):
    old = plan_of(boss, draft)
    Campaign.objects.filter(pk=draft.pk).update(**change)
    answer = boss.post(launch_page(draft), old)
    assert (answer.status_code, status_of(draft)) == (200, "draft")
    assert answer.context["is_edited"] or answer.context["seen"] == 3
    boss.post(launch_page(draft), hidden_fields(answer, "p-plan"))
    assert status_of(draft) == "sending"


def test_br_152_other_people_than_those_of_the_question_are_asked_about_again(boss, draft):
    fields = plan_of(boss, draft)
    tag = draft.audience["tags"][0]
    make_contact(email="").tags.add(tag)
    asked = boss.post(launch_page(draft), fields)
    assert (asked.context["seen"], asked.context["plan"].messages, status_of(draft)) == (3, 4, "draft")
    assert "When you looked it was 3 messages, now it is 4." in asked.content.decode()
    make_delivery()  # something else goes on meanwhile
    answer = boss.post(launch_page(draft), hidden_fields(asked, "p-plan"))
    assert (answer.status_code, status_of(draft)) == (302, "sending")


def test_br_152_a_reload_after_send_repeats_nothing(boss, draft, django_capture_on_commit_callbacks):
    fields = plan_of(boss, draft)
    with django_capture_on_commit_callbacks(execute=True):
        answer = boss.post(launch_page(draft), fields)
        assert (answer.status_code, answer.headers["Location"]) == (302, page("change", draft.pk))
        for _ in range(3):  # what a reload asks for, and what a browser that goes back sends again
            assert boss.get(answer.headers["Location"]).status_code == 200
            assert boss.post(launch_page(draft), fields).status_code == 302
    assert (OrmQ.objects.count(), HistoryEntry.objects.count()) == (1, 1)
    Campaign.objects.filter(pk=draft.pk).update(launched_at=NOW.replace(year=NOW.year + 1))
    prepare(draft.pk, budget=60, stop=StopPipe())
    gateway = FakeGateway()
    run_until_idle(gateway)
    boss.post(launch_page(draft), fields)
    run_until_idle(gateway)
    assert (len(gateway.sent), states(draft)) == (3, {"sent": 3})


def test_br_152_back_after_send_leads_to_the_campaign(boss, draft):
    boss.post(launch_page(draft), plan_of(boss, draft))
    for name in ("launch", "launch_people"):
        assert boss.get(page(name, draft.pk)).headers["Location"] == page("change", draft.pk)


def test_br_152_a_reload_of_the_question_asks_again_and_does_nothing(boss, draft):
    fields = plan_of(boss, draft) | {"expected": "2"}
    first, second = (boss.post(launch_page(draft), fields) for _ in range(2))
    assert first.context["seen"] == second.context["seen"] == 2
    assert status_of(draft) == "draft"
    assert not HistoryEntry.objects.exists()
