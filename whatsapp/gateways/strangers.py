"""Answers that are not the gateway's own: of a proxy in front of it, or of a web server in its place.

For adapters of gateways whose own answers have a known shape. Whatever has not that shape is judged here.
"""

from whatsapp.gateways.base import State, Status
from whatsapp.gateways.http import Answer
from whatsapp.gateways.meanings import REJECTED, THROTTLED, UNKNOWN, WRONG_ADDRESS, WRONG_KEY, Meaning

# Each of these is said by somebody who passed nothing on. 302 and 303 are also what some answer when the work is done.
_MEANINGS = {
    301: WRONG_ADDRESS,
    307: WRONG_ADDRESS,
    308: WRONG_ADDRESS,
    401: WRONG_KEY,
    403: WRONG_KEY,
    405: WRONG_ADDRESS,
    413: REJECTED,
    429: THROTTLED,
}
_STATES = {
    401: State.AUTH_ERROR,
    403: State.AUTH_ERROR,
    405: State.UNREACHABLE,
    429: State.UNKNOWN,
    502: State.UNREACHABLE,  # a proxy answers, and nobody behind it
    504: State.UNREACHABLE,
}


def meaning_of_stranger(answer: Answer) -> Meaning:
    if (answer.status == 404 and answer.json() is None) or (answer.status == 400 and answer.is_html):
        return WRONG_ADDRESS
    return _MEANINGS.get(answer.status, UNKNOWN)


def status_of_stranger(answer: Answer, said: str) -> Status:
    """What an answer to the question for the state says when it is not the expected one. `said` may be shown."""
    if answer.is_success or 300 <= answer.status < 400 or meaning_of_stranger(answer) is WRONG_ADDRESS:
        return Status(State.UNREACHABLE, f"HTTP {answer.status}: {WRONG_ADDRESS.hint}")
    state = _STATES.get(answer.status, State.FAILED)
    return Status(state, f"HTTP {answer.status}" + (f": {said}" if said else ""))
