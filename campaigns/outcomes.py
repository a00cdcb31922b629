"""What follows from each way a call can end. Pure: one table, read by the engine and by the documentation."""

from dataclasses import dataclass
from enum import StrEnum

from whatsapp.gateways.base import ErrorKind


class Verdict(StrEnum):
    """What becomes of the delivery."""

    FAIL = "fail"  # a person has to change something
    RETRY = "retry"  # again later, this person's turn is counted
    RETURN = "return"  # back to the queue, nobody is charged
    UNCERTAIN = "uncertain"  # may have arrived: never again by machine


class LaneEffect(StrEnum):
    """What becomes of the lane that made the call."""

    NONE = "none"
    PAUSE = "pause"  # looks again by itself
    STOP = "stop"  # until a person acts
    SUSPECT = "suspect"  # one more failure in a row; rests after several


@dataclass(frozen=True)
class Consequence:
    verdict: Verdict
    lane: LaneEffect
    may_have_left: bool  # counts in the run and in the day


CONSEQUENCES: dict[ErrorKind, Consequence] = {
    ErrorKind.INVALID_NUMBER: Consequence(Verdict.FAIL, LaneEffect.NONE, True),
    ErrorKind.NOT_ON_WHATSAPP: Consequence(Verdict.FAIL, LaneEffect.NONE, True),
    ErrorKind.REJECTED_CONTENT: Consequence(Verdict.FAIL, LaneEffect.NONE, True),
    ErrorKind.TEMPORARY: Consequence(Verdict.RETRY, LaneEffect.NONE, True),
    ErrorKind.NOT_READY: Consequence(Verdict.RETURN, LaneEffect.PAUSE, False),
    ErrorKind.UNREACHABLE: Consequence(Verdict.RETURN, LaneEffect.PAUSE, False),
    ErrorKind.RATE_LIMITED: Consequence(Verdict.RETURN, LaneEffect.PAUSE, False),
    ErrorKind.BLOCKED: Consequence(Verdict.RETURN, LaneEffect.STOP, False),
    ErrorKind.AUTH: Consequence(Verdict.RETURN, LaneEffect.STOP, False),
    ErrorKind.UNCERTAIN: Consequence(Verdict.UNCERTAIN, LaneEffect.SUSPECT, True),
}


def consequence_of(kind: str) -> Consequence:
    """Whatever the table does not know is uncertain: better a miss that is shown than a message that comes twice."""
    try:
        return CONSEQUENCES[ErrorKind(kind)]
    except (ValueError, KeyError):
        return CONSEQUENCES[ErrorKind.UNCERTAIN]
