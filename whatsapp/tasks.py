"""Entry points of the background: call one function, return a small summary."""

from datetime import timedelta
from time import sleep

from django.utils import timezone

from whatsapp.webhooks.clearing import clear_old
from whatsapp.webhooks.inbox import ask_to_read, begin_to_read
from whatsapp.webhooks.reading import read_all

BUDGET = timedelta(seconds=20)
GATHERING = 0.5  # seconds in which more posts come, to be read together: a task for each would cost more than reading


def read_webhooks() -> str:
    """What gateways posted, until nothing is left or the time is over. It may come twice, late or never."""
    sleep(GATHERING)
    return _read()


def _read() -> str:
    begin_to_read()
    count, is_done = read_all(budget=BUDGET, clock=timezone.now)
    if not is_done:
        ask_to_read(now=timezone.now())
    return f"{count} reports"


def tidy_webhooks() -> str:
    """Of every minute: what nobody was asked to read, and what is old."""
    return f"{_read()}, {clear_old(now=timezone.now())} old rows"
