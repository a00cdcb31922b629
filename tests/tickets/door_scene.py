"""An event whose doors are open, its tickets, and phones that scan."""

import json
from datetime import timedelta
from uuid import uuid4

from django.test import Client
from django.urls import reverse

from tests.factories import NOW, make_event, make_ticket
from tickets.codes import new_code, new_token
from tickets.doorkeeper import Doorkeeper
from tickets.doors import digest_of, usual_hours
from tickets.models import DoorAccess

TOKEN = "A" * 22


def make_night(**fields):
    """It starts in an hour; its doors have been open for a while."""
    return make_event(**{"name": "Noche de prueba", "starts_at": NOW + timedelta(hours=1)} | fields)


def make_pass(event, **fields):
    return make_ticket(**{"event": event, "code": new_code(), "token": new_token()} | fields)


def make_access(event, *, token=TOKEN, **fields):
    opens, closes = usual_hours(event)
    values = {"name": "Juan Prueba", "gate": "Norte", "opens_at": opens, "closes_at": closes}
    return DoorAccess.objects.create(event=event, token_digest=digest_of(token), **values | fields)


def keeper_of(event, **fields):
    return Doorkeeper(access=make_access(event, token=new_token(), **fields))


def link(ticket):
    return f"https://entradas.example.org/t/{ticket.token}/"


def nonce():
    return str(uuid4())


class Phone:
    """A browser at a door, in English, that sends what the page's script would send."""

    def __init__(self, event, client=None):
        self.event = event
        self.client = client or Client()
        self.client.cookies["django_language"] = "en"

    @classmethod
    def with_link(cls, event, token=TOKEN):
        phone = cls(event)
        phone.client.post(reverse("tickets:door_key", args=[token]))
        return phone

    def post(self, name, body):
        text = body if isinstance(body, str | bytes) else json.dumps(body)
        address = reverse(f"tickets:{name}", args=[self.event.slug])
        return self.client.post(address, text, content_type="application/json")

    def scan(self, scanned, **fields):
        answer = self.post("door_scan", {"nonce": nonce(), "scanned": scanned} | fields)
        assert answer.status_code == 200, answer.content
        return answer.json()

    def report(self, *scans):
        answer = self.post("door_sync", {"scans": list(scans)})
        assert answer.status_code == 200, answer.content
        return answer.json()

    def undo(self, checkin, reason="Se equivocó de puerta", **fields):
        return self.post("door_undo", {"checkin": checkin, "reason": reason, "nonce": nonce()} | fields)

    def list(self, **headers):
        return self.client.get(reverse("tickets:door_list", args=[self.event.slug]), headers=headers)
