"""What arrived, as a telephone shows it: one chat for each number, the newest first."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

import phonenumbers

from whatsapp.simulator.arrivals import Arrival

BUBBLES = 6  # shown in each chat


@dataclass(frozen=True)
class Chat:
    phone: str
    arrivals: list[Arrival]
    earlier: int  # not shown any more


def chats_of(arrivals: Iterable[Arrival]) -> list[Chat]:
    by_phone: defaultdict[str, list[Arrival]] = defaultdict(list)
    for arrival in arrivals:
        by_phone[arrival.phone].append(arrival)
    newest_first = sorted(by_phone.items(), key=lambda item: item[1][-1].number, reverse=True)
    return [Chat(readable(phone), all_of[-BUBBLES:], len(all_of[:-BUBBLES])) for phone, all_of in newest_first]


def readable(digits: str) -> str:
    """+57 300 1234567; the bare digits where no country numbers like that."""
    try:
        number = phonenumbers.parse(f"+{digits}")
    except phonenumbers.NumberParseException:
        return f"+{digits}"
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
