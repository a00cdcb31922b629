"""What each gateway is for, in a few words for whoever has to choose one. docs/gateways.md says more."""

from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from whatsapp.gateways.base import Gateway


class Words(NamedTuple):
    summary: str | Promise
    is_official: bool = False


WORDS: dict[str, Words] = {
    "rest": Words(
        _("A small service of your own around WhatsApp Web, such as the one on port 3010, or the simulator.")
    ),
    "waha": Words(
        _("The one that we recommend for a number of your own: well kept, with receipts, replies and checks.")
    ),
    "evolution": Words(_("Widely used in Latin America, with many numbers in one program.")),
    "gowa": Words(_("Small and quick; runs on the smallest computers.")),
    "wppconnect": Words(_("Known for a long time; its reports are not signed, so keep it in your own network.")),
    "cloud": Words(
        _("Meta's own service: no risk for the account, approved templates only, and Meta charges for each message."),
        is_official=True,
    ),
}


def words_of(gateway: type[Gateway]) -> Words:
    return WORDS.get(gateway.name, Words(""))
