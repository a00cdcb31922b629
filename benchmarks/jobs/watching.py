"""Members of staff with sessions of their own, who all watch one campaign."""

from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.models import User
from django.contrib.sessions.backends.db import SessionStore
from django.urls import reverse

BACKEND = "django.contrib.auth.backends.ModelBackend"


def sessions(*, viewers: int) -> list[str]:
    return [_session(User.objects.create_superuser(f"persona{number}")) for number in range(viewers)]


def _session(user: User) -> str:
    store = SessionStore()
    store[SESSION_KEY] = str(user.pk)
    store[BACKEND_SESSION_KEY] = BACKEND
    store[HASH_SESSION_KEY] = user.get_session_auth_hash()
    store.create()
    assert store.session_key is not None
    return store.session_key


def address(*, campaign: int) -> str:
    return reverse("admin:campaigns_campaign_live", args=[campaign])
