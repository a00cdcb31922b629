"""The options of the command line, each with what it is a rehearsal for."""

from argparse import ArgumentParser
from typing import Any

from whatsapp.simulator.options import CHOICES

_HELP: dict[str, tuple[type, str]] = {
    "profile": (str, "How it behaves. Default: steady. docs/simulator.md says what each is a rehearsal for."),
    "seed": (
        int,
        "Of every chance: flaky, collapsing, the order of receipts. The same seed, the same run. Default: 1.",
    ),
    "latency_ms": (float, "How long each message takes. Default: 0, in `slow` 3000."),
    "jitter_ms": (float, "By chance, up to this much more for each message. Default: 0."),
    "unregistered": (str, "Numbers that end like this are not on WhatsApp; empty: all are. Default: 0404."),
    "failure_percent": (float, "flaky: share of the calls that fail. Default: 30."),
    "max_calls": (int, "collapsing, rate-limited: calls that it stands within --window-seconds. Default: 8."),
    "window_seconds": (float, "collapsing, rate-limited: see --max-calls. Default: 10."),
    "down_seconds": (float, "collapsing: how long it is down after it fell over. Default: 20."),
    "restart_seconds": (float, "How long a restart takes. Default: 2."),
    "hold_seconds": (float, "accept-then-timeout: how long it keeps silent. Default: 120."),
    "logout_after": (int, "asks-for-qr: logs out after so many messages since the scan; 0: never. Default: 0."),
    "ban_after": (int, "bans: messages that it takes before. Default: 20."),
    "lock_seconds": (float, "bans: a lock that ends after so long (error 463); 0: a ban for good. Default: 0."),
    "retry_after": (str, "rate-limited, bans: how the Retry-After header names the wait. Default: seconds."),
    "receipts_to": (str, "Posts receipts to this address, which must be on this computer. Default: none."),
    "receipts_header": (str, "A header of these posts, such as “X-Webhook-Secret: words”."),
    "receipts": (str, "Their order. Default: in-order, in `reorders-receipts` shuffled."),
    "receipts_words": (
        str,
        "seed: the word of each is one too low for its ack, as in the old service. Default: right.",
    ),
    "receipts_delay_ms": (float, "Before the first receipt and between two; 0 may overtake the answer. Default: 400."),
    "receipts_late_seconds": (float, "late: before the first receipt. Default: 30."),
    "receipts_fail": (str, "Numbers that end like this are taken, and reported as failed afterwards."),
}


def add_options(parser: ArgumentParser) -> None:
    for name, (kind, words) in _HELP.items():
        flag = "--" + name.replace("_", "-")
        parser.add_argument(flag, type=kind, choices=CHOICES.get(name), help=words)


def chosen(options: dict[str, Any]) -> dict[str, Any]:
    return {name: options[name] for name in _HELP if options[name] is not None}
