"""What the page of somebody's preferences says about each channel. What is said there is kept as what was shown."""

from dataclasses import dataclass
from datetime import datetime

import phonenumbers
from django.utils.translation import gettext as _
from phonenumbers import NumberParseException

from tickets.models import Contact
from tickets.optouts import CHANNELS

DOTS = "•••"


@dataclass(frozen=True)
class Choice:
    """One channel as the page shows it. `text`: the sentences above the button, and the word on it."""

    channel: str
    title: str
    address: str  # masked
    opted_out_at: datetime | None
    sentence: str
    button: str

    @property
    def is_wanted(self) -> bool:
        return self.opted_out_at is None

    @property
    def value(self) -> str:
        """What the button sends: what shall hold afterwards."""
        return f"{self.channel}-{'no' if self.is_wanted else 'yes'}"

    @property
    def text(self) -> str:
        return self.text_with(self.button)

    def text_with(self, button: str) -> str:
        return f"{self.sentence} [{button}]"


def no_more_at_all() -> str:
    return _("I want no announcements at all")


def choices_of(contact: Contact) -> list[Choice]:
    """Of the channels on which the person can be reached, in the language that is active."""
    return [_choice(contact, channel) for channel in CHANNELS if _address(contact, channel)]


def _choice(contact: Contact, channel: str) -> Choice:
    since = getattr(contact, f"{channel}_opt_out_at")
    address = masked(_address(contact, channel))
    title = _("News by WhatsApp") if channel == "whatsapp" else _("News by e-mail")
    if since is None:
        sentence = _(
            "We write to %(address)s with news and invitations. If you press the button, you get no more of them."
        )
        button = _("I want no more by WhatsApp") if channel == "whatsapp" else _("I want no more by e-mail")
    else:
        sentence = _(
            "We send no announcements to %(address)s. If you press the button, you agree that we write to you again "
            "with news and invitations. You can change it here at any time."
        )
        button = _("I want them by WhatsApp again") if channel == "whatsapp" else _("I want them by e-mail again")
    return Choice(channel, title, address, since, sentence % {"address": address}, button)


def masked(address: str) -> str:
    """Enough for whoever it belongs to, and too little for anybody else."""
    box, at, domain = address.rpartition("@")
    if at:
        return f"{box[:1]}{DOTS}@{domain}"
    try:
        code = f"+{phonenumbers.parse(address).country_code} "
    except NumberParseException:
        code = ""
    return f"{code}{DOTS} {DOTS} {address[-4:]}"


def _address(contact: Contact, channel: str) -> str:
    return contact.phone if channel == "whatsapp" else contact.email
