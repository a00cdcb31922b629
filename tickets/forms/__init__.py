from tickets.forms.actions import IssueForm, TagForm
from tickets.forms.contact import ContactChangeForm, ContactForm
from tickets.forms.event import EventForm
from tickets.forms.importing import ColumnsForm, UploadForm
from tickets.forms.ticket import TicketForm

__all__ = [
    "ColumnsForm",
    "ContactChangeForm",
    "ContactForm",
    "EventForm",
    "IssueForm",
    "TagForm",
    "TicketForm",
    "UploadForm",
]
