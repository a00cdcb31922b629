"""The country of a number that was written without one."""

from django.conf import settings
from django.utils.module_loading import import_string


def default_country() -> str:
    """Two-letter code, asked of the installation: `tickets` does not know where it is kept."""
    return import_string(settings.DEFAULT_COUNTRY_FUNCTION)()
