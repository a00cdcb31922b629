"""A fresh database for every measurement: migrated once for each kind, then copied."""

import contextlib
import itertools
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
from psycopg import sql

from benchmarks.places import SCRATCH
from benchmarks.processes import installation_file, run_job

SQLITE, POSTGRESQL = "SQLite", "PostgreSQL"
WITHOUT_POSTGRES = "TEST_POSTGRES_URL is not set"
PRODUCT = "config.settings"
_numbers = itertools.count(1)


def migrate(url: str, settings: str) -> None:
    run_job("tables:migrate", url, {"DJANGO_SETTINGS_MODULE": settings})


@dataclass
class SqliteServer:
    """Files under build/, with the product's settings for SQLite: WAL and synchronous=FULL."""

    name: str = SQLITE
    _templates: dict[str, Path] = field(default_factory=dict)

    @contextlib.contextmanager
    def fresh(self, settings: str = PRODUCT) -> Iterator[str]:
        if settings not in self._templates:
            self._templates[settings] = self._made(f"template{len(self._templates)}")
            migrate(f"sqlite:///{self._templates[settings]}", settings)
        path = self._made(f"run{next(_numbers)}")
        shutil.copy(self._templates[settings], path)
        try:
            yield f"sqlite:///{path}"
        finally:
            installation_file(str(path)).unlink(missing_ok=True)
            _remove(path)

    def _made(self, name: str) -> Path:
        SCRATCH.mkdir(parents=True, exist_ok=True)
        path = SCRATCH / f"{name}-{os.getpid()}.sqlite3"
        _remove(path)
        return path

    def close(self) -> None:
        for template in self._templates.values():
            _remove(template)


def _remove(path: Path) -> None:
    for suffix in ("", "-wal", "-shm"):
        Path(f"{path}{suffix}").unlink(missing_ok=True)


@dataclass
class PostgresServer:
    """Databases of our own on the server that `url` names; the one in `url` is only connected to."""

    url: str
    name: str = POSTGRESQL
    _templates: dict[str, str] = field(default_factory=dict)
    _made: list[str] = field(default_factory=list)

    @contextlib.contextmanager
    def fresh(self, settings: str = PRODUCT) -> Iterator[str]:
        if settings not in self._templates:
            self._templates[settings] = self._create(f"template{len(self._templates)}")
            migrate(self._address(self._templates[settings]), settings)
        name = self._create(f"run{next(_numbers)}", template=self._templates[settings])
        try:
            yield self._address(name)
        finally:
            installation_file(name).unlink(missing_ok=True)
            self._drop(name)

    def close(self) -> None:
        for name in list(self._made):
            self._drop(name)

    def version(self) -> str:
        with psycopg.connect(self.url) as connection:
            version = connection.info.server_version
        return f"{version // 10000}.{version % 10000}"

    def _address(self, name: str) -> str:
        return f"{self.url.rpartition('/')[0]}/{name}"

    def _create(self, name: str, template: str = "template0") -> str:
        name = f"pregonero_bench_{os.getpid()}_{name}"
        create = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
        self._execute(create.format(sql.Identifier(name), sql.Identifier(template)))
        self._made.append(name)
        return name

    def _drop(self, name: str) -> None:
        self._execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
        self._made.remove(name)

    def _execute(self, statement: sql.Composed) -> None:
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(statement)


def has_postgres() -> bool:
    return bool(os.environ.get("TEST_POSTGRES_URL"))


Server = SqliteServer | PostgresServer


@contextlib.contextmanager
def servers(which: str = "all") -> Iterator[list[Server]]:
    """SQLite always, PostgreSQL where TEST_POSTGRES_URL names one; or only the one that is asked for."""
    known: list[Server] = [SqliteServer()]
    if has_postgres():
        known.append(PostgresServer(os.environ["TEST_POSTGRES_URL"]))
    found = [server for server in known if which in ("all", server.name.lower())]
    if not found:
        raise SystemExit(WITHOUT_POSTGRES)
    try:
        yield found
    finally:
        for server in found:
            server.close()
