"""What an import did, or would do: the same numbers for a command and for a page."""

from collections import Counter
from dataclasses import dataclass, field

from tickets.importing.faults import Code, sentence_for
from tickets.importing.headers import Column


@dataclass(frozen=True)
class RowProblem:
    """One thing to know about one row: its line in the file, what stood there, and why."""

    line: int
    code: Code
    value: str

    @property
    def sentence(self) -> str:
        return sentence_for(self.code, self.value)


@dataclass(frozen=True)
class Repeat:
    line: int
    first_line: int


@dataclass(frozen=True)
class Sample:
    """How a row was understood, to be looked at before anything is saved."""

    line: int
    name: str
    phone: str
    email: str


@dataclass
class ImportReport:
    encoding: str = ""
    separator: str = ""
    sheet: str = ""  # of an Excel file, which has neither of the two
    columns: list[Column] = field(default_factory=list)
    country: str = ""
    is_dry_run: bool = False
    rows: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    blank: int = 0
    without_phone: int = 0  # rows that say there is none; counted above as well
    errors: list[RowProblem] = field(default_factory=list)
    warnings: list[RowProblem] = field(default_factory=list)
    repeats: list[Repeat] = field(default_factory=list)
    samples: list[Sample] = field(default_factory=list)
    # Everybody in the file, for whoever issues their tickets: companions by contact id.
    companions: dict[int, int] = field(default_factory=dict)
    # In a dry run the new people have no id yet.
    companions_of_new: list[int] = field(default_factory=list)

    @property
    def repeated(self) -> int:
        return len(self.repeats)

    @property
    def adds_up(self) -> bool:
        accepted = self.created + self.updated + self.unchanged + self.repeated
        return self.rows == accepted + len(self.errors) + self.blank

    def errors_by_code(self) -> dict[Code, int]:
        return dict(Counter(problem.code for problem in self.errors).most_common())
