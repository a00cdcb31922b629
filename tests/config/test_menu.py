"""The menu shows what somebody may open, and nothing that is not there."""

import pytest
from django.urls import reverse

from config.menu import HOME, Entry, Group, build_menu
from tests.staff import permissions_of, sign_in, sign_in_owner

pytestmark = pytest.mark.django_db

CLASSES = {"tickets.event": "/admin/e/", "tickets.ticket": "/admin/t/"}
MENU = (
    Group("Here", (HOME, Entry("Events", "calendar", "tickets.event"))),
    Group("Later", (Entry("Boats", "send", "harbour.boat"),)),
    Group("Tickets", (Entry("All", "ticket", "tickets.ticket"), Entry("Void", "ticket", "tickets.ticket", "s=void"))),
)


def _apps(*labels):
    class Model:
        def __init__(self, label):
            self._meta = type("Meta", (), {"label_lower": label})

    return [{"models": [{"model": Model(label), "admin_url": CLASSES[label]} for label in labels]}]


def _built(rf, path, *labels):
    return build_menu(rf.get(path), _apps(*labels), "/admin/", MENU)


def test_lists_that_are_not_registered_vanish_with_their_group(rf):
    groups = _built(rf, "/admin/", "tickets.event")
    assert [group.label for group in groups] == ["Here"]
    assert [item.label for item in groups[0].items] == [HOME.label, "Events"]


def test_a_list_that_may_not_be_opened_vanishes(rf):
    apps = _apps("tickets.event")
    apps[0]["models"][0]["admin_url"] = None
    groups = build_menu(rf.get("/admin/"), apps, "/admin/", MENU)
    assert [item.url for item in groups[0].items] == ["/admin/"]


@pytest.mark.parametrize(
    ("path", "current"),
    [
        ("/admin/", "/admin/"),
        ("/admin/?a=1", "/admin/"),
        ("/admin/e/4/change/", "/admin/e/"),
        ("/admin/t/?s=void", "/admin/t/?s=void"),
        ("/admin/t/?s=valid", "/admin/t/"),
        ("/admin/elsewhere/", None),
    ],
)
def test_the_page_that_is_open_is_marked(rf, path, current):
    groups = _built(rf, path, "tickets.event", "tickets.ticket")
    marked = [item.url for group in groups for item in group.items if item.current]
    assert marked == ([current] if current else [])


def _links(client):
    menu = client.get(reverse("admin:index")).context["menu"]
    return {item.url for group in menu for item in group.items}


def test_somebody_who_sees_events_only_gets_no_other_links(client):
    sign_in(client, "tickets.view_event")
    assert _links(client) == {"/admin/", "/admin/tickets/event/"}


@pytest.mark.parametrize(("role", "opens"), [("Door", True), ("Viewer", False)])
def test_whoever_lets_people_in_finds_the_door_in_the_menu(client, role, opens):
    sign_in(client, *permissions_of(role))
    assert "/admin/tickets/checkin/" in _links(client)
    assert (reverse("tickets:door_events") in _links(client)) is opens
    assert client.get(reverse("tickets:door_events")).status_code == (200 if opens else 403)


def test_an_owner_gets_people_numbers_and_system(client):
    sign_in_owner(client)
    assert {
        "/admin/tickets/contact/",
        "/admin/whatsapp/sender/",
        "/admin/whatsapp/sendingsettings/",
        "/admin/auth/user/",
        "/admin/django_q/failure/",
    } <= _links(client)
