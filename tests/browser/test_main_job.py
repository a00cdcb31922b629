"""The main job in a browser: log in, launch from the event's action, watch the bar reach the end."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from playwright.sync_api import expect

from campaigns.models import Campaign, Delivery
from tests.browser.looking import sideways
from tests.factories import make_contact, make_event, make_sender, make_settings, make_ticket
from tests.processes.supervised import Supervised

pytestmark = [pytest.mark.browser, pytest.mark.processes, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def site(live_server, simulator, tmp_path):
    """The pages, a gateway, a worker, an event with twelve tickets and somebody who may do everything."""
    make_sender(name="Taquilla", base_url=simulator.url)
    make_settings(base_delay="0.3", step="0.05", maximum_delay="0.5")
    event = make_event(name="Noche de jazz", starts_at=timezone.now() + timedelta(days=30))
    for number in range(12):
        make_ticket(event=event, holder=make_contact(name=f"Persona Ñandú {number}", email=""))
    make_ticket(event=event, holder=make_contact(name="Sin Teléfono", phone=""))
    User.objects.create_superuser("ana", password="una-clave-de-prueba")
    with Supervised(log=tmp_path / "worker.log"):
        yield live_server.url


def log_in(page, site):
    page.goto(f"{site}/admin/")
    page.fill("#id_username", "ana")
    page.fill("#id_password", "una-clave-de-prueba")
    page.press("#id_password", "Enter")
    page.wait_for_url(f"{site}/admin/")


@pytest.mark.timeout(120)
@pytest.mark.parametrize("page", ["wide", "phone"], indirect=True)
def test_from_login_to_all_tickets_sent(page, site, simulator):
    log_in(page, site)
    page.goto(f"{site}/admin/tickets/event/")
    page.check("input.action-select")
    page.select_option("select[name=action]", "send_tickets")
    page.click("button[name=index]")

    page.wait_for_url("**/launch/**")
    assert "12" in page.inner_text("#p-plan")
    assert Delivery.objects.count() == 0  # nothing has been done yet
    assert sideways(page) == 0
    page.click("#p-plan button.p-button-primary")

    page.wait_for_url("**/campaigns/campaign/*/**")
    bar = page.locator("progress").first
    bar.wait_for()
    # It moves by itself, without a reload.
    expect(bar).to_have_js_property("value", 13, timeout=60_000)
    expect(bar).to_have_js_property("max", 13)
    assert sideways(page) == 0
    campaign = Campaign.objects.get()
    expect(page.locator("body")).to_contain_text("100", timeout=30_000)
    assert sorted(campaign.deliveries.values_list("status", flat=True)) == ["sent"] * 12 + ["skipped"]
    assert len(simulator.messages()) == 12
    page.goto(f"{page.url}?state=skipped")
    expect(page.locator("#c-people tbody")).to_contain_text("Sin Teléfono")
    expect(page.locator("#c-people tbody")).not_to_contain_text("Persona")
