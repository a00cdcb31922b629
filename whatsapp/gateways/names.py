"""Names in the requests of a gateway that differ from service to service: each number can say what its own reads."""

from collections.abc import Mapping
from dataclasses import dataclass

from whatsapp.gateways.base import Field


@dataclass(frozen=True)
class NameField(Field):
    """An option that hardly anybody needs, so that forms keep it out of the way. Empty: `usual`."""

    usual: str = ""
    place: str = ""  # where it stands in a request: no two names there may be the same
    rule: str = ""  # `pattern` in words, for whoever broke it

    def of(self, options: Mapping[str, str]) -> str:
        return options.get(self.name) or self.usual
