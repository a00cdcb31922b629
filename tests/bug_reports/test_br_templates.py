"""Reports about personal texts, as they would come back through Meta's templates."""

import pytest

from campaigns import lifecycle
from campaigns.models import Campaign, Delivery
from campaigns.preparing import prepare
from campaigns.stopping import StopPipe
from tests.campaigns.choosing import Official, body, chosen
from tests.campaigns.driving import run_until_idle
from tests.campaigns.pages import launch_page, plan_of
from tests.factories import NOW, make_campaign, make_cloud_sender, make_contact, make_template
from whatsapp.gateways.base import NotSent
from whatsapp.gateways.cloud_send import payload_of
from whatsapp.models import MessageTemplate

pytestmark = pytest.mark.django_db


@pytest.fixture
def row(fixed_clock):
    return make_template(make_cloud_sender(state="ready"), parts=[body("Hola {{1}}, mesa {{2}}")])


def launched(row, *people, **places):
    audience = {"contacts": [person.pk for person in people]}
    campaign = make_campaign(template=chosen(row, **places), audience=audience)
    lifecycle.launch(campaign, now=NOW)
    prepare(campaign.pk, budget=60, stop=StopPipe(), clock=lambda: NOW)
    return campaign


def said(gateway):
    """The values of each message, as they are posted to Meta."""
    [*components] = (payload_of(message)["template"]["components"][0] for message in gateway.sent)
    return [[value["text"] for value in component["parameters"]] for component in components]


def sent(gateway=None):
    gateway = gateway or Official()
    run_until_idle(gateway, budget=60)
    return said(gateway)


def test_br_040_br_041_three_people_get_three_texts_and_nobody_an_empty_place(row):
    names = ["Cher", "Ana Prueba", "Bob Muestra"]
    people = [make_contact(name=name, attributes={"mesa": mesa}) for name, mesa in zip(names, "7 9", strict=True)]
    launched(row, *people, _1="{nombre}", _2="{mesa}")
    assert sent() == [["Cher", "7"], ["Ana", "-"], ["Bob", "9"]]


def test_br_048_a_value_with_a_break_does_not_become_a_refused_variable(row):
    launched(
        row,
        make_contact(name="Ana\r\nPrueba", attributes={"mesa": "7\n\n8\t    9"}),
        _1="{nombre_completo}",
        _2="{mesa}",
    )
    assert sent() == [["Ana Prueba", "7 8 9"]]


def test_br_042_br_052_braces_in_a_value_are_plain_text_and_no_token_is_left(row):
    launched(row, make_contact(name="{{2}} {apodo}"), _1="{nombre_completo}", _2="siete")
    assert sent() == [["{{2}} {apodo}", "siete"]]


def test_br_052_a_place_with_an_unknown_token_is_not_launched(boss, row):
    campaign = make_campaign(
        template=chosen(row, _1="{nombr}", _2="x"), audience={"contacts": [make_contact().pk]}, body="Hola"
    )
    seen = plan_of(boss, campaign)
    html = boss.post(launch_page(campaign), seen | {"expected": "1"}).content.decode()
    assert "{nombr}" in html
    assert Campaign.objects.get(pk=campaign.pk).status == "draft"


def test_br_053_a_retry_is_the_same_message_whatever_was_edited_meanwhile(row):
    ana = make_contact(name="Ana Prueba")
    campaign = launched(row, ana, _1="{nombre}", _2="x")
    gateway = Official(NotSent("asleep"))
    run_until_idle(gateway, budget=1)
    ana.name = "Otra"
    ana.save(update_fields=["name"])
    Campaign.objects.filter(pk=campaign.pk).update(template=chosen(row, _1="otra", _2="cosa"))
    assert sent(gateway) == [["Ana", "x"]]


def test_br_086_a_template_that_changes_at_meta_does_not_split_a_list_in_two(row):
    """What was chosen is copied into the campaign: half a list before the change and half after it fit together."""
    people = [make_contact(name=name) for name in ("Ana", "Bob")]
    campaign = make_campaign(
        template=chosen(row, _1="{nombre}", _2="x"), audience={"contacts": [person.pk for person in people]}
    )
    lifecycle.launch(campaign, now=NOW)
    MessageTemplate.objects.update(parts=[body("Hola {{1}}")])
    prepare(campaign.pk, budget=60, stop=StopPipe(), clock=lambda: NOW)
    MessageTemplate.objects.all().delete()
    assert [len(one.template["body"]) for one in Delivery.objects.all()] == [2, 2]
