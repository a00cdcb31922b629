"""Who may open and do what: every address of the site, every role, and every action."""

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group, Permission
from django.core.cache import cache
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from config.roles import ROLES
from tests import sitemap
from tests.config.rights import (
    ACTIONS,
    ANYBODY,
    LIST_ACTIONS,
    NAMED_OTHERWISE,
    NEVER,
    SENT_BY_ALL,
    STAFF,
    may,
    page,
    usual,
)
from tests.factories import make_user
from tests.filled import fill
from tests.staff import permissions_of

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]

NAMES = [role.name for role in ROLES]
OFFERED = [action for action in ACTIONS if action.name in sitemap.names()]
LOGIN = "/admin/login/"


@pytest.fixture(scope="module")
def filled(django_db_setup, django_db_blocker):
    """Filled once, in a transaction around those of the tests, each of which takes back what it did."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield fill(timezone.now()) | {"user_with_all": user_with_all_but()}
        transaction.set_rollback(True)


@pytest.fixture
def made(filled, db):
    cache.clear()
    return filled


def browser(user):
    client = Client()
    client.force_login(user)
    return client


def member_of(name):
    user = make_user(is_superuser=False)
    user.groups.add(Group.objects.get(name=name))
    return browser(user)


def user_with_all_but(*permissions):
    user = make_user(is_superuser=False)
    lacking = [permission.partition(".")[::2] for permission in permissions]
    held = Permission.objects.select_related("content_type")
    user.user_permissions.set(p for p in held if (p.content_type.app_label, p.codename) not in lacking)
    return user


def with_all_but(*permissions):
    return browser(user_with_all_but(*permissions))


def seen(answer):
    """What the answer means to somebody: open, closed, hidden, or the login page."""
    if answer.status_code == 302 and answer["Location"].startswith(LOGIN):
        return "login"
    # The addresses that only a script asks: whoever is let in has said nothing here that they could read.
    words = {200: "open", 302: "open", 400: "open", 401: "login", 403: "closed", 404: "hidden"}
    return words.get(answer.status_code, f"status {answer.status_code}")


def expected(name, permissions):
    """`permissions` is None for whoever has not signed in, and "all" for a superuser."""
    wanted = page(name)
    if wanted.needs == ANYBODY:
        return {"open", "login"} if permissions is None else {"open"}
    if permissions is None:
        return {"login"}
    is_open = wanted.needs == STAFF or (
        wanted.needs != NEVER and (permissions == "all" or may(wanted.needs, permissions))
    )
    if not is_open:
        return {"hidden"} if wanted.hides else {"closed"}
    return {"open", "hidden"} if wanted.may_be_missing else {"open"}


def opened(client, name, made):
    send = client.post if page(name).posts else client.get
    return seen(send(sitemap.address(name, made)))


def surprises(client, permissions, made):
    """Pages that answer otherwise than the table says. The one that signs people out comes last."""
    names = sorted(sitemap.names(), key=lambda name: name == "admin:logout")
    found = ((name, opened(client, name, made)) for name in names)
    return {name: answer for name, answer in found if answer not in expected(name, permissions)}


@pytest.fixture
def gateway(monkeypatch):
    """Nobody is asked over the network."""
    monkeypatch.setattr("whatsapp.admin.sender_views.check_sender", lambda sender, now: None)
    monkeypatch.setattr("whatsapp.admin.sender_views.link_picture", lambda status: b"")
    monkeypatch.setattr("whatsapp.admin.template_views.refresh_templates", lambda sender, now: 0)
    monkeypatch.setattr("tickets.drawing.pdf.ticket_pdf", lambda *args, **kwargs: b"%PDF")  # drawn elsewhere


def test_every_address_has_somebody_decided_about():
    assert [name for name in sitemap.names() if page(name) is None] == []


@pytest.mark.parametrize("role", NAMES)
def test_a_role_opens_what_the_table_says(role, made, gateway):
    assert surprises(member_of(role), permissions_of(role), made) == {}


def test_staff_without_any_group_open_nothing(made, gateway):
    assert surprises(browser(make_user(is_superuser=False)), frozenset(), made) == {}


def test_a_superuser_opens_everything_that_there_is(made, gateway):
    assert surprises(browser(make_user()), "all", made) == {}


def test_nobody_opens_anything_without_signing_in(made):
    assert surprises(Client(), None, made) == {}


@pytest.mark.parametrize("action", OFFERED, ids=lambda action: action.name.partition(":")[2])
def test_an_action_is_absent_and_refused_without_its_permission(action, made):
    lacking = with_all_but(*action.permission.split("|"))
    where = _address(action.seen_on, action, made)
    assert action.mark in browser(made["user_with_all"]).get(where).content.decode()
    shown = lacking.get(where)
    assert shown.status_code == 403 or action.mark not in shown.content.decode()
    assert lacking.post(_address(action.name, action, made), dict(action.data)).status_code == 403


def _address(name, action, made):
    if action.thing and sitemap.model_of(name):
        return reverse(name, args=[made[action.thing].pk, *sitemap.MORE_ARGUMENTS.get(name, [])])
    return sitemap.address(name, made)


def test_whatever_takes_a_post_is_among_the_actions(made, gateway, monkeypatch):
    known = {action.name for action in ACTIONS} | SENT_BY_ALL
    client = browser(make_user())
    others = [name for name in sitemap.names() if name not in known and usual(name) is None]
    assert {name: client.post(sitemap.address(name, made)).status_code for name in others} == dict.fromkeys(others, 405)


def models_with(kind):
    """Those whose page has a form of this kind, as a superuser sees it."""
    return [model for model in admin.site._registry if sitemap_name(model, kind) in sitemap.names()]


def sitemap_name(model, kind):
    return f"admin:{model._meta.app_label}_{model._meta.model_name}_{kind}"


@pytest.mark.parametrize("kind", ["add", "change", "delete"])
def test_forms_are_refused_without_their_permission(kind, made):
    """Also where somebody may look: a POST changes nothing."""
    wrong, made = {}, made | {"campaign": made["draft"]}
    for model in models_with(kind):
        app, label = model._meta.app_label, model._meta.model_name
        client = with_all_but(NAMED_OTHERWISE.get((kind, label), f"{app}.{kind}_{label}"))
        answer = client.post(sitemap.address(sitemap_name(model, kind), made), {"post": "yes"})
        if answer.status_code != 403:
            wrong[label] = answer.status_code
    assert wrong == {}


def test_every_action_of_a_list_has_a_permission(rf, made):
    request = rf.get("/admin/")
    request.user = make_user()
    found = {
        (str(model._meta.model_name), action)
        for model, model_admin in admin.site._registry.items()
        for action in model_admin.get_actions(request)
    }
    assert found == set(LIST_ACTIONS)


@pytest.mark.parametrize(("label", "action"), LIST_ACTIONS, ids=lambda part: part)
def test_a_list_neither_offers_nor_does_what_somebody_may_not(label, action, made):
    model = next(m for m in admin.site._registry if m._meta.model_name == label)
    where = sitemap.address(sitemap_name(model, "changelist"), made)
    chosen = {"action": action, "_selected_action": [model.objects.order_by("pk")[0].pk]}
    offered = f'<option value="{action}">'
    assert offered in browser(made["user_with_all"]).get(where).content.decode()
    lacking = with_all_but(LIST_ACTIONS[label, action])
    assert offered not in lacking.get(where).content.decode()
    answer = lacking.post(where, chosen)
    assert "admin/confirm_action.html" not in [template.name for template in answer.templates]
    assert answer.status_code != 302 or answer["Location"].startswith(where)
