"""Choosing one of Meta's templates on the page of a draft, and saying what stands in its places."""

import io

import pytest
import responses
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from PIL import Image

from campaigns.drafts import draft_announcement, draft_tickets
from campaigns.models import Campaign
from campaigns.template_choice import Choice
from campaigns.template_guesses import guesses
from tests.campaigns.choosing import body, button, chosen, header
from tests.campaigns.drafting import errors, form_of, save
from tests.campaigns.pages import page, said
from tests.factories import (
    make_cloud_sender,
    make_contact,
    make_event,
    make_sender,
    make_template,
    make_ticket,
)
from tests.whatsapp.cloud_answers import ACCOUNT, URL, fault
from tickets.models import HistoryEntry
from whatsapp.gateways.base import Template
from whatsapp.gateways.cloud_templates import places_of
from whatsapp.models import MessageTemplate

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]
LIST = f"{URL}/v25.0/{ACCOUNT}/message_templates"
KNOWN = frozenset({"nombre", "nombre_completo", "evento", "fecha", "hora", "lugar", "codigo", "enlace", "mesa"})


@pytest.fixture
def official():
    return make_cloud_sender(name="Oficial", state="ready")


@pytest.fixture
def draft(boss):
    ana = make_contact(name="Ana Prueba", attributes={"mesa": "7"})
    draft = draft_announcement(name="Aviso", contacts=[ana.pk], user=boss.user)
    Campaign.objects.filter(pk=draft.pk).update(body="Hola")
    draft.refresh_from_db()
    return draft


@pytest.fixture
def tickets(boss):
    event = make_event(name="Jazz")
    make_ticket(event=event)
    return draft_tickets(event, user=boss.user)


def key(row):
    return Choice.of(chosen(row)).key


def choose(client, campaign, row, **places):
    """What the page sends back when somebody has chosen this template and filled in its places."""
    names = {"template_choice": key(row), "template_shown": key(row)}
    return save(client, campaign, **names, **{f"place-{name}": text for name, text in places.items()})


def stored(draft):
    return Campaign.objects.get(pk=draft.pk).template


def html_of(client, draft):
    return client.get(page("change", draft.pk)).content.decode()


def options(client, draft):
    return client.get(page("change", draft.pk)).context["adminform"].form.template.groups


def picture():
    file = io.BytesIO()
    Image.new("RGB", (40, 30), "teal").save(file, "JPEG")
    return SimpleUploadedFile("aviso.jpg", file.getvalue(), "image/jpeg")


# --- when it is there, and what can be chosen


def test_without_a_number_that_needs_them_there_is_nothing_to_choose(boss, draft):
    make_sender(state="ready")
    row = make_template(make_cloud_sender(is_enabled=False))
    assert "k-template" not in html_of(boss, draft)
    save(boss, draft, body="Hola otra vez", template_choice=key(row))
    assert stored(draft) == {}


def test_templates_are_offered_by_language_those_that_can_be_sent_only(boss, draft, official):
    make_template(official, "aviso", parts=[body("Hola {{1}}, " + "x" * 80)])
    make_template(official, "aviso", language="en_US", parts=[body("Hi")])
    make_template(official, "entrada", parts=[header("DOCUMENT"), body("Hola")])
    make_template(official, "pausada", status="PAUSED")
    make_template(official, "clave", category="AUTHENTICATION")
    make_template(make_cloud_sender(account="999", is_enabled=False), "ajena")
    names = [(group, [label for _key, label in found]) for group, found in options(boss, draft)[1:]]
    assert names == [("en_US", ["aviso · Hi"]), ("es_CO", ["aviso · Hola {{1}}, " + "x" * 57 + "…"])]


def test_a_template_with_a_document_is_for_tickets(boss, tickets, official):
    row = make_template(official, "entrada", parts=[header("DOCUMENT"), body("Hola")])
    assert options(boss, tickets)[1:] == [("es_CO", [(key(row), "entrada · Hola")])]


def test_two_numbers_of_one_account_offer_each_template_once(boss, draft, official):
    for sender in (official, make_cloud_sender()):
        make_template(sender, "aviso")
    assert [len(found) for _group, found in options(boss, draft)[1:]] == [1]


def test_with_two_accounts_the_number_is_named(boss, draft, official):
    make_template(official, "aviso", parts=[body("Hola")])
    make_template(make_cloud_sender(name="Otra", account="999"), "aviso", parts=[body("Hola")])
    [(_language, found)] = options(boss, draft)[1:]
    assert sorted(label for _key, label in found) == ["aviso · Oficial · Hola", "aviso · Otra · Hola"]


def test_none_known_is_said(boss, draft, official):
    assert "No approved template is known" in html_of(boss, draft)


