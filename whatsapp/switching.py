"""Draining a number, switching it off, and both back: conditional updates, so that a second press does nothing."""

from dataclasses import dataclass

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from whatsapp.models import Sender


@dataclass(frozen=True)
class Move:
    """`before` is what must still be so; `wakes`: whatever made the number rest is forgiven, as a person wants it."""

    before: dict[str, bool]
    after: dict[str, bool]
    done: str | Promise  # said to the person, with `name`
    action: str  # a word of the history
    wakes: bool = False


MOVES = {
    "drain": Move(
        {"is_enabled": True, "is_draining": False},
        {"is_draining": True},
        _("“%(name)s” takes no new work. What is leaving now ends; other numbers take over the rest."),
        "drained",
    ),
    "work": Move(
        {"is_enabled": True, "is_draining": True},
        {"is_draining": False},
        _("“%(name)s” takes work again."),
        "switched",
        wakes=True,
    ),
    "off": Move(
        {"is_enabled": True},
        {"is_enabled": False},
        _("“%(name)s” is switched off. Nothing leaves from it until you switch it on."),
        "switched",
    ),
    "on": Move(
        {"is_enabled": False},
        {"is_enabled": True, "is_draining": False},
        _("“%(name)s” is in use again."),
        "switched",
        wakes=True,
    ),
}


def can(sender: Sender, move: Move) -> bool:
    return all(getattr(sender, name) == value for name, value in move.before.items())


def make(sender: Sender, move: Move) -> bool:
    """False when somebody was faster, or it is so already: then nothing was done."""
    with transaction.atomic():
        if not Sender.objects.filter(pk=sender.pk, **move.before).update(**move.after):
            return False
        sender.refresh_from_db()
        if move.wakes:
            sender.save(update_fields=list(move.after))  # also the news for whoever sends from it
    return True
