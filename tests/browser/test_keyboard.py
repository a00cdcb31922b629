"""Without a mouse, from the login page to a launched campaign; and whoever does so sees at each step where they are."""

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import expect

from campaigns.drafts import draft_announcement
from campaigns.models import Campaign
from tests.factories import make_contact, make_sender

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

MOST_STOPS = 120  # until something is reached on one page
# How an element stands out, and whether it is to be seen at all: in the window, and not under the sticky bars.
LOOK = """(element) => {
    const style = getComputedStyle(element);
    const box = element.getBoundingClientRect();
    const x = box.left + box.width / 2, y = box.top + Math.min(box.height / 2, 20);
    const top = document.elementFromPoint(x, y);
    return {
        name: `${element.tagName} ${element.id} ${element.textContent.trim().slice(0, 40)}`,
        ring: [style.outlineStyle, style.outlineWidth, style.outlineColor, style.boxShadow].join(" "),
        isRinged: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2 || style.boxShadow !== "none",
        isSeen: box.width > 1 && box.height > 1 && top !== null
            && (element.contains(top) || top.contains(element) && !top.closest(".submit-row, #header")
                || [...(element.labels || [])].some((label) => label.contains(top))),
    };
}"""


class Keyboard:
    """Moves by Tab and looks at each stop: it is to be seen, and it looks otherwise than without the focus."""

    def __init__(self, page):
        self.page = page
        self.last = None  # the element that has the focus, and how it looks with it

    def press(self, key):
        self.page.keyboard.press(key)

    def type(self, text):
        self.page.keyboard.type(text)

    def enter(self, url):
        """Opens another page."""
        self.press("Enter")
        self.page.wait_for_url(url)
        self.last = None

    def reach(self, selector):
        for _ in range(MOST_STOPS):
            if self.page.evaluate("(wanted) => document.activeElement.matches(wanted)", selector):
                return
            self.tab()
        raise AssertionError(f"{selector} is not reached with the Tab key on {self.page.url}")

    def tab(self):
        self.press("Tab")
        element = self.page.evaluate_handle("document.activeElement")
        look = element.evaluate(LOOK)
        assert look["isSeen"], f"hidden with the focus: {look['name']}"
        assert look["isRinged"], f"nothing shows the focus: {look['name']}"
        if self.last is not None and not element.evaluate("(one, other) => one === other", self.last[0]):
            before, ring = self.last
            unfocused = before.evaluate(LOOK)
            assert unfocused["ring"] != ring, f"looks the same with the focus: {unfocused['name']}"
        self.last = element, look["ring"]

    def skip_menu(self):
        """By the first link of each page, which shows itself to whoever comes to it."""
        self.reach(".skip-to-content-link")
        self.press("Enter")
        self.last = None


@pytest.fixture
def draft(live_server):
    make_sender(name="Taquilla", state="ready")
    for number in range(3):
        make_contact(name=f"Persona Ñandú {number}", **({} if number else {"email": ""}))
    user = User.objects.create_superuser("ana", password="una-clave-de-prueba")
    return draft_announcement(name="Cambio de sala", user=user)


@pytest.mark.timeout(60)
@pytest.mark.parametrize("page", ["wide"], indirect=True)
def test_from_login_to_a_launched_campaign(page, live_server, draft):
    keyboard = Keyboard(page)
    page.goto(f"{live_server.url}/admin/")
    keyboard.reach("#id_username")
    keyboard.type("ana")
    keyboard.reach("#id_password")
    keyboard.type("una-clave-de-prueba")
    keyboard.enter(f"{live_server.url}/admin/")

    keyboard.reach("#p-side a[href='/admin/campaigns/campaign/']")
    keyboard.enter("**/campaigns/campaign/")
    keyboard.skip_menu()
    keyboard.reach(f"#result_list a[href*='/{draft.pk}/']")
    keyboard.enter("**/change/**")

    keyboard.skip_menu()
    keyboard.reach("#id_everybody")
    keyboard.press("Space")
    count = page.locator("#k-count .k-number strong")
    expect(count).to_have_text("3")
    keyboard.reach("input[name=channels]")
    keyboard.press("ArrowDown")
    expect(count).to_have_text("2")  # one has no address
    keyboard.press("ArrowUp")
    expect(count).to_have_text("3")
    keyboard.reach("#id_body")
    keyboard.type("Hola {nombre}, el concierto pasa a la sala grande.")
    expect(page.locator("#k-shown .c-bubble")).to_contain_text("Hola Persona, el concierto pasa a la sala grande.")
    keyboard.reach("button[name=_launch]")
    keyboard.enter("**/launch/**")

    assert Campaign.objects.get(pk=draft.pk).status == "draft"
    # Whoever skipped the menu of the form has skipped it here: the address keeps its place.
    keyboard.reach("#p-plan button.p-button-primary")
    expect(page.locator("#p-plan button.p-button-primary")).to_contain_text("3")
    keyboard.enter("**/change/**")
    expect(page.locator(".messagelist")).to_be_visible()
    launched = Campaign.objects.get(pk=draft.pk)
    assert (launched.status, launched.channels, launched.audience["everybody"]) == ("sending", "whatsapp", True)


@pytest.mark.timeout(60)
@pytest.mark.parametrize("page", ["wide"], indirect=True)
def test_a_focus_that_nobody_sees_is_noticed(page, live_server):
    """Or the test above could not fail."""
    page.goto(f"{live_server.url}/admin/")
    keyboard = Keyboard(page)
    page.evaluate("Object.assign(document.getElementById('id_password').style, {outline: 'none', boxShadow: 'none'})")
    with pytest.raises(AssertionError, match="nothing shows the focus"):
        keyboard.reach("#id_password")
    page.focus("#id_username")
    page.evaluate("document.getElementById('id_password').style.boxShadow = '0 0 0 1px red'")
    keyboard.reach("#id_password")
    with pytest.raises(AssertionError, match="looks the same"):
        keyboard.tab()
