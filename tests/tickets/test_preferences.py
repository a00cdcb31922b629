"""The signed link and the page behind it: who it opens for, what it shows, what it writes down."""

import re
from pathlib import Path

import pytest
from django.conf import settings as site
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from tests.factories import NOW, make_contact
from tests.history import told
from tests.tickets.test_public_page import Page
from tickets.history import THE_PERSON
from tickets.merging import merge, plan_merge
from tickets.models import Contact, HistoryEntry
from tickets.preferences import (
    INVENTED,
    contact_of,
    preferences_token,
    preferences_url,
    unsubscribe_url,
    without_real_links,
)
from tickets.preferences_words import masked

LENGTH = 28
ONE_CLICK = {"List-Unsubscribe": "One-Click"}


@pytest.fixture
def person(db):
    return make_contact(name="Ana Prueba", phone="+573000000001", email="ana@example.com", language="en")


def where(contact, rest=""):
    return f"/preferencias/{preferences_token(contact.pk)}/{rest}"


def read(client, contact, rest=""):
    response = client.get(where(contact, rest))
    assert response.status_code == 200
    return Page(response.content.decode())


def fields(client, contact):
    """What a browser would send along with a button."""
    return {field["name"]: field["value"] for field in read(client, contact).all("input")}


def buttons(page):
    return [button["value"] for button in page.all("button")]


def choose(client, contact, choice, **more):
    return client.post(where(contact), fields(client, contact) | {"choice": choice} | more)


def wishes(contact):
    contact.refresh_from_db()
    return contact.whatsapp_opt_out_at, contact.email_opt_out_at


# --- the link ---------------------------------------------------------------------------------------------------


@given(st.integers(1, 62**6 - 1))
def test_every_link_is_as_long_as_every_other_and_has_letters_and_digits_only(number):
    assert re.fullmatch(rf"[A-Za-z0-9]{{{LENGTH}}}", preferences_token(number))


def test_a_link_is_a_hundred_and_twenty_eight_bits_behind_a_number():
    assert len({preferences_token(number)[6:] for number in range(1, 500)}) == 499
    assert 62**22 > 2**128


def test_the_link_opens_for_its_person_and_nothing_is_stored(person):
    other = make_contact()
    with CaptureQueriesContext(connection) as queries:
        assert contact_of(preferences_token(person.pk)) == person
    assert len(queries) == 1
    assert contact_of(preferences_token(other.pk)) == other


@pytest.mark.parametrize("change", [0, 5, 6, 27])
def test_a_letter_that_was_changed_opens_nothing(person, change):
    token = preferences_token(person.pk)
    forged = token[:change] + ("b" if token[change] == "a" else "a") + token[change + 1 :]
    make_contact()
    assert contact_of(forged) is None


@pytest.mark.django_db
@pytest.mark.parametrize(
    "odd", ["", "x", INVENTED, "a" * LENGTH, "ñ" * LENGTH, "a" * 500, "9" * 34, "a\x00" + "a" * 26]
)
def test_odd_links_open_nothing(odd):
    assert contact_of(odd) is None


def test_a_signature_made_for_something_else_opens_nothing(person, monkeypatch):
    monkeypatch.setattr("tickets.preferences.SALT", "something else")
    token = preferences_token(person.pk)
    monkeypatch.undo()
    assert contact_of(token) is None


def test_links_go_on_working_after_the_key_was_changed_while_the_old_one_is_kept(person, settings):
    token, old = preferences_token(person.pk), settings.SECRET_KEY
    settings.SECRET_KEY = "another-" + "y" * 50
    assert contact_of(token) is None
    settings.SECRET_KEY_FALLBACKS = [old]
    assert contact_of(token) == person
    assert preferences_token(person.pk) != token


def test_the_link_of_somebody_merged_leads_to_whom_they_became(person, client):
    middle, last, address = make_contact(), make_contact(), where(person)
    for keep, gone in ((middle, person), (last, middle)):
        merge(keep, gone, {}, expected=plan_merge(keep, gone).fingerprint, user=None, now=NOW)
    assert client.get(address).status_code == 200
    client.post(address, {"choice": "whatsapp-no"})
    assert wishes(last)[0] is not None


def test_other_readers_get_the_text_with_a_link_of_nobody(person):
    text = f"¿No quieres más avisos? {preferences_url(person.pk)}\n{unsubscribe_url(person.pk)} /preferencias/ /t/abc/"
    shown = without_real_links(text)
    assert preferences_token(person.pk) not in shown
    assert shown == text.replace(preferences_token(person.pk), INVENTED)
    assert len(shown) == len(text)


# --- what the page shows ----------------------------------------------------------------------------------------


