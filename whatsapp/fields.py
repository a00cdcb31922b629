"""A text column that is encrypted at rest."""

import base64
import hashlib
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.db import models

PREFIX = "enc:"


def _cipher() -> MultiFernet:
    # Any text serves as a key: what is typed into an environment file is seldom 32 bytes in base64.
    return MultiFernet(
        [Fernet(base64.urlsafe_b64encode(hashlib.sha256(key.encode()).digest())) for key in settings.ENCRYPTION_KEYS]
    )


def encrypt(text: str) -> str:
    return PREFIX + _cipher().encrypt(text.encode()).decode() if text else ""


def decrypt(stored: str) -> str:
    """Empty when no known key fits: the person types the key again, and nothing else breaks."""
    if not stored.startswith(PREFIX):
        return ""
    try:
        return _cipher().decrypt(stored.removeprefix(PREFIX).encode()).decode()
    except InvalidToken:
        return ""


class EncryptedTextField(models.TextField):
    """Text that only somebody with one of `settings.ENCRYPTION_KEYS` can read from the database."""

    def get_prep_value(self, value: Any) -> Any:
        return encrypt(value or "")

    def from_db_value(self, value: str | None, expression: object, connection: object) -> str:
        return decrypt(value or "")
