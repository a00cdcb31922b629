#!/usr/bin/env python
"""`manage.py` on the demo's database: `demo/manage.py campaign_status 1`. Needs a demo that was started once."""

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from demo.environment import env_file, place_of, saved, take_on


def main() -> None:
    place = place_of(os.environ)
    if not env_file(place).exists():
        sys.exit(f"There is no demo in {place}. Start one first: make demo")
    take_on(place, saved(place))
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