def test_the_page_says_what_the_person_gets_and_that_tickets_arrive_all_the_same(client, person):
    Contact.objects.update(email_opt_out_at=NOW)
    text = read(client, person).text
    assert "Ana , choose what you get from us" in text
    assert "News by WhatsApp You get them" in text
    assert "News by e-mail You get none" in text
    assert "Your tickets You always get them" in text


def test_there_is_nothing_on_it_but_the_first_name_and_addresses_that_only_their_owner_knows(client, person):
    Contact.objects.update(nickname="Anita", attributes={"mesa": "VIP-7"})
    html = client.get(where(person)).content.decode()
    assert "+57 ••• ••• 0001" in html
    assert "a•••@example.com" in html
    assert [word for word in ("Prueba", "Anita", "VIP-7", "300000", "ana@") if word in html] == []


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("+573000000001", "+57 ••• ••• 0001"),
        ("+5215512345678", "+52 ••• ••• 5678"),
        ("x@example.com", "x•••@example.com"),
        ("+0", "••• ••• +0"),
    ],
)
def test_addresses_are_masked(address, shown):
    assert masked(address) == shown


@pytest.mark.parametrize(("language", "words"), [("es", "Tus entradas"), ("en", "Your tickets")])
def test_it_speaks_the_language_of_the_person(client, person, language, words):
    Contact.objects.update(language=language)
    client.cookies[site.LANGUAGE_COOKIE_NAME] = "en" if language == "es" else "es"
    response = client.get(where(person))
    assert words in Page(response.content.decode()).text
    assert response.headers["Content-Language"] == language


def test_only_channels_with_an_address_are_asked_about(client, person):
    Contact.objects.update(phone="")
    assert buttons(read(client, person)) == ["email-no"]
    Contact.objects.update(phone="+573000000001", email="")
    assert buttons(read(client, person)) == ["whatsapp-no"]


@pytest.mark.django_db
@pytest.mark.parametrize("rest", ["", "baja/"])
def test_a_link_that_is_not_ours_looks_like_a_ticket_that_is_none(client, rest):
    forged, ticket = client.get(f"/preferencias/{INVENTED}/{rest}"), client.get("/t/unknown/")
    assert forged.status_code == ticket.status_code == 404
    assert forged.content == ticket.content
    assert dict(forged.headers) == dict(ticket.headers)
    assert client.post(f"/preferencias/{INVENTED}/{rest}", ONE_CLICK).status_code == 404


@pytest.mark.parametrize("rest", ["", "baja/", "?guardado=1"])
def test_the_page_stays_out_of_search_engines_caches_and_other_sites(client, person, rest):
    headers = client.get(where(person, rest)).headers
    assert "noindex" in headers["X-Robots-Tag"]
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Cache-Control"] == "private, no-store"
    assert "Set-Cookie" not in headers


def test_it_is_light_and_takes_nothing_from_elsewhere(client, person):
    page = read(client, person)
    attributes = [pair for _tag, attrs in page.tags for pair in attrs.items()]
    assert page.all("script") == page.all("style") == []
    assert [name for name, _value in attributes if name == "style" or name.startswith("on")] == []
    assert [value for name, value in attributes if name in {"src", "href", "action"} and value[0] != "/"] == []
    files = [Path(site.BASE_DIR) / link["href"].lstrip("/") for link in page.all("link")]
    assert sum(file.stat().st_size for file in files) + len(client.get(where(person)).content) <= 60_000


@pytest.mark.parametrize("method", ["put", "delete", "patch", "options"])
@pytest.mark.parametrize("rest", ["", "baja/"])
def test_nothing_else_can_be_done(client, person, method, rest):
    assert getattr(client, method)(where(person, rest)).status_code == 405


# --- choosing ---------------------------------------------------------------------------------------------------


def test_saying_no_on_one_channel_leaves_the_other_and_keeps_all_about_it(client, person):
    shown = read(client, person).text
    answer = choose(client, person, "whatsapp-no")
    assert (answer.status_code, answer.headers["Location"]) == (302, where(person, "?guardado=1"))
    assert wishes(person)[0] is not None
    assert (person.email_opt_out_at, person.email_opt_out_text) == (None, "")
    assert person.whatsapp_opt_out_source == "Página de preferencias"
    sentence, _bracket, button = person.whatsapp_opt_out_text.rstrip("]").partition(" [")
    assert "+57 ••• ••• 0001" in sentence
    assert sentence in shown
    assert button in shown
    [entry] = HistoryEntry.objects.all()
    assert (entry.action, entry.actor, entry.user) == ("opted_out", THE_PERSON, None)
    assert entry.after["whatsapp_opt_out_text"] == person.whatsapp_opt_out_text


def test_the_next_page_says_what_holds_now(client, person):
    answer = choose(client, person, "email-no")
    text = Page(client.get(answer.headers["Location"]).content.decode()).text
    assert "Saved." in text
    assert "News by e-mail You get none" in text
    assert "News by WhatsApp You get them" in text
    assert "Saved." not in read(client, person).text


