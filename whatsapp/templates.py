"""The approved templates of a number, as Meta listed them last."""

from datetime import datetime

from django.db import transaction

from whatsapp.gateways.base import Template
from whatsapp.models import MessageTemplate, Sender
from whatsapp.registry import gateway_for

_TOLD_BY_META = ("category", "status", "parts", "has_named_parameters", "fetched_at")


def refresh_templates(sender: Sender, *, now: datetime) -> int:
    """Asks the gateway and makes the rows say what it says; returns how many there are.

    Raises GatewayError where the list does not come, and KeyError for a gateway that is not installed any more: what
    was known stays. Rows that stay keep their ids, so that whoever points at one goes on pointing at it.
    """
    rows = {(row.name, row.language): row for row in _rows(sender, gateway_for(sender).templates(), now)}
    with transaction.atomic():
        MessageTemplate.objects.bulk_create(
            rows.values(),
            update_conflicts=True,
            unique_fields=("sender", "name", "language"),
            update_fields=_TOLD_BY_META,
        )
        kept = MessageTemplate.objects.filter(sender=sender)
        gone = [row.pk for row in kept.only("name", "language") if (row.name, row.language) not in rows]
        kept.filter(pk__in=gone).delete()
    return len(rows)


def template_of(row: MessageTemplate) -> Template:
    """The same in the words of the gateways, for `whatsapp.gateways.cloud_templates`."""
    return Template(row.name, row.language, row.category, row.status, tuple(row.parts), row.has_named_parameters)


def _rows(sender: Sender, templates: list[Template], now: datetime) -> list[MessageTemplate]:
    return [
        MessageTemplate(
            sender=sender,
            name=template.name,
            language=template.language,
            category=template.category[:40],
            status=template.status[:40],
            parts=list(template.parts),
            has_named_parameters=template.has_named_parameters,
            fetched_at=now,
        )
        for template in templates
        if len(template.name) <= 512 and len(template.language) <= 20
    ]
