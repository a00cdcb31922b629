import pytest

from tickets.masks import masked, search_masked


@pytest.mark.parametrize(
    ("address", "shown"), [("+573001234567", "+57•••4567"), ("ana.maria@example.com", "a•••@example.com")]
)
def test_of_an_address_a_part_is_shown(address, shown):
    assert masked(address) == shown


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("Ana Gómez", "Ana Gómez"),
        ("4567", "4567"),  # no whole number
        ("300 123 4567", "300•••4567"),
        ("Ana 3001234567", "Ana•••4567"),
        ("ana@example.com", "a•••@example.com"),
        ("@example.com", "•••@example.com"),
    ],
)
def test_of_a_search_nothing_is_kept_that_reaches_somebody(typed, kept):
    assert search_masked(typed) == kept
