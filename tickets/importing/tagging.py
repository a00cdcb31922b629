"""Tags of imported people: found whatever their case, created when they are missing, never taken away."""

from collections.abc import Sequence

from tickets.importing.cells import clean_text
from tickets.importing.people import Entry
from tickets.models import Contact, Tag


def load_tags(entries: Sequence[Entry]) -> None:
    """What the stored contacts have already."""
    by_id = {entry.contact.pk: entry for entry in entries}
    links = Contact.tags.through.objects.filter(contact_id__in=by_id)
    for contact_id, name in links.values_list("contact_id", "tag__name"):
        by_id[contact_id].tags.update((name.casefold(), clean_text(name).casefold()))


def add_tags(entries: Sequence[Entry]) -> None:
    """Give the contacts, which are stored by now, their new tags."""
    wanted = {folded: name for entry in reversed(entries) for folded, name in entry.new_tags.items()}
    if not wanted:
        return
    tags = {tag.name.casefold(): tag for tag in Tag.objects.order_by("-pk")}
    for folded, name in wanted.items():
        if folded not in tags:
            tags[folded], _created = Tag.objects.get_or_create(name=name)
    link = Contact.tags.through
    links = [
        link(contact_id=entry.contact.pk, tag_id=tags[folded].pk) for entry in entries for folded in entry.new_tags
    ]
    link.objects.bulk_create(links, ignore_conflicts=True)
