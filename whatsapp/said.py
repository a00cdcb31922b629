"""What gateways said, for people: our own words in the reader's language, the gateway's as they came."""

from django.utils.translation import gettext


def in_words(detail: str) -> str:
    """A detail as it was written down: "HTTP 503: the gateway's browser died; restart it: Target closed".

    It is made of parts, of which some are ours and marked for translators where they are written. Some of those hold a
    colon themselves, so that the longest that is known counts.
    """
    parts, said = detail.split(": "), []
    while parts:
        words, length = _longest_known(parts)
        said.append(words)
        del parts[:length]
    return ": ".join(said)


def _longest_known(parts: list[str]) -> tuple[str, int]:
    for length in range(len(parts), 0, -1):
        run = ": ".join(parts[:length])
        if run and (words := gettext(run)) != run:
            return words, length
    return parts[0], 1