def test_one_that_was_chosen_stays_to_be_seen_when_it_is_gone(boss, draft, official):
    row = make_template(official)
    Campaign.objects.filter(pk=draft.pk).update(template=chosen(row, _1="{nombre}"))
    row.delete()
    official.is_enabled = False
    official.save()
    html = html_of(boss, draft)
    assert "Meta has no template “entrada” any more. Choose another one." in html
    assert '<optgroup label="not to be had now">' in html
    before = stored(draft)
    assert save(boss, draft, body="Hola otra vez").status_code == 302  # its text can be mended all the same
    assert stored(draft) == before


def test_one_that_meta_has_paused_is_said_and_kept(boss, draft, official):
    row = make_template(official)
    Campaign.objects.filter(pk=draft.pk).update(template=chosen(row, _1="{nombre}"))
    MessageTemplate.objects.update(status="PAUSED")
    assert "Meta does not let the template “entrada” leave: paused by Meta." in html_of(boss, draft)
    assert save(boss, draft, body="Otro texto").status_code == 302


def test_one_that_was_changed_at_meta_is_said_and_taken_as_it_is_now(boss, draft, official):
    row = make_template(official)
    Campaign.objects.filter(pk=draft.pk).update(template=chosen(row, _1="{nombre}"))
    MessageTemplate.objects.update(parts=[body("Buenas, {{1}}.")])
    assert "was changed at Meta" in html_of(boss, draft)
    save(boss, draft)
    assert Choice.of(stored(draft)).places.body_text == "Buenas, {{1}}."
    assert "was changed at Meta" not in html_of(boss, draft)


def test_other_examples_are_no_change(boss, draft, official):
    row = make_template(official)
    Campaign.objects.filter(pk=draft.pk).update(template=chosen(row, _1="{nombre}"))
    MessageTemplate.objects.update(parts=[row.parts[0] | {"example": {"body_text": [["Luisa"]]}}])
    assert "was changed at Meta" not in html_of(boss, draft)


# --- what stands in its places


def test_what_is_written_is_stored_and_shown_again(boss, draft, official):
    row = make_template(official)
    assert choose(boss, draft, row, **{"body.1": "{nombre} de la mesa {mesa|ninguna}"}).status_code == 302
    assert stored(draft) == chosen(row, _1="{nombre} de la mesa {mesa|ninguna}")
    html = html_of(boss, draft)
    assert 'value="{nombre} de la mesa {mesa|ninguna}"' in html
    assert "For example: Ana" in html
    before = stored(draft)
    assert save(boss, draft).status_code == 302  # what the page shows, sent back
    assert stored(draft) == before


def test_a_template_can_be_taken_out_again(boss, draft, official):
    choose(boss, draft, make_template(official), **{"body.1": "{nombre}"})
    save(boss, draft, template_choice="")
    assert stored(draft) == {}


def test_what_no_page_offers_is_refused(boss, draft, official):
    assert "template_choice" in errors(save(boss, draft, template_choice="cloud:1:es:nada"))
    assert "template_choice" in errors(save(boss, draft, template_choice="x" * 5000))


def test_another_template_begins_with_what_is_likely(boss, draft, official):
    """Without JavaScript: chosen and saved at once, its places come with the next page."""
    row = make_template(official)
    assert save(boss, draft, template_choice=key(row), _continue="1").status_code == 302
    assert Choice.of(stored(draft)).values == {"body.1": "{nombre}"}


def test_what_is_not_likely_is_asked_for(boss, draft, official):
    row = make_template(official, parts=[body("Hola {{1}}, {{2}}")])
    answer = save(boss, draft, template_choice=key(row))
    assert errors(answer) == {"place-body.2": ["Write what stands here: Meta takes no empty place."]}
    form = answer.context["adminform"].form
    assert [(field.name, field.value()) for field in form.places] == [
        ("place-body.1", "{nombre}"),
        ("place-body.2", ""),
    ]
    assert stored(draft) == {}


def test_with_javascript_its_places_come_at_once(boss, draft, official):
    row = make_template(
        official, parts=[header("TEXT", text="{{1}}"), body("Hola {{1}}"), button("https://x.org/{{1}}")]
    )
    typed = {"name": "x", "body": "Hola", "template_choice": key(row), "template_shown": ""}
    html = boss.post(page("template", draft.pk), typed).content.decode()
    assert f'name="template_shown" value="{key(row)}"' in html
    assert 'name="place-body.1" value="{nombre}"' in html
    assert "{{1}} in the header" in html
    assert "{{1}} of the button “Ver”" in html
    assert stored(draft) == {}  # nothing is kept
    assert "place-" not in boss.post(page("template_new"), typed | {"template_choice": ""}).content.decode()
    assert 'name="place-body.1"' in boss.post(page("template_new"), typed).content.decode()


