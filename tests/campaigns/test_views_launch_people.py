"""The whole lists behind the numbers of the launch page."""

from datetime import timedelta

import pytest

from campaigns.drafts import draft_tickets
from campaigns.headcount import headcount
from campaigns.models import Campaign
from tests.campaigns.audiences import draft_for_everybody
from tests.campaigns.pages import launch_page, page
from tests.closings import CLOSING
from tests.factories import NOW, make_campaign, make_contact, make_delivery, make_event, make_sender, make_ticket
from tickets.models import Contact

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]


def listed(client, campaign, **asked):
    return client.get(page("launch_people", campaign.pk), asked)


def names(response):
    return [row.contact.name for row in response.context["rows"]]


@pytest.fixture
def draft(boss):
    """Sixty people; all share one address but the first two, and two in three have no number."""
    make_sender()
    for number in range(60):
        make_contact(
            name=f"Ana{number:02d} Prueba",
            email=f"ana{number}@example.com" if number < 2 else "todos@example.com",
            **({} if number % 3 == 0 else {"phone": ""}),
        )
    campaign = draft_for_everybody(body="Hola {mesa|amigo}", channels="both")
    make_contact(name="Beto", attributes={"mesa": "1"}, whatsapp_opt_out_at=NOW, email="todos@example.com")
    return campaign


def test_everybody_who_is_skipped_is_listed_on_pages_of_fifty(boss, draft):
    whole = [f"Ana{number:02d} Prueba" for number in range(60) if number % 3]
    response = listed(boss, draft, who="skipped", on="whatsapp", why="no_phone")
    assert names(response) == whole
    to_whatsapp = listed(boss, draft, channels="email", who="merged", on="email")
    assert (len(to_whatsapp.context["rows"]), "1–50 of 58" in to_whatsapp.content.decode()) == (50, True)
    second = listed(boss, draft, channels="email", who="merged", on="email", page="2")
    assert names(second) == [*(f"Ana{number:02d} Prueba" for number in range(53, 60)), "Beto"]


def test_every_line_of_the_launch_page_leads_to_as_many_people_as_it_says(boss, draft):
    plan = boss.get(launch_page(draft)).context["plan"]
    lines = [line for kind in plan.lines.values() for line in kind]
    assert {line.group.kind for line in lines} == {"to", "skipped", "merged", "fallback"}
    for line in lines:
        response = boss.get(f"{page('launch_people', draft.pk)}?{line.query}")
        assert response.context["page"].paginator.count == line.number
        assert f"<strong>{line.number}</strong>" in response.content.decode()


def test_the_merged_are_listed_with_whoever_stands_for_them(boss, draft):
    row = listed(boss, draft, who="merged", on="email").context["rows"][0]
    assert (row.contact.name, row.note) == ("Ana03 Prueba", "Same address as Ana02 Prueba, who gets it")


def test_who_is_merged_with_somebody_who_is_skipped_is_said_so(boss):
    make_contact(name="Primera", phone="", email="a@example.com", email_opt_out_at=NOW)
    make_contact(name="Segunda", phone="", email="a@example.com")
    campaign = draft_for_everybody(body="Hola")
    [row] = listed(boss, campaign, channels="email", who="merged", on="email").context["rows"]
    assert row.note == ("Same address as Primera, who is skipped: Asked for no more messages on this channel")


def test_an_opt_out_has_its_hour(boss, draft):
    [row] = listed(boss, draft, who="skipped", on="whatsapp", why="opted_out").context["rows"]
    assert (row.contact.name, row.note) == ("Beto", "since 10:00 (Bogotá)")
    Contact.objects.filter(name="Beto").update(whatsapp_opt_out_at=NOW - timedelta(days=400))
    boss.cookies["django_language"] = "es"
    [row] = listed(boss, draft, who="skipped", on="whatsapp", why="opted_out").context["rows"]
    assert row.note == "desde: 21 oct 2025, 10:00 (Bogotá)"


def test_who_was_sent_the_ticket_before_is_listed_with_the_campaign_that_did(boss):
    ticket = make_ticket(event=make_event())
    make_delivery(
        campaign=make_campaign(status="finished", finished_at=NOW, name="Primera"),
        ticket=ticket,
        status="sent",
        sent_at=NOW,
    )
    response = listed(boss, draft_tickets(ticket.event), who="skipped", on="whatsapp", why="already_sent")
    [row] = response.context["rows"]
    assert (row.note, ticket.code in response.content.decode()) == ("with “Primera”", True)


def test_too_long_texts_have_their_numbers(boss):
    make_contact(name="B" * 100)
    make_contact(name="Ana")
    campaign = draft_for_everybody(body="x" * (4000 - CLOSING) + "{nombre}")
    [row] = listed(boss, campaign, who="long", on="whatsapp").context["rows"]
    assert row.note == "4100 > 4096 characters"


@pytest.mark.parametrize(
    "asked",
    [{}, {"who": "nobody"}, {"who": "skipped", "on": "fax", "why": "x"}, {"who": "to", "on": "whatsapp", "page": "x"}],
)
def test_what_makes_no_sense_is_an_answer_and_no_error(boss, draft, asked):
    response = listed(boss, draft, **asked)
    assert response.status_code == 200
    assert ("Nobody any more" in response.content.decode()) is ("page" not in asked)


def test_a_name_cannot_become_html(boss):
    make_contact(name="<b>Ana</b>")
    campaign = draft_for_everybody(body="Hola")
    assert "<b>Ana" not in listed(boss, campaign, who="to", on="whatsapp").content.decode()


def test_a_text_with_a_mistake_leads_to_the_page_that_says_so(boss, draft):
    Campaign.objects.filter(pk=draft.pk).update(body="{mesaa}")
    assert listed(boss, draft, who="to", on="email").headers["Location"] == launch_page(draft)


def test_what_is_being_sent_has_a_page_of_its_own(boss):
    campaign = make_campaign(status="sending")
    assert listed(boss, campaign).headers["Location"] == page("change", campaign.pk)


def test_the_lists_are_for_those_who_may_launch(staff, draft):
    assert listed(staff("campaigns.view_campaign"), draft, who="to", on="email").status_code == 403
    client = staff("campaigns.view_campaign", "campaigns.launch_campaign")
    html = listed(client, draft, who="to", on="email").content.decode()
    assert "Ana00 Prueba" in html
    assert "/tickets/contact/" not in html  # whoever may not open contacts gets no links to them


def test_a_list_is_only_looked_at(boss, draft):
    assert boss.post(page("launch_people", draft.pk)).status_code == 405


def test_a_page_costs_no_more_for_more_people(boss, draft, django_assert_max_num_queries):
    listed(boss, draft, who="to", on="email")
    with django_assert_max_num_queries(15):
        listed(boss, draft, who="merged", on="email")


def test_the_lists_are_in_spanish_too(boss, draft):
    boss.cookies["django_language"] = "es"
    html = listed(boss, draft, who="merged", on="email").content.decode()
    assert "La misma dirección que Ana02 Prueba, que sí lo recibe" in html
    assert headcount(draft).merged_into
