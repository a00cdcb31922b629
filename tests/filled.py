"""A database with something of everything, so that every page has something to show."""

import io
from datetime import datetime, timedelta
from typing import Any

from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import Group
from django.core.files.base import ContentFile
from django_q.models import OrmQ, Schedule, Task
from PIL import Image

from campaigns.models import Campaign, Delivery, Dispatcher, EventMailbox, Lane, Mailbox
from tests.factories import (
    make_campaign,
    make_cloud_sender,
    make_contact,
    make_delivery,
    make_event,
    make_lane,
    make_reply,
    make_sender,
    make_settings,
    make_tag,
    make_template,
    make_ticket,
    make_user,
)
from tests.sitemap import DOOR_TOKEN
from tests.tickets.uploads import checked, imported
from tickets.doors import digest_of
from tickets.models import CheckIn, Contact, DoorAccess, Event, HistoryEntry, Segment
from whatsapp.models import WebhookPost

STATES = ("sent", "delivered", "read", "failed", "uncertain", "skipped", "expired", "cancelled", "pending", "waiting")
REASONS = {"failed": "not_on_whatsapp", "uncertain": "uncertain", "skipped": "no_phone"}


def fill(now: datetime) -> dict[str, Any]:
    """What was made, by a short name; several tests ask for their pages by it."""
    made: dict[str, Any] = _people(now)
    made |= _numbers(now)
    made |= _campaigns(now, made)
    made |= _replies(now, made)
    made |= _staff(made)
    made |= _background(now)
    made |= _lists()
    Dispatcher.objects.update(heartbeat_at=now, host="computadora")
    return made | {"dispatcher": Dispatcher.objects.all()[0]}


def _people(now: datetime) -> dict[str, Any]:
    tag = make_tag("Voluntariado")
    contacts = [make_contact(name=f"Persona Ñandú {number}", tags=(tag,)) for number in range(12)]
    make_contact(name="Sin Teléfono", phone="")
    make_contact(name="No Quiere", whatsapp_opt_out_at=now, whatsapp_opt_out_source="BAJA")
    make_contact(name="Ñandú Persona 1", phone="")  # looks like the second of them
    rules = {"any_tags": [tag.pk], "wants": "whatsapp"}
    segment = Segment.objects.create(name="Voluntariado con WhatsApp", rules=rules)
    event = make_event(name="Noche de jazz", starts_at=now + timedelta(days=20), capacity=80)
    event.image.save("cartel.jpg", ContentFile(_picture()))
    tickets = [make_ticket(event=event, holder=contact) for contact in contacts]
    make_ticket(event=event, status="voided")
    make_ticket(event=event, status="blocked", status_reason="Falta el pago", status_changed_at=now)
    old = make_ticket(event=event, status="replaced", status_reason="Lo cede", attributes={"mesa": "7"})
    make_ticket(event=event, replaces=old, attributes={"mesa": "7"})
    event.types.create(name="General", capacity=50)
    make_event(name="Ayer", starts_at=now - timedelta(days=2))
    scan = {"event": event, "ticket": tickets[0], "scanned": tickets[0].code, "at": now}
    checkin = CheckIn.objects.create(**scan, result="good", admitted=1, gate="Norte")
    CheckIn.objects.create(event=event, scanned="NO-EXISTE", at=now, result="refused", reason="unknown")
    made = {"tag": tag, "segment": segment, "contact": contacts[0], "event": event}
    made |= {"ticket": tickets[0], "checkin": checkin}
    return made | {"dooraccess": _access(event, now)}


def _access(event: Event, now: datetime) -> DoorAccess:
    """It counts already, so that its link opens."""
    hours = {"opens_at": now - timedelta(hours=1), "closes_at": event.ends_at}
    return DoorAccess.objects.create(
        event=event, name="Juan Prueba", gate="Norte", token_digest=digest_of(DOOR_TOKEN), **hours
    )


def _lists() -> dict[str, Any]:
    """One that waits for somebody to look at its faults, and one that is in the contacts."""
    waiting = "nombre;teléfono\nPersona Nueva;+57 300 555 0001\nPersona Dudosa;12\n"
    return {
        "import": checked(waiting, name="lista.csv"),
        "imported": imported("nombre;teléfono\nPersona Sumada;+57 300 555 0002\n", name="otra.csv"),
    }


def _picture() -> bytes:
    stored = io.BytesIO()
    Image.new("RGB", (40, 30), "teal").save(stored, "JPEG")
    return stored.getvalue()


def _numbers(now: datetime) -> dict[str, Any]:
    make_settings(daily_cap=500)
    sender = make_sender(name="Taquilla", state="ready", state_since=now, last_send_at=now, phone="+573001112233")
    Lane.objects.filter(sender=sender).update(sent_on=now.date(), sent_today=120, position=14, current_delay=2.5)
    make_sender(name="Puerta", state="needs_qr", state_since=now)
    blocked = make_sender(name="Reserva", state="restricted", state_since=now)
    make_lane(sender=blocked, pause_reason="blocked", is_stopped=True)
    make_sender(name="Apagado", is_enabled=False)
    official = make_cloud_sender(name="Oficial", state="ready", people_limit=1000)
    make_template(official, "aviso")
    make_template(official, "promo", status="PAUSED", category="MARKETING")
    make_template(official, "clave", category="AUTHENTICATION")
    mailbox = Mailbox.objects.create(name="Festival", from_address="Festival <entradas@example.org>")
    post = {"sender": sender, "received_at": now, "body": '{"message_id": "3EB0AA11", "ack": 2}'}
    report = WebhookPost.objects.create(**post, digest="a" * 64, applied_at=now, news=1)
    WebhookPost.objects.create(**post, digest="b" * 64, applied_at=now, problem="faults: 1 KeyError")
    WebhookPost.objects.create(**post, digest="c" * 64)
    return {
        "webhookpost": report,
        "sender": sender,
        "cloud": official,
        "stopped": blocked,
        "mailbox": mailbox,
        "lane": Lane.objects.get(sender=sender),
    }


