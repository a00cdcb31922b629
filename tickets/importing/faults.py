"""What can be wrong with a file or with a row of it, and the sentences for it."""

from enum import StrEnum
from typing import Any

from django.utils.translation import gettext_lazy as _

from tickets.models.ticket import MOST_COMPANIONS
from tickets.phone_messages import LONGEST_SHOWN, phone_sentence
from tickets.phones import PhoneFault, PhoneWarning


class RowFault(StrEnum):
    """Why a row was left out. None of these is also a code of `PhoneFault`."""

    NO_NAME = "no_name"
    UNREACHABLE = "unreachable"
    BAD_EMAIL = "bad_email"
    TWO_EMAILS = "two_emails"
    BAD_COMPANIONS = "bad_companions"
    TEXT_TOO_LONG = "text_too_long"
    TOO_MANY_CELLS = "too_many_cells"
    TOO_FEW_CELLS = "too_few_cells"
    UNCLOSED_QUOTE = "unclosed_quote"
    BAD_QUOTES = "bad_quotes"
    ROW_TOO_LONG = "row_too_long"
    DATE_CELL = "date_cell"
    DECIMAL_CELL = "decimal_cell"
    EMPTY_FORMULA = "empty_formula"
    ERROR_CELL = "error_cell"


class RowWarning(StrEnum):
    """What a person should know about a row that is imported."""

    BAD_BIRTHDAY = "bad_birthday"
    NO_SUCH_DAY = "no_such_day"


Code = RowFault | RowWarning | PhoneFault | PhoneWarning

ROW_SENTENCES: dict[RowFault | RowWarning, Any] = {
    RowWarning.BAD_BIRTHDAY: _("“%(value)s” is no birthday, so none was taken. Write day and month, as in 29/02."),
    RowWarning.NO_SUCH_DAY: _("There is no day “%(value)s”, so no birthday was taken. The day comes first: 29/02."),
    RowFault.NO_NAME: _("This row has no name."),
    RowFault.UNREACHABLE: _("This row has neither a phone number nor an e-mail address."),
    RowFault.BAD_EMAIL: _("“%(value)s” is not an e-mail address."),
    RowFault.TWO_EMAILS: _("There are two e-mail addresses in “%(value)s”. Leave one."),
    RowFault.BAD_COMPANIONS: _("“%(value)s” companions: write a whole number from 0 to %(most)d."),
    RowFault.TEXT_TOO_LONG: _("“%(value)s” is too long for its column."),
    RowFault.TOO_MANY_CELLS: _("This row has more cells than the header. Perhaps a cell holds a separator."),
    RowFault.TOO_FEW_CELLS: _("This row has fewer cells than the header."),
    RowFault.UNCLOSED_QUOTE: _("A quotation mark is opened in this row and never closed."),
    RowFault.BAD_QUOTES: _("The quotation marks in this row are not in pairs around whole cells."),
    RowFault.ROW_TOO_LONG: _("This row is too long to be a row of a list."),
    RowFault.DATE_CELL: _(
        "Excel took this cell for a date (%(value)s). Give the column the format “Text” and type it again."
    ),
    RowFault.DECIMAL_CELL: _(
        "Excel has a number with decimals in this cell (%(value)s). "
        "Give the column the format “Text” and type it again."
    ),
    RowFault.EMPTY_FORMULA: _(
        "There is a formula in this cell, and its result is not in the file. Open the file in Excel, save it and "
        "upload it again, or write the value itself."
    ),
    RowFault.ERROR_CELL: _("Excel shows an error in this cell (%(value)s). Write the value itself."),
}


CODES: dict[str, Code] = {str(code): code for kind in (RowFault, RowWarning, PhoneFault, PhoneWarning) for code in kind}


def sentence_for(code: Code, value: str) -> str:
    if isinstance(code, RowFault | RowWarning):
        shown = value.strip()[:LONGEST_SHOWN]
        return str(ROW_SENTENCES[code]) % {"value": shown, "most": MOST_COMPANIONS}
    return phone_sentence(code, value)


class BadRow(ValueError):
    """A row that cannot be imported, and the cell that says so."""

    def __init__(self, code: RowFault | PhoneFault, value: str) -> None:
        super().__init__(code, value)
        self.code = code
        self.value = value


class FileRefused(ValueError):
    """Nothing of this file can be used; `str()` is a sentence that says what to do."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code
