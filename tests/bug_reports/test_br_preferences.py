"""Opting out by the person: bug reports BR-034, BR-047, BR-089, BR-140 and BR-141."""

from datetime import timedelta
from email import message_from_bytes
from email.policy import default

import pytest
from django.test import Client
from django.urls import reverse

from campaigns.audience import people_of
from campaigns.drafts import draft_tickets
from campaigns.mailer import packed
from campaigns.messages import _letter, _plain
from campaigns.models import Delivery
from campaigns.preparing import prepare
from campaigns.progress import totals_by_state
from campaigns.stopping import StopPipe
from campaigns.trials import address_of, send_trial
from tests.bug_reports.launching import LATER, announcement, prepared
from tests.campaigns.driving import run_until_idle
from tests.closings import closed
from tests.factories import make_contact, make_event, make_lane, make_ticket
from tests.fakes import Clock, FakeGateway
from tests.tickets.uploads import imported
from tickets.models import Contact, HistoryEntry
from tickets.preferences import preferences_url, unsubscribe_url

pytestmark = pytest.mark.django_db

ONE_CLICK = {"List-Unsubscribe": "One-Click"}
# What asks for addresses in messages before, or instead of, the person.
SCANNERS = ("", "Mozilla/5.0 BarracudaCentral", "WhatsApp/2.24", "Microsoft Office/16.0 (Microsoft Outlook)")


def path_of(address):
    return address.removeprefix("http://localhost:8000")


def page_of(contact):
    return path_of(preferences_url(contact.pk))


def button_of(contact):
    return path_of(unsubscribe_url(contact.pk))


def wishes(contact):
    contact.refresh_from_db()
    return contact.whatsapp_opt_out_at is not None, contact.email_opt_out_at is not None


def letters(campaign):
    """The e-mails of a campaign as they would leave, read back as a mail program reads them."""
    rows = campaign.deliveries.filter(channel="email").select_related("contact", "ticket").order_by("pk")
    return [message_from_bytes(packed(_letter(row, None)).content, policy=default) for row in rows]


def parts_of(letter):
    """Its text and its page."""
    return [letter.get_body((kind,)).get_content() for kind in ("plain", "html")]


# --- BR-140 -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["get", "head"])
@pytest.mark.parametrize("agent", SCANNERS)
def test_br_140_whoever_looks_at_the_links_opts_nobody_out(client, method, agent):
    contact = make_contact()
    for address in (page_of(contact), button_of(contact), f"{button_of(contact)}?List-Unsubscribe=One-Click"):
        answer = getattr(client, method)(address, headers={"user-agent": agent, "purpose": "prefetch"})
        assert answer.status_code == 200
    assert (wishes(contact), HistoryEntry.objects.count()) == ((False, False), 0)


def test_br_140_the_link_works_again_and_again(client):
    """Also after it was used, and after scanners used it."""
    contact = make_contact()
    for wanted, choice in ((True, "whatsapp-no"), (False, "whatsapp-yes"), (True, "whatsapp-no")):
        client.get(page_of(contact))
        contact.refresh_from_db()
        seen = contact.whatsapp_opt_out_at.isoformat() if contact.whatsapp_opt_out_at else ""
        client.post(page_of(contact), {"choice": choice, "seen-whatsapp": seen})
        assert wishes(contact)[0] is wanted
    assert client.get(page_of(contact)).status_code == 200


@pytest.mark.parametrize("channels", ["whatsapp", "email"])
def test_br_140_who_opted_out_of_everything_on_the_page_still_gets_the_ticket(client, mailoutbox, channels):
    make_lane(channel=channels)
    ticket = make_ticket(event=make_event(starts_at=LATER + timedelta(days=9), attach_qr=False))
    client.post(page_of(ticket.holder), {"choice": "all-no"})
    assert wishes(ticket.holder) == (True, True)
    prepared(draft_tickets(ticket.event, channels=channels))
    gateway = FakeGateway()
    run_until_idle(gateway, Clock(LATER))
    assert len(gateway.sent) + len(mailoutbox) == 1
    assert Delivery.objects.get().status == "sent"


# --- BR-141 -------------------------------------------------------------------------------------------------------


