"""What people type after a command, read strictly and refused in sentences."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.core.management.base import CommandError
from django.utils.translation import gettext as _

from campaigns.lifecycle import IllegalMove
from campaigns.models import Campaign

LARGEST_ID = 2**63 - 1


def whole_number(typed: object, *, name: str, low: int, high: int) -> int:
    """Digits and nothing else: int() would also take `1_000`, and figures of other scripts."""
    text = str(typed).strip()
    if text.isascii() and text.isdecimal() and len(text) < 20 and low <= int(text) <= high:
        return int(text)
    raise CommandError(
        _("%(name)s: “%(typed)s” does not do. Write a whole number from %(low)d to %(high)d, without points or commas.")
        % {"name": name, "typed": text, "low": low, "high": high}
    )


def campaign_numbered(typed: object) -> Campaign:
    """Raises CommandError when there is none with this number."""
    text = str(typed).strip()
    is_number = text.isascii() and text.isdecimal() and len(text) < 20 and int(text) <= LARGEST_ID
    found = Campaign.objects.select_related("event").filter(pk=int(text)).first() if is_number else None
    if found is None:
        raise CommandError(
            _("There is no campaign with the number “%(number)s”. `manage.py campaign_status` lists the latest.")
            % {"number": text}
        )
    return found


@contextmanager
def refusals() -> Iterator[None]:
    """A move that the campaign does not allow now ends the command with its sentence."""
    try:
        yield
    except IllegalMove as refused:
        raise CommandError(str(refused)) from refused
