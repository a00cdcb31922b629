"""Everything that is encrypted in the database, written anew with the first of `ENCRYPTION_KEYS`."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.apps import apps
from django.db import connection, models, transaction

from whatsapp.fields import EncryptedTextField, decrypt, encrypt


@dataclass
class Rotated:
    rewritten: int = 0
    unreadable: int = 0  # no key that we have fits: somebody has to type them again


def rotate() -> Rotated:
    """All of it or nothing. Values that another process changes meanwhile are left alone: they have the new key."""
    done = Rotated()
    with transaction.atomic():
        for model, field in _encrypted():
            for pk, stored in _stored(model, field):
                _rewrite(model, field, pk, stored, done)
    return done


def _encrypted() -> Iterator[tuple[type[models.Model], EncryptedTextField]]:
    for model in apps.get_models():
        for field in model._meta.local_concrete_fields:
            if isinstance(field, EncryptedTextField):
                yield model, field


def _stored(model: type[models.Model], field: EncryptedTextField) -> list[tuple[int, str]]:
    """As the column holds it: the field itself would decrypt it."""
    quote, table = connection.ops.quote_name, model._meta.db_table
    columns = f"{_key(model)}, {quote(str(field.column))}"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {columns} FROM {quote(table)} WHERE {quote(str(field.column))} <> ''")  # noqa: S608  (names of ours)
        return list(cursor.fetchall())


def _rewrite(model: type[models.Model], field: EncryptedTextField, pk: int, stored: str, done: Rotated) -> None:
    plain = decrypt(stored)
    if not plain:
        done.unreadable += 1
        return
    quote, table = connection.ops.quote_name, model._meta.db_table
    update = f"UPDATE {quote(table)} SET {quote(str(field.column))} = %s"  # noqa: S608
    where = f" WHERE {_key(model)} = %s AND {quote(str(field.column))} = %s"
    with connection.cursor() as cursor:
        cursor.execute(update + where, [encrypt(plain), pk, stored])
        done.rewritten += cursor.rowcount


def _key(model: type[models.Model]) -> str:
    assert model._meta.pk is not None
    return connection.ops.quote_name(str(model._meta.pk.column))
