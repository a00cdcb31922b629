from tickets.admin import timeline  # noqa: F401  (its sources add themselves)
from tickets.admin.checkin import CheckInAdmin
from tickets.admin.contact import ContactAdmin
from tickets.admin.dooraccess import DoorAccessAdmin
from tickets.admin.event import EventAdmin
from tickets.admin.history import HistoryEntryAdmin
from tickets.admin.importing import ImportAdmin
from tickets.admin.segment import SegmentAdmin
from tickets.admin.tag import TagAdmin
from tickets.admin.ticket import TicketAdmin

__all__ = [
    "CheckInAdmin",
    "ContactAdmin",
    "DoorAccessAdmin",
    "EventAdmin",
    "HistoryEntryAdmin",
    "ImportAdmin",
    "SegmentAdmin",
    "TagAdmin",
    "TicketAdmin",
]
