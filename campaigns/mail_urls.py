"""The address of a mail server, as somebody types it into one line: read strictly, and shown without its password."""

from dataclasses import dataclass, field
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext as _
from environ import Env

# What people see → django-environ's name for it, and the usual door. Only SMTP: a path to a file or the console has no
# business in a form.
PORTS = {"smtp+tls": 587, "smtp+ssl": 465, "smtp": 25}


class BadMailUrl(ValueError):
    """Says in a sentence what to write instead."""


@dataclass(frozen=True)
class MailAddress:
    scheme: str
    host: str
    port: int
    user: str = ""
    password: str = field(default="", repr=False)

    def __str__(self) -> str:
        """Everything but the password."""
        place = f"{self.scheme}, {self.host}:{self.port}"
        return _("%(place)s, user %(user)s") % {"place": place, "user": self.user} if self.user else place


def read_mail_url(url: str) -> MailAddress:
    """Raises BadMailUrl."""
    try:
        parts = urlsplit(url.strip())
        config = Env.email_url_config(url.strip())
    except (ValueError, ImproperlyConfigured) as error:
        raise BadMailUrl(_shape()) from error
    if parts.scheme not in PORTS or not parts.hostname or parts.path.strip("/") or parts.query or parts.fragment:
        raise BadMailUrl(_shape())
    user, password = config["EMAIL_HOST_USER"] or "", config["EMAIL_HOST_PASSWORD"] or ""
    _check_login(parts.netloc.rpartition("@")[0], user, password)
    return MailAddress(
        scheme=parts.scheme,
        host=parts.hostname,
        port=config["EMAIL_PORT"] or PORTS[parts.scheme],
        user=user,
        password=password,
    )


def _shape() -> str:
    return (
        _(
            "Write it like smtp+tls://user:password@mail.example.org:587 (or smtp+ssl://…:465, or smtp:// without "
            "encryption). In user and password write %%40 for @, %%3A for :, %%2F for /, %%23 for #, %%3F for ? and "
            "%%2B for +."
        )
        % {}
    )


def _check_login(typed: str, user: str, password: str) -> None:
    if "+" in typed:  # django-environ reads it as a blank, as browsers do
        raise BadMailUrl(_("In user and password write %%2B in the place of +.") % {})
    if bool(user) != bool(password):
        raise BadMailUrl(_("Give user and password, or neither."))
    if not (user + password).isascii():
        raise BadMailUrl(_("Mail servers know no accents in user and password. Choose another password there."))
