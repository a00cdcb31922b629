"""The right of one contact to attend one event, and every scan of it."""

from django.conf import settings
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from tickets.enums import CheckInResult, RefusalReason, TicketStatus
from tickets.models.contact import Contact
from tickets.models.event import DoorAccess, Event

MOST_COMPANIONS = 10


class Ticket(models.Model):
    event = models.ForeignKey(Event, models.PROTECT, verbose_name=_("event"), related_name="tickets")
    holder = models.ForeignKey(Contact, models.PROTECT, verbose_name=_("holder"), related_name="tickets")
    type = models.CharField(_("type"), max_length=60, default="General")
    # One person may hold several tickets of an event; issuing twice by accident gives the same number again.
    number = models.PositiveSmallIntegerField(_("number of this holder"), default=1, editable=False)
    companions = models.PositiveSmallIntegerField(
        _("companions"), default=0, validators=[MaxValueValidator(MOST_COMPANIONS)]
    )
    code = models.CharField(_("code"), max_length=20, unique=True, editable=False)
    token = models.CharField(_("token of the public page"), max_length=64, unique=True, editable=False)
    status = models.CharField(
        _("status"), max_length=10, choices=TicketStatus, default=TicketStatus.VALID, editable=False
    )
    status_reason = models.CharField(_("reason"), max_length=200, blank=True, editable=False)
    status_changed_at = models.DateTimeField(_("since"), null=True, blank=True, editable=False)
    # The one that it took the place of, of the same holder or of whoever gave it away.
    replaces = models.OneToOneField(
        "self",
        models.PROTECT,
        verbose_name=_("in place of"),
        null=True,
        blank=True,
        editable=False,
        related_name="replaced_by",
    )
    attributes = models.JSONField(_("other data"), default=dict, blank=True, editable=False)  # a seat, a table
    pin = models.CharField(_("PIN of its page"), max_length=128, blank=True, editable=False)  # hashed
    people_inside = models.PositiveSmallIntegerField(_("people inside"), default=0, editable=False)
    issued_at = models.DateTimeField(_("issued"), auto_now_add=True)

    class Meta:
        ordering = ("-issued_at", "-pk")
        verbose_name = _("ticket")
        verbose_name_plural = _("tickets")
        permissions = [
            ("void_ticket", _("Can void tickets")),
            ("block_ticket", _("Can block tickets and unblock them")),
            ("replace_ticket", _("Can issue tickets anew")),
            ("transfer_ticket", _("Can give tickets to somebody else")),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(status__in=TicketStatus.values), name="ticket_status_is_known"),
            models.CheckConstraint(condition=Q(companions__lte=MOST_COMPANIONS), name="ticket_companions_are_few"),
            models.CheckConstraint(
                condition=Q(people_inside__lte=models.F("companions") + 1), name="ticket_lets_nobody_else_in"
            ),
            models.UniqueConstraint(
                fields=["event", "holder", "type", "number"],
                condition=Q(status__in=["valid", "blocked"]),
                name="ticket_is_issued_once",
            ),
        ]
        indexes = [
            models.Index(fields=["event", "status"], name="ticket_by_event"),
            models.Index(fields=["-issued_at", "-id"], name="ticket_by_age"),
            # Who may come and who is inside, of a whole event: added up from the index alone.
            models.Index(fields=["event", "status", "type", "companions", "people_inside"], name="ticket_tally"),
        ]

    def __str__(self) -> str:
        return self.code

    @property
    def people(self) -> int:
        return self.companions + 1


class CheckIn(models.Model):
    """One scan at a door, good or refused."""

    event = models.ForeignKey(Event, models.PROTECT, verbose_name=_("event"), related_name="checkins")
    ticket = models.ForeignKey(
        Ticket, models.PROTECT, verbose_name=_("ticket"), related_name="checkins", null=True, blank=True
    )
    scanned = models.CharField(_("what was scanned"), max_length=120)
    at = models.DateTimeField(_("time"))
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, verbose_name=_("by"), null=True, blank=True, related_name="+"
    )
    # Whoever stood there without an account of the staff.
    access = models.ForeignKey(
        DoorAccess, models.SET_NULL, verbose_name=_("door access"), null=True, blank=True, related_name="+"
    )
    gate = models.CharField(_("gate"), max_length=60, blank=True)
    # Of the phone that scanned: what is sent twice counts once.
    nonce = models.CharField(max_length=64, blank=True, default="", editable=False)
    # A phone without network judged by itself and told us later.
    received_at = models.DateTimeField(_("reported"), null=True, blank=True)
    let_in_offline = models.PositiveSmallIntegerField(
        _("people whom the phone let in by itself"), null=True, blank=True
    )
    result = models.CharField(_("result"), max_length=10, choices=CheckInResult)
    admitted = models.PositiveSmallIntegerField(_("people let in"), default=0)
    reason = models.CharField(_("reason"), max_length=20, choices=RefusalReason, blank=True, default="")
    undone_at = models.DateTimeField(_("taken back"), null=True, blank=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        verbose_name=_("taken back by"),
        null=True,
        blank=True,
        related_name="+",
    )
    undo_reason = models.CharField(_("why it was taken back"), max_length=200, blank=True)

    class Meta:
        ordering = ("-at", "-pk")
        verbose_name = _("check-in")
        verbose_name_plural = _("check-ins")
        permissions = [("undo_checkin", _("Can take entries back"))]
        constraints = [
            models.CheckConstraint(condition=Q(result__in=CheckInResult.values), name="checkin_result_is_known"),
            models.CheckConstraint(condition=Q(reason__in=RefusalReason.values), name="checkin_reason_is_known"),
            models.CheckConstraint(
                condition=Q(result=CheckInResult.GOOD, admitted__gte=1, reason="", ticket__isnull=False)
                | (Q(result=CheckInResult.REFUSED, admitted=0) & ~Q(reason="")),
                name="checkin_says_why_it_refused",
            ),
            models.UniqueConstraint(fields=["nonce"], condition=~Q(nonce=""), name="checkin_counts_once"),
            models.CheckConstraint(
                condition=Q(undone_at=None) | (Q(result=CheckInResult.GOOD) & ~Q(undo_reason="")),
                name="checkin_says_why_it_was_undone",
            ),
        ]
        indexes = [
            models.Index(fields=["event", "-at"], name="checkin_by_event"),
            models.Index(fields=["-at", "-id"], name="checkin_by_time"),
            models.Index(
                fields=["event", "-at"],
                condition=Q(result="refused", let_in_offline__gt=0),
                name="checkin_in_conflict",
            ),
            models.Index(fields=["event", "reason", "-at"], condition=Q(result="refused"), name="checkin_by_refusal"),
        ]

    def __str__(self) -> str:
        return f"{self.scanned} {self.get_result_display()}"
