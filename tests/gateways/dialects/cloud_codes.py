"""Meta's errors by code: with which HTTP status they come, and what is right to conclude from each."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Code:
    title: str
    ends: frozenset[str]  # any of these kinds
    http: int = 400


def _codes(numbers: Iterable[int], title: str, *ends: str, http: int = 400) -> dict[int, Code]:
    return {number: Code(title, frozenset(ends), http) for number in numbers}


CODES: dict[int, Code] = {
    **_codes((0, 190), "Access token has expired", "auth", http=401),
    **_codes((10, 200, 201, 219, 299), "Permission denied", "auth", http=403),
    **_codes((3, 131005), "Access denied", "auth"),
    **_codes((4, 80007, 130429), "Rate limit hit", "rate_limited"),
    **_codes((131056,), "Pair rate limit hit", "rate_limited", "temporary"),
    **_codes((131048,), "Spam rate limit hit", "blocked"),
    **_codes((131064,), "Messaging limit reached", "blocked"),
    **_codes((368, 131031), "Account restricted or locked", "blocked", http=403),
    **_codes((130497,), "Not allowed to message this country", "blocked", "rejected_content", http=403),
    **_codes((131037, 131045, 133010), "Number or its registration", "blocked"),
    **_codes((33,), "The number is gone, or not for this key", "blocked", "auth"),
    **_codes((131042, 131044), "Business eligibility payment issue", "blocked"),
    **_codes((131057,), "Account in maintenance mode", "not_ready", "blocked"),
    **_codes((131026,), "Message undeliverable", "not_on_whatsapp"),
    **_codes((131021,), "Recipient cannot be sender", "invalid_number"),
    **_codes((131030,), "Recipient not in allowed list", "rejected_content", "invalid_number", "not_on_whatsapp"),
    **_codes((131047,), "Re-engagement message", "rejected_content", "template"),
    **_codes((131049,), "Not delivered to maintain healthy ecosystem engagement", "frequency"),
    **_codes((131050,), "User has stopped marketing messages", "unsubscribed"),
    **_codes((130472,), "User's number is part of an experiment", "frequency", "rejected_content", "temporary"),
    **_codes((131062,), "Recipient id not supported here", "rejected_content", "invalid_number"),
    **_codes((131063,), "Marketing templates are disabled for this API", "template", "rejected_content"),
    **_codes((132000, 132007, 132008, 132012, 132015, 132016, 132068, 132069), "Template", "template"),
    **_codes((132005,), "Translated text too long", "template", "rejected_content"),  # by one person's values
    **_codes((132001,), "Template name does not exist in the translation", "template", http=404),
    **_codes((100, 131008, 131009, 131051), "Invalid parameter", "rejected_content", "invalid_number"),
    **_codes((131052, 131053), "Media upload error", "rejected_content", "temporary"),
    # It says itself that it did not take the message; whether that is believed is the adapter's choice.
    **_codes((1, 2, 131000), "Something went wrong", "uncertain", "temporary", "not_ready", "rate_limited", http=500),
    **_codes((131016,), "Service unavailable", "uncertain", "temporary", "not_ready", "rate_limited", http=503),
    **_codes((135000,), "Generic user error", "uncertain", "temporary", "rejected_content"),
}
