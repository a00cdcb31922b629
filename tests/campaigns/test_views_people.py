"""The people of a campaign: filtered, searched, fifty on a page, each with what happened."""

import pytest

from tests.campaigns.pages import page
from tests.factories import NOW, make_campaign, make_delivery

pytestmark = pytest.mark.django_db


@pytest.fixture
def campaign(boss):
    campaign = make_campaign(status="finished", finished_at=NOW)
    make_delivery(campaign=campaign, recipient="Ana Prueba", address="+573001234567", status="sent", sent_at=NOW)
    make_delivery(
        campaign=campaign,
        recipient="Beto Ejemplo",
        address="beto@example.com",
        channel="email",
        status="failed",
        error_kind="invalid_number",
        error_detail="550 unknown user",
    )
    make_delivery(recipient="Ana de otra campaña")
    return campaign


def names(response):
    return [row.delivery.recipient for row in response.context["people"].rows]


def test_everybody_of_this_campaign_and_nobody_else(boss, campaign):
    assert names(boss.get(page("change", campaign.pk))) == ["Ana Prueba", "Beto Ejemplo"]


def test_each_error_is_said_in_words_with_its_detail(boss, campaign):
    html = boss.get(page("change", campaign.pk)).content.decode()
    assert "The number or address was refused as not valid. <small>550 unknown user</small>" in html


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"state": "failed"}, ["Beto Ejemplo"]),
        ({"state": "read"}, []),
        ({"state": "nonsense"}, ["Ana Prueba", "Beto Ejemplo"]),
        ({"q": "ana"}, ["Ana Prueba"]),
        ({"q": "300 123 4567"}, ["Ana Prueba"]),
        ({"q": "+57 (300) 123-4567"}, ["Ana Prueba"]),
        ({"q": "BETO@example.com"}, ["Beto Ejemplo"]),
        ({"q": "ana", "state": "failed"}, []),
        ({"q": "100%_"}, []),
    ],
)
def test_filter_and_search(boss, campaign, asked, found):
    assert names(boss.get(page("change", campaign.pk), asked)) == found
    assert names(boss.get(page("people", campaign.pk), asked)) == found


def test_fifty_on_a_page_and_the_rest_on_the_next(boss):
    campaign = make_campaign(status="finished", finished_at=NOW)
    for number in range(53):
        make_delivery(campaign=campaign, recipient=f"Persona {number:02d}", status="failed", error_kind="temporary")
    first = boss.get(page("change", campaign.pk), {"state": "failed"})
    assert len(names(first)) == 50
    assert f"{page('change', campaign.pk)}?state=failed&amp;page=2#c-people" in first.content.decode()
    assert names(boss.get(page("change", campaign.pk), {"state": "failed", "page": "2"})) == [
        "Persona 50",
        "Persona 51",
        "Persona 52",
    ]


@pytest.mark.parametrize("number", ["0", "-1", "99", "x", ""])
def test_a_page_that_does_not_exist_is_another_one(boss, campaign, number):
    assert len(names(boss.get(page("change", campaign.pk), {"page": number}))) == 2


def test_the_part_is_no_whole_page_and_keeps_the_address_of_the_page(boss, campaign):
    part = boss.get(page("people", campaign.pk), {"state": "failed"}, headers={"HX-Request": "true"})
    assert "<html" not in part.content.decode()
    assert part.headers["HX-Replace-Url"] == page("change", campaign.pk) + "?state=failed"


def test_the_list_needs_its_permission(staff, campaign):
    assert staff("campaigns.view_campaign").get(page("people", campaign.pk)).status_code == 403


def test_a_name_is_never_html(boss, campaign):
    make_delivery(campaign=campaign, recipient="<i>Eva</i>", status="sent", sent_at=NOW)
    assert "&lt;i&gt;Eva&lt;/i&gt;" in boss.get(page("change", campaign.pk)).content.decode()
