"""`make pictures`: docs/pictures/ anew, from a demo that runs while a browser walks through its pages.

Needs Chromium. The pages are in Spanish, as the staff see them; nobody in them exists.
"""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from PIL import Image
from playwright.sync_api import Browser, Error, Page, sync_playwright

from scripts.supervision import ROOT

PICTURES = ROOT / "docs" / "pictures"
WIDE, PHONE = (1280, 800), (390, 844)
LOGIN, PASSWORD = "fotografa", "solo-para-las-fotos"  # of a demo that is gone a minute later
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
START_SECONDS = 90
COLOURS = 128  # enough for pages; a third of the size


@dataclass(frozen=True)
class Shot:
    """One picture. `path` begins behind the site's address; a selector is waited for before it is taken."""

    name: str
    path: str
    size: tuple[int, int] = WIDE
    theme: str = "light"
    whole: bool = False  # also what has to be scrolled to
    wait: str = "#content"
    scroll_to: str = ""


CAMPAIGN = "/admin/campaigns/campaign/1/change/"
# While the campaign of the demo is under way.
RUNNING = (
    Shot("campaign", CAMPAIGN, wait="progress"),
    Shot("phone", CAMPAIGN, PHONE, wait="progress"),
    Shot("campaign-dark", CAMPAIGN, theme="dark", wait="progress"),
    Shot("home", "/admin/"),
    Shot("home-phone", "/admin/", PHONE),
    Shot("numbers", "/admin/whatsapp/sender/"),
)
# When it is over.
AFTERWARDS = (
    Shot("people", CAMPAIGN, scroll_to="#c-people"),
    Shot("contacts", "/admin/tickets/contact/"),
    Shot("contacts-phone", "/admin/tickets/contact/", PHONE),
    Shot("person", "/admin/tickets/contact/1/person/"),
    Shot("import", "/admin/tickets/import/add/"),
    Shot("events", "/admin/tickets/event/"),
    Shot("compose", "/admin/campaigns/campaign/2/change/", whole=True),
    Shot("compose-phone", "/admin/campaigns/campaign/2/change/", PHONE),
    Shot("launch", "/admin/campaigns/campaign/2/launch/", whole=True),
    Shot("number", "/admin/whatsapp/sender/1/change/"),
    Shot("settings", "/admin/whatsapp/sendingsettings/1/change/", whole=True),
    Shot("history", "/admin/tickets/historyentry/"),
    Shot("mailboxes", "/admin/campaigns/mailbox/"),
)


def main() -> None:
    program = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if program is None:
        raise SystemExit("Chromium is not there: install it (apt install chromium) and try again.")
    PICTURES.mkdir(parents=True, exist_ok=True)
    with demo() as site, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=FLAGS)
        _wait_until_launched(browser, site)
        for shot in RUNNING:
            take(browser, site, shot)
        _wait_until_over(browser, site)
        _write_an_announcement(browser, site)
        for shot in AFTERWARDS:
            take(browser, site, shot)
        browser.close()


@contextmanager
def demo() -> Iterator[str]:
    """A demo in a folder of its own; its address."""
    port, gateway = _free_port(), _free_port()
    with tempfile.TemporaryDirectory(prefix="pregonero-pictures-") as place:
        said = {"PORT": str(port), "GATEWAY_PORT": str(gateway), "DEMO_DIR": place, "DEMO_LANGUAGE": "es"}
        env = os.environ | said
        process = subprocess.Popen(
            [sys.executable, "-m", "demo.run"], cwd=ROOT, env=env, stdout=subprocess.DEVNULL, start_new_session=True
        )
        try:
            _let_us_in(env)
            yield f"http://localhost:{port}"
        finally:
            process.terminate()
            process.wait(60)


def _let_us_in(env: dict[str, str]) -> None:
    """An account of our own, as soon as the demo has a database for it."""
    command = [sys.executable, "demo/manage.py", "createsuperuser", "--noinput", "--username", LOGIN, "--email", ""]
    account = env | {"DJANGO_SUPERUSER_PASSWORD": PASSWORD}
    ends = time.monotonic() + START_SECONDS
    while (done := subprocess.run(command, cwd=ROOT, env=account, capture_output=True, text=True)).returncode:
        if time.monotonic() > ends:
            raise SystemExit(f"The demo did not start: {done.stderr[-500:]}")
        time.sleep(1)


def take(browser: Browser, site: str, shot: Shot) -> None:
    with _page(browser, shot.size, shot.theme) as page:
        _log_in(page, site)
        page.goto(site + shot.path)
        page.wait_for_selector(shot.wait)
        if shot.scroll_to:
            page.locator(shot.scroll_to).scroll_into_view_if_needed()
        page.wait_for_timeout(400)  # for charts, which grow
        file = PICTURES / f"{shot.name}.png"
        if shot.whole:  # a taller window, and not one that scrolls: what sticks to its edge would cover the middle
            height = page.evaluate("document.documentElement.scrollHeight")
            page.set_viewport_size({"width": shot.size[0], "height": height})
        page.screenshot(path=str(file))
    Image.open(file).convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE).save(file, optimize=True)
    sys.stdout.write(f"{file.relative_to(ROOT)}\n")


@contextmanager
def _page(browser: Browser, size: tuple[int, int] = WIDE, theme: str = "light") -> Iterator[Page]:
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]},
        color_scheme="dark" if theme == "dark" else "light",
        locale="es-CO",
        device_scale_factor=2 if size == PHONE else 1,
    )
    yield context.new_page()
    context.close()


def _log_in(page: Page, site: str) -> None:
    page.goto(f"{site}/admin/login/?next=/admin/")
    page.fill("#id_username", LOGIN)
    page.fill("#id_password", PASSWORD)
    page.press("#id_password", "Enter")
    page.wait_for_url(f"{site}/admin/")


def _write_an_announcement(browser: Browser, site: str) -> None:
    """The draft whose launch page is taken."""
    with _page(browser) as page:
        _log_in(page, site)
        page.goto(f"{site}/admin/campaigns/campaign/add/")
        page.fill("#id_name", "Recordatorio del encuentro")
        page.fill("#id_body", "Hola {nombre|amiga o amigo}, mañana a las siete abrimos las puertas. ¡Le esperamos!")
        page.check("#id_everybody")
        page.click("[name=_continue]:not([aria-hidden])")
        page.wait_for_url("**/change/**")


def _wait_until_launched(browser: Browser, site: str) -> None:
    """And a few messages have left."""
    _wait_for_bar(browser, site, "bar => bar && bar.value / bar.max > 0.6")


def _wait_until_over(browser: Browser, site: str) -> None:
    _wait_for_bar(browser, site, "bar => bar && bar.value === bar.max")


def _wait_for_bar(browser: Browser, site: str, condition: str) -> None:
    ends = time.monotonic() + 3 * START_SECONDS
    with _page(browser) as page:
        while time.monotonic() < ends:
            try:
                _log_in(page, site)
                page.goto(site + CAMPAIGN)
                if page.evaluate(f"({condition})(document.querySelector('progress'))"):
                    return
            except Error:  # the pages are not up yet
                pass
            page.context.clear_cookies()
            time.sleep(2)
    raise SystemExit("The demo's campaign does not come to its end.")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


if __name__ == "__main__":
    main()
