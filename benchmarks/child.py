"""`python -m benchmarks.child JOB ARGUMENTS`: one job with Django set up; its answer is the last line, as JSON."""

import importlib
import json
import sys

import django


def main(name: str, arguments: str) -> None:
    django.setup()
    module, _, function = name.partition(":")
    job = getattr(importlib.import_module(f"benchmarks.jobs.{module}"), function)
    print(json.dumps(job(**json.loads(arguments))), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:3])
