"""Who may stand at which door: members of the staff, and volunteers with a secret link for one event and some hours.

A link's token has 131 random bits. It is shown once; what stays is its SHA-256 digest, which opens nothing. A session
remembers the digest that it was opened with, so that a new link ends the sessions of the old one.
"""

import hashlib
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from django.db.models import Q
from django.http import HttpRequest

from tickets.codes import TOKEN_ALPHABET, TOKEN_LENGTH, new_token
from tickets.doorkeeper import Doorkeeper
from tickets.models import DoorAccess, Event

OPENS_BEFORE, CLOSES_AFTER = timedelta(hours=1), timedelta(hours=2)
# A phone that lost its network before the end can still say what it did.
REPORTS_UNTIL = timedelta(hours=24)
STILL_LISTED = timedelta(days=1)  # an event after its end
SEEN_EVERY = timedelta(minutes=1)
SESSION_KEY = "door"
LETTERS = frozenset(TOKEN_ALPHABET)


class Closed(Exception):
    """Somebody stands at the door who may not, or not now; `why` says which."""

    def __init__(self, why: "Why"):
        super().__init__(why)
        self.why = why


class Why(StrEnum):
    LOGIN = "login"  # nobody is signed in, or the link does not count any more
    EARLY = "early"
    LATE = "late"
    OTHER_EVENT = "other_event"
    NOT_ACTIVE = "not_active"  # the event
    NO_PERMISSION = "no_permission"


# --- accesses and their links -----------------------------------------------------------------------------------


def digest_of(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def usual_hours(event: Event) -> tuple[datetime, datetime]:
    """From when until when a door access counts, where nobody says otherwise."""
    return event.doors_open - OPENS_BEFORE, event.ends_at + CLOSES_AFTER


def give_token(access: DoorAccess) -> str:
    """For an access that is not saved yet: the token of its link, which nobody can read again later."""
    token = new_token()
    access.token_digest = digest_of(token)
    return token


def renew_link(access: DoorAccess) -> str | None:
    """A new token; the old link and whoever came by it are out at once. None: somebody else made one meanwhile."""
    token, old = new_token(), access.token_digest
    access.token_digest = digest_of(token)
    won = DoorAccess.objects.filter(pk=access.pk, token_digest=old).update(token_digest=access.token_digest)
    return token if won else None


def access_by_token(token: str) -> DoorAccess | None:
    """None for every link that opens nothing (any more), whatever the reason."""
    if len(token) != TOKEN_LENGTH or not set(token) <= LETTERS:
        return None
    accesses = DoorAccess.objects.select_related("event")
    return accesses.filter(token_digest=digest_of(token), is_active=True, event__is_active=True).first()


def hours_problem(access: DoorAccess, now: datetime) -> Why | None:
    if now < access.opens_at:
        return Why.EARLY
    return Why.LATE if now >= access.closes_at else None


# --- sessions ---------------------------------------------------------------------------------------------------


def open_session(request: HttpRequest, access: DoorAccess) -> None:
    """From now on this browser stands at the door, until the access ends or somebody leaves."""
    request.session.cycle_key()
    request.session[SESSION_KEY] = {"access": access.pk, "digest": access.token_digest}
    if not request.user.is_authenticated:  # an account of the staff keeps its own time
        request.session.set_expiry(access.closes_at + REPORTS_UNTIL)


def leave(request: HttpRequest) -> None:
    """Nothing of the door stays in this browser. An account of the staff stays signed in."""
    if request.session.pop(SESSION_KEY, None) is not None and not request.user.is_authenticated:
        request.session.flush()


def access_of(request: HttpRequest) -> DoorAccess | None:
    """The access by which this browser stands at a door; None when there is none or it counts no more."""
    kept = request.session.get(SESSION_KEY)
    if not isinstance(kept, dict):
        return None
    known = {"pk": kept.get("access"), "token_digest": kept.get("digest"), "is_active": True}
    return DoorAccess.objects.filter(**known).select_related("event").first()


# --- who may stand where ----------------------------------------------------------------------------------------


def keeper_at(request: HttpRequest, event: Event, *, now: datetime, reporting: bool = False) -> Doorkeeper:
    """Whoever stands at the event's door with this request, asked anew each time. Raises Closed.

    `reporting`: what a phone did without network is still taken for a day after the hours of its access.
    """
    keeper = _keeper(request, event, now, reporting)
    if not event.is_active:
        raise Closed(Why.NOT_ACTIVE)
    return keeper


def _keeper(request: HttpRequest, event: Event, now: datetime, reporting: bool) -> Doorkeeper:
    access = access_of(request)
    problem = _problem_of(access, event, now, reporting) if access else None
    if access is not None and problem is None:
        _note_seen(access, now)
        return Doorkeeper(access=access)
    if is_door_staff(request.user):
        return Doorkeeper(user=request.user)
    if problem is not None:
        raise Closed(problem)
    raise Closed(Why.NO_PERMISSION if request.user.is_authenticated else Why.LOGIN)


def is_door_staff(user: Any) -> bool:
    return bool(user.is_staff and user.has_perm("tickets.add_checkin"))


def _problem_of(access: DoorAccess, event: Event, now: datetime, reporting: bool) -> Why | None:
    if access.event_id != event.pk:
        return Why.OTHER_EVENT
    problem = hours_problem(access, now)
    if problem == Why.LATE and reporting and now < access.closes_at + REPORTS_UNTIL:
        return None
    return problem


def _note_seen(access: DoorAccess, now: datetime) -> None:
    """Once a minute is enough, and spares a write for each scan."""
    if access.last_seen_at is not None and now - access.last_seen_at < SEEN_EVERY:
        return
    long_ago = Q(last_seen_at=None) | Q(last_seen_at__lte=now - SEEN_EVERY)
    DoorAccess.objects.filter(long_ago, pk=access.pk).update(last_seen_at=now)


def events_of(request: HttpRequest, *, now: datetime) -> list[Event]:
    """The events whose door this person may open, the next one first. Raises Closed."""
    if is_door_staff(request.user):
        return list(Event.objects.filter(is_active=True, ends_at__gt=now - STILL_LISTED).order_by("starts_at", "pk"))
    access = access_of(request)
    if access is None:
        raise Closed(Why.NO_PERMISSION if request.user.is_authenticated else Why.LOGIN)
    return [access.event] if access.event.is_active else []
