"""Contacts as rows of a file that the import takes back: the same people, and nothing about them changes.

Other data has its name in braces, so that no name of it is taken for something else. What an import must not decide,
such as who wants no messages, stands in columns of the product's own, which are left out on the way back.
"""

from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from tickets.birth_dates import Birthday
from tickets.importing.headers import OWN_COLUMN
from tickets.importing.rows import written_tags
from tickets.models import Contact

ROWS_AT_ONCE = 500
OWN_FIELDS = (
    *("language", "whatsapp_opt_out_at", "whatsapp_opt_out_source", "email_opt_out_at", "email_opt_out_source"),
    *("whatsapp_consent_at", "whatsapp_consent_source", "email_consent_at", "email_consent_source", "created_at"),
)
FIELDS = ("pk", "name", "nickname", "phone", "email", "birth_day", "birth_month", "attributes", *OWN_FIELDS)
OWN_WIDTHS = (12, 18, 24, 18, 24, 18, 24, 18, 24, 18)
WIDTHS = (28, 16, 18, 28, 24, 12)
WIDTH = 16  # of other data


class ContactSheet:
    """Header and rows, with every word said at once: a file is written after the reader's language was put back."""

    def __init__(self, contacts: QuerySet[Contact]):
        self._contacts = Contact.objects.filter(pk__in=contacts.order_by().values("pk")).order_by("pk")
        self.keys = self._attribute_names()
        self.header = [
            *(_("Full name"), _("Nickname"), "WhatsApp", _("E-mail"), _("Tags"), _("Birthday")),
            *(f"{{{key}}}" for key in self.keys),
            *(OWN_COLUMN + name for name in _own_names()),
        ]
        self.widths = (*WIDTHS, *[WIDTH] * len(self.keys), *OWN_WIDTHS)
        self._languages = {code: str(name) for code, name in settings.LANGUAGES}

    def rows(self) -> Iterator[list[str]]:
        """Read as they are written, so that a hundred thousand take no memory."""
        found = self._contacts.values_list(*FIELDS).iterator(chunk_size=ROWS_AT_ONCE)
        while some := list(islice(found, ROWS_AT_ONCE)):
            tags = _tags_of([row[0] for row in some])
            for row in some:
                yield self._row(row, tags.get(row[0], []))

    def _row(self, row: tuple[Any, ...], tags: list[str]) -> list[str]:
        _pk, name, nickname, phone, email, day, month, attributes, language, *own = row
        return [
            *(name, nickname, phone, email, written_tags(tags)),
            str(Birthday(day, month)) if day else "",
            *(str(attributes.get(key, "")) for key in self.keys),
            self._languages.get(language, language),
            *(_moment(one) if isinstance(one, datetime) else one or "" for one in own),
        ]

    def _attribute_names(self) -> list[str]:
        names: dict[str, None] = {}
        having = self._contacts.exclude(attributes={}).values_list("attributes", flat=True)
        for attributes in having.iterator(chunk_size=ROWS_AT_ONCE):
            names |= dict.fromkeys(attributes)
        return sorted(names)


def _own_names() -> list[str]:
    return [
        *(_("language"), _("no more WhatsApp since"), _("asked through (WhatsApp)")),
        *(_("no more e-mail since"), _("asked through (e-mail)")),
        *(_("agreed to WhatsApp on"), _("agreed through (WhatsApp)")),
        *(_("agreed to e-mail on"), _("agreed through (e-mail)"), _("added")),
    ]


def _tags_of(ids: list[int]) -> dict[int, list[str]]:
    links = Contact.tags.through.objects.filter(contact_id__in=ids).order_by("tag__name")
    names: dict[int, list[str]] = {}
    for contact_id, name in links.values_list("contact_id", "tag__name"):
        names.setdefault(contact_id, []).append(name)
    return names


def _moment(moment: datetime) -> str:
    """Sorts as text, and every spreadsheet knows it for a moment; in the site's own zone."""
    return f"{localtime(moment):%Y-%m-%d %H:%M:%S}"
