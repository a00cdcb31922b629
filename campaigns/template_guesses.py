"""What probably belongs into the places of a template: something to begin with, for whoever fills it in."""

import re
from collections.abc import Collection, Mapping
from itertools import pairwise

from campaigns.placeholders import fold
from whatsapp.gateways.cloud_templates import HOLE, Place, Places, Where

# What a place may be called, or what may stand in front of it, by our name for the same. Folded.
_WORDS = {
    "nombre": "nombre name first_name firstname nombres cliente customer customer_name contacto contact asistente "
    "attendee invitado guest hola hi hello dear estimado estimada querido querida",
    "nombre_completo": "nombre_completo full_name fullname titular holder",
    "apodo": "apodo nickname",
    "evento": "evento event event_name nombre_evento concierto concert show funcion",
    "fecha": "fecha date dia day event_date fecha_evento",
    "hora": "hora time event_time hora_evento",
    "lugar": "lugar venue sitio place location recinto teatro",
    "direccion": "direccion address",
    "codigo": "codigo code ticket_code numero_entrada",
    "enlace": "enlace link url ticket_link enlace_entrada",
    "acompanantes": "acompanantes companions",
    "preferencias": "preferencias preferences",
}
_BY_WORD = {word: ours for ours, words in _WORDS.items() for word in words.split()}
_LAST_WORD = re.compile(r"([^\W\d_]+)[^\w{}]*\Z")


def guesses(places: Places, known: Collection[str], *, links: Mapping[str, str]) -> dict[str, str]:
    """By the key of the place, "" where nothing is likely. `links`: how addresses begin that our names stand for."""
    named = {fold(name): name for name in known}
    found = {}
    for place in places.all:
        if place.where is Where.BUTTON:
            name = next((name for name, begins in links.items() if begins.startswith(_beginning(place))), "")
        else:
            name = _of_name(place.name, named) or _of_word_before(place, named)
        found[place.key] = f"{{{name}}}" if fold(name) in named else ""
    return found


def _beginning(place: Place) -> str:
    return HOLE.split(place.context)[0]


def _of_name(written: str, named: Mapping[str, str]) -> str:
    """Data of our own people are called by their own name, where the template calls them so too."""
    key = fold(written)
    if key in _BY_WORD and fold(_BY_WORD[key]) in named:
        return _BY_WORD[key]
    return named.get(key, "")


def _of_word_before(place: Place, named: Mapping[str, str]) -> str:
    """`Hola {{1}}` and `Fecha: {{2}}`."""
    pieces = HOLE.split(place.context)  # text, name, text, name, …
    before = next((text for text, name in pairwise(pieces) if name == place.name), "")
    word = _LAST_WORD.search(before)
    return _of_name(word[1], named) if word else ""
