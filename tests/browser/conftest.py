"""A real Chromium. It talks to loopback only, and every complaint of its console is a failure."""

import os
import shutil

import pytest

from tests.conftest import missing

# Playwright runs an event loop of its own, in which Django otherwise refuses to touch the database.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")

QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def chromium():
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if program is None:
        missing("Chromium")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=QUIET)
        yield browser
        browser.close()


@pytest.fixture(params=["wide", "phone"])
def page(chromium, request):
    sizes = {"wide": {"width": 1280, "height": 800}, "phone": {"width": 390, "height": 844}}
    context = chromium.new_context(viewport=sizes[request.param], locale="es-CO")
    page = context.new_page()
    page.complaints = []
    page.on("console", lambda m: page.complaints.append(m.text) if m.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: page.complaints.append(str(error)))
    page.on(
        "request",
        lambda r: None if "localhost" in r.url or r.url.startswith("data:") else page.complaints.append(r.url),
    )
    page.set_default_timeout(20_000)
    yield page
    context.close()
    assert page.complaints == []
