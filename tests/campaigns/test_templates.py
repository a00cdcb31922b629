"""Meta's approved templates in campaigns: filled in for each person, frozen, and sent by the numbers that need them."""

import json
from datetime import timedelta

import pytest
from django.core.files.base import ContentFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from campaigns import lifecycle
from campaigns.audience import Person
from campaigns.drafts import draft_resend, draft_tickets
from campaigns.duplicates import duplicate
from campaigns.keeping import keep_known
from campaigns.models import Campaign, Delivery, Lane
from campaigns.personal import Writer
from campaigns.placeholders import BadTemplate
from campaigns.preparing import prepare
from campaigns.scene import Scene
from campaigns.second_channel import send_due
from campaigns.stopping import StopPipe
from campaigns.surroundings import Surroundings
from campaigns.template_choice import Choice
from campaigns.template_texts import TemplateForm, use_in, values_in, without_real_links_of
from campaigns.trials import address_of, send_trial, why_not
from campaigns.waiting import waiting_of
from campaigns.watchdog import has_due_work
from tests.campaigns.choosing import Official, body, button, chosen, header
from tests.campaigns.driving import run_until_idle
from tests.campaigns.replying import leaves, prepare_all, writes
from tests.factories import (
    NOW,
    make_campaign,
    make_cloud_sender,
    make_contact,
    make_delivery,
    make_event,
    make_lane,
    make_sender,
    make_template,
    make_ticket,
)
from tests.fakes import FakeGateway
from tests.tickets.cards import Pdf, decoded, opened
from whatsapp.gateways.base import ErrorKind, Parameter, Refused, TemplateUse, Throttled
from whatsapp.gateways.cloud_send import payload_of
from whatsapp.gateways.scrubbing import scrub

pytestmark = pytest.mark.django_db
NUMBER = "+573000000999"


@pytest.fixture
def official():
    """A number that only sends templates."""
    sender = make_cloud_sender(state="ready")
    make_lane(sender=sender)
    return sender


def campaign_with(row, values=None, **fields):
    by_place = {name: fields.pop(name) for name in list(fields) if name.startswith("_")}
    return make_campaign(template=chosen(row, values, **by_place), **fields)


def written(campaign, *people, now=NOW):
    """Launched, with its list."""
    Campaign.objects.filter(pk=campaign.pk).update(audience={"contacts": [person.pk for person in people]})
    campaign.refresh_from_db()
    return launched(campaign, now=now)


def launched(campaign, now=NOW):
    lifecycle.launch(campaign, now=now)
    prepare(campaign.pk, budget=60, stop=StopPipe(), clock=lambda: now)
    campaign.refresh_from_db()
    return list(Delivery.objects.filter(campaign=campaign).order_by("slot"))


def sent_by(gateway):
    run_until_idle(gateway, budget=60)
    return gateway.sent


# --- what it says


def test_each_person_has_their_own_words_in_the_places(official):
    event = make_event(name="Noche de jazz")
    row = make_template(official, parts=[body()])
    ana, bob = make_contact(name="Ana Prueba"), make_contact(name="Bob Muestra")
    deliveries = written(campaign_with(row, event=event, _1="{nombre}", _2="{evento}"), ana, bob)
    assert [delivery.template for delivery in deliveries] == [
        {"name": "entrada", "language": "es_CO", "body": [{"text": name}, {"text": "Noche de jazz"}]}
        for name in ("Ana", "Bob")
    ]
    assert deliveries[0].text.startswith("Hola Ana")  # what other numbers send stays


def test_dates_are_said_in_the_language_of_the_person(official):
    event = make_event(starts_at=NOW)
    row = make_template(official, parts=[body("Nos vemos el {{1}}")])
    people = make_contact(language="es"), make_contact(language="en")
    spanish, english = written(campaign_with(row, event=event, _1="{fecha}"), *people)
    assert spanish.template["body"] == [{"text": "miércoles 25 de noviembre de 2026"}]
    assert english.template["body"] == [{"text": "Wednesday 25 November 2026"}]


def test_a_template_without_anything_personal_is_filled_in_once(official, monkeypatch):
    made, write = [], TemplateForm._write
    monkeypatch.setattr(TemplateForm, "_write", lambda form, values: made.append(values) or write(form, values))
    row = make_template(official)
    deliveries = written(campaign_with(row, _1="amistades"), *[make_contact(language="es") for _ in range(5)])
    assert (len(made), len(deliveries)) == (1, 5)
    assert all(delivery.template["body"] == [{"text": "amistades"}] for delivery in deliveries)


