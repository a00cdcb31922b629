"""Decimal numbers as people write them."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any


def shortened(values: Mapping[str, Any]) -> dict[str, Any]:
    """Without zeros at the end: “2.000” in a field is read as two thousand where the point groups thousands."""
    return {name: _short(value) if isinstance(value, Decimal) else value for name, value in values.items()}


def _short(value: Decimal) -> Decimal:
    return value.quantize(Decimal(1)) if value == value.to_integral_value() else value.normalize()
