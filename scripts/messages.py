"""The Spanish catalogue: collect what is to be translated, compile it, and check that nothing is missing.

`python -m scripts.messages update` and `… check`. Compiled catalogues are committed, so that running the product needs
no gettext.
"""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import polib

ROOT = Path(__file__).resolve().parent.parent
CATALOGUE = ROOT / "locale" / "es" / "LC_MESSAGES" / "django.po"
IGNORED = (".venv", "var", "build", "tests", "benchmarks", "staticfiles", "node_modules")
# Sentences of installed packages, written by hand: makemessages does not see them and would mark them obsolete.
PACKAGES = ROOT / "locale" / "packages.po"


def collect(root: Path) -> None:
    ignore = [option for name in IGNORED for option in ("--ignore", name)]
    command = [
        sys.executable,
        "-W",
        "ignore",
        "manage.py",
        "makemessages",
        "-l",
        "es",
        "--no-location",
        "--no-obsolete",
    ]
    subprocess.run([*command, *ignore], cwd=root, check=True, stdout=subprocess.DEVNULL)


def keys(catalogue: polib.POFile) -> set[tuple[str | None, str, str]]:
    return {(entry.msgctxt, entry.msgid, entry.msgid_plural or "") for entry in catalogue}


def merged() -> polib.POFile:
    """Our own sentences and those of the packages; ours win."""
    whole = polib.pofile(str(CATALOGUE))
    known = keys(whole)
    for entry in polib.pofile(str(PACKAGES)) if PACKAGES.exists() else ():
        if (entry.msgctxt, entry.msgid, entry.msgid_plural or "") not in known:
            whole.append(entry)
    return whole


def update() -> int:
    collect(ROOT)
    merged().save_as_mofile(str(CATALOGUE.with_suffix(".mo")))
    return report(problems(polib.pofile(str(CATALOGUE))))


def check() -> int:
    """In a copy, so that checking changes nothing."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "copy"
        shutil.copytree(ROOT, copy, ignore=shutil.ignore_patterns(*IGNORED, ".git", ".*_cache", "__pycache__"))
        collect(copy)
        fresh = polib.pofile(str(copy / CATALOGUE.relative_to(ROOT)))
    return report(problems(fresh) + stale())


def problems(catalogue: polib.POFile) -> list[str]:
    """Everything that would show in English, and everything that a machine only guessed."""
    found = [f"not translated: {entry.msgid!r}" for entry in catalogue if not entry.translated() and not entry.fuzzy]
    return found + [f"only guessed (fuzzy): {entry.msgid!r}" for entry in catalogue if entry.fuzzy]


def stale() -> list[str]:
    compiled = CATALOGUE.with_suffix(".mo")
    if not compiled.exists() or compiled.read_bytes() != merged().to_binary():
        return ["the compiled catalogue is older than its source: run make messages"]
    return []


def report(found: list[str]) -> int:
    for line in found:
        sys.stdout.write(line + "\n")
    sys.stdout.write(f"Spanish: {len(found)} problems\n" if found else "Spanish: complete\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit({"update": update, "check": check}[sys.argv[1]]())