def test_named_places_keep_their_names(official):
    parts = [header("TEXT", text="{{evento}}"), body("Hola {{nombre}}"), button("https://example.org/{{1}}")]
    row = make_template(official, parts=parts, has_named_parameters=True)
    values = {"header.evento": "Jazz", "body.nombre": "{nombre}", "button0.1": "{apodo}"}
    [delivery] = written(campaign_with(row, values), make_contact(name="Ana Prueba", nickname="La Ñ"))
    assert use_in(delivery.template) == TemplateUse(
        "entrada",
        "es_CO",
        header=(Parameter("Jazz", "evento"),),
        body=(Parameter("Ana", "nombre"),),
        buttons=(Parameter("La%20%C3%91", index=0),),
    )
    choice = Choice.of(delivery.campaign.template)
    assert values_in(choice, delivery.template) == {
        "header.evento": "Jazz",
        "body.nombre": "Ana",
        "button0.1": "La%20%C3%91",
    }


def test_a_place_is_never_empty(official):
    """Meta refuses a message with an empty place, and with it the campaign would stand still."""
    row = make_template(official, parts=[body("{{1}} {{2}} {{3}} {{4}}")])
    campaign = campaign_with(row, _1="{mesa}", _2="{mesa|ninguna}", _3="Fila {fila}", _4="{mesa|}")
    someone = make_contact(attributes={"mesa": "", "fila": ""})
    make_contact(attributes={"mesa": "7", "fila": "2"})
    [delivery] = written(campaign, someone)
    assert [one["text"] for one in delivery.template["body"]] == ["-", "ninguna", "Fila -", "-"]


def test_nothing_of_a_value_breaks_the_line(official):
    row = make_template(official)
    someone = make_contact(attributes={"nota": "uno\ndos\t tres     cuatro"})
    [delivery] = written(campaign_with(row, _1="{nota}     {nombre}\n"), someone)
    assert delivery.template["body"] == [{"text": f"uno dos tres cuatro {someone.name.split()[0]}"}]


def test_a_whole_address_completes_the_address_of_a_button(official, settings):
    settings.PUBLIC_URL = "https://boletas.example.org"
    row = make_template(official, parts=[body("Hola"), button("https://boletas.example.org/t/{{1}}")])
    event = make_event()
    ticket = make_ticket(event=event)
    campaign = campaign_with(
        row, {"button0.1": "{enlace}"}, kind="tickets", event=event, audience={"event_tickets": True}
    )
    [delivery] = launched(campaign)
    assert delivery.template["buttons"] == [{"text": f"{ticket.token}/", "index": 0}]


def test_what_becomes_longer_than_meta_takes_it_does_not_leave(official):
    row = make_template(official, parts=[body("{{1}} y {{1}}")])
    people = [make_contact(attributes={"nota": "ñ" * length}) for length in (510, 511)]
    fits, does_not = written(campaign_with(row, _1="{nota}"), *people)
    assert (fits.status, fits.error_kind) == ("pending", "")
    assert (does_not.status, does_not.error_kind, does_not.error_detail) == ("failed", "too_long", "1025 > 1024")


def test_what_is_written_where_something_is_missing_is_known_before_the_launch(official):
    campaign = campaign_with(make_template(official), _1="{mesa|ninguna}")
    make_contact(attributes={"mesa": "7"})
    person = Person(make_contact(), None, "whatsapp", "", None)
    writer = Writer.of(campaign)
    assert writer.measure(person).fallbacks == frozenset({"mesa"})
    assert writer.replacements("whatsapp") == {"mesa": "ninguna"}
    assert writer.replacements("email") == {}


def test_all_that_is_wrong_with_all_places_is_said_at_once(official):
    campaign = campaign_with(make_template(official, parts=[body()]), _1="{nombr}", _2="{evento}")
    with pytest.raises(BadTemplate) as raised:
        Writer.of(campaign)
    assert [problem.quoted for problem in raised.value.problems] == ["{nombr}", "{evento}"]


def test_an_email_has_no_template(official):
    campaign = campaign_with(make_template(official), _1="{nombre}", channels="both")
    by_email, on_whatsapp = sorted(written(campaign, make_contact()), key=lambda one: one.channel)
    assert (on_whatsapp.channel, bool(on_whatsapp.template)) == ("whatsapp", True)
    assert (by_email.channel, by_email.template) == ("email", {})


