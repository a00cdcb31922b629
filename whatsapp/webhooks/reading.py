"""What the posts say: read, announced and marked in one transaction, so that nothing is lost and nothing half done."""

import logging
import traceback
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from django.db import transaction
from django.db.models import QuerySet

from whatsapp.models import Sender, WebhookPost
from whatsapp.registry import hook_of
from whatsapp.signals import news_arrived
from whatsapp.webhooks.base import News, Reading, StateNews
from whatsapp.webhooks.bodies import parsed
from whatsapp.webhooks.problems import FAILED, NO_HOOK, faults_of
from whatsapp.webhooks.states import hear_states

logger = logging.getLogger(__name__)

BATCH = 100  # short transactions: with SQLite nobody else writes meanwhile
TRIES = 3  # of a post alone: two programs may have been in each other's way

Clock = Callable[[], datetime]
Heard = dict[int, list[News]]  # by number
Phones = dict[str, dict[int, str]]  # as staff typed them, by gateway and number


def read_all(*, budget: timedelta, clock: Clock, limit: int = BATCH) -> tuple[int, bool]:
    """How many were dealt with, and whether none was left when the time was over.

    It ends with a batch that is not full: what was kept meanwhile is the turn of whoever was asked for it.
    """
    ends, count = clock() + budget, 0
    while clock() < ends:
        done = read_posts(now=clock(), limit=limit)
        count += done
        if done < limit:
            return count, True
    return count, False


def read_posts(*, now: datetime, limit: int) -> int:
    """The oldest unread posts, together. Returns how many were dealt with.

    Where that fails each is tried by itself, then each part of it; what fails again and again is put aside with its
    problem.
    """
    taken: list[int] = []
    try:
        with transaction.atomic():
            posts = list(_unread()[:limit])
            taken = [post.pk for post in posts]
            _apply(posts, now=now)
    except Exception as error:
        if not taken:
            raise
        logger.warning("%d reports are read one by one: %s", len(taken), _where(error))
        for pk in taken:
            _read_alone(pk, now=now)
    return len(taken)


def _unread() -> "QuerySet[WebhookPost]":
    """Of two who read at once, the second takes others (PostgreSQL) or waits for the first (SQLite)."""
    return WebhookPost.objects.select_for_update(skip_locked=True).filter(applied_at=None).order_by("pk")


def _read_alone(pk: int, *, now: datetime) -> None:
    with transaction.atomic():
        post = _unread().filter(pk=pk).first()
        if post is None:
            return  # somebody else was faster
        for _try in range(TRIES):
            try:
                with transaction.atomic():
                    _apply([post], now=now)
            except Exception as error:  # noqa: BLE001 - as above
                problem = _where(error)
            else:
                return
        logger.error("The report %d could not be used as a whole: %s", pk, problem)
        if not _apply_in_parts(post, now=now):
            post.news, post.problem = 0, _fitting(FAILED + problem)
        _mark([post], now=now)


def _apply_in_parts(post: WebhookPost, *, now: datetime) -> bool:
    """What one of its parts is at fault for costs no other part. False: nothing of it can be used."""
    sender = Sender.objects.get(pk=post.sender_id)
    try:
        reading = _read(post, sender, _phones([sender]))
    except Exception:  # noqa: BLE001 - known already, and written down by the caller
        return False
    faults, used = list(reading.faults), 0
    for part in _parts(reading.news):
        try:
            with transaction.atomic():
                _announce(sender, part, now=now)
        except Exception as error:  # noqa: BLE001 - as above
            faults.append(_where(error))
        else:
            used += len(part)
    post.news, post.problem = used, _fitting(faults_of(faults))
    return used > 0


def _parts(heard: Sequence[News]) -> Iterator[Sequence[News]]:
    """In the order of `_announce`. The states of the number stay together, since only the last of them counts."""
    if states := [news for news in heard if isinstance(news, StateNews)]:
        yield states
    yield from ([news] for news in heard if not isinstance(news, StateNews))


def _apply(posts: Sequence[WebhookPost], *, now: datetime) -> None:
    senders = Sender.objects.in_bulk({post.sender_id for post in posts})
    phones = _phones(senders.values())
    heard: Heard = defaultdict(list)
    for post in posts:
        reading = _read(post, senders[post.sender_id], phones)
        heard[post.sender_id] += reading.news
        post.news = len(reading.news)
        post.problem = _fitting(faults_of(reading.faults))
    for sender_id, news in heard.items():
        _announce(senders[sender_id], news, now=now)
    _mark(posts, now=now)


def _mark(posts: Sequence[WebhookPost], *, now: datetime) -> None:
    """Mostly all alike: to give each row its own values in one statement takes many times as long."""
    alike: dict[tuple[int, str], list[int]] = defaultdict(list)
    for post in posts:
        alike[post.news, post.problem].append(post.pk)
    for (news, problem), keys in alike.items():
        WebhookPost.objects.filter(pk__in=keys).update(applied_at=now, news=news, problem=problem)


def _phones(senders: Iterable[Sender]) -> Phones:
    """Of all numbers that use the gateways of these: one of them may post to the address of another."""
    phones: Phones = defaultdict(dict)
    rows = Sender.objects.filter(gateway__in={sender.gateway for sender in senders}).exclude(phone="").order_by("pk")
    for gateway, pk, phone in rows.values_list("gateway", "pk", "phone"):
        phones[gateway][pk] = phone
    return phones


def _read(post: WebhookPost, sender: Sender, phones: Phones) -> Reading:
    hook = hook_of(sender)
    if hook is None:  # the number has got another gateway meanwhile
        return Reading(faults=[NO_HOOK])
    others = (phone for pk, phone in phones.get(sender.gateway, {}).items() if pk != sender.pk)
    about = {"session_name": sender.session_name, "phone": sender.phone, "other_phones": "\n".join(others)}
    return hook.read(parsed(post.body), sender.options | about)


def _announce(sender: Sender, heard: Sequence[News], *, now: datetime) -> None:
    """Of several states in one batch only the last counts."""
    states = [news for news in heard if isinstance(news, StateNews)]
    others = [news for news in heard if not isinstance(news, StateNews)]
    if states:
        hear_states(sender, states, now=now)
    if others:
        news_arrived.send(sender=Sender, sender_id=sender.pk, news=others, now=now)


def _where(error: Exception) -> str:
    """What was wrong and in which line, without the error's own words: they often repeat what people wrote."""
    lines = traceback.extract_tb(error.__traceback__)
    line = next((one for one in reversed(lines) if "site-packages" not in one.filename), lines[-1])
    return f"{type(error).__name__} {Path(line.filename).name}:{line.lineno}"


def _fitting(problem: str) -> str:
    return problem[: WebhookPost._meta.get_field("problem").max_length]
