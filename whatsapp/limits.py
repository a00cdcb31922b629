"""From the rows that staff edit to the frozen values that pacing works with."""

from django.db.models import Max, Q

from whatsapp.models import Sender, SendingSettings
from whatsapp.pacing import Pace
from whatsapp.warm_up import steps_of


def default_country() -> str:
    return SendingSettings.load().default_country


_at_work = [Q(is_enabled=True, is_draining=False)]


def add_condition(condition: Q) -> None:
    """What else must hold for a number that sends now. Called once at start-up, by an app that can stop numbers."""
    _at_work.append(condition)


def heaviest_weight() -> int:
    """Of the numbers that send now; the others share the work in proportion."""
    return Sender.objects.filter(*_at_work).aggregate(most=Max("weight"))["most"] or 1


def pace_of(settings: SendingSettings, sender: Sender | None = None, *, heaviest: int = 1) -> Pace:
    """The pace of one number: its own values where it has them, else the general ones.

    `heaviest`, see `heaviest_weight`: a lighter number waits longer in proportion.
    """

    def pick(name: str) -> object:
        own = getattr(sender, name, None) if sender else None
        return getattr(settings, name) if own is None else own

    return Pace(
        base=float(pick("base_delay")),  # type: ignore[arg-type]
        step=float(pick("step")),  # type: ignore[arg-type]
        every=int(pick("every")),  # type: ignore[call-overload]
        maximum=float(pick("maximum_delay")),  # type: ignore[arg-type]
        jitter=settings.jitter_percent / 100,
        batch_size=settings.batch_size,
        batch_pause=settings.batch_pause_minutes * 60.0,
        quiet=settings.quiet_minutes * 60.0,
        daily_cap=int(pick("daily_cap")),  # type: ignore[call-overload]
        stretch=max(heaviest / sender.weight, 1.0) if sender else 1.0,
        warm_up=steps_of(settings.warm_up_steps) if sender and sender.is_new else (),
    )
