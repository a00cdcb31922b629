"""Reads OVERRIDE_RECIPIENTS. A typing mistake in it must not let messages reach real people, so it stops the start."""

import re
from collections.abc import Iterable

from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.core.validators import validate_email

_PHONE = re.compile(r"\+[1-9]\d{7,14}")


def read_test_recipients(entries: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(_checked(entry.strip()) for entry in entries))


def _checked(entry: str) -> str:
    if _PHONE.fullmatch(entry):
        return entry
    try:
        validate_email(entry)
    except ValidationError as error:
        raise ImproperlyConfigured(
            f"OVERRIDE_RECIPIENTS: “{entry}” is neither a number like +573001112233 nor an e-mail address. Separate "
            "several by commas; leave it empty to send to the real people."
        ) from error
    return entry