def test_what_is_stored_is_what_is_read_back(official):
    row = make_template(official, parts=[header("IMAGE"), body()], has_named_parameters=True)
    stored = chosen(row, _1="{nombre}", _2="x")
    again = json.loads(json.dumps(stored))
    assert Choice.of(again).stored() == stored
    assert Choice.of({}) is None


# --- how it leaves


def test_the_template_leaves_and_not_the_text(official):
    row = make_template(official, parts=[body()])
    [delivery] = written(campaign_with(row, _1="{nombre}", _2="jazz"), make_contact(name="Ana Prueba"))
    gateway = Official()
    [message] = sent_by(gateway)
    assert message.template == TemplateUse("entrada", "es_CO", body=(Parameter("Ana"), Parameter("jazz")))
    assert (message.phone, message.picture, message.document) == (delivery.address, None, None)
    assert payload_of(message)["template"]["components"] == [
        {"type": "body", "parameters": [{"type": "text", "text": "Ana"}, {"type": "text", "text": "jazz"}]}
    ]
    delivery.refresh_from_db()
    assert (delivery.status, delivery.sender) == ("sent", official)


def test_what_a_gateway_quotes_of_it_is_taken_out_of_its_words(official, settings):
    """Also the part of a link that opens the ticket of a person."""
    row = make_template(official, parts=[body("Hola {{1}}"), button(f"{settings.PUBLIC_URL}/t/{{{{1}}}}")])
    event = make_event()
    ticket = make_ticket(event=event, token="Abcdefghijklmnopqrstuv", holder=make_contact())
    values = {"body.1": "{nombre}", "button0.1": "{enlace}"}
    launched(campaign_with(row, values, kind="tickets", event=event, audience={"event_tickets": True}))
    [message] = sent_by(Official())
    said = f"Param {ticket.token}/ is wrong"
    assert scrub(said, message=message.text) == "Param… is wrong"
    assert ticket.token in scrub(said)


def test_another_number_sends_the_text_of_the_same_campaign(official):
    other = make_sender(state="ready")
    make_lane(sender=other)
    row = make_template(official)
    written(campaign_with(row, _1="{nombre}", body="Hola {nombre}"), *[make_contact() for _ in range(4)])
    gateways = {official.pk: Official(), other.pk: FakeGateway()}
    run_until_idle(lambda sender: gateways[sender.pk], budget=60)
    assert len(gateways[official.pk].sent) == len(gateways[other.pk].sent) == 2
    assert all(message.template for message in gateways[official.pk].sent)
    assert all(message.text.startswith("Hola ") and not message.template for message in gateways[other.pk].sent)


def test_a_second_try_is_the_same_message(official):
    row = make_template(official)
    ana = make_contact(name="Ana Prueba")
    [delivery] = written(campaign_with(row, _1="{nombre}"), ana)
    row.delete()  # nothing is asked of the database again
    ana.name = "Otra Persona"
    ana.save(update_fields=["name"])
    gateway = Official(Throttled("slowly", retry_after=1.0))
    [message] = sent_by(gateway)
    assert message.template.body == (Parameter("Ana"),)
    delivery.refresh_from_db()
    assert (delivery.status, delivery.attempts_made) == ("sent", 2)


def test_what_failed_is_sent_again_as_it_was(official):
    [delivery] = written(campaign_with(make_template(official), _1="{nombre}"), make_contact(name="Ana Prueba"))
    gateway = Official(Refused("no"))
    assert sent_by(gateway) == []
    campaign = Campaign.objects.get(pk=delivery.campaign_id)
    assert lifecycle.resend(campaign, now=NOW) == 1
    [message] = sent_by(gateway)
    assert message.template.body == (Parameter("Ana"),)


def test_the_picture_of_the_campaign_stands_in_the_header(official):
    row = make_template(official, parts=[header("IMAGE"), body("Hola")])
    campaign = campaign_with(row, {"x": ""})
    campaign.image.save("aviso.jpg", ContentFile(b"a picture"))
    written(campaign, make_contact())
    [message] = sent_by(Official())
    assert message.picture.content == b"a picture"
    [component] = payload_of(message, "555")["template"]["components"]
    assert component == {"type": "header", "parameters": [{"type": "image", "image": {"id": "555"}}]}


