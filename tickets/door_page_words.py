"""The sentences of the door's page."""


def page_words() -> dict[str, str]:
    return {}
