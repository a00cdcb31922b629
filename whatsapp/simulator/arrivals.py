"""Messages, on their way and there."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Picture:
    mime: str
    content: bytes


@dataclass(frozen=True)
class Parcel:
    """A message on its way."""

    phone: str  # digits
    text: str
    picture: Picture | None = None


@dataclass(frozen=True)
class Arrival:
    """A message that reached its phone."""

    number: int
    id: str
    phone: str
    text: str
    has_media: bool
    received_at: float  # seconds since 1970, when its request was read
    profile: str
