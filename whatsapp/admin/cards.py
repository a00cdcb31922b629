"""A number as a card: what is known of it, and what this person may do with it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import Promise

from whatsapp.advice import PASSING, TONES, advice_of, said_by
from whatsapp.enums import SenderState
from whatsapp.models import Restart, Sender
from whatsapp.registry import class_of, gateway_choices
from whatsapp.restart_report import Report, report_of
from whatsapp.switching import MOVES, can

if TYPE_CHECKING:
    from whatsapp.admin.sender import SenderAdmin

LOOK_SECONDS = 5  # how often a card looks again, while its number is about to change


@dataclass(frozen=True)
class Card:
    """`where` is "list" or "page". `qr` is None while nobody has asked the gateway, empty where it shows none."""

    sender: Sender
    where: str
    tone: str
    advice: str | Promise
    said: str
    gateway: str
    restart: Restart | None
    report: Report | None
    moves: frozenset[str]
    may: Mapping[str, bool]
    qr: str | None = None
    looked_at: datetime | None = None

    @property
    def needs_qr(self) -> bool:
        return self.sender.state == SenderState.NEEDS_QR

    @property
    def is_watched(self) -> bool:
        """It may be different in a moment, so that the page looks again by itself; else it never does."""
        return self.sender.state in PASSING or bool(self.report and self.report.is_open)

    @property
    def urgency(self) -> int:
        """Numbers in use that somebody should look at stand first, those that are switched off last."""
        if not self.sender.is_enabled:
            return 2
        return 0 if self.tone in ("warn", "bad") else 1

    @property
    def look_seconds(self) -> int:
        return LOOK_SECONDS

    @property
    def has_own_pace(self) -> bool:
        own = (self.sender.base_delay, self.sender.step, self.sender.every, self.sender.maximum_delay)
        return any(value is not None for value in own)


def with_last_restart(senders: QuerySet[Sender]) -> QuerySet[Sender]:
    """One question for all of them."""
    last = Restart.objects.select_related("asked_by").order_by("-asked_at", "-pk")[:1]
    return senders.prefetch_related(Prefetch("restarts", queryset=last, to_attr="last_restarts"))


def card_of(
    admin: "SenderAdmin",
    request: HttpRequest,
    sender: Sender,
    *,
    where: str,
    qr: str | None = None,
    looked_at: datetime | None = None,
) -> Card:
    restart = next(iter(getattr(sender, "last_restarts", ())), None)
    may, gateway = permissions(admin, request), class_of(sender)
    if gateway is not None and not gateway.capabilities.restarts:
        may["restart"] = False
    return Card(
        sender=sender,
        where=where,
        tone=TONES[sender.state],
        advice=advice_of(sender),
        said=said_by(sender),
        gateway=dict(gateway_choices()).get(sender.gateway, sender.gateway),
        restart=restart,
        report=report_of(sender, restart, now=timezone.now()),
        moves=frozenset(name for name, move in MOVES.items() if may["switch"] and can(sender, move)),
        may=may,
        qr=qr,
        looked_at=looked_at,
    )


def permissions(admin: "SenderAdmin", request: HttpRequest) -> dict[str, Any]:
    """What is absent from the page is also refused."""
    return {
        "check": admin.has_check_permission(request),
        "restart": admin.has_restart_permission(request),
        "switch": admin.has_switch_permission(request),
        "pace": admin.has_pace_permission(request),
        "change": admin.has_change_permission(request),
    }