def test_going_back_to_the_one_that_was_saved_brings_its_words_back(boss, draft, official):
    row, other = make_template(official), make_template(official, "otra")
    choose(boss, draft, row, **{"body.1": "gente"})
    typed = {"name": "x", "body": "Hola", "template_choice": key(row), "template_shown": key(other)}
    assert 'name="place-body.1" value="gente"' in boss.post(page("template", draft.pk), typed).content.decode()


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("{nombr}", "“{nombr}” is not the name of anything that we know. Did you mean {nombre}?"),
        ("{evento}", "“{evento}” belongs to an event, and this message has none. Choose an event or take it out."),
        (
            "{codigo}",
            "“{codigo}” belongs to a ticket, and this message carries none. Take it out, or send tickets instead.",
        ),
        (" \n\t", "Write what stands here: Meta takes no empty place."),
    ],
)
def test_what_is_wrong_is_said_at_its_place(boss, draft, official, text, sentence):
    answer = choose(boss, draft, make_template(official), **{"body.1": text})
    assert errors(answer)["place-body.1"][0] == sentence


def test_the_data_of_the_event_count_as_soon_as_it_is_chosen(boss, draft, official):
    row, event = make_template(official, parts=[body("Vuelve {{evento}}")], has_named_parameters=True), make_event()
    assert choose(boss, draft, row, **{"body.evento": "{evento}"}).status_code == 200
    save(boss, draft, template_choice=key(row), event=event.pk)
    assert Choice.of(stored(draft)).values == {"body.evento": "{evento}"}


def test_a_button_that_leads_elsewhere_takes_no_link_of_ours(boss, tickets, official, settings):
    settings.PUBLIC_URL = "https://boletas.example.org"
    row = make_template(official, parts=[body("Hola"), button("https://otra.example.org/{{1}}")])
    for link in ("{enlace}", "{link}", "{preferencias}"):
        [sentence] = errors(choose(boss, tickets, row, **{"button0.1": link}))["place-button0.1"]
        assert sentence == (
            "The button leads to https://otra.example.org/…, and this address begins otherwise. Write what follows "
            "there, or have a button approved that begins with https://boletas.example.org."
        )
    assert choose(boss, tickets, row, **{"button0.1": "{codigo}"}).status_code == 302


def test_a_button_that_leads_to_us_takes_it(boss, tickets, official, settings):
    settings.PUBLIC_URL = "https://boletas.example.org"
    row = make_template(official, parts=[body("Hola"), button("https://boletas.example.org/t/{{1}}")])
    assert save(boss, tickets, template_choice=key(row)).status_code == 302
    assert Choice.of(stored(tickets)).values == {"button0.1": "{enlace}"}


def test_a_picture_in_the_header_has_to_come_from_the_message(boss, draft, official):
    row = make_template(official, parts=[header("IMAGE"), body("Hola")])
    answer = choose(boss, draft, row)
    assert errors(answer)["template_choice"] == [
        "This template begins with a picture. Choose the picture of the message."
    ]
    values = form_of(boss, draft) | {"template_choice": key(row), "template_shown": key(row), "image": picture()}
    assert boss.post(page("change", draft.pk), values).status_code == 302
    assert Choice.of(stored(draft)).media == "image"


@pytest.mark.parametrize(
    ("kind", "switch", "sentence"),
    [
        ("IMAGE", "attach_qr", "This template begins with a picture. Attach the QR code, or choose a picture."),
        ("DOCUMENT", "attach_pdf", "This template begins with a document. Attach the ticket as PDF."),
    ],
)
def test_a_ticket_in_the_header_has_to_be_attached(boss, tickets, official, kind, switch, sentence):
    row = make_template(official, parts=[header(kind), body("Hola")])
    Campaign.objects.filter(pk=tickets.pk).update(attach_qr=False)
    assert errors(choose(boss, tickets, row))["template_choice"] == [sentence]
    Campaign.objects.filter(pk=tickets.pk).update(**{switch: True})
    assert choose(boss, tickets, row).status_code == 302


def test_somebody_elses_choice_is_not_undone_unseen(boss, draft, official):
    row = make_template(official)
    mine = form_of(boss, draft)
    choose(boss, draft, row, **{"body.1": "{nombre}"})
    answer = boss.post(page("change", draft.pk), mine | {"body": "Otro"})
    assert "seen" in errors(answer)
    assert Choice.of(stored(draft)).values == {"body.1": "{nombre}"}


def test_the_history_names_the_template(boss, draft, official):
    choose(boss, draft, make_template(official), **{"body.1": "{nombre}"})
    entry = HistoryEntry.objects.latest("pk")
    assert "template of Meta" in str(entry.__dict__)
    count = HistoryEntry.objects.count()
    save(boss, draft)
    assert HistoryEntry.objects.count() == count  # saved as it stood


# --- how it arrives


