"""The demo's own environment: nothing of a real installation is read, nothing of it can be reached. No Django here."""

import os
import re
import secrets
from collections.abc import Mapping
from pathlib import Path

from scripts.supervision import ROOT

# What can be said to the demo, and what it does otherwise.
DEFAULTS = {
    "PORT": "8000",
    "GATEWAY_PORT": "3010",
    "GATEWAY_PROFILE": "steady",
    "PACE": "default",
    "DELAYS": "",
    "ONCE": "",
    "DEMO_DIR": "var/demo",
    "DEMO_LANGUAGE": "es",
}
CONNECT_SECONDS, READ_SECONDS = 2, 10  # of the gateway: a demo is not to be waited for when it stops
STOP_SECONDS = CONNECT_SECONDS + READ_SECONDS + 8


def said(environ: Mapping[str, str]) -> dict[str, str]:
    return {name: environ.get(name, "").strip() or default for name, default in DEFAULTS.items()}


def place_of(environ: Mapping[str, str]) -> Path:
    """Where everything of the demo lies. Relative to the project, wherever it is started from."""
    return (ROOT / said(environ)["DEMO_DIR"]).resolve()


def variables(place: Path, port: str) -> dict[str, str]:
    """As in .env.example."""
    return {
        "DEMO": "1",
        "SECRET_KEY": secrets.token_urlsafe(50),
        "PUBLIC_URL": f"http://localhost:{port}",
        "ALLOWED_HOSTS": "localhost,127.0.0.1",
        "DATABASE_URL": f"sqlite:///{place / 'demo.sqlite3'}",
        "MEDIA_ROOT": str(place / "media"),
        "EMAIL_URL": f"filemail:///{place / 'mail'}",
        "GATEWAY_CONNECT_SECONDS": str(CONNECT_SECONDS),
        "GATEWAY_READ_SECONDS": str(READ_SECONDS),
        "TICK_SECONDS": "10",
    }


def known_variables() -> list[str]:
    """Everything that the settings read."""
    return re.findall(r"^#?([A-Z][A-Z_]+)=", (ROOT / ".env.example").read_text(encoding="utf-8"), re.MULTILINE)


def take_on(place: Path, values: Mapping[str, str]) -> None:
    """From here on this process and its children have the demo's environment and none of the settings of another."""
    for name in known_variables():
        os.environ.pop(name, None)
    os.environ.update(values)
    os.environ.update(ENV_FILE=str(env_file(place)), DEMO_DIR=str(place), DJANGO_SETTINGS_MODULE="demo.settings")


def env_file(place: Path) -> Path:
    return place / "env"


def save(place: Path, values: Mapping[str, str]) -> None:
    """For `demo/manage.py`."""
    file = env_file(place)
    file.touch(0o600)
    file.write_text("".join(f"{name}={value}\n" for name, value in values.items()), encoding="utf-8")


def saved(place: Path) -> dict[str, str]:
    lines = env_file(place).read_text(encoding="utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines)
