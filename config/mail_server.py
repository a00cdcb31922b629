"""EMAIL_URL, the mail server of the installation, as settings of Django."""

from typing import Any

from django.core.exceptions import ImproperlyConfigured
from environ import Env

# A password with a character that ends this part of an address would show up in pieces in the log of every program that
# does not start, so that its value is never repeated.
WRONG = (
    "EMAIL_URL cannot be read. Write it like smtp+tls://user:password@mail.example.org:587, and in user and password "
    "%40 for @, %3A for :, %2F for /, %23 for #, %3F for ?, %2B for +, %25 for % and %24 for $."
)


def read_mail_server(env: Env) -> dict[str, Any]:
    """Raises ImproperlyConfigured."""
    try:
        found: dict[str, Any] = env.email_url("EMAIL_URL", default="consolemail://")
    except (ValueError, ImproperlyConfigured):
        raise ImproperlyConfigured(WRONG) from None
    return found
