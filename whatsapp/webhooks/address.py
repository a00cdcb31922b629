"""The address that a number's gateway posts to: whoever knows it may post, so that it can be changed."""

import hashlib

from django.conf import settings
from django.db import transaction
from django.urls import reverse

from whatsapp.models import Sender
from whatsapp.models.sender import new_hook_key


def address_of(sender: Sender) -> str:
    """In full; empty where the key that it was encrypted with is gone, and a new address has to be made."""
    if not sender.hook_key:
        return ""
    path: str = reverse("whatsapp:hook", args=[sender.pk, sender.hook_key])
    return settings.PUBLIC_URL + path


def mark_of(sender: Sender) -> str:
    """Which address somebody has seen, without saying it."""
    return hashlib.sha256(sender.hook_key.encode()).hexdigest()[:12]


def renew(sender: Sender, seen: str) -> bool:
    """The old address opens nothing any more. False for whoever saw another one: a second press makes no third."""
    with transaction.atomic():
        row = Sender.objects.select_for_update().only("hook_key").get(pk=sender.pk)
        if mark_of(row) != seen:
            return False
        Sender.objects.filter(pk=sender.pk).update(hook_key=new_hook_key())
    return True
