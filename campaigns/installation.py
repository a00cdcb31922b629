"""May this database send from this computer? A copy that wakes up elsewhere, or an old one put back, asks first.

The database has an identity and a generation that grows with every tick; the computer remembers both (`place`). When
they do not fit, nothing leaves until a person has decided: what the lost database sent would be sent once more.
"""

import logging
import secrets
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from django.db.models import F, Subquery
from django.utils.translation import gettext as _

from campaigns import place
from campaigns.models import Dispatcher, Installation
from campaigns.slots import nobody_works

logger = logging.getLogger(__name__)


class Hold(StrEnum):
    UNKNOWN_PLACE = "unknown_place"
    OTHER_INSTALLATION = "other_installation"
    OLDER_DATABASE = "older_database"


# About this computer, not about the database: no reason to stop the computers that are known.
OF_THE_PLACE = frozenset({Hold.UNKNOWN_PLACE, Hold.OTHER_INSTALLATION})


def why_held() -> str:
    """The reason on record, "" when messages may leave. For pages, which may run elsewhere than the worker."""
    return what_is_known().held_reason


class Known(NamedTuple):
    held_reason: str
    key_mark: str
    heartbeat_at: datetime | None = None


NOTHING_KNOWN = Known("", "")


def what_is_known() -> Known:
    """For every page, in one question: why nothing is sent, the mark of the worker's key, its last sign of life."""
    beats = Dispatcher.objects.filter(heartbeat_at__isnull=False).order_by("-heartbeat_at").values("heartbeat_at")
    row = Installation.objects.filter(pk=1).values_list("held_reason", "key_mark", Subquery(beats[:1])).first()
    return Known(*row) if row else NOTHING_KNOWN


def held_sentence(reason: str) -> str:
    sentences: dict[str, str] = {
        Hold.UNKNOWN_PLACE: _(
            "Nothing is sent: this database was last used on another computer, and nobody has said that it may send "
            "from this one."
        ),
        Hold.OTHER_INSTALLATION: _(
            "Nothing is sent: this computer belongs to another installation than the database that it uses now."
        ),
        Hold.OLDER_DATABASE: _(
            "Nothing is sent: an older copy of the database was put back. What left after that copy was made would "
            "leave once more."
        ),
    }
    return sentences.get(reason) or _("Nothing is sent until somebody decides about this database.")


def check_place(*, now: datetime) -> str:
    """For whoever is about to send from this computer: why it may not, or "".

    The file is read before the row: generations grow in the row first, so a file that is ahead is no accident.
    """
    here, row = place.look(), row_of_now()
    if row is None or not here.identity:  # of several processes that start, another may have been first a moment ago
        take_on()
        here, row = place.look(), Installation.objects.get(pk=1)
    if reason := misfit(row, here):
        return _hold(row, reason, now=now)
    if row.held_reason in OF_THE_PLACE:  # some other computer was not known, and this one is
        _lift(row.held_reason)
    elif row.held_reason:
        return row.held_reason
    place.remember(row.identity, row.generation)
    return ""


def advance() -> None:
    """By every tick that may send. First in the database, then in the file: never the other way round."""
    Installation.objects.filter(pk=1).update(generation=F("generation") + 1)
    if row := row_of_now():
        place.remember(row.identity, row.generation)


def row_of_now() -> Installation | None:
    return Installation.objects.filter(pk=1).exclude(identity="").first()


def adopted_at() -> datetime | None:
    """What became due by itself until then is left to people: this database may not know that it was done."""
    row = row_of_now()
    return row.adopted_at if row else None


def take_on() -> None:
    """A database that nobody has sent from yet. First the computer's identity: whoever sees the row sees the file."""
    if row_of_now() is not None:
        return
    here = place.settle()
    fields = {"identity": here.identity or secrets.token_hex(16), "generation": here.generation + 1}
    Installation.objects.get_or_create(pk=1, defaults=fields)
    Installation.objects.filter(pk=1, identity="").update(**fields)


def misfit(row: Installation, here: place.Place) -> str:
    if not here.identity:
        return Hold.UNKNOWN_PLACE if place.can_remember() else ""
    if here.identity != row.identity:
        return Hold.OTHER_INSTALLATION
    return Hold.OLDER_DATABASE if row.generation < here.generation else ""


def _hold(row: Installation, reason: str, *, now: datetime) -> str:
    """For everybody, unless only this computer is the stranger and others go on sending."""
    if row.held_reason:
        return row.held_reason
    # A computer that is held takes no slot, so that signs of life are of others.
    if reason in OF_THE_PLACE and not nobody_works(now):
        logger.warning("This computer sends nothing (%s): see adopt_installation in docs/operations.md", reason)
        return reason
    if Installation.objects.filter(pk=1, held_reason="").update(held_since=now, held_reason=reason):
        logger.error("Nothing is sent until somebody decides (%s): see adopt_installation", reason)
    return reason


def _lift(reason: str) -> None:
    Installation.objects.filter(pk=1, held_reason=reason).update(held_since=None, held_reason="")
