"""What is wrong with a text, in sentences for the person who wrote it."""

from collections.abc import Collection

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns.own_data import known_attributes, known_ticket_attributes
from campaigns.placeholders import (
    BadTemplate,
    Problem,
    ProblemCode,
    Template,
    known_names,
    offered_names,
    parse_template,
)

# Some lists have a hundred columns; a sentence has not.
MOST_NAMES = 25

SENTENCES = {
    ProblemCode.UNKNOWN: gettext_lazy("“%(quoted)s” is not the name of anything that we know."),
    ProblemCode.NEEDS_EVENT: gettext_lazy(
        "“%(quoted)s” belongs to an event, and this message has none. Choose an event or take it out."
    ),
    ProblemCode.NEEDS_TICKET: gettext_lazy(
        "“%(quoted)s” belongs to a ticket, and this message carries none. Take it out, or send tickets instead."
    ),
    ProblemCode.EMPTY: gettext_lazy("“%(quoted)s” names nothing. Write a name between the braces or take them out."),
    ProblemCode.NUMBER: gettext_lazy("“%(quoted)s” is a number. Between braces goes a name, for example {nombre}."),
    ProblemCode.EXPRESSION: gettext_lazy(
        "“%(quoted)s” is more than a name. Between braces goes only a name, for example {nombre} or {apodo|amigo}."
    ),
    ProblemCode.DOUBLE: gettext_lazy("“%(quoted)s” has two braces. Use one on each side, for example {nombre}."),
    ProblemCode.UNCLOSED: gettext_lazy(
        "“%(quoted)s” opens a brace that is not closed on the same line. Close it, or write a parenthesis instead."
    ),
    ProblemCode.LONE: gettext_lazy(
        "“%(quoted)s” closes a brace that was not opened. Open it, or write a parenthesis instead."
    ),
}


def problem_sentence(problem: Problem) -> str:
    sentence = SENTENCES[problem.code] % {"quoted": problem.quoted}
    if not problem.suggestion:
        return sentence
    return sentence + " " + _("Did you mean {%(name)s}?") % {"name": problem.suggestion}


def names_sentence(known: Collection[str]) -> str:
    names = [f"{{{name}}}" for name in offered_names(known)]
    more = " …" if len(names) > MOST_NAMES else ""
    return _("You can use: %(names)s") % {"names": ", ".join(names[:MOST_NAMES]) + more}


def sentences_for(error: BadTemplate) -> list[str]:
    """One for each problem, and one with the names that can be used."""
    return [*(problem_sentence(problem) for problem in error.problems), names_sentence(error.known)]


def check_text(text: str, known: Collection[str]) -> Template:
    """For forms: ValidationError with all the sentences, each with the code of its problem."""
    try:
        return parse_template(text, known)
    except BadTemplate as error:
        problems = [ValidationError(problem_sentence(problem), code=problem.code) for problem in error.problems]
        raise ValidationError([*problems, ValidationError(names_sentence(error.known), code="names")]) from error


def check_ticket_text(text: str, event: int | None = None) -> None:
    """The same for the ticket message of an event, which knows no audience yet: anybody's own data may be used, and
    those of its tickets."""
    own = known_attributes() | known_ticket_attributes(event)
    check_text(text, known_names(has_event=True, has_ticket=True, attributes=own))
