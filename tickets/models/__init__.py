from tickets.models.contact import Contact, Tag
from tickets.models.event import Event
from tickets.models.ticket import CheckIn, Ticket

__all__ = ["CheckIn", "Contact", "Event", "Tag", "Ticket"]
