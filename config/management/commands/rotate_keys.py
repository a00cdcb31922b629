"""`manage.py rotate_keys`: after a new key was put in front of ENCRYPTION_KEYS, before the old one is taken away."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from whatsapp.key_rotation import rotate


class Command(BaseCommand):
    help = "Encrypts the stored keys and secrets anew with the first of ENCRYPTION_KEYS. Safe while everything runs."

    def handle(self, *args: Any, **options: Any) -> None:
        done = rotate()
        self.stdout.write(_("Encrypted anew: %(n)d.") % {"n": done.rewritten})
        if done.unreadable:
            raise CommandError(
                _(
                    "%(n)d secrets cannot be read with any of the keys. Put the key back that they were encrypted "
                    "with, or type them again on the pages of their numbers and mailboxes."
                )
                % {"n": done.unreadable}
            )
        self.stdout.write(_("Only the first key is needed now; the others may be taken away."))
