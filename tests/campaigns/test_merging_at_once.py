"""Merging two contacts while others write: transactions that wait for each other, which SQLite does not have."""

import threading
import time
from contextlib import contextmanager

import pytest
from django.db import connection, transaction
from django.utils import translation

from campaigns.models import Campaign, Delivery
from campaigns.preparing import prepare
from campaigns.queueing import requeue
from campaigns.stopping import StopPipe
from tests.bug_reports.launching import LATER, announcement
from tests.factories import NOW, make_campaign, make_contact, make_delivery
from tickets.merging import LooksDifferent, merge, plan_merge

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("fixed_clock"),
    pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite has one writer at a time"),
]


@contextmanager
def merging(keep, gone):
    """Another connection merges the two as soon as the block has written, and waits for the end of it.

    Yields a list with the error of the merge, or None, which is there afterwards.
    """
    expected, language, outcome = plan_merge(keep, gone).fingerprint, translation.get_language(), []

    def press():
        try:
            with translation.override(language):
                merge(keep, gone, {}, expected=expected, user=None, now=NOW)
            outcome.append(None)
        except Exception as error:  # noqa: BLE001  (told to the test)
            outcome.append(error)
        finally:
            connection.close()

    thread = threading.Thread(target=press)
    with transaction.atomic():
        yield outcome
        thread.start()
        assert wait_until_blocked(), outcome
    thread.join()


def wait_until_blocked():
    """Until somebody waits for this connection."""
    for _ in range(1000):
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid))")
            if cursor.fetchone():
                return True
        time.sleep(0.01)
    return False


def row(campaign, contact, status, **fields):
    values = {"dedupe_key": contact.phone, "address": contact.phone}
    return make_delivery(campaign=campaign, contact=contact, status=status, **values | fields)


@pytest.mark.parametrize(("status", "kind"), [("failed", "temporary"), ("skipped", "test_only")])
def test_what_is_sent_again_meanwhile_is_not_followed_by_the_other(status, kind):
    campaign, keep, gone = make_campaign(status="sending"), make_contact(), make_contact()
    waiting, again = row(campaign, keep, "pending"), row(campaign, gone, status, error_kind=kind)
    with merging(keep, gone) as outcome:
        requeue(Delivery.objects.filter(pk=again.pk), now=NOW)
        Delivery.objects.filter(pk=again.pk).update(status="claimed", claimed_at=NOW)
    assert outcome == [None]
    assert dict(campaign.deliveries.values_list("pk", "status")) == {again.pk: "claimed", waiting.pk: "skipped"}


def test_a_list_that_is_being_written_and_a_merge_do_not_wait_for_each_other_in_a_circle():
    keep, gone = make_contact(email=""), make_contact(email="")
    campaign = announcement([keep, gone], status="sending", launched_at=LATER)
    with merging(keep, gone) as outcome:
        prepare(campaign.pk, budget=60, stop=StopPipe(), clock=lambda: LATER)
    [error] = outcome
    assert isinstance(error, LooksDifferent)  # there are messages now which nobody has seen
    assert set(campaign.deliveries.values_list("contact", flat=True)) == {keep.pk, gone.pk}
    assert Campaign.objects.get(pk=campaign.pk).prepared_at == LATER
