"""The effect of a change on running campaigns, in words, for the pages on which it is typed."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.http import HttpRequest
from django.utils.translation import gettext as _

from campaigns.effects import Effect, effects
from campaigns.forecast import Forecast
from campaigns.models import Campaign
from campaigns.scene import scene_of
from campaigns.supposing import Supposed
from campaigns.views.base import page_of
from campaigns.views.showing import when
from whatsapp.models import Sender, SendingSettings
from whatsapp.preview import duration

SAME = timedelta(seconds=1)


@dataclass(frozen=True)
class ShownEffect:
    """`tone` is "" where it makes no difference."""

    campaign: Campaign
    url: str
    now: str
    then: str
    difference: str
    tone: str


@dataclass(frozen=True)
class ShownEffects:
    rows: list[ShownEffect]
    more: int


def shown_effects(
    request: HttpRequest, *, settings: SendingSettings | None = None, sender: Sender | None = None
) -> ShownEffects | None:
    """None for whoever may not see campaigns."""
    if not request.user.has_perm("campaigns.view_campaign"):
        return None
    scene = scene_of(request)
    found, more = effects(scene, Supposed(scene, settings=settings, sender=sender))
    return ShownEffects([_shown(effect, scene.now) for effect in found], more)


def _shown(effect: Effect, now: datetime) -> ShownEffect:
    words, tone = _difference(effect)
    return ShownEffect(
        campaign=effect.campaign,
        url=page_of(effect.campaign),
        now=_end(effect.now, effect.campaign, now),
        then=_end(effect.then, effect.campaign, now),
        difference=words,
        tone=tone,
    )


def _end(found: Forecast, campaign: Campaign, now: datetime) -> str:
    if found.ends_at is not None:
        return when(found.ends_at, campaign.zone, now=now)
    return _("in more than a year") if found.is_far else _("never: no number may send")


def _difference(effect: Effect) -> tuple[str, str]:
    change = effect.difference
    if change is None:
        return ("", "") if effect.now.ends_at is effect.then.ends_at else (_("another end"), _tone_of_end(effect))
    if abs(change) < SAME:
        return _("no difference"), ""
    length = duration(abs(change).total_seconds())
    if change > timedelta(0):
        return _("%(time)s later") % {"time": length}, "warn"
    return _("%(time)s sooner") % {"time": length}, "ok"


def _tone_of_end(effect: Effect) -> str:
    return "bad" if effect.then.ends_at is None else "ok"
