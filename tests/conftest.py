"""What all tests share."""

import os

import pytest

pytest_plugins = ["tests.simulator"]
ALL_PARTS = os.environ.get("REQUIRE_ALL_PARTS") == "1"


def missing(part: str) -> None:
    """Skip with a reason on a machine without `part`; where all parts are required, fail."""
    if ALL_PARTS:
        pytest.fail(f"{part} is required here (REQUIRE_ALL_PARTS=1) and is missing")
    pytest.skip(f"needs {part}")
