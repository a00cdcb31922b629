"""Where receipts may be posted: to this computer, and nowhere else."""

import ipaddress
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django.utils.translation import gettext as _

_PRINTABLE = re.compile(r"[\x21-\x7e]+")


class BadTarget(ValueError):
    """A sentence that says what an address must look like."""


@dataclass(frozen=True)
class Target:
    host: str
    port: int
    path: str  # with the query

    @classmethod
    def of(cls, url: Any) -> "Target":
        """Raises BadTarget."""
        try:
            if not isinstance(url, str) or not _PRINTABLE.fullmatch(url):
                raise ValueError(url)
            parts = urlsplit(url)
            host, port = parts.hostname or "", 80 if parts.port is None else parts.port
            if parts.scheme != "http" or not host or parts.username is not None or port == 0:
                raise ValueError(url)
        except ValueError:
            raise BadTarget(
                _("receipts_to must be an address such as http://127.0.0.1:8000/hooks/whatsapp/.")
            ) from None
        if not is_this_computer(host):
            words = {"host": host}
            raise BadTarget(
                _("receipts_to names “%(host)s”. The simulator posts only to this computer: 127.0.0.1 or localhost.")
                % words
            )
        return cls(host, port, (parts.path or "/") + (f"?{parts.query}" if parts.query else ""))

    @property
    def shown(self) -> str:
        """Without the path: the secret of a webhook stands in it."""
        return f"http://{f'[{self.host}]' if ':' in self.host else self.host}:{self.port}/…"


def is_this_computer(host: str) -> bool:
    """Names are not looked up: what a name means may change between now and the posting."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
