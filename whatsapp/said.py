"""What gateways said, for people: our own words in the reader's language, the gateway's as they came."""

from django.utils.translation import gettext


def in_words(detail: str) -> str:
    """A detail as it was written down: "HTTP 503: the gateway's browser died; restart it: Target closed".

    It is made of parts, of which some are ours and marked for translators where they are written.
    """
    return ": ".join(gettext(part) if part else "" for part in detail.split(": "))
