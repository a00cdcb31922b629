"""A campaign for very many people, from the press of the button until the list is complete."""

import time

from django.db import transaction
from django.utils import timezone

from benchmarks.jobs.history import add_contacts
from benchmarks.jobs.seed import make_event
from benchmarks.jobs.tables import analyze
from campaigns import lifecycle
from campaigns.audience import describe
from campaigns.models import Campaign
from tickets.models import Contact, Ticket

LOOK_SECONDS = 0.05


def draft(*, people: int, kind: str) -> int:
    """Everybody in the contacts, or everybody with a ticket; no number, so that nothing is sent meanwhile."""
    add_contacts(people)
    event = make_event(timezone.now()) if kind == "tickets" else None
    if event is not None:
        _give_tickets(event.pk)
    analyze()
    audience = describe(event_tickets=True) if event else describe(everybody=True)
    body = "Hola {nombre}, te esperamos el jueves a las siete. {enlace}" if event else "Hola {nombre}, te esperamos."
    return Campaign.objects.create(
        name="Lanzamiento", kind=kind, event=event, body=body, attach_qr=bool(event), audience=audience
    ).pk


@transaction.atomic
def _give_tickets(event_id: int) -> None:
    Ticket.objects.bulk_create(
        (
            Ticket(event_id=event_id, holder_id=holder, code=f"B-{holder:08d}", token=f"medida-{holder:032d}")
            for holder in Contact.objects.values_list("pk", flat=True)
        ),
        batch_size=2000,
    )


def launch(*, campaign: int, most_seconds: float) -> dict[str, float]:
    """What the page does; the worker that runs beside us writes the list."""
    began = time.monotonic()
    lifecycle.launch(Campaign.objects.get(pk=campaign))
    while not Campaign.objects.filter(pk=campaign, prepared_at__isnull=False).exists():
        if time.monotonic() - began > most_seconds:
            raise TimeoutError("the list is not complete in time")
        time.sleep(LOOK_SECONDS)
    seconds = time.monotonic() - began
    return {"seconds": seconds, "listed": Campaign.objects.get(pk=campaign).deliveries.count()}


def profile(*, campaign: int, path: str) -> None:
    """The same work in this process, under a profiler."""
    from benchmarks.jobs.sending import profiled  # noqa: PLC0415  (not needed where nothing is profiled)
    from campaigns.preparing import prepare  # noqa: PLC0415
    from campaigns.stopping import STOP  # noqa: PLC0415

    lifecycle.launch(Campaign.objects.get(pk=campaign))
    with profiled(path):
        prepare(campaign, budget=600, stop=STOP)
