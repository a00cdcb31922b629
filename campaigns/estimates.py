"""How long a send takes, computed from the rule and never from a table. Pure. Seconds throughout."""

from itertools import islice

from whatsapp.pacing import Pace, delays


def waiting_seconds(messages: int, pace: Pace, *, start: int = 0) -> float:
    """The pauses of `messages` messages from one number, without the gateway's own time.

    There is no wait after the last message. `start` is the position in the run that the first one has.
    """
    return round(sum(islice(delays(pace, start=start), max(messages - 1, 0))), 3)


def shares(messages: int, senders: int) -> list[int]:
    """How many messages each of several equal numbers gets."""
    each, rest = divmod(max(messages, 0), max(senders, 1))
    return [each + (1 if index < rest else 0) for index in range(max(senders, 1))]


def longest_wait(messages: int, pace: Pace, *, senders: int = 1) -> float:
    """The waiting time of the busiest of several numbers that share the messages."""
    return waiting_seconds(max(shares(messages, senders)), pace)


def total_seconds(messages: int, pace: Pace, *, senders: int = 1, call_seconds: float = 0.0, start: int = 0) -> float:
    """Waiting time plus the time that the calls themselves take, one after another on each number."""
    busiest = max(shares(messages, senders))
    return round(waiting_seconds(busiest, pace, start=start) + busiest * call_seconds, 3)
