from tickets.models.contact import Contact, PhoneAlias, Segment, Tag
from tickets.models.duplicates import NotDuplicate
from tickets.models.event import DoorAccess, Event, TicketType
from tickets.models.history import HistoryEntry
from tickets.models.importing import Import, ImportedPerson, ImportKey, ImportProblem
from tickets.models.locks import PinLock
from tickets.models.ticket import CheckIn, Ticket

__all__ = [
    "CheckIn",
    "Contact",
    "DoorAccess",
    "Event",
    "HistoryEntry",
    "Import",
    "ImportKey",
    "ImportProblem",
    "ImportedPerson",
    "NotDuplicate",
    "PhoneAlias",
    "PinLock",
    "Segment",
    "Tag",
    "Ticket",
    "TicketType",
]
