"""`make setup`: an .env with a key of its own, when there is none."""

import secrets
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def main() -> int:
    env = ROOT / ".env"
    if env.exists():
        sys.stdout.write(".env is there already and stays as it is.\n")
        return 0
    text = (ROOT / ".env.example").read_text().replace("\nSECRET_KEY=\n", f"\nSECRET_KEY={secrets.token_urlsafe(50)}\n")
    env.touch(mode=0o600)
    env.write_text(text)
    sys.stdout.write("Made .env with a random SECRET_KEY. Read it through and set what differs here.\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
