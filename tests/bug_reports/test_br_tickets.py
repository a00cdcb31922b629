"""Tickets as their holders see and get them: bug reports BR-051, BR-112 – BR-114 and BR-118 – BR-121."""

import zoneinfo
from datetime import UTC, datetime, timedelta

import icalendar
import pytest
from django.core import checks
from django.urls import reverse
from PIL import Image

from campaigns.drafts import draft_tickets
from tests.bug_reports.launching import prepared
from tests.campaigns.driving import run_until_idle
from tests.factories import NOW, make_contact, make_event, make_lane, make_ticket
from tests.fakes import Clock, FakeGateway
from tests.tickets.cards import NAMES, Pdf, decoded, opened
from tickets.checks import check_zones
from tickets.codes import TOKEN_ALPHABET, TOKEN_LENGTH, new_token
from tickets.issuing import issue_tickets
from tickets.models import Contact, Event, Ticket
from tickets.qr import public_link

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]

ARABIC = "أنا تجربة"
FILES = ("qr.png", "entrada.png", "entrada.pdf", "evento.ics")


def page_of(ticket):
    return f"/t/{ticket.token}/"


def files_of(client, ticket):
    return {name: client.get(page_of(ticket) + name) for name in FILES}


# --- BR-112


@pytest.mark.parametrize("name", ["qr.png", "entrada.png"])
def test_br_112_a_qr_is_read_on_a_dark_page_and_at_half_its_size(client, name):
    ticket = make_ticket()
    image = opened(client.get(page_of(ticket) + name).content)
    assert "transparency" not in image.info
    page = Image.new("L", (image.width + 200, image.height + 200), 0)
    page.paste(image.convert("L"), (100, 100))
    half = page.resize((page.width // 2, page.height // 2), Image.Resampling.BILINEAR)
    assert (decoded(page), decoded(half)) == ([public_link(ticket)], [public_link(ticket)])


def test_br_112_printed_at_half_the_size_it_is_read_and_its_code_stands_beneath(client):
    ticket = make_ticket()
    pdf = Pdf(client.get(f"{page_of(ticket)}entrada.pdf").content)
    sheet = pdf.image.convert("L")
    assert decoded(sheet.resize((sheet.width // 2, sheet.height // 2), Image.Resampling.BILINEAR)) == [
        public_link(ticket)
    ]
    assert ticket.code in pdf.text


# --- BR-113


@pytest.mark.django_db(transaction=True)
def test_br_113_what_is_sent_to_each_person_of_a_batch_is_that_persons_code():
    make_lane()
    event = make_event(starts_at=NOW + timedelta(days=40))
    for _ in range(8):
        make_contact(email="")
    issue_tickets(event, Contact.objects.all())
    prepared(draft_tickets(event))
    gateway = FakeGateway()
    run_until_idle(gateway, Clock(NOW + timedelta(days=1)))
    sent = {message.phone: decoded(opened(message.picture.content)) for message in gateway.sent}
    assert sent == {ticket.holder.phone: [public_link(ticket)] for ticket in event.tickets.select_related("holder")}
    assert len({link for (link,) in sent.values()}) == 8


def test_br_113_four_tickets_of_one_person_are_four_pages_and_four_codes(client):
    holder, event = make_contact(), make_event()
    tickets = [make_ticket(holder=holder, event=event, number=number) for number in (1, 2, 3, 4)]
    links = [decoded(opened(client.get(f"{page_of(ticket)}qr.png").content)) for ticket in tickets]
    assert links == [[public_link(ticket)] for ticket in tickets]
    assert all(ticket.code in client.get(page_of(ticket)).content.decode() for ticket in tickets)


# --- BR-114


def test_br_114_nobody_guesses_the_address_of_a_ticket():
    assert len(TOKEN_ALPHABET) ** TOKEN_LENGTH >= 2**128
    assert len({new_token() for _ in range(100)}) == 100


def test_br_114_what_is_closed_looks_like_what_never_was(client):
    ticket = make_ticket(status="voided")
    for name in FILES:
        closed, unknown = client.get(page_of(ticket) + name), client.get(f"/t/{'x' * 22}/{name}")
        assert (closed.status_code, closed.content, dict(closed.headers)) == (
            404,
            unknown.content,
            dict(unknown.headers),
        )


def test_br_114_neither_the_code_nor_the_number_of_a_ticket_is_an_address(client):
    ticket = make_ticket()
    for guess in (ticket.code, ticket.pk, ticket.token[:-1], ticket.token.upper() + "x"):
        assert [client.get(f"/t/{guess}/{name}").status_code for name in ("", *FILES)] == [404] * 5


def test_br_114_a_link_that_was_taken_back_gives_nothing_away_any_more(client):
    ticket = make_ticket()
    assert [answer.status_code for answer in files_of(client, ticket).values()] == [200] * 4
    Ticket.objects.update(status="blocked")
    assert [answer.status_code for answer in files_of(client, ticket).values()] == [404] * 4


def test_br_114_the_page_is_in_no_index_and_shows_neither_phone_nor_address(client):
    ticket = make_ticket()
    answers = [client.get(page_of(ticket)), *files_of(client, ticket).values()]
    assert all("noindex" in answer.headers["X-Robots-Tag"] for answer in answers)
    assert not [
        one
        for one in answers
        for secret in (ticket.holder.phone, ticket.holder.email)
        if secret.encode() in one.content
    ]


# --- BR-118 and BR-051


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
def test_br_118_no_name_breaks_a_ticket(client, name):
    name = name.replace("\x00", "")  # which no database keeps
    ticket = make_ticket(
        event=make_event(name=name[:150] or "x", venue=name[:150]), holder=make_contact(name=name[:150])
    )
    answers = files_of(client, ticket)
    assert [answer.status_code for answer in answers.values()] == [200] * 4
    assert decoded(opened(answers["entrada.png"].content)) == [public_link(ticket)]
    assert Pdf(answers["entrada.pdf"].content).pages == 1


def test_br_118_the_letters_of_vietnam_are_in_the_font_and_no_box_stands_for_them(client):
    ticket = make_ticket(holder=make_contact(name="Nguyễn Thị Ánh Nguyệt"))
    assert "Nguyễn Thị Ánh Nguyệt" in Pdf(client.get(f"{page_of(ticket)}entrada.pdf").content).text


def test_br_051_a_right_to_left_name_turns_nothing_around_it(client):
    ticket = make_ticket(
        holder=make_contact(name=f"{ARABIC} (12)", language="en"), code="K7MD-4QXT", token="T" * 22, companions=2
    )
    html, pdf = client.get(page_of(ticket)).content.decode(), Pdf(client.get(f"{page_of(ticket)}entrada.pdf").content)
    assert f'<bdi dir="auto">{ARABIC} (12)</bdi>' in html
    assert "<bdi>K7MD-4QXT</bdi>" in html
    for line in ("K7MD-4QXT", public_link(ticket), "and 2 companions · 3 people enter"):
        assert line in pdf.text.splitlines()
    assert [line for line in pdf.text.splitlines() if ARABIC in line and "2026" in line] == []


def test_br_051_a_name_that_orders_the_direction_of_a_line_is_not_obeyed(client):
    ticket = make_ticket(holder=make_contact(name="Ana \u202e\u2067TIX"))
    text = Pdf(client.get(f"{page_of(ticket)}entrada.pdf").content).text
    assert "Ana TIX" in text.splitlines()


# --- BR-119, BR-120 and BR-121


@pytest.mark.django_db(transaction=True)
def test_br_119_every_way_says_the_hour_of_the_event_with_its_city(client, settings, mailoutbox):
    settings.TIME_ZONE = "UTC"  # of the server
    make_lane()
    make_lane(channel="email", number=90)
    starts = datetime(2026, 12, 13, 2, 0, tzinfo=UTC)  # 20:00 of the 12th there
    event = make_event(starts_at=starts, timezone="America/Mexico_City", attach_qr=False)
    ticket = make_ticket(event=event)
    prepared(draft_tickets(event, channels="both"))
    gateway = FakeGateway()
    run_until_idle(gateway, Clock(NOW + timedelta(days=1)))
    for text in (gateway.sent[0].text, mailoutbox[0].body):
        assert "sábado 12 de diciembre de 2026, 20:00 (Ciudad de México)" in text
    text = Pdf(client.get(f"{page_of(ticket)}entrada.pdf").content).text
    assert "Sábado 12 de diciembre de 2026" in text
    assert "20:00 – 23:00 (hora de Ciudad de México)" in text
    html = " ".join(client.get(page_of(ticket)).content.decode().split())
    assert '20:00 – 23:00 <span class="quiet">(hora de Ciudad de México)</span>' in html
    calendar = client.get(f"{page_of(ticket)}evento.ics").content
    [entry] = icalendar.Calendar.from_ical(calendar).walk("VEVENT")
    assert b"TZID=America/Mexico_City:20261212T200000" in calendar
    assert entry["DTSTART"].dt == starts


def test_br_120_the_clocks_are_those_of_the_package_and_not_of_the_machine():
    assert zoneinfo.TZPATH == ()


@pytest.mark.parametrize("month", range(1, 13))
def test_br_120_mexico_and_paraguay_change_their_clocks_no_more(month):
    for zone, hours in (("America/Mexico_City", -6), ("America/Asuncion", -3)):
        assert datetime(2026, month, 15, tzinfo=zoneinfo.ZoneInfo(zone)).utcoffset() == timedelta(hours=hours)


def test_br_120_old_data_is_said_at_the_start(monkeypatch):
    assert check_zones(None) == []
    old = zoneinfo.ZoneInfo("Etc/GMT+5")  # as Mexico's summer was, in which everybody came an hour late
    monkeypatch.setattr("tickets.checks.ZoneInfo", lambda zone: old)
    assert {error.id for error in check_zones(None)} == {"tickets.E001"}
    assert "America/Mexico_City is -5 h from UTC" in check_zones(None)[0].msg
    assert check_zones in checks.registry.registry.get_checks()


def test_br_121_form_list_and_ticket_show_the_hour_that_was_typed(boss, client):
    """The pages of the staff in all their forms: tests/tickets/test_admin_events.py."""
    page = boss.get(reverse("admin:tickets_event_add")).content.decode()
    assert "America/Bogota" in page
    event = make_event(starts_at=datetime(2026, 7, 5, 2, 0, tzinfo=UTC), timezone="America/Mexico_City")  # 20:00 there
    form = boss.get(reverse("admin:tickets_event_change", args=[event.pk])).content.decode()
    assert 'value="2026-07-04T20:00"' in form
    assert "20:00" in boss.get(reverse("admin:tickets_event_changelist")).content.decode()
    ticket = make_ticket(event=Event.objects.get(), holder=make_contact(language="en"))
    assert "20:00 – 23:00" in Pdf(client.get(f"{page_of(ticket)}entrada.pdf").content).text
    assert "20:00 – 23:00" in client.get(page_of(ticket)).content.decode()
