"""Audiences as they come about in a year of use: missing and shared addresses, opt-outs, tags, void tickets, second campaigns."""

from dataclasses import dataclass, field

from hypothesis import strategies as st

from campaigns.audience import describe
from campaigns.models import Campaign
from tests.factories import NOW, make_campaign, make_contact, make_delivery, make_event, make_tag, make_ticket
from tickets.models import Contact

CHANNELS = ("whatsapp", "email", "both", "whatsapp_first")
# Few, so that people share them.
BOXES = ("", "familia@example.com", "oficina@example.com", "otra@example.com")


@dataclass(frozen=True)
class Somebody:
    has_phone: bool
    box: str
    no_whatsapp: bool
    no_email: bool
    tags: frozenset[int]
    is_chosen: bool
    tickets: tuple[str, ...]  # the status of each
    reached: str = ""  # how far a message with their first ticket came


@dataclass(frozen=True)
class Scenario:
    people: list[Somebody] = field(default_factory=list)
    channels: str = "whatsapp"
    kind: str = "announcement"
    tags: frozenset[int] = frozenset()
    is_everybody: bool = False
    again: bool = False
    text: str = "Hola {nombre}"


somebody = st.builds(
    Somebody,
    has_phone=st.booleans(),
    box=st.sampled_from(BOXES),
    no_whatsapp=st.booleans(),
    no_email=st.booleans(),
    tags=st.frozensets(st.integers(0, 2)),
    is_chosen=st.booleans(),
    tickets=st.lists(st.sampled_from(["valid", "valid", "voided", "replaced"]), max_size=3).map(tuple),
    reached=st.sampled_from(["", "", "sent", "failed", "pending", "skipped"]),
).filter(lambda one: one.has_phone or one.box)
scenarios = st.builds(
    Scenario,
    people=st.lists(somebody, max_size=8),
    channels=st.sampled_from(CHANNELS),
    kind=st.sampled_from(["announcement", "tickets"]),
    tags=st.frozensets(st.integers(0, 2)),
    is_everybody=st.booleans(),
    again=st.booleans(),
    text=st.sampled_from(["Hola {nombre}", "Hola a todos", "Hola {mesa|amigo}"]),
)


def draft_for_everybody(**fields) -> Campaign:
    """An announcement for the whole list of contacts."""
    draft = {"status": "draft", "launched_at": None, "prepared_at": None, "name": "Aviso"}
    return make_campaign(**draft | {"audience": {"everybody": True}} | fields)


def make_audience(scenario: Scenario) -> Campaign:
    """The draft of a campaign for these people, who are made."""
    tags, event = [make_tag() for _ in range(3)], make_event(starts_at=NOW.replace(year=NOW.year + 3))
    contacts = [_make_person(one, tags, event) for one in scenario.people]
    make_contact(attributes={"mesa": "1"})  # else the name would be nobody's
    chosen = [contact.pk for contact, one in zip(contacts, scenario.people, strict=True) if one.is_chosen]
    draft = {"status": "draft", "launched_at": None, "prepared_at": None, "channels": scenario.channels}
    if scenario.kind == "tickets":
        audience = describe(event_tickets=True, again=scenario.again)
        return make_campaign(kind="tickets", event=event, audience=audience, body=scenario.text, **draft)
    audience = describe(
        contacts=chosen, tags=[tags[index].pk for index in scenario.tags], everybody=scenario.is_everybody
    )
    return make_campaign(audience=audience, body=scenario.text, **draft)


def _make_person(one, tags, event) -> Contact:
    fields = {} if one.has_phone else {"phone": ""}
    contact = make_contact(
        email=one.box,
        tags=tuple(tags[index] for index in one.tags),
        whatsapp_opt_out_at=NOW if one.no_whatsapp else None,
        email_opt_out_at=NOW if one.no_email else None,
        attributes={"mesa": "4"} if one.is_chosen else {},
        **fields,
    )
    for number, status in enumerate(one.tickets, start=1):
        ticket = make_ticket(event=event, holder=contact, status=status, number=number)
        if number == 1 and one.reached:
            sent_at = NOW if one.reached == "sent" else None
            make_delivery(ticket=ticket, contact=contact, status=one.reached, sent_at=sent_at)
    return contact
