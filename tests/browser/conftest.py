"""A real Chromium. It talks to loopback only, and every complaint of its console is a failure."""

import os
import shutil
from dataclasses import dataclass
from typing import Any
from unittest.mock import Mock

import pytest
from django.contrib.auth.models import User
from django.core.cache import cache
from django.core.management import call_command
from django.test import Client
from django.utils import timezone
from pytest_django.live_server_helper import LiveServer

from tests.browser.looking import SIZES, listen
from tests.conftest import missing
from tests.filled import fill
from whatsapp.gateways.base import State, Status

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


def chromium_program():
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if program is None:
        missing("Chromium")
    return program


@pytest.fixture(scope="session")
def chromium():
    program = chromium_program()
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=QUIET)
        yield browser
        browser.close()


@pytest.fixture
def page(chromium, request):
    """That of a phone, as most have one in their hand; a test names the size where another one matters."""
    context = chromium.new_context(viewport=SIZES[getattr(request, "param", "phone")], locale="es-CO")
    page = context.new_page()
    listen(page)
    page.set_default_timeout(20_000)
    yield page
    context.close()
    assert page.complaints == []


@dataclass(frozen=True)
class FilledSite:
    """A site with something on every page, and somebody signed in who may do everything."""

    url: str
    made: dict[str, Any]
    session: dict[str, str]


@pytest.fixture(scope="module")
def filled_site(django_db_setup, django_db_blocker):
    """Filled once for all tests of a module, which only look."""
    with django_db_blocker.unblock():
        cache.clear()
        made = fill(timezone.now())
        client = Client()
        client.force_login(User.objects.create_superuser("jefa", email="jefa@example.org"))
        server = LiveServer("localhost")
        quiet = pytest.MonkeyPatch()  # no gateway stands behind these numbers: what they would say is said here
        status = Status(State.NEEDS_QR, qr_text="2@nadie")
        quiet.setattr("whatsapp.admin.sender_views.gateway_for", lambda sender: Mock(status=lambda: status))
        quiet.setattr("whatsapp.admin.sender_views.check_sender", lambda sender, now: status)
        session = {"name": "sessionid", "value": client.cookies["sessionid"].value, "url": server.url}
        try:
            yield FilledSite(server.url, made, session)
        finally:
            server.stop()
            quiet.undo()
            call_command("flush", verbosity=0, interactive=False)


@pytest.fixture(scope="module")
def window(chromium, filled_site):
    """One page for all tests of a module: what it complains about belongs to the test that made it do so."""
    context = chromium.new_context(viewport=SIZES["wide"], locale="es-CO")
    context.add_cookies([filled_site.session])
    page = context.new_page()
    listen(page)
    page.set_default_timeout(20_000)
    yield page
    context.close()


@pytest.fixture
def visitor(window):
    """The page of the module, as new: wide, light, and without complaints."""
    window.complaints.clear()
    window.set_viewport_size(SIZES["wide"])
    window.emulate_media(color_scheme="light")
    return window
