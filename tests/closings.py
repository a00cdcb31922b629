"""How an announcement ends: with the way to the page on which the person says what they want."""

from tickets.preferences import preferences_url


def closed(text, contact=None):
    """A WhatsApp text as it arrives; without a contact with a link of nobody, as in a preview."""
    return f"{text}\n\n¿No quieres más avisos? {_link(contact)}"


def letter_closed(text, contact=None):
    return f"{text}\n\n-- \n¿No quieres más avisos? Elige qué recibes de nosotros: {_link(contact)}"


def _link(contact):
    return preferences_url(contact.pk if contact else None)


CLOSING = len(closed(""))  # characters