def _campaigns(now: datetime, made: dict[str, Any]) -> dict[str, Any]:
    EventMailbox.objects.create(event=made["event"], mailbox=made["mailbox"])
    everybody = {"audience": {"everybody": True}, "body": "Hola {nombre}, *las puertas* abren a las siete."}
    ends = {"finished_at": now}
    found = {
        "draft": make_campaign(name="Borrador", **everybody),
        "sending": make_campaign(name="Aviso del lunes", status="sending", channels="both", **everybody),
        "paused": make_campaign(name="Recordatorio", status="paused", **everybody),
        "scheduled": make_campaign(name="Para mañana", status="scheduled", scheduled_at=now + timedelta(days=1)),
        "overdue": make_campaign(name="Se pasó la hora", status="overdue", scheduled_at=now - timedelta(hours=2)),
        "finished": make_campaign(name="Bienvenida", status="finished", **ends),
        "cancelled": make_campaign(name="Equivocada", status="cancelled"),
        "of_tickets": make_campaign(
            name="Entradas", kind="tickets", event=made["event"], audience={"event_tickets": True}
        ),
    }
    found["draft"].image.save("aviso.jpg", ContentFile(_picture()))
    for name in ("sending", "paused", "finished"):
        _deliver(found[name], now, made, open_too=name != "finished")
    return found | {"campaign": found["sending"], "delivery": Delivery.objects.first(), "attempt": _attempt()}


def _replies(now: datetime, made: dict[str, Any]) -> dict[str, Any]:
    """One of somebody who is known, and one of whom nobody knows who wrote it."""
    answered, sender = Delivery.objects.filter(sent_at__isnull=False, contact__isnull=False)[0], made["sender"]
    known = {"contact": answered.contact, "phone": answered.address, "delivery": answered, "text": "¿Hay parqueadero?"}
    reply = make_reply(sender=sender, meaning="other", state="matched", received_at=now, **known)
    chat = "100000000000001@lid"
    return {"reply": reply, "unsettled": make_reply(sender=sender, chat_id=chat, phone="", received_at=now)}


def _attempt() -> Any:
    return Delivery.objects.filter(attempts__isnull=False)[0].attempts.get()


def _deliver(campaign: Campaign, now: datetime, made: dict[str, Any], *, open_too: bool) -> None:
    """One of each state, each that was tried with its call."""
    contacts = list(Contact.objects.exclude(phone=""))
    for state, contact in zip(STATES, contacts, strict=False):
        if state in ("pending", "waiting") and not open_too:
            continue
        left = {"sent_at": now} if state in ("sent", "delivered", "read") else {}
        due = {"due_at": now + timedelta(minutes=5)} if state == "waiting" else {}
        person = {"contact": contact, "recipient": contact.name, "address": contact.phone}
        kind = REASONS.get(state, "")
        delivery = make_delivery(campaign=campaign, status=state, error_kind=kind, **left, **due, **person)
        if state in ("sent", "delivered", "read", "failed", "uncertain"):
            _call(delivery, now, made["lane"])


def _call(delivery: Delivery, now: datetime, lane: Lane) -> None:
    outcome = {"failed": "refused", "uncertain": "uncertain"}.get(delivery.status, "accepted")
    times = {"started_at": now, "finished_at": now, "latency_ms": 800}
    delivery.attempts.create(number=1, lane=lane, sender=lane.sender, fence=1, outcome=outcome, **times)


def _staff(made: dict[str, Any]) -> dict[str, Any]:
    user = make_user("lucia", is_superuser=False, first_name="Lucía", email="lucia@example.org")
    owner = Group.objects.get(name="Owner")
    user.groups.add(owner)
    for thing in (made["event"], made["contact"], made["draft"], made["sender"], user):
        LogEntry.objects.log_actions(user.pk, [thing], CHANGE, "Cambió el nombre.")
    entry = HistoryEntry.objects.order_by("pk")[0]
    return {"user": user, "group": owner, "own_group": Group.objects.create(name="Prensa"), "historyentry": entry}


def _background(now: datetime) -> dict[str, Any]:
    times = {"started": now - timedelta(seconds=3), "stopped": now}
    task = {"func": "campaigns.tasks.tick", "args": (), "kwargs": {}, **times}
    success = Task.objects.create(id="a" * 32, name="una-tarea", success=True, result={"kicked": 1}, **task)
    failure = Task.objects.create(id="b" * 32, name="otra-tarea", success=False, result="Falló", **task)
    schedule = Schedule.objects.create(name="tic", func="campaigns.tasks.tick", schedule_type="I", minutes=1)
    queued = OrmQ.objects.create(key="pregonero", payload=_package(), lock=now)
    return {"success": success, "failure": failure, "schedule": schedule, "ormq": queued}


def _package() -> str:
    from django_q.signing import SignedPackage

    return SignedPackage.dumps(
        {"id": "c" * 32, "name": "en-cola", "func": "campaigns.tasks.tick", "args": (), "kwargs": {}}
    )
