"""Posts that come at the same moment are stored together, and each of them hears what became of its own."""

import threading
import time

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.factories import NOW, make_sender
from whatsapp.models import WebhookPost
from whatsapp.webhooks import inbox
from whatsapp.webhooks.inbox import Arrived, keep_all
from whatsapp.webhooks.together import Together


def in_threads(work, items):
    """`work` for each of the items, all of them waiting before the first is done. Returns results and errors."""
    found = {}

    def run(item):
        try:
            found[item] = work(item)
        except ValueError as error:
            found[item] = error

    threads = [threading.Thread(target=run, args=(item,)) for item in items]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    return found


class Busy:
    """Doubles numbers; the first time it lets all others come and wait. Keeps who was done with whom."""

    def __init__(self, others):
        self.others, self.done = others, []
        self.together = Together(self)

    def __call__(self, numbers):
        if not self.done:
            ends = time.monotonic() + 10
            while len(self.together._waiting) < self.others and time.monotonic() < ends:
                time.sleep(0.001)
        self.done.append(sorted(numbers))
        if 13 in numbers:
            raise ValueError("13")
        return [2 * number for number in numbers]


def test_those_who_came_meanwhile_are_done_together():
    double = Busy(4)
    assert in_threads(double.together, [1, 2, 3, 4, 5]) == {1: 2, 2: 4, 3: 6, 4: 8, 5: 10}
    assert [len(numbers) for numbers in double.done] == [1, 4]


def test_only_who_is_at_fault_hears_of_it():
    double = Busy(4)
    found = in_threads(double.together, [1, 2, 3, 4, 13])
    assert isinstance(found.pop(13), ValueError)
    assert found == {1: 2, 2: 4, 3: 6, 4: 8}


def test_one_alone_is_done_once():
    double = Busy(0)
    with pytest.raises(ValueError, match="13"):
        double.together(13)
    assert double.done == [[13]]


def arrived(sender, *names):
    return [Arrived(sender, f"{name:0>64}", f'"{name}"', NOW) for name in names]


@pytest.mark.django_db
def test_many_posts_take_as_many_questions_as_one():
    def questions(*names):
        sender = make_sender()
        with CaptureQueriesContext(connection) as asked:
            assert keep_all(arrived(sender, *names)) == [True] * len(names)
        return len(asked)

    assert questions("A") == questions("B", "C", "D", "E")
    assert WebhookPost.objects.count() == 5


@pytest.mark.django_db
def test_each_hears_of_its_own_number(monkeypatch):
    monkeypatch.setattr(inbox, "MOST_UNREAD", 1)
    full, other = make_sender(), make_sender()
    keep_all(arrived(full, "A"))
    assert keep_all([*arrived(full, "B", "A"), *arrived(other, "B")]) == [False, True, True]
    kept = WebhookPost.objects.order_by("pk").values_list("sender", "body")
    assert list(kept) == [(full.pk, '"A"'), (other.pk, '"B"')]


@pytest.mark.django_db
def test_the_same_post_twice_at_once_is_kept_once():
    sender = make_sender()
    assert keep_all(arrived(sender, "A", "A")) == [True, True]
    assert WebhookPost.objects.count() == 1
