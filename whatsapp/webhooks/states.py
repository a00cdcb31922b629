"""What a gateway says by itself of its number: gateways flap, so that only what changes something is written down."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from whatsapp.accounts import account_of, senders_of
from whatsapp.enums import SenderState
from whatsapp.gateways.base import State, Status
from whatsapp.gateways.scrubbing import scrub
from whatsapp.health import record_state
from whatsapp.models import Sender
from whatsapp.restarts import NEEDS_PERSON
from whatsapp.webhooks.base import StateNews

SAME_END = timedelta(seconds=1)
# A gateway that got no answer tries again for so long, and may tell how the number was after it has told how it is.
# What is older than that was told by another clock.
REPEATED_FOR = timedelta(hours=1)


def hear_states(sender: Sender, states: Sequence[StateNews], *, now: datetime) -> None:
    """Of several in one batch only the last counts; for the other numbers of the account the last that is said of all.

    In the order of their ids, so that two who read posts of the same account can only wait for each other.
    """
    of_all = [one for one in states if one.of_account]
    if not of_all:
        hear_state(sender, _newest(states), now=now)
        return
    for one in sorted(senders_of(account_of(sender)), key=lambda one: one.pk):
        hear_state(one, _newest(states) if one.pk == sender.pk else of_all[-1], now=now)


def _newest(states: Sequence[StateNews]) -> StateNews:
    """The last to come, where not all say when they were."""
    moments = [one.at for one in states if one.at is not None]
    if len(moments) < len(states):
        return states[-1]
    return next(one for one in reversed(states) if one.at == max(moments))


def hear_state(sender: Sender, news: StateNews, *, now: datetime) -> None:
    """`sender` as it is in the database now."""
    if _is_overtaken(sender, news, now):
        return
    locked_for = _seconds_until(news.locked_until, now)
    is_locked = locked_for is not None and sender.state == news.state.value
    if not is_locked and not _changes(sender, news, now):
        return
    ends_in = (news.ends_at - now).total_seconds() if news.ends_at else None
    status = Status(news.state, scrub(news.detail), ends_in=ends_in, locked_for=locked_for)
    record_state(sender.pk, status, now=now)


def _is_overtaken(sender: Sender, news: StateNews, now: datetime) -> bool:
    """A newer state was told before. Else this is the newest, whether or not it changes anything."""
    if news.at is None or news.at > now + REPEATED_FOR:  # nothing would be believed any more
        return False
    rows = Sender.objects.filter(pk=sender.pk)
    if rows.filter(state_said_at__gt=news.at, state_said_at__lte=news.at + REPEATED_FOR).exists():
        return True
    rows.update(state_said_at=min(news.at, now))  # a clock that is ahead silences nobody when it is set right
    return False


def _seconds_until(moment: datetime | None, now: datetime) -> float | None:
    """None for what is over as well."""
    return (moment - now).total_seconds() if moment and moment > now else None


def _changes(sender: Sender, news: StateNews, now: datetime) -> bool:
    if news.state == State.RESTRICTED:
        return _restricts(sender, news.ends_at, now)
    if sender.state == SenderState.RESTRICTED and not _may_follow_restriction(sender, news.state, now):
        return False
    return news.state.value != sender.state


def _restricts(sender: Sender, ends_at: datetime | None, now: datetime) -> bool:
    if sender.state != SenderState.RESTRICTED:
        return ends_at is None or ends_at > now  # one that is over was told late
    if ends_at is None or ends_at <= now:
        return False
    return sender.state_ends_at is None or abs(ends_at - sender.state_ends_at) > SAME_END


def _may_follow_restriction(sender: Sender, state: State, now: datetime) -> bool:
    """A session that opens or breaks says nothing about what WhatsApp forbids the number.

    Until its end the restriction stays what staff see. One without an end ends when the gateway says "ready", or when
    something else needs a person; but never in a state in which a program would restart the gateway by itself.
    """
    if sender.state_ends_at is not None:
        return sender.state_ends_at <= now
    return state == State.READY or state.value in NEEDS_PERSON
