"""Pages of numbers are tested on the same clock as those of campaigns."""

from tests.campaigns.conftest import fixed_clock

__all__ = ["fixed_clock"]
