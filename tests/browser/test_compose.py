"""Writing a campaign in a browser: what is ticked is counted, what is typed is shown, and nothing needs a reload."""

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import expect

from campaigns.drafts import draft_announcement
from campaigns.models import Campaign
from tests.browser.test_main_job import log_in, sideways
from tests.closings import CLOSING
from tests.factories import make_contact, make_sender, make_tag

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def draft(live_server, page):
    """An announcement for nobody yet, among people who are tagged or not."""
    make_sender(state="ready")
    tag = make_tag("Voluntarios")
    for number in range(3):
        make_contact(name=f"Persona Ñandú {number}", tags=(tag,))
    make_contact(name="Zoe Prueba")
    user = User.objects.create_superuser("ana", password="una-clave-de-prueba")
    draft = draft_announcement(name="Aviso", user=user)
    log_in(page, live_server.url)
    page.goto(f"{live_server.url}/admin/campaigns/campaign/{draft.pk}/change/")
    return draft


def test_people_are_ticked_and_found_and_counted_at_once(page, draft):
    number = page.locator("#k-count .k-number strong")
    expect(number).to_have_text("0")
    page.locator("#id_tags label").first.click()
    expect(number).to_have_text("3")
    page.locator("#k-whom details").first.locator("summary").click()
    page.fill("#k-find", "zoe")
    page.locator("#k-found label").click()
    expect(number).to_have_text("4")
    expect(page.locator("#k-count")).to_contain_text("Persona Ñandú 0")
    assert sideways(page) == 0
    page.fill("#id_body", "Hola")
    page.locator(".submit-row button[name=_save]").click()
    page.wait_for_url("**/campaigns/campaign/")
    stored = Campaign.objects.get(pk=draft.pk)
    assert (len(stored.audience["contacts"]), len(stored.audience["tags"])) == (1, 1)


def test_the_toolbar_writes_and_the_preview_and_the_counter_follow(page, draft):
    page.locator("#id_everybody").check()
    page.fill("#id_body", "Hola ")
    page.locator(".k-tool[data-insert='{nombre}']").click()
    expect(page.locator("#id_body")).to_have_value("Hola {nombre}")
    page.evaluate("document.getElementById('id_body').setSelectionRange(0, 4)")
    page.locator(".k-tool[data-wrap='*']").click()
    expect(page.locator("#id_body")).to_have_value("*Hola* {nombre}")
    expect(page.locator("#k-shown .c-bubble strong")).to_have_text("Hola")
    expect(page.locator("#k-length strong").first).to_have_text(str(14 + CLOSING))  # *Hola* Persona
    page.locator(".k-tool[data-wrap='*']").click()
    expect(page.locator("#id_body")).to_have_value("Hola {nombre}")
    page.fill("#k-as-find", "zoe")
    expect(page.locator("#k-shown .c-bubble")).to_contain_text("Hola Zoe")
    page.press("#k-as-find", "Enter")  # sends nothing away
    expect(page.locator("#k-as-find")).to_be_visible()
    assert Campaign.objects.get(pk=draft.pk).body == ""


def test_a_chosen_picture_is_shown_before_it_is_saved(page, draft, tmp_path):
    from PIL import Image

    path = tmp_path / "foto.png"
    Image.new("RGB", (60, 40), "red").save(path)
    page.set_input_files("#id_image", path)
    expect(page.locator("#k-shown .c-bubble img.c-picture")).to_be_visible()
    expect(page.locator("#k-length")).to_contain_text("1024")
    assert Campaign.objects.get(pk=draft.pk).image == ""
