"""The writer takes short cuts for thousands of people; what it writes is what the long way gives."""

import string
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.audience import Person
from campaigns.models import Campaign
from campaigns.own_data import known_attributes
from campaigns.personal import Writer, names_for, pass_of
from campaigns.placeholders import BadTemplate, known_names
from campaigns.rendering import LIMITS, Occasion, length_of, values_for, without_marks
from campaigns.rendering import Person as Named
from tests.factories import make_campaign, make_contact, make_event, make_ticket
from tickets.models import Contact, Event, Ticket
from tickets.preferences import preferences_url

OWN_DATA = ("mesa", "Nº de silla", "código", "evento", "nombre")
words = st.text(string.ascii_letters + "áñ *_\u202e\u05d0🎉", max_size=12)
slots = st.builds(
    lambda name, fallback: f"{{{name}}}" if fallback is None else f"{{{name}|{fallback}}}",
    st.sampled_from(
        [
            *("nombre", "apodo", "first_name", "nombre completo", "evento", "lugar", "date", "Dirección"),
            *(
                "preferencias",
                "Preferences",
                "codigo",
                "enlace",
                "ticket_link",
                "acompañantes",
                "mesa",
                "n de silla",
                "Nº de silla",
            ),
        ]
    ),
    st.none() | st.text(string.ascii_letters + " ", max_size=8),
)
texts = st.lists(words | slots, max_size=8).map("".join)
people = st.builds(
    Contact,
    pk=st.none() | st.integers(1, 10**9),
    name=words,
    nickname=words,
    language=st.sampled_from(["es", "en"]),
    attributes=st.dictionaries(
        st.sampled_from(OWN_DATA), st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | words
    ),
)
events = st.builds(
    Event,
    pk=st.just(7),
    name=words,
    venue=words,
    address=words,
    starts_at=st.just(datetime(2026, 12, 24, 20, 30, tzinfo=UTC)),
    timezone=st.just(ZoneInfo("America/Bogota")),
)
tickets = st.builds(
    Ticket,
    code=words,
    token=st.just("x" * 22),
    companions=st.integers(0, 10),
    attributes=st.dictionaries(st.sampled_from(OWN_DATA), words),
)


def closing(is_email, ticket, language):
    if ticket and not is_email:
        return ""
    if ticket:
        words = {
            "es": "Qué recibes de nosotros, y cómo cambiarlo:",
            "en": "What you get from us, and how to change it:",
        }
        return f"\n\n-- \n{words[language]} "
    more = {"es": "¿No quieres más avisos?", "en": "No more announcements?"}[language]
    choose = {"es": "Elige qué recibes de nosotros:", "en": "Choose what you get from us:"}[language]
    return f"\n\n-- \n{more} {choose} " if is_email else f"\n\n{more} "


def the_long_way(writer, person):
    """Every value there is, under each of its names, put into every text anew."""
    campaign, contact, ticket, event = writer.campaign, person.contact, person.ticket, writer.campaign.event
    values = values_for(
        Named(contact.name, contact.nickname, contact.attributes, preferences_url(contact.pk)),
        Occasion(event.name, event.starts_at, event.timezone, event.venue, event.address) if event else None,
        pass_of(ticket) if ticket else None,
        language=contact.language,
    )
    is_email = person.channel == "email"
    body = (writer.email if is_email else writer.whatsapp).render(values)
    text = without_marks(body.text) if is_email and not campaign.email_body else body.text
    if campaign.link:
        text = f"{text.rstrip()}\n\n{campaign.link_text + ': ' if campaign.link_text else ''}{campaign.link}"
    has_own = (writer.email if is_email else writer.whatsapp).names & {"preferencias", "preferences"}
    if text.strip() and not has_own and (is_email or not ticket):
        text = f"{text.rstrip()}{closing(is_email, ticket, contact.language)}{preferences_url(contact.pk)}"
    subject = writer.subject.render(values).line if is_email else ""
    part, content = ("subject", subject) if is_email else ("caption" if writer.has_picture else "whatsapp", text)
    length = length_of(content)
    return subject, text, body.fallbacks_used, f"{length} > {LIMITS[part]}" if length > LIMITS[part] else "", length


