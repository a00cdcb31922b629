"""News from the apps below: a number or an event was changed, a gateway said how it is."""

from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models.signals import post_delete, post_migrate, post_save
from django.dispatch import receiver
from django.utils import timezone

from campaigns import lanes, slots
from campaigns.enums import LanePause
from campaigns.kicks import kick_dispatchers
from campaigns.mailboxes import wake_lanes
from campaigns.models import Mailbox
from campaigns.news import hear
from campaigns.queueing import skip_opted_out
from campaigns.replies.hearing import hear as hear_people
from campaigns.rescheduling import reschedule_event
from tickets.aliases import forms_of
from tickets.history import record
from tickets.models import Contact, Event
from tickets.signals import opted_out
from whatsapp import identities, number_checks
from whatsapp.gateways.base import State, Status
from whatsapp.models import Sender, SendingSettings
from whatsapp.signals import acted, moved, news_arrived, state_recorded
from whatsapp.webhooks.base import News

# What a person changes about a number after mending what made it rest. Another name or weight mends nothing.
MENDS = frozenset({"is_enabled", "is_draining", "gateway", "base_url", "session_name", "api_key"})
MENDS_MAILBOX = frozenset({"is_enabled", "url", "from_address"})


@receiver(post_save, sender=Sender)
def on_sender_saved(instance: Sender, raw: bool, update_fields: frozenset[str] | None = None, **kwargs: Any) -> None:
    """A new number gets its lane; one whose switch, key or address somebody changed is tried again at once."""
    if raw:
        return
    lanes.ensure_lane(instance)
    if update_fields is None or MENDS & update_fields:
        lanes.wake(instance.pk, now=timezone.now())
    kick_dispatchers(now=timezone.now())


@receiver(state_recorded)
def on_state_recorded(sender_id: int, status: Status, now: datetime, **kwargs: Any) -> None:
    """Somebody looked and the number is ready: what rests only for that goes on at once."""
    if status.state == State.READY and lanes.wake_ready(sender_id, now=now):
        kick_dispatchers(now=now)
    if status.new_people_a_day is not None and lanes.reach_more_people(sender_id):
        kick_dispatchers(now=now)
    if status.locked_for is not None:
        lanes.lock_out_new_people(sender_id, status.detail, now + timedelta(seconds=status.locked_for), now=now)
    if status.state == State.RESTRICTED and status.ends_in is None:
        lanes.rest_until_looked(sender_id, status.detail, now + timedelta(seconds=settings.PROBE_SECONDS), now=now)
    elif status.state == State.RESTRICTED and status.ends_in is not None:
        why = lanes.Rest(LanePause.BLOCKED, status.detail, now + timedelta(seconds=status.ends_in))
        lanes.stop(sender_id, why, now=now)


@receiver(moved)
def on_moved(sender_id: int, now: datetime, **kwargs: Any) -> None:
    """Another gateway, address or session: what the one of before reports late is not about it."""
    lanes.trust(sender_id, now=now)


@receiver(news_arrived)
def on_news_arrived(sender_id: int, news: list[News], now: datetime, **kwargs: Any) -> None:
    """What became of messages first: it may teach who is behind an id that is no number."""
    hear(sender_id, news, now=now)
    hear_people(sender_id, news, now=now)


@receiver(acted)
def on_acted(user: Any, obj: Any, action: str, sender: Any = None, signal: Any = None, **values: Any) -> None:
    """`whatsapp` knows nothing of the history, which stands in `tickets`."""
    record(user, obj, action, **values)


@receiver(post_delete, sender=Contact)
def on_contact_deleted(instance: Contact, **kwargs: Any) -> None:
    """What gateways said about their number goes with them, unless somebody who stays takes it over."""
    if instance.phone:
        transaction.on_commit(partial(_forget_number, instance.phone))


def _forget_number(phone: str) -> None:
    """In all its forms: gateways teach the one under which the account was opened."""
    forms = sorted(forms_of([phone]))
    number_checks.forget(forms)
    identities.forget(forms)


@receiver(opted_out)
def on_opted_out(contact: int, channel: str, now: datetime, **kwargs: Any) -> None:
    """Said at once in the lists; who takes a message from the queue asks again all the same."""
    skip_opted_out(contact, channel, now=now)


@receiver(post_save, sender=Mailbox)
def on_mailbox_saved(instance: Mailbox, raw: bool, update_fields: frozenset[str] | None = None, **kwargs: Any) -> None:
    """A new mailbox gets its lanes; one whose switch, server or sender somebody changed is tried again at once."""
    if raw:
        return
    lanes.ensure_email_lanes(instance)
    if update_fields is None or MENDS_MAILBOX & update_fields:
        wake_lanes(instance)
    kick_dispatchers(now=timezone.now())


@receiver(post_save, sender=SendingSettings)
def on_settings_saved(raw: bool, **kwargs: Any) -> None:
    """A wider window or a higher cap may let something leave now."""
    if not raw:
        kick_dispatchers(now=timezone.now())


@receiver(post_save, sender=Event)
def on_event_saved(instance: Event, created: bool, raw: bool, **kwargs: Any) -> None:
    """What is planned for a time before or after the event follows it."""
    if not raw and not created:
        reschedule_event(instance, now=timezone.now())


@receiver(post_migrate)
def on_migrated(sender: Any, **kwargs: Any) -> None:
    """Slots, e-mail lanes and the minutely schedule exist from the first migration on, once each."""
    if getattr(sender, "name", "") == "campaigns":
        from django_q.models import Schedule  # noqa: PLC0415  (its tables exist from here on)

        slots.ensure_slots()
        lanes.ensure_lanes()
        if not Schedule.objects.filter(name="pregonero tick").exists():
            Schedule.objects.create(
                name="pregonero tick", func="campaigns.tasks.tick", schedule_type=Schedule.MINUTES, minutes=1
            )