def test_wanting_them_again_is_a_consent_with_the_text_that_was_shown(client, person):
    choose(client, person, "email-no")
    shown = read(client, person).text
    choose(client, person, "email-yes")
    assert wishes(person) == (None, None)
    assert (person.email_opt_out_source, person.email_opt_out_text) == ("", "")
    assert person.email_consent_source == "Página de preferencias"
    assert person.email_consent_at is not None
    assert "you agree that we write to you again" in person.email_consent_text
    assert person.email_consent_text.partition(" [")[0] in shown
    assert [(actor, action) for actor, action, _details in told()] == [
        (THE_PERSON, "opted_out"),
        (THE_PERSON, "opted_in"),
    ]


def test_one_button_ends_everything_and_never_begins_anything(client, person):
    Contact.objects.update(whatsapp_opt_out_at=NOW, whatsapp_opt_out_source="BAJA")
    choose(client, person, "all-no")
    assert wishes(person)[0] == NOW
    assert wishes(person)[1] is not None
    assert person.email_opt_out_text.endswith("[I want no announcements at all]")
    assert person.whatsapp_opt_out_source == "BAJA"


def test_a_double_submit_writes_once(client, person):
    sent = fields(client, person) | {"choice": "whatsapp-no"}
    client.post(where(person), sent)
    first = wishes(person)
    assert client.post(where(person), sent).status_code == 302
    assert (wishes(person), HistoryEntry.objects.count()) == (first, 1)
    again = fields(client, person) | {"choice": "whatsapp-yes"}
    for _press in range(2):
        client.post(where(person), again)
    assert (wishes(person)[0], HistoryEntry.objects.count()) == (None, 2)


def test_a_page_that_was_open_for_long_does_not_end_a_later_no(client, person):
    Contact.objects.update(whatsapp_opt_out_at=NOW)
    sent = fields(client, person) | {"choice": "whatsapp-yes"}
    later = NOW.replace(hour=20)
    Contact.objects.update(whatsapp_opt_out_at=later, whatsapp_opt_out_source="BAJA")
    client.post(where(person), sent)
    assert wishes(person)[0] == later


@pytest.mark.parametrize(
    "sent", [{}, {"choice": ""}, {"choice": "pigeon-no"}, {"choice": "whatsapp-yes", "seen-whatsapp": "\x00"}]
)
def test_a_post_that_says_nothing_changes_nothing(client, person, sent):
    Contact.objects.update(whatsapp_opt_out_at=NOW)
    assert client.post(where(person), sent).status_code == 302
    assert (wishes(person), HistoryEntry.objects.count()) == ((NOW, None), 0)


def test_it_takes_no_cookie_and_no_token_of_a_form(person):
    """Browsers send “Origin: null” from a page that lets no address out."""
    strict = Client(enforce_csrf_checks=True)
    answer = strict.post(where(person), {"choice": "email-no"}, headers={"origin": "null"})
    assert answer.status_code == 302
    assert wishes(person)[1] is not None


# --- the button of a mail program ---------------------------------------------------------------------------------


def test_the_button_of_a_mailbox_counts_for_everybody_of_us_who_has_it(client, person):
    twin = make_contact(name="Leo", email=person.email)
    other, nobody = make_contact(email="otra@example.com"), make_contact(email="")
    client.post(where(person, "baja/"), ONE_CLICK)
    client.post(where(nobody, "baja/"), ONE_CLICK)
    out = set(Contact.objects.exclude(email_opt_out_at=None).values_list("pk", flat=True))
    assert out == {person.pk, twin.pk, nobody.pk}
    assert other.pk not in out
    assert HistoryEntry.objects.filter(action="opted_out", actor=THE_PERSON).count() == 3


def test_its_source_and_text_are_kept(client, person):
    answer = client.post(where(person, "baja/"), ONE_CLICK)
    assert answer.status_code == 200
    assert "News by e-mail You get none" in Page(answer.content.decode()).text
    assert wishes(person)[1] is not None
    assert person.email_opt_out_source == "“Cancelar suscripción” del programa de correo"
    assert person.email_opt_out_text == "List-Unsubscribe=One-Click"


@pytest.mark.parametrize("sent", [{}, {"List-Unsubscribe": "yes"}, {"choice": "email-no"}])
def test_its_address_does_nothing_for_anything_else(client, person, sent):
    assert client.post(where(person, "baja/"), sent).status_code == 200
    assert client.get(where(person, "baja/"), ONE_CLICK).status_code == 200
    assert wishes(person) == (None, None)


def test_who_follows_it_by_hand_gets_the_page_with_its_buttons(client, person):
    page = read(client, person, "baja/")
    assert page.all("form")[0]["action"] == where(person)
    assert buttons(page) == ["whatsapp-no", "email-no", "all-no"]
