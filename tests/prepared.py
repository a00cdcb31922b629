"""A database with all its tables, made once and copied by every process that tests: to migrate one takes eight seconds.

It is kept for the next run, until a migration or a package changes.
"""

import fcntl
import hashlib
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg

ROOT = Path(__file__).parent.parent
PLACE = ROOT / "var" / "tests"
NAME = "pregonero_prepared"
# It would count the rows of a table while a test has just emptied it, and PostgreSQL plan for the next thousands of rows
# as if there were none.
WITHOUT_VACUUM = """
    DO $$ DECLARE name text; BEGIN
        FOR name IN SELECT quote_ident(tablename) FROM pg_tables WHERE schemaname = 'public' LOOP
            EXECUTE 'ALTER TABLE ' || name || ' SET (autovacuum_enabled = false)';
        END LOOP;
    END $$
"""


def begin_with_it(connection: Any) -> None:
    """What Django makes for the tests is a copy. It migrates that too, which finds nothing to do."""
    creation = connection.creation
    make_empty = creation._create_test_db
    name = f"{NAME}_{_key()}"

    def make_copy(*args: Any, **options: Any) -> str:
        with _alone(connection.vendor):
            if connection.vendor != "sqlite":
                _prepare_template(creation, name)
                connection.settings_dict["TEST"]["TEMPLATE"] = name
                return make_empty(*args, **options)
            made = make_empty(*args, **options)
            with closing(sqlite3.connect(_prepared_file(name))) as prepared, closing(sqlite3.connect(made)) as empty:
                prepared.backup(empty)
            return made

    creation._create_test_db = make_copy


def empty_quickly(connection: Any) -> None:
    """Between tests that commit. TRUNCATE makes new files for each table and index, for the few rows that there are."""
    if connection.vendor == "sqlite":
        return

    def delete_all(style: Any, tables: list[str], **_options: Any) -> list[str]:
        in_any_order = "SET LOCAL session_replication_role = replica"  # without asking what refers to what
        return [in_any_order, *(f"DELETE FROM {connection.ops.quote_name(table)}" for table in tables)]

    with connection._nodb_cursor() as cursor:
        cursor.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
        (may_do_that,) = cursor.fetchone()
    if may_do_that:
        connection.ops.sql_flush = delete_all


def _key() -> str:
    digest = hashlib.sha256()
    for path in [Path(__file__), ROOT / "requirements.txt", *sorted(ROOT.glob("*/migrations/*.py"))]:
        digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()[:12]


@contextmanager
def _alone(vendor: str) -> Iterator[None]:
    PLACE.mkdir(parents=True, exist_ok=True)
    with (PLACE / f"{vendor}.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _prepared_file(name: str) -> Path:
    prepared = PLACE / f"{name}.sqlite3"
    if not prepared.exists():
        for old in PLACE.glob(f"{NAME}*"):
            old.unlink()
        half = PLACE / f"{NAME}_half.sqlite3"
        _migrate(f"sqlite:///{half}")
        half.rename(prepared)
    return prepared


def _prepare_template(creation: Any, name: str) -> None:
    with creation._nodb_cursor() as cursor:
        cursor.execute("SELECT datname FROM pg_database WHERE datname LIKE %s", [f"{NAME}%"])
        there = {row[0] for row in cursor.fetchall()}
        if name in there:
            return
        for old in there:
            cursor.execute(f'DROP DATABASE "{old}"')
        half = f"{NAME}_half"
        cursor.execute(f'CREATE DATABASE "{half}"')
        url = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{half}").geturl()
        _migrate(url)
        with psycopg.connect(url) as half_made:
            half_made.execute(WITHOUT_VACUUM)
        cursor.execute(f'ALTER DATABASE "{half}" RENAME TO "{name}"')


def _migrate(url: str) -> None:
    command = [sys.executable, "manage.py", "migrate", "-v", "0"]
    subprocess.run(command, cwd=ROOT, env=os.environ | {"DATABASE_URL": url}, check=True)
