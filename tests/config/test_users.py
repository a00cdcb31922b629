"""Whoever manages users cannot make themselves, or take over, an administrator."""

import pytest
from django.urls import reverse

from tests.factories import make_user
from tests.staff import sign_in

pytestmark = pytest.mark.django_db

MANAGER = ("auth.view_user", "auth.change_user", "auth.delete_user")


def _change(user):
    return reverse("admin:auth_user_change", args=[user.pk])


def test_a_manager_cannot_make_themselves_an_administrator(client):
    manager = sign_in(client, *MANAGER)
    client.post(
        _change(manager), {"username": manager.username, "is_active": "on", "is_staff": "on", "is_superuser": "on"}
    )
    manager.refresh_from_db()
    assert (manager.is_staff, manager.is_superuser) == (True, False)


@pytest.mark.parametrize("page", ["change", "delete"])
def test_a_manager_cannot_touch_an_administrator(client, page):
    owner = make_user()
    sign_in(client, *MANAGER)
    answer = client.post(reverse(f"admin:auth_user_{page}", args=[owner.pk]), {"post": "yes"})
    assert answer.status_code == 403


def test_a_manager_cannot_set_the_password_of_an_administrator(client):
    owner = make_user()
    sign_in(client, *MANAGER)
    address = reverse("admin:auth_user_password_change", args=[owner.pk])
    assert client.post(address, {"password1": "Xk29!mm12", "password2": "Xk29!mm12"}).status_code == 403


def test_a_manager_can_change_somebody_else(client):
    other = make_user(is_superuser=False)
    sign_in(client, *MANAGER)
    client.post(_change(other), {"username": other.username, "first_name": "Eva", "is_staff": "on"})
    other.refresh_from_db()
    assert (other.first_name, other.is_active) == ("Eva", False)
