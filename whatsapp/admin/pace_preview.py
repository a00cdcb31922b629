"""What a pace means, beside the form in which it is typed: waiting times, and the curve of the pauses."""

from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from whatsapp.curve import curve
from whatsapp.pacing import Pace
from whatsapp.preview import steps, totals


def preview_of(now: Pace, then: Pace) -> dict[str, Any]:
    """`now` is what is saved, `then` what is typed; the same where nothing is."""
    return {
        "problem": "",
        "totals": totals(then),
        "totals_now": totals(now) if then != now else (),
        "has_jitter": then.jitter > 0,
        "chart": chart_of(now, then),
        "chart_words": curve_in_words(then),
        "has_changed": now != then,
    }


def without_preview(problem: str) -> dict[str, Any]:
    """While what is typed cannot be used; the sentence says why."""
    return {"problem": problem}


def chart_of(now: Pace, then: Pace) -> dict[str, Any]:
    found = curve(now, then)
    saved = {"label": _("Now"), "tone": "info", "values": list(found.now), "step": True}
    series = [saved]
    if found.then:
        saved |= {"tone": "neutral", "dashed": True}
        series.append({"label": _("With these numbers"), "tone": "info", "values": list(found.then), "step": True})
    if found.at_most:
        words = _("At most, with chance")
        series.append({"label": words, "tone": "warn", "values": list(found.at_most), "step": True, "dashed": True})
    return {"type": "line", "labels": [str(message) for message in found.messages], "series": series, "unit": "s"}


def curve_in_words(pace: Pace) -> str:
    """The same for who does not see the picture."""
    each = _("%(seconds)s s from message %(message)d on")
    grown = [
        each % {"seconds": number_format(step.seconds, use_l10n=True), "message": step.message} for step in steps(pace)
    ]
    return _("Pause after each message of a run: %(steps)s.") % {"steps": ", ".join(grown)}
