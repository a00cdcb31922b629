"""Every page that staff can open, behind them 100,000 people and a million messages: what each asks and weighs."""

from statistics import median
from typing import Any

from django.contrib.auth.models import User
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone

from benchmarks.jobs.counting import Statements
from benchmarks.jobs.history import multiply, numbers
from benchmarks.jobs.pages import get, seem_at_work
from benchmarks.jobs.tables import analyze
from campaigns.models import Campaign
from tests import sitemap
from tests.filled import fill
from tickets.models import CheckIn, Contact, HistoryEntry, ImportProblem, Ticket

REPEATS = 3
FAULTS = 5_000  # in one imported list


def look(*, sending: int, finished: int) -> list[dict[str, Any]]:
    """One row for each address that shows a page; `sending` and `finished` are the ids of the big campaigns."""
    made = fill(timezone.now())
    _enlarge(made)
    analyze()
    campaigns = {name: Campaign.objects.get(pk=pk) for name, pk in (("sending", sending), ("finished", finished))}
    made |= campaigns | {"campaign": campaigns["sending"]}
    seem_at_work()
    client = Client(headers={"accept-language": "es"})
    client.force_login(User.objects.create_superuser("medida"))
    found = [_page(client, name, sitemap.address(name, made)) for name in sitemap.names()]
    return [page for page in found if page]


@transaction.atomic
def _enlarge(made: dict[str, Any]) -> None:
    """Everybody has the tag and a scanned ticket of the event; the history is as long, and a list full of faults."""
    tag, ticket, scan = made["tag"], made["ticket"], made["checkin"]
    links = Contact.tags.through._meta.db_table
    others = f"SELECT id FROM {Contact._meta.db_table} WHERE id NOT IN"
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {links} (contact_id, tag_id) SELECT id, {tag.pk} FROM ({others} "
            f"(SELECT contact_id FROM {links} WHERE tag_id = {tag.pk})) c"
        )
    tickets = Ticket._meta.db_table
    codes = {"holder_id": "n.id", "code": "'MEDIDA-' || n.id", "token": "'medida-' || n.id"}
    multiply(ticket, f"({others} (SELECT holder_id FROM {tickets} WHERE event_id = {ticket.event_id}))", codes)
    unseen = f"(SELECT id, code FROM {tickets} WHERE event_id = {ticket.event_id} AND id <> {ticket.pk})"
    multiply(scan, unseen, {"ticket_id": "n.id", "scanned": "n.code"})
    multiply(HistoryEntry.objects.latest("pk"), numbers(Contact.objects.count()), {})
    multiply(ImportProblem.objects.filter(imported_in=made["import"])[0], numbers(FAULTS), {"line": "n.i + 10"})
    assert CheckIn.objects.count() >= Contact.objects.count()


def _page(client: Client, name: str, address: str) -> dict[str, Any] | None:
    """None for what is no page: files, answers to a POST, and what sends people elsewhere."""
    _ms, answer = get(client, address, allowed=range(200, 500))
    if answer.status_code not in (200, 286) or not answer.headers["Content-Type"].startswith("text/html"):
        return None
    taken = [get(client, address)[0] for _ in range(REPEATS)]
    counted = Statements()
    with counted.counting():
        _ms, answer = get(client, address)
    return {"page": name, "queries": counted.total(), "ms": median(taken), "kb": len(answer.content) / 1024}
