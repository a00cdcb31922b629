"""Every page of the site in a browser: for everybody's eyes, fingers and readers, and within the strict policy."""

import pytest

from tests import sitemap
from tests.browser.looking import SIZES, findings, listen, troubles
from tests.config.rights import NEVER, page

# Each test holds the one right to write to the database while it looks: a page that changed something would be noticed.
pytestmark = [pytest.mark.browser, pytest.mark.django_db]

# What is no page: files, parts of pages, and what only sends people elsewhere.
NO_PAGES = {
    "admin:logout",
    "admin:jsi18n",
    "admin:autocomplete",
    "admin:view_on_site",
    "tickets:public_qr",
    "tickets:door_list",
    "tickets:door_worker",
    "tickets:public_pdf",
    "tickets:public_calendar",
    "set_language",
}
ENDINGS = (
    "_picture",
    "_qr",
    "_live",
    "_campaign_people",
    "_campaign_home",
    "_preview",
    "_send",
    "_pause",
    "_resume",
    "_unschedule",
)
# Pages that look alike for every model, of which one of each kind is enough.
ALIKE = ("_history", "_delete")
FOR_ALL = {"admin:tickets_event_history", "admin:tickets_tag_delete", "admin:auth_user_delete"}


def is_page(name):
    known = page(name)
    if name in NO_PAGES or name.endswith(ENDINGS) or (name.endswith(ALIKE) and name not in FOR_ALL):
        return False
    return known is None or not (known.posts or known.needs == NEVER)


@pytest.mark.parametrize("name", [name for name in sitemap.names() if is_page(name)])
def test_a_page_suits_everybody(visitor, filled_site, name):
    answer = visitor.goto(filled_site.url + sitemap.address(name, filled_site.made))
    assert answer.status == 200
    if answer.headers["content-type"].startswith("text/html") and visitor.evaluate("document.title"):
        assert troubles(visitor) == {}


@pytest.mark.parametrize("state", ["draft", "scheduled", "overdue", "paused", "finished", "cancelled", "of_tickets"])
def test_the_page_of_a_campaign_in_each_state(visitor, filled_site, state):
    visitor.goto(f"{filled_site.url}/admin/campaigns/campaign/{filled_site.made[state].pk}/change/")
    assert troubles(visitor, thoroughly=True) == {}


@pytest.mark.parametrize("path", ["/admin/campaigns/delivery/add/", "/nowhere/", "/t/no-such-ticket/"])
def test_pages_that_say_no(visitor, filled_site, path):
    answer = visitor.goto(filled_site.url + path)
    assert answer.status in (403, 404)
    visitor.complaints[:] = [words for words in visitor.complaints if str(answer.status) not in words]
    assert troubles(visitor) == {}


def test_the_login_page(chromium, filled_site):
    context = chromium.new_context(locale="es-CO")
    page = context.new_page()
    listen(page)
    page.goto(f"{filled_site.url}/admin/")
    assert page.url.startswith(f"{filled_site.url}/admin/login/")
    assert troubles(page) == {}
    context.close()


def test_the_menu_of_a_phone_opens_and_closes(visitor, filled_site):
    visitor.set_viewport_size(SIZES["phone"])
    visitor.goto(f"{filled_site.url}/admin/")
    menu = visitor.locator("#p-side")
    assert not menu.is_visible()
    visitor.click(".p-menu-button")
    assert menu.is_visible()
    assert findings(visitor) == []
    visitor.keyboard.press("Escape")
    assert not menu.is_visible()


def test_a_confirmation_before_an_action(visitor, filled_site):
    visitor.goto(f"{filled_site.url}/admin/tickets/contact/")
    visitor.check("#result_list tbody tr:first-child input.action-select")
    visitor.select_option("select[name=action]", "add_tag_action")
    visitor.click("button[name=index]")
    visitor.wait_for_selector("input[name=expected]", state="attached")
    assert troubles(visitor) == {}


def test_an_open_filter_and_an_open_user_menu(visitor, filled_site):
    visitor.goto(f"{filled_site.url}/admin/campaigns/campaign/")
    visitor.click("details.p-filter >> nth=0")
    assert troubles(visitor) == {}
    visitor.click("details.p-user summary")
    assert findings(visitor) == []


def test_the_search_for_findings_finds_them(visitor, filled_site):
    """Or none of the tests above could fail."""
    visitor.goto(f"{filled_site.url}/admin/tickets/event/")
    visitor.evaluate(
        "document.querySelector('#searchbar').closest('label').replaceWith(document.createElement('input'))"
    )
    visitor.evaluate("document.body.insertAdjacentHTML('beforeend', '<p class=p-wide>Palabras que nadie lee</p>')")
    visitor.evaluate("Object.assign(document.querySelector('.p-wide').style, {width: '3000px', color: '#aaa'})")
    found = troubles(visitor)
    assert any(line.startswith("label:") for line in found["phone, dark"])
    assert any(line.startswith("color-contrast:") for line in found["wide, light"])
    assert found["phone, to the side"] > 0
