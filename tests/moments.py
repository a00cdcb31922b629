"""The moment at which tests take place."""

from datetime import UTC, datetime, timedelta

NOW = datetime(2026, 11, 25, 15, 0, tzinfo=UTC)
# What the database dates by itself ("added", "issued") comes before everything that a test lets happen.
BEFOREHAND = NOW - timedelta(hours=1)
