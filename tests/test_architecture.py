"""Rules of the layout that no linter knows."""

import ast
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
APPS = ("campaigns", "config", "tickets", "whatsapp")
# The right to call a gateway comes from pacing, through the dispatcher's claim; looking and restarting are control's.
MAY_SEND = {"campaigns/messages.py"}
# The page of a number asks for its QR code. The list of templates is read from their gateway. Whose number stands behind
# an id is asked by a task of its own.
MAY_CONNECT = {
    "whatsapp/control.py",
    "whatsapp/registry.py",
    "whatsapp/templates.py",
    "campaigns/dispatch.py",
    "whatsapp/admin/sender_views.py",
    "whatsapp/finding.py",
}
WRITERS_OF_DELIVERY_STATUS = {
    "campaigns/attempts.py",
    "campaigns/claims.py",
    "campaigns/queueing.py",
    "campaigns/preparing.py",
    "campaigns/receipts.py",
    "campaigns/settling.py",
}
LONGEST_MODULE = 300
TRANSLATING = {"_", "gettext", "gettext_lazy", "ngettext", "ngettext_lazy", "pgettext", "pgettext_lazy", "npgettext"}


def modules():
    for app in APPS:
        for path in (ROOT / app).rglob("*.py"):
            if "migrations" not in path.parts:
                yield path, str(path.relative_to(ROOT))


def names_called(path):
    tree = ast.parse(path.read_text())
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield node, ast.unparse(node.func)


def test_only_the_dispatcher_lets_a_message_leave():
    senders = {name for path, name in modules() for _, called in names_called(path) if called.endswith("gateway.send")}
    assert senders == MAY_SEND


def test_only_control_and_the_dispatcher_connect_to_a_gateway():
    users = {name for path, name in modules() if "gateway_for" in path.read_text()}
    assert users == MAY_CONNECT


def test_a_delivery_status_is_written_in_these_modules_only():
    writers = set()
    for path, name in modules():
        text = path.read_text()
        if not any(word in text for word in ("Delivery.objects", "deliveries.filter", "Delivery(", "Delivery,")):
            continue
        for node, called in names_called(path):
            if called in ("update", "update_each", "insert_missing"):  # of campaigns.statements
                is_write = ast.unparse(node.args[0]) == "Delivery"
            else:
                writes = (".update", ".bulk_update")
                is_write = called.endswith(writes) or called in ("Delivery", "Delivery.objects.create")
                is_write = is_write and any(keyword.arg == "status" for keyword in node.keywords)
            if is_write:
                writers.add(name)
    assert writers == WRITERS_OF_DELIVERY_STATUS


def test_what_is_to_be_translated_is_collected():
    """makemessages does not look between the braces of an f-string."""
    hidden = [
        f"{name}:{node.lineno}"
        for path, name in modules()
        for braces in ast.walk(ast.parse(path.read_text()))
        if isinstance(braces, ast.FormattedValue)
        for node in ast.walk(braces)
        if isinstance(node, ast.Call)
        and ast.unparse(node.func) in TRANSLATING
        and isinstance(node.args[0], ast.Constant)
    ]
    assert hidden == []


def test_files_stay_small():
    long = {name: lines for path, name in modules() if (lines := len(path.read_text().splitlines())) > LONGEST_MODULE}
    assert long == {}
