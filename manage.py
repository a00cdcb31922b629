#!/usr/bin/env python
"""Django's command line for Pregonero."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line

    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:  # a sentence for whoever installs, not a page of code
        sys.exit(f"{error}")


if __name__ == "__main__":
    main()
