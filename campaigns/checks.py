"""What would make the engine lose or repeat something, said at the start instead of found out at night."""

from typing import Any

from django.conf import settings
from django.core import checks
from django.core.checks import Error, Tags, register
from django.db import DatabaseError

from campaigns import place, safe_mode, shared_key


@register(Tags.compatibility)
def check_tasks(app_configs: Any, **kwargs: Any) -> list[Error | checks.Warning]:
    """django-q2's times must fit ours: a task that is handed out twice is harmless, but it takes a worker."""
    q = settings.Q_CLUSTER
    longest = settings.DISPATCH_SECONDS + settings.GATEWAY_CONNECT_SECONDS + settings.GATEWAY_READ_SECONDS
    found: list[Error | checks.Warning] = []
    if not q.get("timeout") or q["timeout"] <= longest:
        found.append(
            Error(
                f"A task may take {longest:.0f} s, and Q_CLUSTER['timeout'] is {q.get('timeout')}.",
                hint="Set it above DISPATCH_SECONDS + GATEWAY_CONNECT_SECONDS + GATEWAY_READ_SECONDS.",
                id="campaigns.E001",
            )
        )
    if not q.get("retry") or q["retry"] <= 2 * (q.get("timeout") or 0):
        found.append(
            Error(
                f"Q_CLUSTER['retry'] is {q.get('retry')}: tasks that still run would be handed out again.",
                hint="Set it above twice Q_CLUSTER['timeout'].",
                id="campaigns.E002",
            )
        )
    wanted = {"max_attempts": 1, "ack_failures": True, "catch_up": False, "queue_limit": 1}
    found += [
        Error(
            f"Q_CLUSTER['{name}'] is {q.get(name)!r}; it must be {value!r}.",
            hint="Failed tasks are repeated by our own tick, from our own tables.",
            id="campaigns.E003",
        )
        for name, value in wanted.items()
        if q.get(name) != value
    ]
    if q.get("workers", 0) < settings.DISPATCHERS + 1:
        found.append(
            Error(
                f"{settings.DISPATCHERS} dispatchers and a tick need more than {q.get('workers')} workers.",
                hint="Set Q_CLUSTER['workers'] to at least DISPATCHERS + 1.",
                id="campaigns.E004",
            )
        )
    return found


@register(Tags.database, databases=("default",))
def check_sqlite(app_configs: Any, databases: Any = None, **kwargs: Any) -> list[Error | checks.Warning]:
    return sqlite_problems(settings.DATABASES["default"], email_lanes=settings.EMAIL_LANES)


def sqlite_problems(database: dict[str, Any], *, email_lanes: int) -> list[Error | checks.Warning]:
    """SQLite needs immediate transactions, and a commit that survives a power cut."""
    if not database["ENGINE"].endswith("sqlite3"):
        return []
    options = database.get("OPTIONS", {})
    found: list[Error | checks.Warning] = []
    if options.get("transaction_mode") != "IMMEDIATE":
        found.append(
            Error(
                "SQLite must use immediate transactions.",
                hint="Set OPTIONS['transaction_mode'] to 'IMMEDIATE'; else workers fail with “database is locked”.",
                id="campaigns.E005",
            )
        )
    command = options.get("init_command", "").lower().replace(" ", "")
    if "journal_mode=wal" not in command or "synchronous=full" not in command:
        found.append(
            Error(
                "SQLite must use write-ahead logging and full synchronisation.",
                hint="Set OPTIONS['init_command'] to 'PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;'.",
                id="campaigns.E006",
            )
        )
    if email_lanes > 1:
        found.append(
            checks.Warning(
                "More than one e-mail lane on SQLite makes them wait for each other.",
                hint="Set EMAIL_LANES to 1, or use PostgreSQL.",
                id="campaigns.W001",
            )
        )
    return found


@register(Tags.compatibility)
def check_place(app_configs: Any, **kwargs: Any) -> list[Error | checks.Warning]:
    """Without a memory of its own, a computer takes a database that was put back for the one that it knows."""
    if place.can_remember():
        return []
    return [
        checks.Warning(
            f"{settings.INSTALLATION_FILE} cannot be written: an old database that is put back sends at once.",
            hint="Make its folder writable, name another file in INSTALLATION_FILE, or set INSTALLATION_ID.",
            id="campaigns.W002",
        )
    ]


@register(Tags.database, databases=("default",))
def check_shared_key(app_configs: Any, **kwargs: Any) -> list[Error | checks.Warning]:
    """By `manage.py check --database default`, and before migrations."""
    try:
        is_other = shared_key.differs()
    except DatabaseError:  # not migrated yet
        return []
    if not is_other:
        return []
    return [
        Error(
            "The worker that uses this database has another SECRET_KEY.",
            hint="Give the pages, the commands and every worker the same one, and start the worker again.",
            id="campaigns.E008",
        )
    ]


@register(Tags.compatibility)
def check_times(app_configs: Any, **kwargs: Any) -> list[Error | checks.Warning]:
    """A lease has to outlast the longest time that its holder may be held up by the database."""
    if settings.LEASE_SECONDS > 0 and settings.DISPATCH_SECONDS > 0 and settings.DISPATCHERS >= 1:
        return []
    return [
        Error("LEASE_SECONDS and DISPATCH_SECONDS must be above 0, and DISPATCHERS at least 1.", id="campaigns.E007")
    ]


@register(Tags.compatibility)
def check_safe_mode(app_configs: Any, **kwargs: Any) -> list[Error | checks.Warning]:
    """A rehearsal that nobody ended looks like a campaign that nobody got."""
    if settings.DEBUG or not safe_mode.is_on():
        return []
    return [
        checks.Warning(
            "OVERRIDE_RECIPIENTS is set: every message goes to the test addresses, and no real person gets any.",
            hint="Remove it from the environment and restart all programs, when the rehearsal is over.",
            id="campaigns.W010",
        )
    ]
