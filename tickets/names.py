"""What a person is called. Pure."""

from typing import Final

# Nobody is greeted with "Hola Dr.".
_TITLES: Final = {
    *("dr", "dra", "doctor", "doctora", "sr", "sra", "srta", "señor", "señora", "señorita", "don", "doña"),
    *("ing", "lic", "licda", "prof", "profa", "arq", "mr", "mrs", "ms", "miss"),
}


def first_name(name: str) -> str:
    """`Ana Prueba` and `Prueba, Ana` are both Ana; a single word is the first name."""
    family, comma, given = name.partition(",")
    words = (given if comma and given.strip() else family).split()
    named = [word for word in words if any(char.isalpha() for char in word)] or words
    if len(named) > 1 and named[0].casefold().rstrip(".") in _TITLES:
        named = named[1:]
    return named[0] if named else ""
