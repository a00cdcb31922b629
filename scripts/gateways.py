"""Writes the table in docs/gateways.md from what the adapters say of themselves: `python -m scripts.gateways`."""

import os
import sys
from collections.abc import Iterable
from pathlib import Path

import django

from whatsapp.gateways.base import Capabilities, Gateway, Signing

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "gateways.md"
BEGIN = "<!-- From here to the end mark written by `python -m scripts.gateways`. -->"
END = "<!-- End of what `python -m scripts.gateways` writes. -->"
COLUMNS = (
    "gateway",
    "name",
    "QR code",
    "restart",
    "number check",
    "picture",
    "PDF",
    "templates",
    "receipts",
    "replies",
    "how its reports are proved",
    "finds hidden numbers",
)
RECEIPTS = ("sent", "delivered", "read", "failed")
PROOFS = {
    Signing.NONE: "only the secret address",
    Signing.BODY: "signature over the body",
    Signing.HEADER: "secret in a header",
}


def table(gateways: Iterable[type[Gateway]]) -> str:
    rows = [COLUMNS, tuple("---" for _ in COLUMNS), *(_row(gateway) for gateway in gateways)]
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


def _row(gateway: type[Gateway]) -> tuple[str, ...]:
    can = gateway.capabilities
    return (
        gateway.label,
        f"`{gateway.name}`",
        _yes(can.shows_qr),
        _yes(can.restarts),
        "yes, a “no” may be wrong" if can.checks_numbers and can.no_may_be_wrong else _yes(can.checks_numbers),
        _yes(can.sends_pictures),
        _yes(can.sends_documents),
        "needed" if can.needs_templates else "",
        ", ".join(status for status in RECEIPTS if status in can.receipts) or "none",
        _yes(can.hears_replies),
        PROOFS[can.signing] if _posts(can) else "",
        _yes(can.finds_phones),
    )


def _yes(ability: bool) -> str:
    return "yes" if ability else "no"


def _posts(can: Capabilities) -> bool:
    return bool(can.receipts) or can.hears_replies


def page(text: str, gateways: Iterable[type[Gateway]]) -> str:
    """`text` with the table of now between its two marks. Raises ValueError where they are not there."""
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"{PAGE.name} has lost a mark of the table")
    return f"{before}{BEGIN}\n\n{table(gateways)}\n{END}{after}"


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings_test")  # needs no installation
    django.setup()
    from whatsapp.registry import OURS  # noqa: PLC0415  # it needs the models

    PAGE.write_text(page(PAGE.read_text(), OURS))
    sys.stdout.write(f"{PAGE.relative_to(ROOT)}\n")


if __name__ == "__main__":
    main()
