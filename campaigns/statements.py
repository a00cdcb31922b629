"""Statements of the engine's innermost loop, compiled once for each shape.

Django turns a queryset into SQL anew each time it runs, which takes several times longer than the database needs for
these small statements (docs/performance.md). The text here still comes from the models and from querysets, so that it
is right on every database; only the compiling is not repeated.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import Enum
from functools import cache
from typing import Any

from django.db import connection, models
from django.db.models import QuerySet

MOST_COUNTS = 1000  # in one statement: PostgreSQL hands back at most 1,664 columns, SQLite 2,000


def update(model: type[models.Model], values: dict[str, Any], where: dict[str, Any]) -> int:
    """`UPDATE … SET values WHERE where`; returns how many rows. A tuple in `where` means any of its values."""
    wanted = {name: value if isinstance(value, tuple) else (value,) for name, value in where.items()}
    shape = tuple((name, 0 if any_of == (None,) else len(any_of)) for name, any_of in wanted.items())
    sql = _update_sql(model, tuple(values), shape)
    params = [_param(model, name, value) for name, value in values.items()]
    params += [_param(model, name, one) for name, any_of in wanted.items() if any_of != (None,) for one in any_of]
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return int(cursor.rowcount)


def update_each(model: type[models.Model], guard: str, names: Sequence[str], rows: Sequence[Sequence[Any]]) -> int:
    """Many rows, each to values of its own; returns how many. `rows`: primary key, expected value of `guard`, values.

    Values must be what the columns hold; only moments are adapted to the database.
    """
    if not rows:
        return 0
    moments = [at for at, name in enumerate(names, start=2) if _kind(model, name) == "timestamptz"]
    adapt = cache(connection.ops.adapt_datetimefield_value)
    bound = [list(row) for row in rows]
    for row in bound:
        for at in moments:
            row[at] = adapt(row[at])
    sql = _update_each_sql(connection.vendor, model, guard, tuple(names))
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":  # one statement, where each would be a round trip
            cursor.execute(sql, [list(column) for column in zip(*bound, strict=True)])
        else:
            cursor.executemany(sql, [[*row[2:], *row[:2]] for row in bound])
        return int(cursor.rowcount)


@cache
def _update_each_sql(vendor: str, model: type[models.Model], guard: str, names: tuple[str, ...]) -> str:
    table, key, was = _table(model), _column(model, "id"), _column(model, guard)
    if vendor != "postgresql":
        changes = ", ".join(f"{_column(model, name)} = %s" for name in names)
        return f"UPDATE {table} SET {changes} WHERE {key} = %s AND {was} = %s"  # noqa: S608
    changes = ", ".join(f"{_column(model, name)} = v{at}" for at, name in enumerate(names))
    lists = ", ".join(f"%s::{_kind(model, name)}[]" for name in ("id", guard, *names))
    places = ", ".join(["wanted_key", "expected", *(f"v{at}" for at in range(len(names)))])
    source = f"unnest({lists}) AS wanted({places})"
    return f"UPDATE {table} SET {changes} FROM {source} WHERE {table}.{key} = wanted_key AND {table}.{was} = expected"  # noqa: S608


def _kind(model: type[models.Model], name: str) -> str:
    """Of a column, as PostgreSQL calls what can be put into it."""
    field = model._meta.get_field(name)
    if isinstance(field, models.DateTimeField):
        return "timestamptz"
    return "bigint" if isinstance(field, models.IntegerField | models.ForeignKey) else "text"


def insert(model: type[models.Model], values: dict[str, Any]) -> int:
    """One row; returns its primary key. Every column without a default of the database must be given."""
    sql = _insert_sql(model, tuple(values))
    with connection.cursor() as cursor:
        cursor.execute(sql, [_param(model, name, value) for name, value in values.items()])
        return int(cursor.fetchone()[0])


def insert_missing(model: type[models.Model], names: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Many rows, in a transaction; those that a unique constraint knows already are left as they are.

    Values must be what the columns hold (no enums, no model instances); only moments are adapted to the database.
    """
    moments = [at for at, name in enumerate(names) if isinstance(model._meta.get_field(name), models.DateTimeField)]
    adapt = cache(connection.ops.adapt_datetimefield_value)  # most rows were made at the same moment
    bound = [list(row) for row in rows]
    for row in bound:
        for at in moments:
            row[at] = adapt(row[at])
    table, columns = _table(model), ", ".join(_column(model, name) for name in names)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            _copy_missing(cursor, table, columns, bound)
        else:
            places = ", ".join(["%s"] * len(names))
            insert = f"INSERT INTO {table} ({columns}) VALUES ({places}) ON CONFLICT DO NOTHING"  # noqa: S608
            cursor.executemany(insert, bound)


