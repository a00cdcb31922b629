"""Templates that a campaign has chosen, and a gateway that takes nothing else."""

from campaigns.template_choice import Choice
from tests.fakes import FakeGateway
from whatsapp.accounts import account_of
from whatsapp.gateways.base import Capabilities
from whatsapp.templates import template_of

BODY = "Hola {{1}}, tu entrada para {{2}} está lista."


class Official(FakeGateway):
    """Like Meta's."""

    capabilities = Capabilities(needs_templates=True, sends_documents=True)

    def __init__(self, *answers, templates=()):
        super().__init__(*answers)
        self.listed = list(templates)

    def templates(self):
        return self.listed


def body(text=BODY, **more):
    return {"type": "BODY", "text": text, **more}


def button(url, text="Ver"):
    return {"type": "BUTTONS", "buttons": [{"type": "URL", "text": text, "url": url, "example": [url + "x"]}]}


def header(kind, **more):
    return {"type": "HEADER", "format": kind, **more}


def chosen(row, values=None, **by_place):
    """What `Campaign.template` holds: `values` by the key of the place, or those of the body by their name."""
    values = values or {f"body.{name.removeprefix('_')}": text for name, text in by_place.items()}
    return Choice(account_of(row.sender), template_of(row), values).stored()
