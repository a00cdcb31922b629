"""One file for each benchmark. None imports Django: what is measured runs in processes of its own."""

from types import ModuleType

from benchmarks.parts import budget, cost, email, imports, launch, pacing, pages, rate, receipts, viewers

PARTS: dict[str, ModuleType] = {
    "pace": pacing,
    "rate": rate,
    "email": email,
    "imports": imports,
    "launch": launch,
    "cost": cost,
    "pages": pages,
    "budget": budget,
    "viewers": viewers,
    "receipts": receipts,
}