def test_a_picture_has_no_place_in_a_template_without_one(official):
    campaign = campaign_with(make_template(official, parts=[body("Hola")]), {"x": ""})
    campaign.image.save("aviso.jpg", ContentFile(b"a picture"))
    written(campaign, make_contact())
    [message] = sent_by(Official())
    assert message.picture is None


@pytest.mark.parametrize("kind", ["IMAGE", "DOCUMENT"])
def test_the_ticket_stands_in_the_header(official, kind):
    event = make_event()
    ticket = make_ticket(event=event)
    row = make_template(official, parts=[header(kind), body("Hola")])
    launched(
        campaign_with(
            row,
            {"x": ""},
            kind="tickets",
            event=event,
            attach_qr=True,
            attach_pdf=True,
            audience={"event_tickets": True},
        )
    )
    [message] = sent_by(Official())
    if kind == "IMAGE":
        assert message.picture.filename == f"{ticket.code}.png"
        assert message.document is None
        assert len(decoded(opened(message.picture.content))) == 1
    else:
        assert message.document.filename == f"{ticket.code}.pdf"
        assert message.picture is None


def test_in_safe_mode_it_goes_to_the_test_number_with_links_that_open_nothing(official, settings):
    settings.OVERRIDE_RECIPIENTS = [NUMBER]
    begins = f"{settings.PUBLIC_URL.rstrip('/')}/preferencias/"
    row = make_template(official, parts=[body("Cambia: {{1}}"), button(begins + "{{1}}")])
    values = {"body.1": "{preferencias}", "button0.1": "{preferencias}"}
    [delivery] = written(campaign_with(row, values), make_contact())
    [real], [token] = delivery.template["body"], delivery.template["buttons"]
    assert real["text"] == begins + token["text"]
    [message] = sent_by(Official())
    assert message.phone == NUMBER
    [shown], [opens] = message.template.body, message.template.buttons
    assert shown.text == begins + opens.text
    assert opens.text.startswith("ejemplo")


def test_a_link_of_a_ticket_is_left_as_it_is_in_safe_mode(official, settings):
    use = TemplateUse("entrada", "es_CO", buttons=(Parameter("Abcdefghijklmnopqrstuv/"),))
    assert without_real_links_of(use) == use


# --- which numbers take what


def test_a_number_that_needs_a_template_leaves_the_others_alone(official):
    plain = make_campaign(status="sending")
    delivery = make_delivery(campaign=plain, contact=make_contact())
    gateway = Official()
    assert run_until_idle(gateway, budget=60) == 0
    assert Delivery.objects.get(pk=delivery.pk).status == "pending"
    assert Lane.objects.get(sender=official).lease_owner == ""
    assert has_due_work(now=NOW) is False  # or the worker would be started anew again and again


def test_and_no_other_account_takes_its_template(official):
    row = make_template(official)
    foreign = make_cloud_sender(account="999")
    make_lane(sender=foreign)
    written(campaign_with(row, _1="{nombre}"), make_contact())
    gateways = {official.pk: Official(), foreign.pk: Official()}
    run_until_idle(lambda sender: gateways[sender.pk], budget=60)
    assert (len(gateways[official.pk].sent), len(gateways[foreign.pk].sent)) == (1, 0)


def test_another_number_of_the_account_takes_it(official):
    row = make_template(official)
    sister = make_cloud_sender()
    make_lane(sender=sister)
    written(campaign_with(row, _1="{nombre}"), *[make_contact() for _ in range(4)])
    gateways = {official.pk: Official(), sister.pk: Official()}
    run_until_idle(lambda sender: gateways[sender.pk], budget=60)
    assert (len(gateways[official.pk].sent), len(gateways[sister.pk].sent)) == (2, 2)


def test_nobody_keeps_a_number_that_cannot_send_it(official):
    """Of two numbers that could: whoever was reached by Meta's last goes to another one with a plain campaign."""
    row = make_template(official)
    for _ in range(2):
        make_lane(sender=make_sender(state="ready"))
    person = make_contact()
    make_delivery(contact=person, status="sent", sent_at=NOW - timedelta(days=9), sender=official)
    [plain] = written(make_campaign(), person)
    [official_one] = written(campaign_with(row, _1="{nombre}"), person)
    assert (plain.pool, official_one.pool) == (0, official.pk)


def test_whoever_is_kept_by_a_number_that_moved_to_meta_is_let_go(official):
    other = make_sender(state="ready")
    make_lane(sender=other)
    delivery = make_delivery(campaign=make_campaign(status="sending"), pool=official.pk)
    around = Surroundings()
    around.look(now=NOW)
    assert Delivery.objects.get(pk=delivery.pk).pool == 0


