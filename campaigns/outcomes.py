"""Everything that a call can end in, and what follows. Pure: one table, read by the engine, the pages and the docs.

The kinds are those of `whatsapp.gateways.base.ErrorKind`; the adapters and the mailer map what providers answer to
them. What the table does not know is uncertain: better a miss that is shown than a message that comes twice.
"""

from dataclasses import dataclass
from enum import StrEnum

from whatsapp.gateways.base import ErrorKind


def _(text: str) -> str:
    """Marks a sentence for translators; whoever shows it translates it."""
    return text


class Scope(StrEnum):
    """Whose fault it is."""

    RECIPIENT = "recipient"  # this person, or this text
    CAMPAIGN = "campaign"  # everybody of it would get the same answer: it is paused
    LANE = "lane"  # the number, the mailbox, or the program behind it
    UNKNOWN = "unknown"


class Verdict(StrEnum):
    """What becomes of the delivery."""

    FAIL = "fail"  # a person has to change something
    RETRY = "retry"  # again later, and counted: after so many times it has failed
    RETURN = "return"  # back to the queue, nobody is charged
    UNCERTAIN = "uncertain"  # may have arrived: never again by machine


class LaneEffect(StrEnum):
    """What becomes of the lane that made the call."""

    NONE = "none"
    PAUSE = "pause"  # looks again by itself
    SLOW_DOWN = "slow_down"  # waits as long as it was told to, then goes slower for a while
    KNOWN_ONLY = "known_only"  # only people whom the number has written with, until the end that was stated
    STOP = "stop"  # until the end that was stated, else until a person acts; others take its work
    SUSPECT = "suspect"  # one more failure in a row; rests after several


@dataclass(frozen=True)
class Consequence:
    scope: Scope
    verdict: Verdict
    lane: LaneEffect
    may_have_left: bool  # counts in the run and in the day
    sentence: str
    suggestion: str

    @property
    def charges_recipient(self) -> bool:
        """Counts against the tries of this delivery."""
        return self.verdict in (Verdict.FAIL, Verdict.RETRY)


CONSEQUENCES: dict[ErrorKind, Consequence] = {
    ErrorKind.INVALID_NUMBER: Consequence(
        Scope.RECIPIENT,
        Verdict.FAIL,
        LaneEffect.NONE,
        True,
        _("The number or address was refused as not valid."),
        _("Correct it in the contact, then send a new message."),
    ),
    ErrorKind.NOT_ON_WHATSAPP: Consequence(
        Scope.RECIPIENT,
        Verdict.FAIL,
        LaneEffect.NONE,
        True,
        _("The number has no WhatsApp."),
        _("Ask the person for another number, or send it by e-mail."),
    ),
    ErrorKind.REJECTED_CONTENT: Consequence(
        Scope.RECIPIENT,
        Verdict.FAIL,
        LaneEffect.NONE,
        True,
        _("The message was refused."),
        _("Read the detail: perhaps the text or the picture is not allowed."),
    ),
    ErrorKind.TEMPORARY: Consequence(
        Scope.RECIPIENT,
        Verdict.RETRY,
        LaneEffect.NONE,
        True,
        _("It was not taken for now, several times."),
        _("Send it again later."),
    ),
    ErrorKind.FREQUENCY: Consequence(
        Scope.RECIPIENT,
        Verdict.FAIL,
        LaneEffect.NONE,
        True,
        _("WhatsApp lets this person have no more advertising for now."),
        _("Send it again tomorrow, or by e-mail. Tickets are not advertising."),
    ),
    ErrorKind.OPTED_OUT: Consequence(
        Scope.RECIPIENT,
        Verdict.FAIL,
        LaneEffect.NONE,
        True,
        _("The person told WhatsApp to stop your advertising."),
        _("Nothing to do: they get no more announcements on WhatsApp."),
    ),
    ErrorKind.TEMPLATE: Consequence(
        Scope.CAMPAIGN,
        Verdict.RETURN,
        LaneEffect.NONE,
        False,
        _("Meta does not take the template of this campaign."),
        _("Look at it in Meta's WhatsApp Manager; then resume the campaign, or choose another template in a new one."),
    ),
    ErrorKind.NOT_READY: Consequence(
        Scope.LANE,
        Verdict.RETURN,
        LaneEffect.PAUSE,
        False,
        _("WhatsApp was not ready."),
        _("Nothing to do: it goes on by itself when the number is ready."),
    ),
    ErrorKind.UNREACHABLE: Consequence(
        Scope.LANE,
        Verdict.RETURN,
        LaneEffect.PAUSE,
        False,
        _("The service did not answer."),
        _("Nothing to do here: it is tried again. Check that its program is running."),
    ),
    ErrorKind.RATE_LIMITED: Consequence(
        Scope.LANE,
        Verdict.RETURN,
        LaneEffect.SLOW_DOWN,
        False,
        _("The service asked to go slower."),
        _("Nothing to do: it waits and goes on by itself."),
    ),
    ErrorKind.NEW_CONTACTS: Consequence(
        Scope.LANE,
        Verdict.RETURN,
        LaneEffect.KNOWN_ONLY,
        False,
        _("WhatsApp lets this number write to nobody new for now."),
        _("Nothing to do here: people who have been written to before still get theirs, other numbers take the rest."),
    ),
    ErrorKind.BLOCKED: Consequence(
        Scope.LANE,
        Verdict.RETURN,
        LaneEffect.STOP,
        False,
        _("The number or the mailbox was blocked."),
        _("Look at the telephone of that number, or ask whoever runs the mail server."),
    ),
    ErrorKind.AUTH: Consequence(
        Scope.LANE,
        Verdict.RETURN,
        LaneEffect.STOP,
        False,
        _("The key or the password was not accepted."),
        _("Correct it on the page of the number or of the mailbox."),
    ),
    ErrorKind.NOBODY_FOUND: Consequence(
        Scope.LANE,
        Verdict.RETURN,
        LaneEffect.PAUSE,
        False,
        _("The number check answered “no” for several people in a row, and was not believed."),
        _("Nothing to do for this person: it is asked again. Look at the link of the gateway with WhatsApp."),
    ),
    ErrorKind.OVERTAKEN: Consequence(
        Scope.LANE,
        Verdict.RETURN,
        LaneEffect.NONE,
        False,
        _("The computer stood still before it could leave."),
        _("Nothing to do: it is back in the queue."),
    ),
    ErrorKind.UNCERTAIN: Consequence(
        Scope.UNKNOWN,
        Verdict.UNCERTAIN,
        LaneEffect.SUSPECT,
        True,
        _("It left, but no clear answer came: it may have arrived."),
        _("Ask the person, or look at the telephone, before you send it again."),
    ),
}


def consequence_of(kind: str) -> Consequence:
    try:
        return CONSEQUENCES[ErrorKind(kind)]
    except (ValueError, KeyError):
        return CONSEQUENCES[ErrorKind.UNCERTAIN]
