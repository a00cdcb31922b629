"""The page of a campaign in a browser: its chart, its list, its files."""

from datetime import timedelta

import openpyxl
import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from playwright.sync_api import expect

from tests.browser.test_main_job import log_in, sideways
from tests.campaigns.pages import page as address_of
from tests.factories import make_campaign, make_delivery, make_lane, make_sender
from tickets.enums import Action
from tickets.history import record

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def site(live_server):
    User.objects.create_superuser("ana", password="una-clave-de-prueba")
    return live_server.url


@pytest.fixture
def campaign(site):
    now = timezone.now()
    start = now - timedelta(minutes=20)
    campaign = make_campaign(name="Noche de jazz", status="sending")
    type(campaign).objects.filter(pk=campaign.pk).update(prepared_at=start, launched_at=start, status_changed_at=start)
    make_lane(sender=make_sender(name="Taquilla"))
    for number in range(60):
        at = start + number * timedelta(seconds=15)
        make_delivery(campaign=campaign, recipient=f"Persona Ñandú {number}", status="sent", sent_at=at)
    make_delivery(campaign=campaign, recipient="Sin WhatsApp", status="failed", error_kind="not_on_whatsapp")
    make_delivery(campaign=campaign, recipient="Por salir")
    for minutes, action in ((16, Action.PAUSED), (18, Action.RESUMED)):
        record(None, campaign, action, now=start + timedelta(minutes=minutes))
    return campaign


COLOURS = (
    "window.pregoneroCharts ? [...window.pregoneroCharts.values()].map((one) => one.data.datasets[0].borderColor) : []"
)
IN_PLACE = "[...window.pregoneroCharts.keys()].map((canvas) => canvas.isConnected)"


def becomes(page, expression, is_right):
    """Asks until it is so; the strict policy lets no test wait inside the page."""
    for _ in range(200):
        if is_right(found := page.evaluate(expression)):
            return found
        page.wait_for_timeout(50)
    raise AssertionError(f"{expression} stays {found}")


def test_the_chart_is_drawn_follows_the_colours_and_survives_a_swap(page, site, campaign):
    log_in(page, site)
    page.goto(site + address_of("change", campaign.pk))
    (light,) = becomes(page, COLOURS, lambda found: len(found) == 1)
    assert sideways(page) == 0
    page.evaluate("document.documentElement.dataset.theme = 'dark'")
    becomes(page, COLOURS, lambda found: len(found) == 1 and found != [light])
    page.click("#c-run summary")
    expect(page.locator("#c-run tbody")).to_contain_text("En pausa")
    canvas = page.locator("#c-run canvas").element_handle()
    page.click("#c-run-now")
    becomes(page, IN_PLACE, lambda found: found == [True] and not canvas.evaluate("(old) => old.isConnected"))
    assert page.locator("script[src*='chart.umd']").count() == 1  # the library is asked for once
    expect(page.locator("#c-run details")).to_have_attribute("open", "")


def test_the_list_is_filtered_paged_and_taken_along(page, site, campaign, tmp_path):
    log_in(page, site)
    page.goto(site + address_of("change", campaign.pk))
    rows = page.locator("#c-people tbody tr")
    expect(rows).to_have_count(50)
    page.click("#c-people nav a >> text=Siguiente")
    expect(rows).to_have_count(12)
    page.select_option("#c-state", "failed")
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text("Sin WhatsApp")
    assert sideways(page) == 0
    with page.expect_download() as download:
        page.click("#c-people button[value=xlsx]")
    download.value.save_as(tmp_path / "personas.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "personas.xlsx").active
    assert [row[0] for row in sheet.iter_rows(min_row=2, values_only=True)] == ["Sin WhatsApp"]
