"""The people of a campaign: filtered, searched, fifty on a page, each with what happened."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.campaigns.pages import page
from tests.factories import NOW, make_campaign, make_delivery, make_lane, make_sender

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
        ({"channel": "email"}, ["Beto Ejemplo"]),
        ({"channel": "whatsapp", "state": "failed"}, []),
        ({"channel": "paloma"}, ["Ana Prueba", "Beto Ejemplo"]),
        ({"reason": "invalid_number"}, ["Beto Ejemplo"]),
        ({"reason": "invalid_number", "state": "sent"}, []),
        ({"reason": "nonsense"}, []),
        ({"number": "x"}, ["Ana Prueba", "Beto Ejemplo"]),
        ({"number": "999999"}, []),
        ({"q": "ana\x00"}, ["Ana Prueba"]),
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
    assert "1–50 of 53" in first.content.decode()
    after = first.context["people"].rows[-1].delivery.pk
    link = f"{page('change', campaign.pk)}?state=failed&amp;after={after}&amp;at=51"
    assert f"{link}#c-people" in first.content.decode()
    second = boss.get(link.replace("&amp;", "&"))
    assert names(second) == ["Persona 50", "Persona 51", "Persona 52"]
    assert "51–53 of 53" in second.content.decode()
    back = boss.get(f"{page('people', campaign.pk)}?{second.context['people'].previous}")
    assert (names(back), "1–50 of 53" in back.content.decode()) == (names(first), True)


def test_going_back_shows_the_fifty_before_and_not_the_first_ones(boss):
    campaign = make_campaign(status="finished", finished_at=NOW)
    for number in range(130):
        make_delivery(campaign=campaign, recipient=f"Persona {number:03d}", status="sent", sent_at=NOW)
    address, seen = page("people", campaign.pk), []
    here = boss.get(address)
    while here.context["people"].part.has_next:
        here = boss.get(f"{address}?{here.context['people'].next}")
    while here.context["people"].part.has_previous:
        here = boss.get(f"{address}?{here.context['people'].previous}")
        people = here.context["people"]
        seen.append((people.first, people.last, names(here)[0]))
    assert seen == [(51, 100, "Persona 050"), (1, 50, "Persona 000")]


@pytest.mark.parametrize(
    "place",
    ["after=0", "after=-1", "after=x", "after=", "after=99999999999999999999", "before=1", "after=999999999&at=7"],
)
def test_a_place_where_nobody_is_is_the_beginning(boss, campaign, place):
    shown = boss.get(f"{page('people', campaign.pk)}?{place}")
    assert (len(names(shown)), shown.context["people"].first) == (2, 1)


def test_the_part_is_no_whole_page_and_keeps_the_address_of_the_page(boss, campaign):
    part = boss.get(page("people", campaign.pk), {"state": "failed"}, headers={"HX-Request": "true"})
    assert "<html" not in part.content.decode()
    assert part.headers["HX-Replace-Url"] == page("change", campaign.pk) + "?state=failed"


def test_the_list_needs_its_permission(staff, campaign):
    assert staff("campaigns.view_campaign").get(page("people", campaign.pk)).status_code == 403


def test_a_name_is_never_html(boss, campaign):
    make_delivery(campaign=campaign, recipient="<i>Eva</i>", status="sent", sent_at=NOW)
    assert "&lt;i&gt;Eva&lt;/i&gt;" in boss.get(page("change", campaign.pk)).content.decode()


def test_people_are_found_by_the_number_that_sent_it(boss, campaign):
    ours, other = make_sender(name="Taquilla"), make_sender(name="Oficina")
    make_delivery(campaign=campaign, recipient="Caro", sender=ours, status="sent", sent_at=NOW)
    make_delivery(campaign=campaign, recipient="Dani", sender=other, status="sent", sent_at=NOW)
    shown = boss.get(page("change", campaign.pk), {"number": str(ours.pk)})
    assert names(shown) == ["Caro"]
    assert f'<option value="{ours.pk}" selected>Taquilla</option>' in shown.content.decode()
    assert shown.context["people"].total == 1


def test_drop_downs_offer_what_there_is(boss, campaign):
    make_lane(sender=make_sender(name="Taquilla"))
    make_delivery(campaign=campaign, status="skipped", error_kind="no_phone", address="")
    filters = {one.name: [option.value for option in one.options] for one in people_of(boss, campaign).filters}
    assert filters == {
        "state": ["sent", "failed", "skipped"],
        "channel": ["whatsapp", "email"],
        "reason": ["invalid_number", "no_phone"],
    }


def test_what_was_chosen_stays_in_its_drop_down_when_nobody_is_left(boss, campaign):
    chosen = people_of(boss, campaign, state="read", reason="temporary")
    shown = {one.name: [option.value for option in one.options if option.is_chosen] for one in chosen.filters}
    assert (shown["state"], shown["reason"]) == (["read"], ["temporary"])


def test_a_filter_counts_who_fits_it(boss, campaign):
    make_delivery(campaign=campaign, channel="email", status="sent", sent_at=NOW, address="c@example.com")
    totals = [
        people_of(boss, campaign, **asked).total
        for asked in ({}, {"channel": "email"}, {"channel": "email", "state": "sent"}, {"reason": "invalid_number"})
    ]
    assert totals == [3, 2, 1, 1]


@pytest.mark.skipif(connection.vendor != "sqlite", reason="reads SQLite's plan")
@pytest.mark.parametrize(
    ("asked", "index"),
    [
        ({}, "delivery_of_campaign (campaign_id=?"),
        ({"state": "failed"}, "delivery_totals (campaign_id=? AND status=?)"),
        ({"channel": "email"}, "delivery_totals (campaign_id=? AND status=? AND channel=?)"),
        ({"reason": "temporary"}, "delivery_totals (campaign_id=? AND status=? AND channel=? AND error_kind=?)"),
        ({"number": "7"}, "delivery_by_number (sender_id=? AND campaign_id=?"),
    ],
)
@pytest.mark.parametrize("place", [{}, {"after": "1"}, {"before": "999999"}])
def test_a_page_is_found_in_one_index_and_only_its_rows_are_read(boss, campaign, asked, index, place):
    with CaptureQueriesContext(connection) as queries:
        people_of(boss, campaign, **asked, **place)
    pages = [query["sql"] for query in queries if "LIMIT 51" in query["sql"]]
    assert pages
    with connection.cursor() as cursor:
        for sql in pages:
            cursor.execute("EXPLAIN QUERY PLAN " + sql)
            steps = [row[3] for row in cursor.fetchall()]
            assert f"USING COVERING INDEX {index}" in " ".join(steps), steps
            assert [step for step in steps if "SCAN" in step and "LIST" not in step] == []


def people_of(client, campaign, **asked):
    return client.get(page("people", campaign.pk), asked).context["people"]