def _copy_missing(cursor: Any, table: str, columns: str, rows: Sequence[Sequence[Any]]) -> None:
    """COPY knows no conflicts, so that the rows go by way of a table which ends with the transaction.

    Statements one after another, each of which is planned anew, take several times as long.
    """
    cursor.execute(f"CREATE TEMPORARY TABLE incoming ON COMMIT DROP AS SELECT {columns} FROM {table} WITH NO DATA")  # noqa: S608
    with connection.wrap_database_errors, cursor.copy(f"COPY incoming ({columns}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)
    cursor.execute(f"INSERT INTO {table} ({columns}) SELECT {columns} FROM incoming ON CONFLICT DO NOTHING")  # noqa: S608
    cursor.execute("DROP TABLE incoming")  # a transaction may have more to insert


def count_each(model: type[models.Model], asked: Sequence[dict[str, Any]]) -> list[int]:
    """How many rows each of these has; all name the same columns. As few statements as databases allow.

    Counting groups makes a database look at every row's columns; a plain count of a part of an index does not, and is
    done several times sooner.
    """
    found: list[int] = []
    with connection.cursor() as cursor:
        for part in (asked[start : start + MOST_COUNTS] for start in range(0, len(asked), MOST_COUNTS)):
            values = [_param(model, name, value) for one in part for name, value in one.items()]
            cursor.execute(_count_each_sql(model, tuple(part[0]), len(part)), values)
            found += cursor.fetchone()
    return found


def values_in_use(
    model: type[models.Model], name: str, of: str, keys: Iterable[int], where: dict[str, Any]
) -> dict[int, list[Any]]:
    """By key, the different values of a column that is never null, in order. `of` is the column of the keys.

    Each is one step to the next in an index, where DISTINCT reads every row that has any of them.
    """
    wanted, found = list(keys), dict[int, list[Any]]()
    if not wanted:
        return found
    sql = _values_in_use_sql(connection.vendor, model, name, of, tuple(where))
    params = [_param(model, one, value) for one, value in where.items()]
    with connection.cursor() as cursor:
        cursor.execute(sql, [_list(wanted), *params, *params])
        for key, value in cursor.fetchall():
            found.setdefault(key, []).append(value)
    return found


def first_of_each(
    model: type[models.Model], order: Sequence[str], each: Mapping[str, Iterable[int]], where: dict[str, Any]
) -> list[tuple[int, ...]]:
    """Of each combination of the values in `each` that has any row, the first: these values, then those of `order`.

    The last in `order` is the primary key. Each combination is one look-up in an index that has `order` at its end.
    """
    sql = _first_of_each_sql(connection.vendor, model, tuple(order), tuple(each), tuple(where))
    params = [_param(model, name, value) for name, value in where.items()]
    with connection.cursor() as cursor:
        cursor.execute(sql, [*map(_list, each.values()), *params])
        return cursor.fetchall()


class Select:
    """Rows of chosen columns. `build` makes the queryset from its parameters; it is called once for each `shape`."""

    def __init__(self, model: type[models.Model], columns: Sequence[str], build: Callable[..., QuerySet[Any]]):
        fields = [field for field in model._meta.concrete_fields if field.name in columns]  # as `from_db` wants them
        self.model, self.columns, self.build = model, [field.name for field in fields], build
        self.names = [field.attname for field in fields]
        self._known: dict[tuple[Any, ...], tuple[str, list[Any], Any, Any]] = {}

    def rows(self, *values: Any, shape: tuple[Any, ...] = ()) -> list[list[Any]]:
        """`values` are bound anew each time; what is in `shape` is part of the text."""
        sql, params, compiler, converters = self._compiled(len(values), shape)
        bound = [values[place.index] if isinstance(place, Place) else place for place in params]
        with connection.cursor() as cursor:
            cursor.execute(sql, bound)
            found = cursor.fetchall()
        return [list(row) for row in (compiler.apply_converters(found, converters) if converters else found)]

    def instances(self, *values: Any, shape: tuple[Any, ...] = ()) -> list[Any]:
        """The rest of their columns are deferred."""
        return [self.model.from_db("default", self.names, row) for row in self.rows(*values, shape=shape)]

    def _compiled(self, count: int, shape: tuple[Any, ...]) -> tuple[str, list[Any], Any, Any]:
        key = (connection.vendor, shape)
        if key not in self._known:
            marks = [MARK + number for number in range(count)]
            query = self.build(*marks, *shape).values_list(*self.columns).query
            compiler = query.get_compiler(connection=connection)
            sql, params = compiler.as_sql()
            places = [Place(marks.index(value)) if value in marks else value for value in params]
            converters = compiler.get_converters([expression for expression, _, _ in compiler.select])
            self._known[key] = (sql, places, compiler, converters)
        return self._known[key]


MARK = -8_675_309_000  # stands for a value while the text is made; no id is below zero


class Place:
    def __init__(self, index: int):
        self.index = index


@cache
def _update_sql(model: type[models.Model], changed: tuple[str, ...], where: tuple[tuple[str, int], ...]) -> str:
    changes = ", ".join(f"{_column(model, name)} = %s" for name in changed)
    tests = " AND ".join(
        f"{_column(model, name)} IN ({', '.join(['%s'] * count)})" if count else f"{_column(model, name)} IS NULL"
        for name, count in where
    )
    return f"UPDATE {_table(model)} SET {changes} WHERE {tests}"  # noqa: S608  (names of our own models)


@cache
def _count_each_sql(model: type[models.Model], names: tuple[str, ...], times: int) -> str:
    tests = " AND ".join(f"{_column(model, name)} = %s" for name in names)
    return "SELECT " + ", ".join([f"(SELECT COUNT(*) FROM {_table(model)} WHERE {tests})"] * times)  # noqa: S608


@cache
def _values_in_use_sql(vendor: str, model: type[models.Model], name: str, of: str, where: tuple[str, ...]) -> str:
    column, tests = _column(model, name), "".join(f"{_column(model, one)} = %s AND " for one in where)
    first = f"SELECT MIN({column}) FROM {_table(model)} WHERE {tests}{_column(model, of)}"  # noqa: S608
    return (
        f"WITH RECURSIVE wanted(one) AS ({_listed(vendor)}), used(one, value) AS ("  # noqa: S608
        f"SELECT wanted.one, ({first} = wanted.one) FROM wanted UNION ALL "
        f"SELECT used.one, ({first} = used.one AND {column} > used.value) FROM used WHERE used.value IS NOT NULL) "
        "SELECT one, value FROM used WHERE value IS NOT NULL ORDER BY one, value"
    )


@cache
def _first_of_each_sql(
    vendor: str, model: type[models.Model], order: tuple[str, ...], each: tuple[str, ...], where: tuple[str, ...]
) -> str:
    """SQLite has no LATERAL; for PostgreSQL a join by key is no order: it may read the whole table for it."""
    table, by, key = _table(model), ", ".join(_column(model, name) for name in order), _column(model, order[-1])
    lists = [f"w{at}(one) AS ({_listed(vendor)})" for at in range(len(each))]
    tests = [f"{_column(model, name)} = w{at}.one" for at, name in enumerate(each)]
    tests += [f"{_column(model, name)} = %s" for name in where]
    firsts = f"FROM {table} WHERE {' AND '.join(tests)} ORDER BY {by} LIMIT 1"
    wanted = " CROSS JOIN ".join(f"w{at}" for at in range(len(each)))
    keys = ", ".join(f"w{at}.one" for at in range(len(each)))
    head = f"WITH {', '.join(lists)} SELECT {keys}, "
    if vendor == "postgresql":
        return f"{head}head.* FROM {wanted} CROSS JOIN LATERAL (SELECT {by} {firsts}) AS head"
    columns = ", ".join(f"head.{_column(model, name)}" for name in order)
    return f"{head}{columns} FROM {wanted} CROSS JOIN {table} AS head ON head.{key} = (SELECT {key} {firsts})"


def _listed(vendor: str) -> str:
    """Whole numbers of one parameter, however many: a place for each would be another text for each number of them."""
    return "SELECT unnest(%s::bigint[])" if vendor == "postgresql" else "SELECT value FROM json_each(%s)"


def _list(numbers: Iterable[int]) -> Any:
    return list(numbers) if connection.vendor == "postgresql" else json.dumps(list(numbers))


@cache
def _insert_sql(model: type[models.Model], names: tuple[str, ...]) -> str:
    columns = ", ".join(_column(model, name) for name in names)
    places = ", ".join(["%s"] * len(names))
    key = _column(model, "id")
    return f"INSERT INTO {_table(model)} ({columns}) VALUES ({places}) RETURNING {key}"  # noqa: S608


def _table(model: type[models.Model]) -> str:
    return connection.ops.quote_name(model._meta.db_table)


def _column(model: type[models.Model], name: str) -> str:
    return connection.ops.quote_name(model._meta.get_field(name).column)  # type: ignore[union-attr, arg-type]


def _param(model: type[models.Model], name: str, value: Any) -> Any:
    if isinstance(value, Enum):
        value = value.value
    return model._meta.get_field(name).get_db_prep_save(value, connection)  # type: ignore[union-attr]
