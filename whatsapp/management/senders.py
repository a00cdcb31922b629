"""How commands find and describe numbers."""

from django.core.management.base import CommandError
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from whatsapp.models import Sender

MISUSE = 2


def sender_named(name: str) -> Sender:
    """Raises CommandError with the names that there are."""
    if found := Sender.objects.filter(name=name).first():
        return found
    names = ", ".join(f"“{known}”" for known in Sender.objects.values_list("name", flat=True)) or "—"
    raise CommandError(
        _("There is no number called “%(name)s”. There are: %(names)s.") % {"name": name, "names": names},
        returncode=MISUSE,
    )


def since(sender: Sender) -> str:
    if sender.state_since is None:
        return ""
    moment = timezone.localtime(sender.state_since)
    return _("since %(moment)s") % {"moment": date_format(moment, "SHORT_DATETIME_FORMAT")}
