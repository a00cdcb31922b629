"""Meta's list of approved templates, page by page."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import urlencode

from whatsapp.gateways.answers import look
from whatsapp.gateways.base import GatewayError, Template, Unreachable, _
from whatsapp.gateways.http import Answer

PAGE_BYTES = 4 * 1024 * 1024  # pages hold long addresses of example pictures
PAGE_LENGTH = 100
MOST_PAGES = 100  # Meta lets an account have 6,000
_FIELDS = "name,language,category,status,components,parameter_format"


def templates_from(ask: Callable[[str], Answer], error_in: Callable[[Answer], GatewayError]) -> list[Template]:
    """`ask` takes a query string. Raises GatewayError: half a list would look as if the rest had been deleted."""
    found: list[Template] = []
    after = ""
    for _page in range(MOST_PAGES):
        answer = ask(urlencode({"fields": _FIELDS, "limit": PAGE_LENGTH} | ({"after": after} if after else {})))
        body = answer.json()
        if not answer.is_success or (isinstance(body, Mapping) and body.get("error")):
            raise error_in(answer)
        if not isinstance(body, Mapping) or not isinstance(body.get("data"), list):
            raise Unreachable(_("the list of templates could not be read"))
        found += _read(body["data"])
        # The cursor, and not the address of the next page: that one holds the key and could lead anywhere.
        after = _text(look(body, "paging.cursors.after"))
        if not after or not look(body, "paging.next"):
            return found
    raise Unreachable(_("the list of templates does not end"))


def _read(rows: list[Any]) -> Iterator[Template]:
    for row in rows:
        if not isinstance(row, Mapping):
            continue
        name, language, parts = _text(row.get("name")), _text(row.get("language")), row.get("components")
        if name and language:
            yield Template(
                name,
                language,
                category=_text(row.get("category")),
                status=_text(row.get("status")).upper(),
                parts=tuple(part for part in parts if isinstance(part, Mapping)) if isinstance(parts, list) else (),
                has_named_parameters=_text(row.get("parameter_format")).upper() == "NAMED",
            )


def _text(value: Any) -> str:
    return value.strip() if isinstance(value, str) else ""
