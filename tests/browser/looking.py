"""Looking at a page as people do: wide and on a phone, light and dark, with what a screen reader needs.

axe-core is put into the page by the browser's debugger, which the page's strict policy does not reach; so the policy
stays in force while it looks.
"""

from importlib import resources
from typing import Any

from playwright.sync_api import expect

expect.set_options(timeout=20_000)  # beside all other tests a page may take its time

SIZES = {"wide": {"width": 1280, "height": 800}, "phone": {"width": 390, "height": 844}}
LEVELS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
AXE = resources.files("axe_playwright_python").joinpath("axe.min.js").read_text()
# What sticks to an edge covers what scrolls past it; at rest it stands in its place.
AT_REST = "document.querySelectorAll('.submit-row, #header, .actions').forEach(e => { e.style.position = 'static'; })"
GIVEN_UP = ("htmx:sendAbort", "htmx:afterRequest")
RUN = "options => axe.run(document, options).then(found => found.violations)"


def listen(page: Any) -> None:
    """Gather every complaint of the console and every request that leaves this computer in `page.complaints`.

    A breach of the policy is such a complaint. That a request was given up since somebody went to another page is none,
    though htmx says so as an error; of one that failed it says `sendError` or `responseError`.
    """
    page.complaints = []
    page.on("console", lambda m: page.complaints.append(m.text) if _is_complaint(m) else None)
    page.on("pageerror", lambda error: page.complaints.append(str(error)))
    page.on("request", lambda r: page.complaints.append(r.url) if not _is_ours(r.url) else None)


def _is_complaint(message: Any) -> bool:
    return message.type in ("error", "warning") and not message.text.startswith(GIVEN_UP)


def _is_ours(url: str) -> bool:
    return url.startswith(("http://localhost:", "data:", "blob:"))


def sideways(page: Any) -> int:
    """How far the page can be scrolled to the side, in pixels; a page for phones cannot."""
    return int(page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))


def findings(page: Any, *, only: str = "") -> list[str]:
    """What breaks WCAG A or AA, a line for each place; with `only` by one rule of axe."""
    if not page.evaluate("typeof axe === 'object'"):
        page.evaluate(AXE)
        page.evaluate(AT_REST)
    choice = {"type": "rule", "values": [only]} if only else {"type": "tag", "values": LEVELS}
    found = page.evaluate(RUN, {"runOnly": choice, "resultTypes": ["violations"]})
    return [_line(rule, node) for rule in found for node in rule["nodes"]]


def _line(rule: dict[str, Any], node: dict[str, Any]) -> str:
    what = "; ".join(check["message"] for check in node["any"] + node["all"] + node["none"])
    return f"{rule['id']}: {node['target'][0]}: {what}: {node['html'][:160]}"


def troubles(page: Any, *, thoroughly: bool = False) -> dict[str, Any]:
    """Of the page that is open, in both sizes and both schemes; empty when all is well.

    Colours are all that a scheme changes, and a size changes no colour: so the wide page is looked at in the light and
    the phone in the dark. `thoroughly`: the other way round too.
    """
    found: dict[str, Any] = {}
    for size, scheme, other in (("wide", "light", "dark"), ("phone", "dark", "light")):
        page.set_viewport_size(SIZES[size])
        page.emulate_media(color_scheme=scheme)
        found[f"{size}, {scheme}"] = findings(page)
        if thoroughly:
            page.emulate_media(color_scheme=other)
            found[f"{size}, {other}"] = findings(page, only="color-contrast")
        found[f"{size}, to the side"] = sideways(page)
    found["complaints"] = page.complaints
    return {where: what for where, what in found.items() if what}
