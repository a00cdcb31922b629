"""What is kept of a post that was not understood, and what that means in words for staff."""

from collections import Counter
from collections.abc import Sequence

from django.utils.translation import gettext as _

NO_HOOK = "no hook"
FAILED = "failed: "  # then which error, and where
FAULTS = "faults: "  # then how many of which kind


def faults_of(faults: Sequence[str]) -> str:
    """Each kind once, with its number; empty where everything was understood."""
    if not faults or NO_HOOK in faults:
        return NO_HOOK if faults else ""
    return FAULTS + ", ".join(f"{count} {kind}" for kind, count in sorted(Counter(faults).items()))


def problem_words(problem: str) -> str:
    if problem == NO_HOOK:
        return _("The gateway of this number posts nothing that is understood.")
    if problem.startswith(FAILED):
        return _("It could not be used: %(what)s") % {"what": problem.removeprefix(FAILED)}
    if problem.startswith(FAULTS):
        return _("Not all of it was understood: %(what)s") % {"what": problem.removeprefix(FAULTS)}
    return problem
