from tickets.models.contact import Contact, Tag
from tickets.models.event import Event
from tickets.models.history import HistoryEntry
from tickets.models.importing import Import, ImportedPerson, ImportKey, ImportProblem
from tickets.models.ticket import CheckIn, Ticket

__all__ = [
    "CheckIn",
    "Contact",
    "Event",
    "HistoryEntry",
    "Import",
    "ImportKey",
    "ImportProblem",
    "ImportedPerson",
    "Tag",
    "Ticket",
]
