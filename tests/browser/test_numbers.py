"""The pages of numbers and of settings in a browser: what renews itself, what is reported, what fills in the form."""

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import expect

from tests.browser.test_main_job import log_in, sideways
from tests.factories import make_campaign, make_contact, make_delivery, make_sender, make_settings
from whatsapp.models import SendingSettings

PATIENCE = 20_000  # milliseconds; a card looks again every five seconds

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def site(live_server, page):
    User.objects.create_superuser("ana", password="una-clave-de-prueba")
    log_in(page, live_server.url)
    return live_server.url


@pytest.mark.timeout(90)
def test_a_code_renews_itself_and_a_restart_is_followed_until_the_number_is_ready(page, site, simulator, monkeypatch):
    monkeypatch.setattr("whatsapp.admin.cards.LOOK_SECONDS", 1)
    simulator.profile("asks-for-qr", restart_seconds=1)
    sender = make_sender(name="Taquilla", base_url=simulator.url, state="needs_qr")
    page.goto(f"{site}/admin/whatsapp/sender/")
    card = page.locator(f"#n-{sender.pk}")
    expect(card.locator("img.p-qr")).to_be_visible()
    # Asked for by the page, not by a click.
    expect(card.locator("figcaption")).to_contain_text("Código de las", timeout=PATIENCE)
    assert sideways(page) == 0
    simulator.scan()
    expect(card.locator("img.p-qr")).to_have_count(0, timeout=PATIENCE)
    simulator.profile("steady", restart_seconds=1)
    page.goto(f"{site}/admin/whatsapp/sender/{sender.pk}/restart/")
    page.click("button.p-button-primary")
    expect(page.locator(".n-state")).to_contain_text("Listo de nuevo", timeout=PATIENCE)
    assert sideways(page) == 0


@pytest.mark.timeout(90)
def test_a_preset_fills_in_the_form_shows_its_effect_and_saves_nothing(page, site):
    make_sender(state="ready")
    make_settings()
    campaign = make_campaign(name="Noche de jazz", status="sending")
    for _ in range(30):
        make_delivery(campaign=campaign, contact=make_contact())
    page.goto(f"{site}/admin/whatsapp/sendingsettings/1/change/")
    page.click(".n-preset[value=careful]")
    expect(page.locator("#id_base_delay")).to_have_value("6")
    expect(page.locator("#p-preview")).to_contain_text("más tarde")
    assert sideways(page) == 0
    assert SendingSettings.load().base_delay == 2
    page.press("#id_base_delay", "Enter")
    expect(page.locator(".messagelist")).to_be_visible()
    assert SendingSettings.load().base_delay == 6


def test_the_address_of_the_reports_is_chosen_whole_and_copied(page, site):
    sender = make_sender()
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(f"{site}/admin/whatsapp/sender/{sender.pk}/change/")
    address = page.locator("#n-address").input_value()
    assert address.endswith(f"/hooks/whatsapp/{sender.pk}/{sender.hook_key}/")
    page.focus("#n-address")
    assert page.evaluate("getSelection().toString()") == address
    button = page.locator("button[data-copies='n-address']")
    button.click()
    expect(button).to_have_text(button.get_attribute("data-done"))
    assert page.evaluate("navigator.clipboard.readText()") == address
    assert sideways(page) == 0
