"""Signing in as somebody with certain rights."""

from django.contrib.auth.models import Permission, User
from django.test import Client

from config.roles import TABLE
from tests.factories import make_user


def sign_in(client: Client, *permissions: str, **fields: object) -> User:
    """Somebody of the staff with these permissions ("tickets.view_event") and no others."""
    user = make_user(**{"is_superuser": False} | fields)
    for permission in permissions:
        app, _dot, codename = permission.partition(".")
        user.user_permissions.add(Permission.objects.get(content_type__app_label=app, codename=codename))
    client.force_login(user)
    return user


def sign_in_owner(client: Client) -> User:
    return sign_in(client, is_superuser=True)


def permissions_of(role_name: str) -> frozenset[str]:
    """As the table of roles says, whether they exist or not: "tickets.view_event"."""
    return frozenset(permission for permission, roles in TABLE.items() if role_name in roles)
