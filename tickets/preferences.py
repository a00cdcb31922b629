"""The address at which a person says what they want to get from us: made from their number and signed, stored nowhere.

Whoever has the link may choose for the person, as with the link of a ticket. It lasts as long as the key of the site
does; a key that was changed still counts while it stands in SECRET_KEY_FALLBACKS.
"""

import hmac
import re
from functools import lru_cache

from django.conf import settings
from django.utils.crypto import constant_time_compare, salted_hmac

from tickets.codes import TOKEN_ALPHABET
from tickets.merging import merged_into
from tickets.models import Contact

SALT = "tickets.preferences"
SIGNATURE_LENGTH = 22  # 128 bits in letters and digits, see `tickets.codes`
NUMBER_LENGTH = 6  # 62 ** 6 contacts: with it every link is equally long, and so is the text that carries it
LARGEST_ID = 2**63 - 1
# As long as a real one, and nobody's: for previews and tests.
INVENTED = "ejemplo".ljust(NUMBER_LENGTH + SIGNATURE_LENGTH, "0")

_VALUES = {letter: value for value, letter in enumerate(TOKEN_ALPHABET)}
_TOKEN = re.compile(rf"[A-Za-z0-9]{{{NUMBER_LENGTH + SIGNATURE_LENGTH},{NUMBER_LENGTH + SIGNATURE_LENGTH + 6}}}\Z")
_IN_TEXT = re.compile(rf"(/preferencias/)[A-Za-z0-9]{{{NUMBER_LENGTH + SIGNATURE_LENGTH},}}(?=/)")


def preferences_token(contact_id: int) -> str:
    return _signed(contact_id, settings.SECRET_KEY)


def preferences_url(contact_id: int | None) -> str:
    """None: of nobody on record; a link of the same length that opens nothing."""
    token = INVENTED if contact_id is None else preferences_token(contact_id)
    return f"{settings.PUBLIC_URL.rstrip('/')}/preferencias/{token}/"


def unsubscribe_url(contact_id: int) -> str:
    """What mail programs send their "unsubscribe" to (RFC 8058)."""
    return f"{preferences_url(contact_id)}baja/"


def contact_of(token: str) -> Contact | None:
    """Whose link this is; of somebody who was merged, whom they became. None for one that we did not make."""
    number = _number_in(token)
    if number is None:
        return None
    contact = Contact.objects.filter(pk=number).first()
    if contact is None and (successor := merged_into(number)) is not None:
        contact = Contact.objects.filter(pk=successor).first()
    return contact


def without_real_links(text: str) -> str:
    """For readers other than the person: with the links that open their page made into ones that open nothing."""
    return _IN_TEXT.sub(rf"\g<1>{INVENTED}", text)


def _number_in(token: str) -> int | None:
    if not _TOKEN.match(token):
        return None
    number = 0
    for letter in token[:-SIGNATURE_LENGTH]:
        number = number * len(TOKEN_ALPHABET) + _VALUES[letter]
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    if number > LARGEST_ID or not any(constant_time_compare(token, _signed(number, key)) for key in keys):
        return None
    return number


def _signed(number: int, key: str) -> str:
    written = _written(number, NUMBER_LENGTH)
    signer = _signer(SALT, key).copy()
    signer.update(written.encode())
    return written + _written(int.from_bytes(signer.digest()[:16]), SIGNATURE_LENGTH)


@lru_cache(maxsize=8)
def _signer(salt: str, key: str) -> hmac.HMAC:
    """Made once for each key: a launch writes a hundred thousand links."""
    return salted_hmac(salt, b"", secret=key, algorithm="sha256")


def _written(number: int, length: int) -> str:
    """In the letters of tokens, with as many zeros in front as it takes."""
    letters: list[str] = []
    while number:
        number, index = divmod(number, len(TOKEN_ALPHABET))
        letters.append(TOKEN_ALPHABET[index])
    return "".join(reversed(letters)).rjust(length, TOKEN_ALPHABET[0])
