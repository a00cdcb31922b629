"""A clock that stands still, people of the staff with exactly the permissions they need, and mail servers."""

import pytest
import time_machine
from django.contrib.auth.models import Permission
from django.core.cache import cache
from django.db import OperationalError
from django.test import Client
from django.utils import translation

from tests.campaigns.mail_server import ScriptedServer
from tests.factories import NOW, make_user
from tickets.models import HistoryEntry


@pytest.fixture(autouse=True)
def no_luck(monkeypatch):
    """Waits are drawn from an interval: half of it here, so that no test passes or fails by what was drawn."""
    for user in ("limits", "recording"):
        monkeypatch.setattr(f"campaigns.{user}.chance", lambda: 0.5)


@pytest.fixture
def fixed_clock():
    """Pages ask for the time themselves. English, so that tests can read the sentences."""
    cache.clear()
    with time_machine.travel(NOW, tick=False), translation.override("en"):
        yield NOW


@pytest.fixture
def boss(fixed_clock):
    """The browser of somebody who may do everything."""
    return browser_of(make_user("jefa"))


@pytest.fixture
def staff(fixed_clock):
    """A function that gives the browser of somebody with these permissions and no others."""

    def enter(*permissions):
        user = make_user(is_superuser=False)
        for name in permissions:
            app, _dot, codename = name.partition(".")
            user.user_permissions.add(Permission.objects.get(content_type__app_label=app, codename=codename))
        return browser_of(user)

    return enter


@pytest.fixture
def no_history(monkeypatch):
    """Nothing can be written down at this moment."""

    def fail(**fields):
        raise OperationalError("disk full")

    monkeypatch.setattr(HistoryEntry.objects, "create", fail)


@pytest.fixture
def post_office():
    """A function that starts a mail server which answers as told."""
    running = []

    def start(**script):
        running.append(ScriptedServer(**script))
        return running[-1]

    yield start
    for server in running:
        server.close()


def browser_of(user):
    client = Client()
    client.force_login(user)
    client.cookies["django_language"] = "en"
    client.user = user
    return client
