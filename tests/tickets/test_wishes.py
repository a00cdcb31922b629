"""Opt-outs and opt-ins that somebody of the staff writes down: with a source, a moment and what was said."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from tests.campaigns.pages import hidden_fields, said
from tests.factories import NOW, make_contact
from tests.history import told
from tests.staff import sign_in
from tickets.history import THE_PERSON
from tickets.models import Contact, HistoryEntry
from tickets.optouts import opt_in, opt_out
from tickets.preferences import preferences_url

pytestmark = pytest.mark.django_db

RIGHTS = ("tickets.view_contact", "tickets.opt_out_contact")
BEFORE = NOW - timedelta(days=2)
SAID_AT = timezone.localtime(BEFORE).strftime("%Y-%m-%dT%H:%M")


@pytest.fixture(autouse=True)
def english(client, time_machine):
    time_machine.move_to(NOW, tick=False)
    client.cookies["django_language"] = "en"


def _page(contact, channel="whatsapp"):
    return reverse("admin:tickets_contact_wish", args=[contact.pk, channel])


def _person(contact):
    return reverse("admin:tickets_contact_person", args=[contact.pk])


def _typed(client, contact, channel="whatsapp", **fields):
    seen = hidden_fields(client.get(_page(contact, channel)), "content-main")
    return seen | {"at": SAID_AT, "source": "Said so on the telephone", "text": ""} | fields


def _wish(contact, channel="whatsapp"):
    contact.refresh_from_db()
    return getattr(contact, f"{channel}_opt_out_at"), getattr(contact, f"{channel}_opt_out_source")


def test_an_opt_out_keeps_moment_source_and_words(client):
    user, contact = sign_in(client, *RIGHTS), make_contact(name="Ana")
    answer = client.post(_page(contact), _typed(client, contact, text="Too many messages"))
    assert answer.headers["Location"] == _person(contact)
    assert said(answer) == ["Ana gets no more announcements (WhatsApp), from the very next message on."]
    assert _wish(contact) == (BEFORE.replace(second=0, microsecond=0), "Said so on the telephone")
    assert _wish(contact, "email") == (None, "")
    entry = HistoryEntry.objects.get()
    assert (entry.user, entry.action) == (user, "opted_out")
    assert contact.whatsapp_opt_out_text == entry.after["whatsapp_opt_out_text"] == "Too many messages"
    assert entry.after["whatsapp_opt_out_source"] == "Said so on the telephone"


def test_wanting_them_again_is_a_consent_with_its_proof(client):
    sign_in(client, *RIGHTS)
    no = {"email_opt_out_source": "BAJA", "email_opt_out_text": "No more"}
    contact = make_contact(name="Ana", email_opt_out_at=BEFORE - timedelta(days=9), **no)
    fields = _typed(client, contact, "email", text="Shall we write to you again? Yes.")
    answer = client.post(_page(contact, "email"), fields)
    assert said(answer) == ["Ana gets announcements again (E-mail)."]
    assert (*_wish(contact, "email"), contact.email_opt_out_text) == (None, "", "")
    assert contact.email_consent_at == BEFORE.replace(second=0, microsecond=0)
    assert contact.email_consent_source == "Said so on the telephone"
    assert contact.email_consent_text == "Shall we write to you again? Yes."
    entry = HistoryEntry.objects.get()
    assert (entry.action, entry.before["email_opt_out_source"]) == ("opted_in", "BAJA")


def test_looking_writes_nothing(client):
    sign_in(client, *RIGHTS)
    contact = make_contact()
    client.get(_page(contact))
    assert (_wish(contact), told()) == ((None, ""), [])


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"at": ""}, "at"),
        ({"at": "mañana"}, "at"),
        ({"at": timezone.localtime(NOW + timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M")}, "at"),
        ({"source": ""}, "source"),
        ({"source": "x" * 121}, "source"),
        ({"text": "x" * 1001}, "text"),
    ],
)
def test_bad_input_gets_a_sentence_and_loses_nothing(client, fields, wrong):
    sign_in(client, *RIGHTS)
    contact = make_contact()
    answer = client.post(_page(contact), _typed(client, contact, **({"text": "Me cansé"} | fields)))
    assert set(answer.context["form"].errors) == {wrong}
    assert answer.context["form"].errors[wrong][0].endswith(".")
    assert "Me cansé" in answer.content.decode() or wrong == "text"
    assert _wish(contact) == (None, "")


def test_an_opt_in_without_its_proof_is_refused(client):
    sign_in(client, *RIGHTS)
    contact = make_contact(whatsapp_opt_out_at=BEFORE)
    answer = client.post(_page(contact), _typed(client, contact))
    assert set(answer.context["form"].errors) == {"text"}
    assert _wish(contact)[0] == BEFORE


def test_a_double_submit_keeps_the_first_and_says_so(client):
    sign_in(client, *RIGHTS)
    contact = make_contact()
    fields = _typed(client, contact)
    client.post(_page(contact), fields)
    first = _wish(contact)
    answer = client.post(_page(contact), fields | {"source": "On paper"})
    assert "changed meanwhile" in said(answer)[-1]
    assert (_wish(contact), HistoryEntry.objects.count()) == (first, 1)


def test_a_stale_page_does_not_end_a_newer_opt_out(client):
    sign_in(client, *RIGHTS)
    contact = make_contact(whatsapp_opt_out_at=BEFORE)
    fields = _typed(client, contact, text="Yes.")
    Contact.objects.update(whatsapp_opt_out_at=NOW, whatsapp_opt_out_source="BAJA")
    answer = client.post(_page(contact), fields)
    assert "changed meanwhile" in said(answer)[-1]
    assert _wish(contact) == (NOW, "BAJA")


def test_a_stale_page_of_an_opt_out_does_not_opt_in(client):
    """It was opened before the person said no elsewhere."""
    sign_in(client, *RIGHTS)
    contact = make_contact()
    fields = _typed(client, contact, text="No.")
    Contact.objects.update(whatsapp_opt_out_at=NOW, whatsapp_opt_out_source="BAJA")
    client.post(_page(contact), fields)
    assert _wish(contact) == (NOW, "BAJA")


@pytest.mark.parametrize("rights", [("tickets.view_contact", "tickets.change_contact"), ("tickets.opt_out_contact",)])
def test_it_needs_its_own_permission(client, rights):
    sign_in(client, *RIGHTS)
    contact = make_contact()
    fields = _typed(client, contact)
    sign_in(client, *rights)
    assert client.get(_page(contact)).status_code == 403
    assert client.post(_page(contact), fields).status_code == 403
    assert _wish(contact) == (None, "")


def test_the_button_is_there_for_whoever_may(client):
    contact = make_contact()
    sign_in(client, "tickets.view_contact")
    assert _page(contact) not in client.get(_person(contact)).content.decode()
    sign_in(client, *RIGHTS)
    assert _page(contact) in client.get(_person(contact)).content.decode()


def test_the_page_of_the_person_shows_what_was_said_by_whom_and_who_wrote_it_down(client):
    user = sign_in(client, *RIGHTS)
    contact = make_contact(email_consent_at=BEFORE, email_consent_source="Form", email_consent_text="Yes, write to me")
    opt_out(contact, "whatsapp", user=user, source="On paper", at=BEFORE, text="Never again", now=NOW)
    opt_out(contact, "email", user=THE_PERSON, source="Preference page", at=BEFORE, text="No more [No]", now=NOW)
    html = client.get(_person(contact)).content.decode()
    wishes = " ".join(re.sub("<[^>]+>", " ", html[html.index('id="h-wishes"') : html.index('id="timeline"')]).split())
    assert f"On paper · Written down by {user} “Never again”" in wishes
    assert "Preference page · Written down by the person “No more [No]”" in wishes
    assert "· Form “Yes, write to me”" in wishes


def test_the_link_of_the_person_is_for_those_who_may_write_down_wishes(client):
    contact = make_contact()
    sign_in(client, "tickets.view_contact", "tickets.change_contact")
    assert "/preferencias/" not in client.get(_person(contact)).content.decode()
    sign_in(client, *RIGHTS)
    assert f'value="{preferences_url(contact.pk)}"' in client.get(_person(contact)).content.decode()


def test_other_channels_and_people_are_not_there(client):
    sign_in(client, *RIGHTS)
    contact = make_contact()
    assert client.get(_page(contact, "pigeon")).status_code == 404
    assert client.get(reverse("admin:tickets_contact_wish", args=[contact.pk + 1, "email"])).status_code == 404


def test_the_first_no_stays_and_only_the_known_one_ends():
    contact = make_contact()
    assert opt_out(contact, "email", user=None, source="BAJA", at=BEFORE)
    assert not opt_out(contact, "email", user=None, source="STOP", at=NOW)
    assert _wish(contact, "email") == (BEFORE, "BAJA")
    assert not opt_in(contact, "email", user=None, source="x", at=NOW, seen=NOW)
    assert not opt_in(contact, "email", user=None, source="x", at=NOW, seen=None)
    assert opt_in(contact, "email", user=None, source="x", at=NOW, seen=BEFORE)
    assert _wish(contact, "email") == (None, "")
