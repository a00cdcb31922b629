"""What an installation has behind it: campaigns that are over, with their deliveries and every call, in plain SQL.

A row of each kind is made by the models; the database multiplies it. So a new column needs nothing here.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection, models, transaction
from django.utils import timezone

from benchmarks.jobs.seed import ZERO_PACE, add_numbers, contact, make_campaign, set_pace
from benchmarks.jobs.tables import analyze
from campaigns.models import Campaign, Delivery, DeliveryAttempt, Lane
from tickets.models import Contact
from whatsapp.models import Sender

NUMBERS = "(WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count}) SELECT i FROM n)"
STATUS = """CASE WHEN n.i > {done} THEN 'pending' WHEN n.i % 40 = 0 THEN 'failed' WHEN n.i % 200 = 1 THEN 'uncertain'
            WHEN n.i % 4 = 0 THEN 'read' WHEN n.i % 4 = 1 THEN 'delivered' ELSE 'sent' END"""
REASON = "CASE WHEN n.i % 40 = 0 THEN 'not_on_whatsapp' WHEN n.i % 200 = 1 THEN 'uncertain' ELSE '' END"
OUTCOME = "CASE n.status WHEN 'failed' THEN 'refused' WHEN 'uncertain' THEN 'uncertain' ELSE 'accepted' END"
FIRST_DAY = timedelta(days=365)
SECONDS_BETWEEN = 0.3  # two messages of the past


def fill(*, rows: int, campaign_size: int = 10_000, people: int, gateway: str = "") -> None:
    """So many deliveries, one call for each, over the last year; and a number that waits for more."""
    set_pace(ZERO_PACE)
    add_numbers(gateway, 1)
    first = add_contacts(people)
    began, over = timezone.now() - FIRST_DAY, -(-rows // campaign_size)
    for position in range(over):
        size = min(campaign_size, rows - position * campaign_size)
        at = began + position * FIRST_DAY / over
        campaign = make_campaign("announcement", status="finished", name=f"Historia {position}", now=at)
        add_history(campaign, size, contacts=(first, people), at=at)
    analyze()


def paused(*, rows: int, people: int) -> None:
    """A campaign that somebody paused, with everybody still in it, before the ones that send."""
    with transaction.atomic():
        campaign = make_campaign("announcement", status="paused", name="En pausa")
        template = _template(campaign, at=timezone.now())
        first = Contact.objects.order_by("pk").values_list("pk", flat=True)[0]
        multiply(template, numbers(rows - 1), _of_person(first, people) | {"slot": "n.i"})
    analyze()


@transaction.atomic
def add_contacts(count: int) -> int:
    """Returns the first id; the others follow."""
    template = contact(0)
    template.save()
    numbered = "SUBSTR('+573' || (100000000 + n.i), 1, 20)"
    multiply(
        template,
        numbers(count - 1),
        {"phone": numbered, "name": "'Persona ' || n.i", "email": "'p' || n.i || '@example.com'"},
    )
    return template.pk


def half_sent(*, rows: int, people: int, share: float) -> int:
    """A campaign that is sending, of which this share has left; returns its id."""
    campaign = make_campaign("announcement", name="A medias")
    first = Contact.objects.order_by("pk").values_list("pk", flat=True)[0]
    add_history(campaign, rows, contacts=(first, people), at=timezone.now(), done=round(rows * share))
    analyze()
    return campaign.pk


@transaction.atomic
def add_history(
    campaign: Campaign, size: int, *, contacts: tuple[int, int], at: datetime, done: int | None = None
) -> None:
    """The last call was made at `at`, the others before it, one after another."""
    done = size if done is None else done
    moment = _moment(at, f"CASE WHEN n.i > {done} THEN 0 ELSE (n.i - {done}) * {SECONDS_BETWEEN} END")
    fields = {"status": "sent", "sent_at": at, "claimed_at": at, "attempts_made": 1, "sender": Sender.objects.first()}
    template = _template(campaign, at=at, **fields)
    left = _of_person(*contacts) | {"gateway_message_id": f"'H{campaign.pk}-' || n.i", "slot": "n.i"}
    left |= {"status": STATUS.format(done=done), "error_kind": REASON, "status_changed_at": moment}
    left["sent_at"] = f"CASE WHEN n.i > {done} THEN NULL ELSE {moment} END"
    multiply(template, numbers(size - 1), left)
    _add_calls(template)


def _add_calls(template: Delivery) -> None:
    """One call for each delivery of the template's campaign that has left."""
    lane, at = Lane.objects.get(channel="whatsapp"), template.sent_at or timezone.now()
    call = DeliveryAttempt.objects.create(
        delivery=template,
        number=1,
        lane=lane,
        sender=lane.sender,
        fence=1,
        started_at=at,
        finished_at=at,
        outcome="accepted",
        http_status=200,
        latency_ms=800,
    )
    of_campaign = f"campaign_id = {template.campaign_id} AND id <> {template.pk} AND status <> 'pending'"
    own = f"(SELECT id, status, sent_at FROM campaigns_delivery WHERE {of_campaign})"
    changes = {"delivery_id": "n.id", "outcome": OUTCOME, "started_at": "n.sent_at", "finished_at": "n.sent_at"}
    multiply(call, own, changes)


def _moment(at: datetime, seconds: str) -> str:
    """An expression for the moment so many seconds after `at`."""
    moment = at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")
    if connection.vendor == "sqlite":
        return f"strftime('%Y-%m-%d %H:%M:%f000', '{moment}', ({seconds}) || ' seconds')"
    return f"('{moment}+00'::timestamptz + ({seconds}) * interval '1 second')"


def _template(campaign: Campaign, *, at: datetime, **fields: Any) -> Delivery:
    values = {"status": "pending", "channel": "whatsapp", "created_at": at, "status_changed_at": at} | fields
    return Delivery.objects.create(
        campaign=campaign,
        dedupe_key="+573000000000",
        recipient="Persona 0",
        address="+573000000000",
        text="Hola Persona, las puertas abren a las siete. " * 4,
        **values,
    )


def _of_person(first: int, count: int) -> dict[str, str]:
    phone = "'+573' || (100000000 + n.i)"
    return {
        "contact_id": f"{first} + (n.i % {count}) * 7919 % {count}",  # as if chosen by chance, and the same every time
        "dedupe_key": phone,
        "address": phone,
        "recipient": "'Persona ' || n.i",
    }


def numbers(count: int) -> str:
    return NUMBERS.format(count=max(count, 1))


def multiply(template: models.Model, source: str, changes: dict[str, str]) -> None:
    """One copy of the row for each row of `source`, which is called n; `changes` are expressions for columns."""
    columns = [str(field.column) for field in template._meta.concrete_fields if not field.primary_key]
    quoted = ", ".join(f'"{column}"' for column in columns)
    values = ", ".join(changes.get(column, f't."{column}"') for column in columns)
    table = template._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} ({quoted}) SELECT {values} FROM {source} n, {table} t WHERE t.id = {template.pk}"
        )
