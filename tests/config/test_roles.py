"""The groups: made by themselves, given what is new, and otherwise left as somebody wants them."""

import pytest
from django.apps import apps
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.urls import reverse

from config import roles
from config.roles import ROLES, TABLE, hand_out
from tests.factories import make_user
from tests.staff import permissions_of, sign_in, sign_in_owner

pytestmark = pytest.mark.django_db

OURS = ("tickets", "campaigns", "whatsapp", "config")


def _held(name):
    rows = Permission.objects.filter(group__name=name).values_list("content_type__app_label", "codename")
    return {f"{app}.{code}" for app, code in rows}


def _existing():
    rows = Permission.objects.values_list("content_type__app_label", "codename")
    return {f"{app}.{code}" for app, code in rows}


@pytest.mark.parametrize("name", [role.name for role in ROLES])
def test_a_group_has_what_the_table_says_and_nothing_else(name):
    assert _held(name) == permissions_of(name) & _existing()


def test_every_permission_of_ours_is_decided_about():
    assert {name for name in _existing() if name.partition(".")[0] in OURS} - set(TABLE) == set()


def test_a_writer_composes_and_cannot_launch():
    writer = permissions_of("Writer")
    assert {"campaigns.add_campaign", "campaigns.change_campaign"} <= writer
    assert "campaigns.launch_campaign" not in writer
    assert {name for name in writer if "resend" in name or "cancel" in name or "pause" in name} == set()


def test_somebody_who_only_looks_has_nothing_but_looking():
    assert {name for name in permissions_of("Viewer") if ".view_" not in name} == set()


def test_nobody_but_a_superuser_can_make_a_scheduled_task():
    """It would call any function by its name."""
    assert [role.name for role in ROLES if "django_q.add_schedule" in permissions_of(role.name)] == []


def test_what_an_installation_changed_in_a_group_stays():
    door = Group.objects.get(name="Door")
    taken = Permission.objects.get(codename="view_checkin")
    given = Permission.objects.get(codename="view_contact")
    door.permissions.remove(taken)
    door.permissions.add(given)
    call_command("migrate", verbosity=0)
    assert set(door.permissions.values_list("codename", flat=True)) & {"view_checkin", "view_contact"} == {
        "view_contact"
    }


def test_migrating_twice_makes_nothing_twice():
    before = Group.permissions.through.objects.count()
    call_command("migrate", verbosity=0)
    assert (Group.objects.count(), Group.permissions.through.objects.count()) == (len(ROLES), before)


def test_a_permission_that_is_new_is_handed_out_once():
    permission = Permission.objects.get(codename="launch_campaign")
    permission.delete()
    hand_out(apps.get_app_config("campaigns"))
    assert "campaigns.launch_campaign" in _held("Organiser")
    assert "campaigns.launch_campaign" not in _held("Viewer")


def test_a_group_that_is_missing_comes_back_whole():
    """As on an installation that is older than the groups."""
    Group.objects.all().delete()
    hand_out(apps.get_app_config("tickets"))
    assert {role.name: _held(role.name) for role in ROLES} == {
        role.name: permissions_of(role.name) & _existing() for role in ROLES
    }


def test_names_in_the_table_that_do_not_exist_are_passed_over(monkeypatch):
    monkeypatch.setitem(roles.TABLE, "tickets.fly", ("Owner",))
    Group.objects.all().delete()
    hand_out(apps.get_app_config("tickets"))
    assert "tickets.view_event" in _held("Owner")


def test_groups_are_shown_in_the_language_of_the_reader(client):
    sign_in_owner(client)
    spanish = client.get(reverse("admin:auth_group_changelist")).content.decode()
    client.cookies["django_language"] = "en"
    english = client.get(reverse("admin:auth_group_changelist")).content.decode()
    assert "Puerta" in spanish
    assert "Organiser" not in spanish
    assert "Organiser" in english


def test_permissions_are_shown_in_the_language_of_the_reader(client):
    sign_in_owner(client)
    page = client.get(reverse("admin:auth_group_change", args=[Group.objects.get(name="Owner").pk])).content.decode()
    assert "Campañas: añadir" in page
    assert "Can " not in page


def test_the_five_groups_keep_their_names_and_stay(client):
    sign_in_owner(client)
    door = Group.objects.get(name="Door")
    page = client.get(reverse("admin:auth_group_change", args=[door.pk])).content.decode()
    assert 'name="name"' not in page
    client.post(reverse("admin:auth_group_change", args=[door.pk]), {"name": "Otro", "permissions": []})
    assert client.post(reverse("admin:auth_group_delete", args=[door.pk]), {"post": "yes"}).status_code == 403
    assert Group.objects.filter(name="Door").exists()


def test_an_owner_gives_a_group_nothing_that_groups_are_not_meant_to_have(client):
    owner = make_user(is_superuser=False)
    owner.groups.add(Group.objects.get(name="Owner"))
    client.force_login(owner)
    door = Group.objects.get(name="Door")
    dangerous = Permission.objects.get(codename="add_schedule")
    wanted = [*door.permissions.values_list("pk", flat=True), dangerous.pk]
    client.post(reverse("admin:auth_group_change", args=[door.pk]), {"permissions": wanted})
    assert dangerous not in door.permissions.all()


def test_saving_a_group_keeps_what_an_administrator_gave_to_it(client):
    owner = make_user(is_superuser=False)
    owner.groups.add(Group.objects.get(name="Owner"))
    client.force_login(owner)
    special = Permission.objects.create(
        codename="special", name="Special", content_type=ContentType.objects.get(app_label="auth", model="user")
    )
    own = Group.objects.create(name="Prensa")
    own.permissions.add(special)
    client.post(reverse("admin:auth_group_change", args=[own.pk]), {"name": "Prensa", "permissions": [special.pk]})
    assert list(own.permissions.all()) == [special]


def test_users_are_put_into_groups_by_their_purpose(client):
    sign_in(client, "auth.view_user", "auth.change_user")
    somebody = make_user(is_superuser=False)
    page = client.get(reverse("admin:auth_user_change", args=[somebody.pk])).content.decode()
    assert "<strong>Puerta</strong>" in page
    door = Group.objects.get(name="Door")
    fields = {"username": somebody.username, "is_active": "on", "is_staff": "on", "groups": [door.pk]}
    client.post(reverse("admin:auth_user_change", args=[somebody.pk]), fields)
    assert list(somebody.groups.all()) == [door]
