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
from datetime import UTC, datetime, timedelta

from PIL import Image
from playwright.sync_api import Browser, Error, FilePayload, Page, StorageState, sync_playwright

from scripts.shots import AFTERWARDS, CAMPAIGN, PHONE, RUNNING, WIDE, Shot
from scripts.supervision import ROOT

PICTURES = ROOT / "docs" / "pictures"
LOGIN, PASSWORD = "fotografa", "solo-para-las-fotos"  # of a demo that is gone a minute later
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--lang=es-419",
    "--disable-background-networking",
]
START_SECONDS = 90
# Two of them cannot be imported as they stand.
LIST = """nombre;apellido;celular;correo;ciudad
Lucía;Prueba;300 555 0101;lucia.prueba@example.com;Cali
Mateo;Ejemplo;301 555 0102;mateo.ejemplo@example.com;Bogotá
Inés;Ficticia;+34 612 345 678;ines@example.com;Madrid
Bruno;Inventado;12;bruno@example.com;Medellín
;;300 555 0105;nadie@example.com;Cali
""".encode()
COLOURS = 128  # enough for pages; a third of the size


GALLERY = """# Pantallas

Las páginas de Pregonero, con los datos inventados de la demostración. Esta página y sus fotos las hace
`make pictures` con el programa en marcha; cómo se usa cada una está en la [guía](guia.md).
"""


def main() -> None:
    program = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if program is None:
        raise SystemExit("Chromium is not there: install it (apt install chromium) and try again.")
    PICTURES.mkdir(parents=True, exist_ok=True)
    with demo() as site, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=FLAGS)
        _wait_until_launched(browser, site)
        entrance = _sign_in(browser, site)
        for shot in RUNNING:
            take(browser, site, shot, entrance)
        _wait_until_over(browser, site)
        _write_an_announcement(browser, site)
        _upload_a_list(browser, site)
        _open_the_doors(browser, site)
        for shot in AFTERWARDS:
            take(browser, site, shot, entrance)
        browser.close()
    _hang_up()


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


def take(browser: Browser, site: str, shot: Shot, entrance: StorageState) -> None:
    with _page(browser, shot.size, shot.theme, None if shot.is_public else entrance) as page:
        answer = page.goto(site + shot.path)
        if answer is None or answer.status != 200:
            raise SystemExit(f"{shot.path} is no page: {answer and answer.status}")
        page.wait_for_selector(shot.wait)
        if shot.act:
            shot.act(page)
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


def _hang_up() -> None:
    """All of them on one page; pictures that nothing shows any more go."""
    shots = (*RUNNING, *AFTERWARDS)
    lines = [f"## {shot.words}\n\n![{shot.words}](pictures/{shot.name}.png)\n" for shot in shots]
    (ROOT / "docs" / "pantallas.md").write_text("\n".join([GALLERY, *lines]), encoding="utf-8")
    for file in PICTURES.glob("*.png"):
        if file.stem not in {shot.name for shot in shots}:
            file.unlink()


@contextmanager
def _page(
    browser: Browser, size: tuple[int, int] = WIDE, theme: str = "light", entrance: StorageState | None = None
) -> Iterator[Page]:
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]},
        color_scheme="dark" if theme == "dark" else "light",
        locale="es-CO",
        device_scale_factor=2 if size == PHONE else 1,
        storage_state=entrance,
    )
    yield context.new_page()
    context.close()


def _sign_in(browser: Browser, site: str) -> StorageState:
    """What a browser remembers of whoever has signed in, to begin every picture with."""
    with _page(browser) as page:
        _log_in(page, site)
        return page.context.storage_state()


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


def _upload_a_list(browser: Browser, site: str) -> None:
    """Two: one whose columns are still to be chosen, and one that was checked and has faults."""
    with _page(browser) as page:
        _log_in(page, site)
        for step in ("columns", "checked"):
            page.goto(f"{site}/admin/tickets/import/add/")
            page.set_input_files("#id_file", files=FilePayload(name="inscritos.csv", mimeType="text/csv", buffer=LIST))
            page.click(".submit-row button[type=submit]")
            page.wait_for_url("**/columns/**")
            if step == "checked":
                page.click(".submit-row button[value=check]")
                page.wait_for_selector("[action$='/run/']", timeout=1000 * START_SECONDS)


def _open_the_doors(browser: Browser, site: str) -> None:
    """Three weeks too early, or the door would let nobody in."""
    with _page(browser) as page:
        _log_in(page, site)
        page.goto(f"{site}/admin/tickets/event/1/change/")
        page.fill("#id_doors_open_at", f"{datetime.now(tz=UTC) - timedelta(days=1):%Y-%m-%dT18:00}")
        page.click("[name=_save]")
        page.wait_for_url("**/admin/tickets/event/")


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
