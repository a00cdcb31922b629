"""Words for the states of tickets and of what happens at the door."""

from enum import nonmember

from django.db import models
from django.utils.translation import gettext_lazy as _


class TicketStatus(models.TextChoices):
    VALID = "valid", _("Valid")
    BLOCKED = "blocked", _("Blocked")
    VOIDED = "voided", _("Voided")
    REPLACED = "replaced", _("Replaced")

    # A blocked ticket opens no door for the time being. Its place is taken and its holder gets no second one.
    held = nonmember(frozenset({"valid", "blocked"}))


class CheckInResult(models.TextChoices):
    GOOD = "good", _("Let in")
    REFUSED = "refused", _("Refused")


class RefusalReason(models.TextChoices):
    NONE = "", _("None")
    UNKNOWN = "unknown", _("Unknown code")
    OTHER_EVENT = "other_event", _("Ticket of another event")
    VOIDED = "voided", _("Voided ticket")
    REPLACED = "replaced", _("Replaced ticket")
    BLOCKED = "blocked", _("Blocked ticket")
    ALREADY_INSIDE = "already_inside", _("Everybody on this ticket is inside already")
    TOO_MANY = "too_many", _("Fewer people of this ticket are still outside")
    TOO_EARLY = "too_early", _("The doors are not open yet")


class Action(models.TextChoices):
    """What was done, for the history. A word that is not here is shown as it was written."""

    ADDED = "added", _("Added")
    CHANGED = "changed", _("Changed")
    DELETED = "deleted", _("Deleted")
    LAUNCHED = "launched", _("Launched")
    SCHEDULED = "scheduled", _("Scheduled")
    UNSCHEDULED = "unscheduled", _("Taken back to draft")
    ASKED = "asked", _("Did not start: waits for a person")
    PAUSED = "paused", _("Paused")
    RESUMED = "resumed", _("Resumed")
    CANCELLED = "cancelled", _("Cancelled")
    RESENT = "resent", _("Sent again")
    REOPENED = "reopened", _("Opened again")
    DUPLICATED = "duplicated", _("Duplicated")
    TRIED = "tried", _("Test sent")
    SETTLED = "settled", _("Counted as sent")
    SETTINGS = "settings", _("Pace or settings changed")
    RESTARTED = "restarted", _("Restarted")
    NOT_RESTARTED = "not_restarted", _("Restart refused")
    DRAINED = "drained", _("Drained")
    SWITCHED = "switched", _("Switched on or off")
    SILENCED = "silenced", _("Stopped: no receipts come")
    HEARD_AGAIN = "heard_again", _("Works again: a receipt came")
    CHECKED = "checked", _("Tested")
    DECIDED = "decided", _("Decided about this installation")
    EXPORTED = "exported", _("Exported")
    IMPORTING = "importing", _("Import started")
    IMPORTED = "imported", _("Imported")
    UNDOING = "undoing", _("Undoing started")
    UNDONE = "undone", _("Undone")
    MERGED = "merged", _("Merged with another entry")
    MERGED_AWAY = "merged_away", _("Merged into another entry")
    KEPT_APART = "kept_apart", _("Not the same person")
    OPTED_OUT = "opted_out", _("No more announcements")
    OPTED_IN = "opted_in", _("Announcements again")
    TAGGED = "tagged", _("Tag given")
    UNTAGGED = "untagged", _("Tag taken away")
    ISSUED = "issued", _("Tickets issued")
    VOIDED = "voided", _("Voided")
    BLOCKED = "blocked", _("Blocked")
    UNBLOCKED = "unblocked", _("Unblocked")
    REISSUED = "reissued", _("Issued anew")
    TRANSFERRED = "transferred", _("Given to somebody else")
    REMINDED = "reminded", _("The team was reminded")
    TAKEN_BACK = "taken_back", _("Entry taken back")
    REPLY_SETTLED = "reply_settled", _("Decided who wrote")


class ImportState(models.TextChoices):
    CHOOSING = "choosing", _("Columns to be chosen")
    CHECKING = "checking", _("Being checked")
    CHECKED = "checked", _("Checked, not imported yet")
    REFUSED = "refused", _("Cannot be read")
    RUNNING = "running", _("Being imported")
    DONE = "done", _("Imported")
    UNDOING = "undoing", _("Being undone")
    UNDONE = "undone", _("Undone")

    busy = nonmember(frozenset({"checking", "running", "undoing"}))
    open = nonmember(frozenset({"choosing", "checked", "refused"}))  # nothing of it is in the contacts yet


class ProblemKind(models.TextChoices):
    ERROR = "error", _("Not imported")
    WARNING = "warning", _("Imported, but have a look")
    REPEAT = "repeat", _("Repeated")
