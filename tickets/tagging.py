"""Giving a tag to many people and taking it from them."""

from django.db import transaction
from django.db.models import QuerySet

from tickets.models import Contact, Tag

BATCH = 1000


def add_tag(tag: Tag, contacts: QuerySet[Contact]) -> int:
    """How many did not have it before."""
    links = Contact.tags.through
    missing = contacts.exclude(pk__in=links.objects.filter(tag=tag).values("contact_id"))
    ids = list(missing.order_by().values_list("pk", flat=True))
    for start in range(0, len(ids), BATCH):
        rows = [links(contact_id=pk, tag_id=tag.pk) for pk in ids[start : start + BATCH]]
        links.objects.bulk_create(rows, ignore_conflicts=True)
    return len(ids)


def remove_tag(tag: Tag, contacts: QuerySet[Contact]) -> int:
    """How many had it before."""
    with transaction.atomic():
        links = Contact.tags.through.objects.filter(tag=tag, contact__in=contacts.order_by().values("pk"))
        return links.delete()[0]
