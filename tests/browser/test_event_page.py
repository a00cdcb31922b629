"""The page of an event in a browser: it follows the night without being loaded again, and keeps what somebody chose."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.core.cache import cache
from django.utils import timezone
from playwright.sync_api import expect

from tests.browser.test_main_job import log_in, sideways
from tests.campaigns.pages import page as address_of
from tests.campaigns.test_event_counts import refuse, scan
from tests.factories import make_event, make_ticket

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.any_database]

# What htmx does by itself every few seconds.
POLL = """ids => Promise.all(ids.map(id => {
  const part = document.getElementById(id);
  return htmx.ajax("GET", part.getAttribute("hx-get"), {source: part, target: part, swap: part.getAttribute("hx-swap")});
}))"""


@pytest.fixture
def site(live_server):
    User.objects.create_superuser("ana", password="una-clave-de-prueba")
    cache.clear()
    return live_server.url


def test_the_numbers_follow_and_what_was_chosen_stays(page, site):
    now = timezone.now()
    event = make_event(starts_at=now, doors_open_at=now - timedelta(hours=1))
    ticket = make_ticket(event=event, companions=3)
    scan(ticket, 2, at=now - timedelta(minutes=20))
    refuse(event, at=now)
    refuse(event, "already_inside", at=now, let_in_offline=1)
    log_in(page, site)
    page.goto(site + address_of("event", event.pk))
    door, unknown = page.locator("#e-door"), page.locator("#e-reason-unknown")
    expect(door).to_contain_text("dentro, de 4 personas esperadas")
    expect(page.locator("#e-arrivals canvas")).to_be_visible()
    assert sideways(page) == 0
    unknown.click()
    expect(unknown).to_have_attribute("aria-current", "true")
    page.focus("#e-scans")
    scan(ticket, at=timezone.now())
    cache.clear()
    page.evaluate(POLL, ["e-poll", "e-refusals"])
    expect(door.locator("strong").first).to_have_text("3")
    expect(page.locator("#e-said")).to_have_text("El 75 % está dentro.")
    assert page.evaluate("document.activeElement.id") == "e-scans"
    expect(unknown).to_have_attribute("aria-current", "true")
