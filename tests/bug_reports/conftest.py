"""Pages as in the tests of campaigns."""

from tests.campaigns.conftest import boss, fixed_clock, staff

__all__ = ["boss", "fixed_clock", "staff"]
