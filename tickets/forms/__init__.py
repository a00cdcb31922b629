from tickets.forms.actions import IssueForm, TagForm
from tickets.forms.contact import ContactForm
from tickets.forms.event import EventForm
from tickets.forms.ticket import TicketForm

__all__ = ["ContactForm", "EventForm", "IssueForm", "TagForm", "TicketForm"]
