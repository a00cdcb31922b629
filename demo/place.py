"""The demo's folder: one demo at a time, everything of the last one gone, and never anybody else's files."""

import fcntl
import os
import shutil
import socket
from pathlib import Path

from django.utils.translation import gettext as _

MARK = "demo.lock"  # also says that everything in the folder may go


class Taken(Exception):
    """A sentence about what is in use, and what to do."""


def take(place: Path) -> int:
    """The folder for this process until it ends. Raises Taken."""
    place.mkdir(parents=True, exist_ok=True)
    if any(place.iterdir()) and not (place / MARK).exists():
        raise Taken(_("“%(place)s” holds other files. Choose an empty folder with DEMO_DIR.") % {"place": place})
    lock = os.open(place / MARK, os.O_CREAT | os.O_WRONLY, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(lock)
        raise Taken(
            _("A demo is running already in “%(place)s”. End it, or choose another folder with DEMO_DIR.")
            % {"place": place}
        ) from error
    return lock


def wipe(place: Path) -> None:
    for entry in place.iterdir():
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        elif entry.name != MARK:
            entry.unlink()


def check_port(name: str, port: int) -> None:
    """Raises Taken with a port that is free."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise Taken(
                _("Port %(port)d cannot be used (%(reason)s). Choose another one:  make demo %(name)s=%(free)d")
                % {"port": port, "reason": error.strerror, "name": name, "free": _free_port()}
            ) from error


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
