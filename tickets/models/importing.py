"""Lists that were uploaded, how far each one is, and what it did: enough to go on after a crash and to undo it."""

from pathlib import PurePath
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tickets.enums import ImportState, ProblemKind
from tickets.models.contact import Contact
from tickets.models.event import Event

COUNTS = ("rows", "created", "updated", "unchanged", "repeated", "errors", "blank", "warnings", "without_phone")
PLACE = "imports"


def private_place(instance: Any, filename: str) -> str:
    """Under MEDIA_ROOT, which is never served by address, with a name that nobody can guess."""
    ending = PurePath(filename).suffix.lower()
    return f"{PLACE}/{uuid4().hex}{ending if ending in {'.csv', '.xlsx'} else '.txt'}"


class Import(models.Model):
    """One uploaded list. Its file and its rows are kept for a while, its numbers for good."""

    name = models.CharField(_("file"), max_length=150)
    file = models.FileField(upload_to=private_place, blank=True, editable=False)
    fingerprint = models.CharField(max_length=64, editable=False)
    # Of the page that uploaded it, so that a double click uploads once.
    upload_key = models.UUIDField(unique=True, default=uuid4, editable=False)
    state = models.CharField(_("state"), max_length=10, choices=ImportState, default=ImportState.CHOOSING)
    reason = models.CharField(_("reason"), max_length=500, blank=True)

    layout = models.JSONField(default=dict)  # how the file is read
    sheets = models.JSONField(default=list)
    preview = models.JSONField(default=list)  # its first rows
    columns = models.JSONField(default=list)
    country = models.CharField(_("country of the numbers"), max_length=2)
    tag = models.CharField(_("tag"), max_length=60, blank=True)
    event = models.ForeignKey(
        Event, models.SET_NULL, verbose_name=_("tickets for"), null=True, blank=True, related_name="+"
    )
    language = models.CharField(max_length=5, default="es")

    # Each check and the import itself is a round; a task that belongs to an earlier one changes nothing.
    round = models.PositiveIntegerField(default=0)
    position = models.PositiveIntegerField(default=0)  # rows of this round that are done
    percent = models.PositiveSmallIntegerField(default=0)
    seen_at = models.DateTimeField(default=timezone.now)  # the last sign of life of whoever works on it
    rows = models.PositiveIntegerField(_("rows"), default=0)
    created = models.PositiveIntegerField(_("new people"), default=0)
    updated = models.PositiveIntegerField(_("people updated"), default=0)
    unchanged = models.PositiveIntegerField(_("people unchanged"), default=0)
    repeated = models.PositiveIntegerField(_("repeated rows"), default=0)
    errors = models.PositiveIntegerField(_("rows with errors"), default=0)
    blank = models.PositiveIntegerField(_("blank rows"), default=0)
    warnings = models.PositiveIntegerField(_("rows to look at"), default=0)
    without_phone = models.PositiveIntegerField(_("without phone number"), default=0)
    samples = models.JSONField(default=list)
    tickets_new = models.PositiveIntegerField(_("tickets"), default=0)
    tickets_existing = models.PositiveIntegerField(default=0)
    ticket_people = models.PositiveIntegerField(default=0)  # places that the new tickets need
    ticket_note = models.CharField(max_length=500, blank=True)
    removed = models.PositiveIntegerField(_("people removed again"), default=0)
    kept = models.PositiveIntegerField(_("people kept"), default=0)
    untagged = models.PositiveIntegerField(_("tags taken back"), default=0)

    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, verbose_name=_("uploaded by"), null=True, related_name="+"
    )
    created_at = models.DateTimeField(_("uploaded"), default=timezone.now)
    run_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, verbose_name=_("imported by"), null=True, related_name="+"
    )
    finished_at = models.DateTimeField(_("imported"), null=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, verbose_name=_("undone by"), null=True, related_name="+"
    )
    undone_at = models.DateTimeField(_("undone"), null=True)
    cleared_at = models.DateTimeField(_("file and rows deleted"), null=True)

    class Meta:
        ordering = ("-pk",)
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        default_permissions = ("view",)
        permissions = [
            ("import_contacts", _("Can import lists of contacts")),
            ("undo_import", _("Can undo an import")),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=ImportState.values), name="import_state_is_known"),
            models.CheckConstraint(
                condition=Q(
                    rows=F("created") + F("updated") + F("unchanged") + F("repeated") + F("errors") + F("blank")
                ),
                name="import_adds_up",
            ),
        ]
        indexes = [
            models.Index(fields=["seen_at"], condition=Q(state__in=sorted(ImportState.busy)), name="import_at_work"),
            models.Index(fields=["created_at"], condition=Q(cleared_at=None), name="import_not_cleared"),
            models.Index(fields=["fingerprint"], name="import_by_file"),
        ]

    def __str__(self) -> str:
        return self.name


class ImportedPerson(models.Model):
    """A contact that an import created, or to whom it gave tags or a ticket: what there is to undo."""

    imported_in = models.ForeignKey(Import, models.CASCADE, related_name="people", db_index=False)
    contact = models.ForeignKey(Contact, models.CASCADE, related_name="+")
    was_created = models.BooleanField()
    # `updated_at` of the contact as the import left it: when it differs, somebody has edited the person since.
    left_at = models.DateTimeField()
    companions = models.PositiveSmallIntegerField(default=0)
    given = models.PositiveSmallIntegerField(default=0)  # tags
    links = models.JSONField(default=list)  # ids of the rows that join them; given anew, a tag has another id

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["imported_in", "contact"], name="imported_person_is_known_once"),
        ]


class ImportKey(models.Model):
    """What one round remembers of the rows so far, in place of a dictionary in memory: see `importing.people.Past`."""

    imported_in = models.ForeignKey(Import, models.CASCADE, related_name="+", db_index=False)
    round = models.PositiveIntegerField()
    digest = models.BigIntegerField()  # of the key: no number and no address is kept here
    line = models.PositiveIntegerField()
    contact = models.BigIntegerField(null=True)

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["imported_in", "round", "digest"], name="import_key_is_known_once"),
        ]
        indexes = [
            models.Index(
                fields=["imported_in", "round", "contact"],
                condition=Q(contact__isnull=False),
                name="import_key_contact",
            ),
        ]


class ImportProblem(models.Model):
    """One thing to know about one row of a round."""

    imported_in = models.ForeignKey(Import, models.CASCADE, related_name="problems", db_index=False)
    round = models.PositiveIntegerField()
    kind = models.CharField(max_length=10, choices=ProblemKind)
    line = models.PositiveIntegerField()
    code = models.CharField(max_length=30, blank=True)
    value = models.CharField(max_length=200, blank=True)
    first_line = models.PositiveIntegerField(null=True)  # of the same person
    cells = models.JSONField(default=list)  # the row as it stood in the file, of errors only

    class Meta:
        default_permissions = ()
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=ProblemKind.values), name="import_problem_kind_is_known"),
        ]
        indexes = [models.Index(fields=["imported_in", "round", "kind", "line"], name="import_problem_by_kind")]
