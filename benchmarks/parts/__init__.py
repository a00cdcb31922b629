"""One file for each benchmark. None imports Django: what is measured runs in processes of its own."""

from types import ModuleType

from benchmarks.parts import email, rate

PARTS: dict[str, ModuleType] = {"rate": rate, "email": email}
