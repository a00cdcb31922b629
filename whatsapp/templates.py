"""The approved templates of a number, as Meta listed them last."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from django.db import transaction

from whatsapp.accounts import account_of, senders_of
from whatsapp.gateways.base import Template
from whatsapp.models import MessageTemplate, Sender
from whatsapp.registry import gateway_for

_TOLD_BY_META = ("category", "status", "parts", "has_named_parameters", "fetched_at")


def refresh_templates(sender: Sender, *, now: datetime) -> int:
    """Asks the gateway and makes the rows say what it says; returns how many there are.

    All numbers of its account have the same. Raises GatewayError where the list does not come, and KeyError for a
    gateway that is not installed any more: what was known stays. Rows that stay keep their ids.
    """
    listed = {(template.name, template.language): template for template in gateway_for(sender).templates()}
    known = {key: template for key, template in listed.items() if _can_be_kept(template)}
    with transaction.atomic():
        for each in _of_its_account(sender):
            _write(each, known, now)
    return len(known)


def _of_its_account(sender: Sender) -> list[Sender]:
    """The number itself as it is in memory: whoever tries another gateway has not saved it yet."""
    others = senders_of(account_of(sender))
    return [sender, *(other for other in others if other.pk != sender.pk)]


def _write(sender: Sender, known: Mapping[tuple[str, str], Template], now: datetime) -> None:
    MessageTemplate.objects.bulk_create(
        _rows(sender, known.values(), now),
        update_conflicts=True,
        unique_fields=("sender", "name", "language"),
        update_fields=_TOLD_BY_META,
    )
    kept = MessageTemplate.objects.filter(sender=sender)
    gone = [row.pk for row in kept.only("name", "language") if (row.name, row.language) not in known]
    kept.filter(pk__in=gone).delete()


def template_of(row: MessageTemplate) -> Template:
    """The same in the words of the gateways, for `whatsapp.gateways.cloud_templates`."""
    return Template(row.name, row.language, row.category, row.status, tuple(row.parts), row.has_named_parameters)


def _can_be_kept(template: Template) -> bool:
    return len(template.name) <= 512 and len(template.language) <= 20


def _rows(sender: Sender, templates: Iterable[Template], now: datetime) -> list[MessageTemplate]:
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
    ]
