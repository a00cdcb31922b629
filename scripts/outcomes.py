"""Writes docs/outcomes.md from the table in the code: `python -m scripts.outcomes`."""

import sys
from pathlib import Path

import polib

from campaigns.outcomes import CONSEQUENCES, Consequence, LaneEffect, Scope, Verdict
from whatsapp.gateways.base import ErrorKind

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "outcomes.md"
CATALOGUE = ROOT / "locale" / "es" / "LC_MESSAGES" / "django.po"

SCOPES = {
    Scope.RECIPIENT: "this person or this text",
    Scope.CAMPAIGN: "the campaign: everybody of it would get the same answer",
    Scope.LANE: "the number or mailbox, or the program behind it",
    Scope.UNKNOWN: "nobody knows",
}
VERDICTS = {
    Verdict.FAIL: "failed; a person may resend it",
    Verdict.RETRY: "waits and is tried again, as often as the settings say, then failed",
    Verdict.RETURN: "back to the queue",
    Verdict.UNCERTAIN: "uncertain; never repeated by itself",
}
LANES = {
    LaneEffect.NONE: "goes on",
    LaneEffect.PAUSE: "rests, looks by itself, goes on when it is ready",
    LaneEffect.SLOW_DOWN: "waits as long as it was told to (else longer each time), then its pauses are 1.5 times as "
    "long, at most 4 times; every 20 accepted messages take one step back",
    LaneEffect.KNOWN_ONLY: "goes on for people whom it has written with before, until the end that was stated, else "
    "until a person acts; other numbers take the rest",
    LaneEffect.STOP: "stops until the end that was stated, else until a person acts; other numbers take its work",
    LaneEffect.SUSPECT: "counts it; after several in a row it rests and is looked at before it goes on",
}
HEAD = """# What a call may end in

This page is written from `campaigns/outcomes.py` (`python -m scripts.outcomes`); a test fails when the two differ.
Adapters and the mailer map every answer of a provider to one of these kinds. What they cannot map is `uncertain`.

| kind | at fault | the message | counts as one of its tries | the lane | counts in the run and the day |
| --- | --- | --- | --- | --- | --- |
| `accepted` | | sent; receipts make it delivered and read | | goes on | yes |
"""
SENTENCES = """
## What staff read

| kind | English | Spanish |
| --- | --- | --- |
"""


def page() -> str:
    spanish = {entry.msgid: entry.msgstr for entry in polib.pofile(str(CATALOGUE)) if not entry.msgctxt}
    rows = [_row(kind, known) for kind, known in CONSEQUENCES.items()]
    said = [_said(kind, known, spanish) for kind, known in CONSEQUENCES.items()]
    return HEAD + "".join(rows) + SENTENCES + "".join(said)


def _row(kind: ErrorKind, known: Consequence) -> str:
    charged, left = ("yes" if known.charges_recipient else "no"), ("yes" if known.may_have_left else "no")
    cells = (f"`{kind}`", SCOPES[known.scope], VERDICTS[known.verdict], charged, LANES[known.lane], left)
    return f"| {' | '.join(cells)} |\n"


def _said(kind: ErrorKind, known: Consequence, spanish: dict[str, str]) -> str:
    both = [
        f"{words.get(known.sentence, known.sentence)} *{words.get(known.suggestion, known.suggestion)}*"
        for words in ({}, spanish)
    ]
    return f"| `{kind}` | {' | '.join(both)} |\n"


if __name__ == "__main__":
    PAGE.write_text(page())
    sys.stdout.write(f"{PAGE.relative_to(ROOT)}\n")