def test_br_141_announcements_by_e_mail_carry_the_button_of_mail_programs():
    contact = make_contact(phone="")
    [letter] = letters(prepared(announcement([contact], channels="email", body="Hola")))
    assert letter["List-Unsubscribe"].strip() == f"<{unsubscribe_url(contact.pk)}>"
    assert letter["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_br_141_the_button_works_without_cookie_login_or_token_and_once(django_assert_max_num_queries):
    contact = make_contact()
    for _click in range(2):
        with django_assert_max_num_queries(12):
            answer = Client(enforce_csrf_checks=True).post(button_of(contact), ONE_CLICK, headers={"origin": "null"})
        assert answer.status_code == 200  # mail programs follow no redirects
        assert "Set-Cookie" not in answer.headers
    assert wishes(contact) == (False, True)
    assert HistoryEntry.objects.count() == 1


def test_br_141_the_button_works_in_both_forms_in_which_programs_send(client):
    contact = make_contact()
    client.post(button_of(contact), "List-Unsubscribe=One-Click", content_type="application/x-www-form-urlencoded")
    assert wishes(contact) == (False, True)


def test_br_141_tickets_and_tests_carry_no_button(boss):
    """A ticket is no advertisement; a test is read by somebody else than the person."""
    event = make_event(starts_at=LATER + timedelta(days=9), attach_qr=False)
    ticket = make_ticket(event=event)
    campaign = prepared(draft_tickets(event, channels="email"))
    draft = announcement([ticket.holder], channels="email", body="Hola")
    person = next(people_of(draft))[0]
    trial = send_trial(draft, address_of("jefa@example.com"), person, user=None, key="k", now=LATER)
    prepare(trial.pk, budget=60, stop=StopPipe(), clock=lambda: LATER)
    [delivery] = trial.deliveries.all()
    assert preferences_url(ticket.holder.pk) not in delivery.text
    assert preferences_url(None) in delivery.text
    for letter in (*letters(campaign), *letters(trial)):
        assert letter["List-Unsubscribe"] is None
        assert letter["List-Unsubscribe-Post"] is None


def test_br_141_in_safe_mode_nothing_in_an_e_mail_acts_for_the_real_person(settings, client):
    contact = make_contact()
    campaign = prepared(announcement([contact], channels="email", body="Hola {preferencias}"))
    settings.OVERRIDE_RECIPIENTS = ["prueba@example.org", "+573000000999"]
    [letter] = letters(campaign)
    assert letter["To"] == "prueba@example.org"
    assert letter["List-Unsubscribe"] is None
    assert preferences_url(contact.pk) not in "".join(parts_of(letter))
    assert preferences_url(None) in parts_of(letter)[0]


def test_br_141_nor_does_anything_in_a_whatsapp_message_then(settings):
    contact = make_contact()
    [delivery] = prepared(announcement([contact])).deliveries.all()
    settings.OVERRIDE_RECIPIENTS = ["prueba@example.org", "+573000000999"]
    message = _plain(FakeGateway(), delivery, "+573000000999")
    assert (message.phone, preferences_url(contact.pk) in message.text) == ("+573000000999", False)
    assert message.text.endswith(closed("Hola Persona"))


def test_br_141_the_staff_who_read_a_message_do_not_get_the_link_with_it(boss):
    contact = make_contact()
    [delivery] = prepared(announcement([contact])).deliveries.all()
    html = boss.get(reverse("admin:campaigns_delivery_change", args=[delivery.pk])).content.decode()
    assert "¿No quieres más avisos?" in html
    assert preferences_url(contact.pk) in delivery.text
    assert preferences_url(contact.pk) not in html


# --- in every message -----------------------------------------------------------------------------------------------


def test_an_e_mail_has_the_link_below_the_letter_in_both_of_its_parts():
    contact = make_contact()
    [letter] = letters(prepared(announcement([contact], channels="email", body="Hola {nombre}")))
    text, html = parts_of(letter)
    link = preferences_url(contact.pk)
    footer = f"¿No quieres más avisos? Elige qué recibes de nosotros: {link}"
    assert text.splitlines() == ["Hola Persona", "", "-- ", footer]
    assert f'href="{link}"' in html
    assert html.count(link) == 2  # where it leads and what is read
    assert "-- " not in html.partition("<body")[2]


def test_a_ticket_says_by_e_mail_alone_where_one_chooses():
    event = make_event(starts_at=LATER + timedelta(days=9), attach_qr=False)
    ticket = make_ticket(event=event)
    campaign = prepared(draft_tickets(event, channels="both"))
    by_whatsapp, by_email = (campaign.deliveries.get(channel=channel).text for channel in ("whatsapp", "email"))
    assert "/preferencias/" not in by_whatsapp
    link = preferences_url(ticket.holder.pk)
    assert by_email.endswith(f"\n\n-- \nQué recibes de nosotros, y cómo cambiarlo: {link}")


@pytest.mark.parametrize("name", ["preferencias", "Preferences"])
def test_whoever_writes_the_link_into_the_text_gets_it_there_and_nowhere_else(name):
    contact = make_contact()
    campaign = prepared(announcement([contact], channels="both", body=f"Baja: {{{name}}}. Hasta pronto"))
    link = preferences_url(contact.pk)
    for delivery in campaign.deliveries.all():
        assert delivery.text == f"Baja: {link} . Hasta pronto"


def test_br_047_the_line_at_the_end_is_counted_where_the_text_is_frozen():
    contact = make_contact(language="en")
    room = 4096 - len(f"\n\nNo more announcements? {preferences_url(None)}")
    fits, over = (prepared(announcement([contact], body="x" * length)) for length in (room, room + 1))
    assert (fits.deliveries.get().status, len(fits.deliveries.get().text)) == ("pending", 4096)
    assert (over.deliveries.get().status, over.deliveries.get().error_detail) == ("failed", "4097 > 4096")


# --- BR-089 -------------------------------------------------------------------------------------------------------


def test_br_089_who_says_no_between_launch_and_turn_gets_nothing_is_counted_and_gets_the_ticket(client):
    make_lane()
    people = [make_contact(email="") for _ in range(3)]
    ticket = make_ticket(event=make_event(starts_at=LATER + timedelta(days=9), attach_qr=False), holder=people[1])
    campaign = prepared(announcement(people))
    tickets = prepared(draft_tickets(ticket.event))
    client.post(page_of(people[1]), {"choice": "whatsapp-no"})
    rows = campaign.deliveries.order_by("pk").values_list("status", "error_kind")
    assert list(rows) == [("pending", ""), ("skipped", "opted_out"), ("pending", "")]
    gateway = FakeGateway()
    run_until_idle(gateway, Clock(LATER))
    to = [message.phone for message in gateway.sent]
    assert sorted(to) == sorted(person.phone for person in people)
    assert ticket.code in next(message.text for message in gateway.sent if message.phone == people[1].phone)
    assert closed("Hola Persona", people[0]) in [message.text for message in gateway.sent]
    assert totals_by_state([campaign.pk])[campaign.pk] == {"sent": 2, "skipped": 1}
    assert totals_by_state([tickets.pk])[tickets.pk] == {"sent": 1}


def test_br_089_only_that_channel_only_announcements_and_only_what_has_not_left(client):
    contact = make_contact()
    campaign = prepared(announcement([contact], channels="both"))
    left = prepared(announcement([contact]))
    left.deliveries.update(status="sent", sent_at=LATER)
    later = prepared(announcement([contact]))
    later.deliveries.update(status="waiting", due_at=LATER)
    event = make_event(starts_at=LATER + timedelta(days=9), attach_qr=False)
    make_ticket(event=event, holder=contact)
    tickets = prepared(draft_tickets(event))
    other = prepared(announcement([make_contact()]))
    client.post(page_of(contact), {"choice": "whatsapp-no"})

    def states(of):
        return list(of.deliveries.order_by("channel").values_list("channel", "status", "due_at"))

    assert states(campaign) == [("email", "pending", None), ("whatsapp", "skipped", None)]
    assert states(left) == [("whatsapp", "sent", None)]
    assert states(later) == [("whatsapp", "skipped", None)]
    assert states(tickets) == states(other) == [("whatsapp", "pending", None)]


def test_br_089_what_is_being_taken_at_that_moment_is_judged_when_it_comes_back():
    """The list says pending although the person has said no: whoever takes it asks again."""
    make_lane()
    contact = make_contact(email="")
    campaign = prepared(announcement([contact]))
    Contact.objects.update(whatsapp_opt_out_at=LATER)  # not through the page
    gateway = FakeGateway()
    run_until_idle(gateway, Clock(LATER))
    assert gateway.sent == []
    assert campaign.deliveries.values_list("status", "error_kind").get() == ("skipped", "opted_out")


# --- BR-034 -------------------------------------------------------------------------------------------------------


def test_br_034_the_same_list_again_opts_nobody_in(client):
    rows = "nombre;teléfono;correo\nAna;+57 300 555 0001;ana@example.com\n"
    imported(rows, name="lista.csv")
    contact = Contact.objects.get()
    client.post(page_of(contact), {"choice": "all-no"})
    before = Contact.objects.values().get()
    imported(rows.replace("Ana;", "Ana Prueba;"), name="otra.csv")
    after = Contact.objects.values().get()
    assert wishes(contact) == (True, True)
    kept = [name for name in before if "opt_out" in name or "consent" in name]
    assert {name: after[name] for name in kept} == {name: before[name] for name in kept}
    assert contact.whatsapp_opt_out_text != ""
