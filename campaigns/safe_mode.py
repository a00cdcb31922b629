"""While OVERRIDE_RECIPIENTS is set, no message reaches a real person: each goes to a test address of its channel."""

from django.conf import settings
from django.utils.translation import gettext as _

from campaigns.enums import Channel
from tickets.masks import masked


def is_on() -> bool:
    return bool(settings.OVERRIDE_RECIPIENTS)


def addresses(channel: str) -> list[str]:
    """The test addresses of a channel."""
    is_email = channel == Channel.EMAIL
    return [address for address in settings.OVERRIDE_RECIPIENTS if ("@" in address) is is_email]


def address_for(channel: str, delivery_id: int) -> str | None:
    """Where this message goes instead; the same at every try. None while the safe mode is off or has no address."""
    chosen = addresses(channel)
    return chosen[delivery_id % len(chosen)] if chosen else None


def blocks(channel: str) -> bool:
    """The safe mode is on and has no test address for this channel: nothing may leave there."""
    return is_on() and not addresses(channel)


def marked(text: str, address: str) -> str:
    """The message with a first line that says for whom it would have been."""
    words = _("TEST for %(address)s") % {"address": masked(address)}
    return f"[{words}]\n{text}"


def marked_subject(subject: str) -> str:
    return f"{mark()} {subject}"


def mark() -> str:
    """What stands in front of a message that is not meant for whom it names."""
    words = _("TEST")  # called inside the braces of a text it would not be collected for translation
    return f"[{words}]"


def sentence(*, with_addresses: bool = True) -> str:
    """What every page and command says while the safe mode is on."""
    said = _("Safe mode: no message reaches the real people.")
    if not with_addresses:
        return said
    parts = [said, _("Everything goes to %(addresses)s.") % {"addresses": ", ".join(settings.OVERRIDE_RECIPIENTS)}]
    parts += [
        _("Nothing leaves by %(channel)s: there is no test address for it.") % {"channel": channel.label}
        for channel in Channel
        if blocks(channel)
    ]
    return " ".join(parts)