def test_preview_shows_what_the_chosen_person_gets(boss, draft, official):
    row = make_template(official, parts=[body("Hola {{1}}"), {"type": "FOOTER", "text": "Teatro"}])
    typed = {"name": "x", "body": "Texto", "template_choice": key(row), "template_shown": key(row)}
    answer = boss.post(page("preview", draft.pk), typed | {"place-body.1": "{nombre} ({mesa})"})
    finished = answer.context["preview"].whatsapp
    assert (finished.text.splitlines()[0], finished.template.text) == ("Texto", "Hola Ana (7)\n\nTeatro")
    assert "WhatsApp through Meta" in answer.content.decode()
    answer = boss.post(page("preview", draft.pk), typed | {"place-body.1": "{nombr}"})
    assert "“{nombr}”" in answer.context["preview"].problems[0]


def test_page_of_the_draft_shows_it_too(boss, draft, official):
    choose(boss, draft, make_template(official), **{"body.1": "{nombre}"})
    assert "Hola Ana, te esperamos." in html_of(boss, draft)


# --- reading them anew


def reading(client, draft, **changes):
    return client.post(page("change", draft.pk), form_of(client, draft) | {"_continue": "templates"} | changes)


def test_button_saves_and_reads_them_from_meta(boss, draft, official):
    make_cloud_sender()  # of the same account: asked once
    row = {"name": "nueva", "language": "es_CO", "status": "APPROVED", "components": [body("Hola")]}
    with responses.RequestsMock() as web:
        web.get(LIST, json={"data": [row]})
        answer = reading(boss, draft, body="Otro texto")
        assert len(web.calls) == 1
    assert answer.status_code == 302
    assert answer["Location"] == page("change", draft.pk)
    assert "Meta has 1 template." in said(answer)
    assert Campaign.objects.get(pk=draft.pk).body == "Otro texto"
    assert [label for _key, label in options(boss, draft)[1][1]] == ["nueva · Hola"]


def test_what_meta_refuses_is_said_and_the_draft_is_saved(boss, draft, official):
    with responses.RequestsMock() as web:
        web.get(LIST, json=fault(190), status=401)
        answer = reading(boss, draft, body="Otro texto")
    assert said(answer)[0].startswith("The templates of “Oficial” could not be read: ")
    assert Campaign.objects.get(pk=draft.pk).body == "Otro texto"


def test_meta_is_asked_outside_of_the_pages_transaction(boss, draft, official, monkeypatch):
    depths = []
    monkeypatch.setattr(
        "whatsapp.gateways.cloud.CloudGateway.templates",
        lambda self: depths.append(len(connection.savepoint_ids)) or [],
    )
    before = len(connection.savepoint_ids)
    reading(boss, draft)
    assert depths == [before]


def test_only_whoever_may_change_numbers_reads_them(staff, draft, official):
    writer = staff("campaigns.view_campaign", "campaigns.change_campaign")
    assert "read the templates from Meta" not in html_of(writer, draft)
    assert reading(writer, draft).status_code == 302  # nobody is asked over the network
    manager = staff("campaigns.view_campaign", "campaigns.change_campaign", "whatsapp.change_sender")
    assert "read the templates from Meta" in html_of(manager, draft)


# --- what is likely


@pytest.mark.parametrize(
    ("text", "is_named", "expected"),
    [
        ("Hola {{1}}", False, {"body.1": "{nombre}"}),
        (
            "*Hola, {{1}}*. Fecha: {{2}} Hora – {{3}}",
            False,
            {"body.1": "{nombre}", "body.2": "{fecha}", "body.3": "{hora}"},
        ),
        ("Dear {{1}}, your {{2}}", False, {"body.1": "{nombre}", "body.2": ""}),
        (
            "{{first_name}} {{mesa}} {{otra}}",
            True,
            {"body.first_name": "{nombre}", "body.mesa": "{mesa}", "body.otra": ""},
        ),
        ("{{Evento}} en {{recinto}}", True, {"body.Evento": "{evento}", "body.recinto": "{lugar}"}),
        ("Dirección: {{1}}", False, {"body.1": ""}),  # not known here
    ],
)
def test_first_guesses(text, is_named, expected):
    template = Template("x", "es", parts=(body(text),), has_named_parameters=is_named)
    assert guesses(places_of(template), KNOWN, links={}) == expected


def test_button_that_leads_to_us_is_for_our_link():
    links = {"enlace": "https://a.org/t/", "preferencias": "https://a.org/preferencias/"}
    for url, expected in [
        ("https://a.org/t/{{1}}", "{enlace}"),
        ("https://a.org/{{1}}", "{enlace}"),
        ("https://b.org/{{1}}", ""),
        ("https://a.org/preferencias/{{1}}", ""),  # no name of this message
    ]:
        template = Template("x", "es", parts=(body("Hola"), button(url)))
        assert guesses(places_of(template), KNOWN, links=links) == {"button0.1": expected}