def test_but_stays_where_nobody_else_could_send_it(official):
    delivery = make_delivery(campaign=make_campaign(status="sending"), pool=official.pk)
    Surroundings().look(now=NOW)
    assert Delivery.objects.get(pk=delivery.pk).pool == official.pk


def test_a_look_writes_nothing_while_everybody_waits_in_the_right_place(official):
    make_lane(sender=make_sender(state="ready"))
    row = make_template(official)
    make_delivery(campaign=campaign_with(row, _1="x", status="sending"), pool=official.pk)
    make_delivery(campaign=make_campaign(status="sending"))
    around = Surroundings()
    with CaptureQueriesContext(connection) as asked:
        around.look(now=NOW)
    assert [query["sql"] for query in asked if query["sql"].startswith("UPDATE")] == []


def test_a_number_that_may_write_to_nobody_new_keeps_only_what_it_may_send(official):
    person = make_contact()
    make_delivery(contact=person, status="sent", sent_at=NOW - timedelta(days=9), sender=official)
    plain = make_delivery(campaign=make_campaign(status="sending"), contact=person)
    fitting = make_delivery(campaign=campaign_with(make_template(official), _1="x", status="sending"), contact=person)
    assert keep_known(official.pk, now=NOW) == 1
    assert [Delivery.objects.get(pk=one.pk).pool for one in (plain, fitting)] == [0, official.pk]


def test_a_delivery_without_a_template_pauses_its_campaign_and_fails_nobody(official):
    """Rows may come from anywhere."""
    campaign = campaign_with(make_template(official), _1="x", status="sending")
    delivery = make_delivery(campaign=campaign, contact=make_contact())
    gateway = Official()
    run_until_idle(gateway, budget=60)
    campaign.refresh_from_db()
    delivery.refresh_from_db()
    assert (campaign.status, delivery.status, gateway.sent) == ("paused", "pending", [])
    assert campaign.status_reason.endswith("the campaign has no template")


def test_a_template_that_meta_does_not_take_pauses_the_campaign(official):
    [delivery] = written(campaign_with(make_template(official), _1="{nombre}"), make_contact())
    run_until_idle(Official(Refused("(#132015) paused", kind=ErrorKind.TEMPLATE)), budget=60)
    campaign = Campaign.objects.get(pk=delivery.campaign_id)
    delivery.refresh_from_db()
    assert (campaign.status, delivery.status) == ("paused", "pending")


def waits(campaign):
    scene = Scene(NOW)
    return waiting_of(campaign, {"whatsapp": {"pending": 1}}, scene)


@pytest.fixture
def at_work(monkeypatch):
    monkeypatch.setattr("campaigns.scene.Scene.nobody_works", False)


@pytest.mark.usefixtures("fixed_clock", "at_work")
def test_the_page_says_that_it_waits_for_a_template(official):
    campaign = make_campaign(status="sending")
    make_delivery(campaign=campaign)
    found = waits(campaign)
    assert (found.reason, found.until, found.needs_person) == ("no_template", None, True)
    assert found.sentence == (
        "The WhatsApp numbers in use need a template that Meta has approved, and this campaign has none."
    )


@pytest.mark.usefixtures("fixed_clock", "at_work")
def test_the_page_says_that_the_template_is_of_another_account(official):
    foreign = make_template(make_cloud_sender(account="999", is_enabled=False))
    campaign = campaign_with(foreign, _1="x", status="sending")
    make_delivery(campaign=campaign)
    assert waits(campaign).sentence == (
        "No number in use belongs to the account at Meta whose template was chosen. Choose another template."
    )


@pytest.mark.usefixtures("fixed_clock", "at_work")
def test_it_does_not_wait_for_a_template_where_another_number_sends_it(official):
    make_lane(sender=make_sender(state="ready"))
    campaign = make_campaign(status="sending")
    make_delivery(campaign=campaign)
    assert waits(campaign) is None


def test_whoever_has_just_written_is_answered_with_any_text(official):
    """Within 24 hours Meta takes it, and a template for that nobody has approved."""
    ana = make_contact(phone="+573000000001")
    writes(ana, "BAJA", official)
    gateway = Official()
    [(phone, text)] = leaves(gateway=gateway)
    assert (phone, text.startswith("Listo: ")) == (ana.phone, True)
    assert gateway.sent[0].template is None


