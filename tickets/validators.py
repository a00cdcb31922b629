"""Checks of single fields, with sentences for the form."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _


def validate_single_line(value: str) -> None:
    """Refuse line breaks and other control characters, which would break a subject or a list."""
    if any(ord(char) < 32 or ord(char) == 127 for char in value):
        raise ValidationError(_("Write this on a single line, without line breaks."), code="single_line")
