"""What this computer remembers of the database that it sends for: a small file, or the environment.

The file outlives the database, and that is its point: it knows when an older copy of the database has been put back.
"""

import contextlib
import json
import logging
import os
import secrets
import threading
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.conf import settings

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Place:
    """No identity: nobody has sent from here yet. From the environment comes no generation: no disk keeps it."""

    identity: str = ""
    generation: int = 0


def look() -> Place:
    if settings.INSTALLATION_ID:
        return Place(settings.INSTALLATION_ID)
    try:
        found = json.loads(_file().read_text(encoding="utf-8"))
        return Place(str(found["identity"]), int(found["generation"]))
    except FileNotFoundError:
        return Place()
    except (OSError, ValueError, KeyError, TypeError) as error:
        _complain(f"{_file()} cannot be read: {error}")
        return Place()


def settle() -> Place:
    """The identity of this computer, made up now if it has none; of several processes at once, one decides."""
    if not look().identity and _put(Place(secrets.token_hex(16)), only_new=True):
        logger.info("This computer has an identity now, in %s", _file())
    return look()


def remember(identity: str, generation: int, *, always: bool = False) -> None:
    """The highest generation that was seen. `always`: a person decided, so whatever was there before is forgotten."""
    known = look()
    is_news = known.identity != identity or known.generation < generation
    if not settings.INSTALLATION_ID and (is_news or always):
        _put(Place(identity, generation))


def can_remember() -> bool:
    """Where nothing can be written, nothing is compared either: a system check says so."""
    if settings.INSTALLATION_ID:
        return True
    folder = next(parent for parent in _file().absolute().parents if parent.exists())
    return folder.is_dir() and os.access(folder, os.W_OK)


def _put(place: Place, *, only_new: bool = False) -> bool:
    """Whole or not at all, also when the power goes."""
    file = _file()
    draft = file.with_name(f"{file.name}.{os.getpid()}-{threading.get_ident()}")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        _write(draft, place)
        if only_new:
            return _link(draft, file)
        draft.replace(file)
    except OSError as error:
        _complain(f"{file} cannot be written: {error}")
        return False
    finally:
        with contextlib.suppress(OSError):
            draft.unlink(missing_ok=True)
    return True


def _write(draft: Path, place: Place) -> None:
    with draft.open("w", encoding="utf-8") as out:
        json.dump({"identity": place.identity, "generation": place.generation}, out)
        out.flush()
        os.fsync(out.fileno())


def _link(draft: Path, file: Path) -> bool:
    """Of several processes only one succeeds."""
    try:
        os.link(draft, file)
    except FileExistsError:
        return False
    return True


def _file() -> Path:
    return Path(settings.INSTALLATION_FILE)


@cache
def _complain(sentence: str) -> None:
    """Once in each process: the tick comes by every minute."""
    logger.warning("%s. A database that is put back from a backup may go unnoticed.", sentence)