def parsed(campaign):
    has_ticket = campaign.kind == "tickets"
    known = known_names(has_event=campaign.event_id is not None, has_ticket=has_ticket, attributes=OWN_DATA)
    try:
        return Writer._parsed(campaign, known, preferences_url)
    except BadTemplate:  # asks for an event or a ticket that it has not
        return None


@given(
    body=texts,
    email_body=st.just("") | texts,
    subject=texts,
    event=st.none() | events,
    ticket=st.none() | tickets,
    contacts=st.lists(people, min_size=1, max_size=3),
    times=st.sampled_from([1, 60]),
    has_link=st.booleans(),
)
def test_what_is_written_and_measured_is_what_the_long_way_gives(
    body, email_body, subject, event, ticket, contacts, times, has_link
):
    campaign = Campaign(
        kind="tickets" if ticket else "announcement",
        name="Aviso",
        event=event,
        body=body * times,
        email_body=email_body,
        subject=subject * times,
        link="https://example.org/a" if has_link else "",
        link_text="Más" if times == 1 else "",
        attach_qr=times == 1,
    )
    writer = parsed(campaign)
    if writer is None:
        return
    for contact in contacts:
        for channel in ("whatsapp", "email"):
            person = Person(contact, ticket, channel, "x", None)
            written, measured = writer.write(person), writer.measure(person)
            *expected, length = the_long_way(writer, person)
            assert [written.subject, written.text, written.fallbacks, written.too_long] == expected
            assert measured == (length, written.fallbacks, written.too_long)


@pytest.mark.parametrize(
    ("body", "is_same"),
    [
        ("Hola", True),
        ("Hola {preferencias}", True),
        ("Nos vemos el {fecha} en {lugar}", True),
        ("Hola {nombre}", False),
        ("{mesa|algo}", False),
    ],
)
def test_a_text_that_names_nobody_is_the_same_for_all(body, is_same):
    writer = parsed(Campaign(event=Event(pk=7, name="Concierto"), body=body, email_body="Hola {nombre}"))
    assert writer.is_same_for_all("whatsapp") is is_same
    assert not writer.is_same_for_all("email")


def test_what_is_written_instead_stands_beside_its_name():
    writer = parsed(Campaign(body="{mesa|sin mesa} {apodo} {mesa|ninguna}"))
    assert writer.replacements("whatsapp") == {"mesa": "sin mesa / ninguna"}


@pytest.mark.django_db
def test_everybodys_own_data_are_read_only_for_a_text_that_asks_for_them(django_assert_num_queries):
    make_contact(attributes={"mesa": "4"})
    campaign = make_campaign(body="Hola {nombre}")
    with django_assert_num_queries(0):
        Writer.of(campaign)
    campaign.body = "Mesa {mesa}"
    with django_assert_num_queries(1):
        Writer.of(campaign)
    assert known_attributes() == {"mesa"}


@pytest.mark.django_db
def test_a_name_that_nobody_has_is_still_an_error():
    make_contact(attributes={"mesa": "4"})
    with pytest.raises(BadTemplate) as raised:
        Writer.of(make_campaign(body="{messa}"))
    assert raised.value.problems[0].suggestion == "mesa"


@pytest.mark.django_db
def test_the_data_of_the_tickets_of_the_event_can_be_used_in_their_message():
    event = make_event()
    make_ticket(event=event, attributes={"asiento": "4"})
    make_ticket(attributes={"palco": "1"})  # of another event
    own = {"asiento", "palco"}
    assert names_for(make_campaign(kind="tickets", event=event)) & own == {"asiento"}
    assert names_for(make_campaign(event=event)) & own == set()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("of_ticket", "written"),
    [({"Mesa": "12"}, "Mesa 12"), ({"mesa": ""}, "Mesa 4"), ({}, "Mesa 4"), ({"nombre": "Otra"}, "Mesa 4")],
)
def test_what_the_ticket_says_comes_before_what_its_holder_has(of_ticket, written):
    ticket = make_ticket(attributes=of_ticket, holder=make_contact(name="Ana Prueba", attributes={"mesa": "4"}))
    writer = Writer.of(make_campaign(kind="tickets", event=ticket.event, body="{nombre}: Mesa {mesa}"))
    assert writer.write(Person(ticket.holder, ticket, "whatsapp", "x", None)).text == f"Ana: {written}"
