"""Settling a reply in a browser: the person is found while their name is typed, on a phone too."""

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import expect

from campaigns.models import Reply
from tests.browser.test_main_job import log_in, sideways
from tests.factories import make_contact, make_reply, make_sender

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def reply(live_server, page):
    """Of nobody known, among people of whom one wrote it."""
    User.objects.create_superuser("ana", password="una-clave-de-prueba")
    for number in range(3):
        make_contact(name=f"Persona Ñandú {number}")
    make_contact(name="Zoe Prueba")
    log_in(page, live_server.url)
    return make_reply(sender=make_sender(state="ready"), chat_id="100000000000001@lid", phone="")


def test_the_person_is_found_while_typing_and_settled_with_two_presses(page, live_server, reply):
    page.goto(f"{live_server.url}/admin/campaigns/reply/{reply.pk}/change/")
    assert page.url.endswith(f"/reply/{reply.pk}/settle/")
    page.locator("#r-q").press_sequentially("zoe")
    found = page.locator("#r-found li")
    expect(found).to_have_count(1)
    expect(found).to_contain_text("Zoe Prueba")
    assert sideways(page) == 0
    found.locator("a").click()
    page.wait_for_url("**/settle/?to=*")
    assert Reply.objects.get().state == "unmatched"
    page.locator("form .p-button-primary").click()
    page.wait_for_url("**/campaigns/reply/?settle=1")
    settled = Reply.objects.select_related("contact").get()
    assert (settled.state, settled.contact.name) == ("settled", "Zoe Prueba")
    assert settled.contact.whatsapp_opt_out_text == "BAJA"


def test_without_a_script_the_button_searches(chromium, live_server, page, reply):
    """`page` is signed in; its cookies are taken along."""
    context = chromium.new_context(java_script_enabled=False, locale="es-CO")
    context.add_cookies(page.context.cookies())
    plain = context.new_page()
    plain.goto(f"{live_server.url}/admin/campaigns/reply/{reply.pk}/settle/")
    plain.fill("#r-q", "zoe")
    plain.press("#r-q", "Enter")
    expect(plain.locator("#r-found li")).to_have_count(1)
    plain.goto(f"{live_server.url}/admin/campaigns/reply/{reply.pk}/settle/")
    plain.click("button[name=nobody]")
    plain.wait_for_url("**/campaigns/reply/?settle=1")
    context.close()
    assert Reply.objects.get().state == "settled"
