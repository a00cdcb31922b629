"""Contacts from the lists that organisers keep in spreadsheets."""

from tickets.importing.faults import FileRefused, RowFault
from tickets.importing.report import ImportReport, RowProblem
from tickets.importing.running import import_contacts

__all__ = ["FileRefused", "ImportReport", "RowFault", "RowProblem", "import_contacts"]
