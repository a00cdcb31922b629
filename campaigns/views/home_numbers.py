"""How each WhatsApp number in use is at this moment, as the home page shows it."""

from dataclasses import dataclass

from django.urls import reverse
from django.utils.timezone import get_current_timezone
from django.utils.translation import gettext as _

from campaigns.models import Lane
from campaigns.numbers import Number, number_of
from campaigns.scene import Scene
from campaigns.views.showing import when
from whatsapp.advice import TONES
from whatsapp.enums import SenderState

MOST_NUMBERS = 8
URGENCY = ("bad", "warn", "info", "neutral", "ok")


@dataclass(frozen=True)
class NumberNow:
    number: Number
    state: str
    tone: str
    since: str
    url: str


@dataclass(frozen=True)
class NumbersNow:
    """Those that need somebody first; `more` were left out."""

    shown: list[NumberNow]
    more: int


def numbers_now(scene: Scene) -> NumbersNow:
    lanes = [lane for lane in scene.lanes if lane.sender is not None and lane.sender.is_enabled]
    found = sorted((_now(lane, scene) for lane in lanes), key=lambda now: (URGENCY.index(now.tone), now.number.name))
    return NumbersNow(found[:MOST_NUMBERS], len(found) - len(found[:MOST_NUMBERS]))


def _now(lane: Lane, scene: Scene) -> NumberNow:
    assert lane.sender is not None
    number = number_of(lane, scene.limits, now=scene.now)
    label, tone = _state(number)
    url = reverse("admin:whatsapp_sender_change", args=[lane.sender.pk])
    since = when(lane.sender.state_since, get_current_timezone(), now=scene.now)
    return NumberNow(number, label, tone, since, url)


def _state(number: Number) -> tuple[str, str]:
    if number.is_stopped:
        return _("Stopped"), "bad"
    if number.is_draining:
        return _("Draining"), "warn"
    return str(SenderState(number.state).label), TONES[number.state]