def test_no_other_number_answers_in_its_place(official):
    sister = make_cloud_sender(state="ready")
    make_lane(sender=sister)
    writes(make_contact(phone="+573000000001"), "BAJA", official)
    gateways = {official.pk: Official(), sister.pk: Official()}
    prepare_all()
    run_until_idle(lambda sender: gateways[sender.pk], budget=60)
    assert (len(gateways[official.pk].sent), len(gateways[sister.pk].sent)) == (1, 0)


# --- campaigns that are made of others


def test_a_test_goes_with_the_same_template(official, fixed_clock):
    campaign = campaign_with(make_template(official), _1="{nombre}")
    person = Person(make_contact(name="Ana Prueba"), None, "whatsapp", "", None)
    trial = send_trial(campaign, address_of(NUMBER), person, user=None, key="k", now=NOW)
    prepare(trial.pk, budget=60, stop=StopPipe(), clock=lambda: NOW)
    [message] = sent_by(Official())
    assert (message.phone, message.template.body) == (NUMBER, (Parameter("Ana"),))


def test_a_test_by_email_has_none(official, fixed_clock):
    campaign = campaign_with(make_template(official), _1="{nombre}")
    person = Person(make_contact(), None, "email", "", None)
    trial = send_trial(campaign, address_of("ana@example.org"), person, user=None, key="k", now=NOW)
    assert trial.template == {}


def test_a_test_of_a_ticket_begins_with_a_page_that_opens_no_door(official, fixed_clock):
    event = make_event()
    ticket = make_ticket(event=event)
    row = make_template(official, parts=[header("DOCUMENT"), body("Hola")])
    campaign = campaign_with(row, {"x": ""}, kind="tickets", event=event, attach_pdf=True)
    person = Person(ticket.holder, ticket, "whatsapp", "", None)
    trial = send_trial(campaign, address_of(NUMBER), person, user=None, key="k", now=NOW)
    prepare(trial.pk, budget=60, stop=StopPipe(), clock=lambda: NOW)
    [message] = sent_by(Official())
    page = Pdf(message.document.content)
    assert "PRUEBA-0000" in page.text
    assert ticket.code not in page.text
    assert message.picture is None


def test_a_test_is_refused_where_no_number_could_send_it(official, fixed_clock):
    plain = make_campaign()
    assert why_not(plain, "whatsapp", Scene(NOW)) == (
        "The WhatsApp numbers in use need a template that Meta has approved, and this campaign has none."
    )
    assert why_not(plain, "email", Scene(NOW)) == ""
    assert why_not(campaign_with(make_template(official), _1="x"), "whatsapp", Scene(NOW)) == ""


def test_a_copy_has_the_same_template(official):
    campaign = campaign_with(make_template(official), _1="{nombre}")
    assert duplicate(campaign, user=None, key="k").template == campaign.template


def ticket_campaign(row, event, **fields):
    values = {"kind": "tickets", "event": event, "status": "finished", "finished_at": NOW}
    return campaign_with(row, **{"_1": "{nombre}"} | values | fields)


def test_tickets_of_an_event_go_with_the_template_that_the_last_ones_went_with(official):
    event, row = make_event(), make_template(official)
    assert draft_tickets(event).template == {}
    first = ticket_campaign(row, event)
    ticket_campaign(row, make_event(), _1="otro evento")
    ticket_campaign(row, event, _1="borrador", status="draft", finished_at=None)
    ticket_campaign(row, event, _1="prueba", trial_of=first)
    make_campaign(kind="tickets", event=event, status="finished", finished_at=NOW, channels="email")
    assert draft_tickets(event).template == first.template
    assert draft_resend(make_ticket(event=event)).template == first.template
    make_campaign(kind="tickets", event=event, status="finished", finished_at=NOW)  # somebody took it out again
    assert draft_tickets(event).template == {}


def test_the_second_channel_takes_the_template_along(official):
    event = make_event(second_channel_hours=6)
    campaign = ticket_campaign(make_template(official), event, channels="both")
    ticket = make_ticket(event=event)
    long_ago = NOW - timedelta(hours=7)
    make_delivery(
        campaign=campaign,
        channel="email",
        status="failed",
        ticket=ticket,
        contact=ticket.holder,
        status_changed_at=long_ago,
        dedupe_key=f"ticket:{ticket.pk}",
    )
    assert send_due(now=NOW) == 1
    made = Campaign.objects.latest("pk")
    assert (made.channels, made.template) == ("whatsapp", campaign.template)
