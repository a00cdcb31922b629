"""The rows that hold a number's approved templates."""

from datetime import timedelta

import pytest
import responses
from django.db.models.signals import pre_delete

from tests.factories import NOW, make_sender
from tests.whatsapp.cloud_answers import ACCOUNT, NUMBER, TOKEN, URL, fault
from whatsapp.gateways.base import GatewayError, Template
from whatsapp.models import MessageTemplate
from whatsapp.templates import refresh_templates, template_of

pytestmark = pytest.mark.django_db
LIST = f"{URL}/v25.0/{ACCOUNT}/message_templates"
BODY = {"type": "BODY", "text": "Hola {{1}}"}
LATER = NOW + timedelta(hours=1)


@pytest.fixture
def web():
    with responses.RequestsMock() as mock:
        yield mock


@pytest.fixture
def sender():
    return make_sender(gateway="cloud", base_url=URL, session_name=NUMBER, api_key=TOKEN, options={"account": ACCOUNT})


def row(name: str, language: str = "es_CO", **more: object) -> dict[str, object]:
    return {
        "name": name,
        "language": language,
        "category": "UTILITY",
        "status": "APPROVED",
        "components": [BODY],
        **more,
    }


def listed(web: responses.RequestsMock, *rows: dict[str, object]) -> None:
    web.get(LIST, json={"data": list(rows)})


def names(sender):
    return [(each.name, each.language, each.status) for each in MessageTemplate.objects.filter(sender=sender)]


def test_list_becomes_rows(web, sender):
    listed(web, row("entrada"), row("aviso", "en_US", status="PAUSED", parameter_format="NAMED"))
    assert refresh_templates(sender, now=NOW) == 2
    assert names(sender) == [("aviso", "en_US", "PAUSED"), ("entrada", "es_CO", "APPROVED")]
    [notice, ticket] = MessageTemplate.objects.all()
    assert (notice.has_named_parameters, notice.fetched_at) == (True, NOW)
    assert template_of(ticket) == Template("entrada", "es_CO", "UTILITY", "APPROVED", (BODY,), False)


def test_row_that_stays_keeps_its_id_and_what_is_gone_goes(web, sender):
    listed(web, row("entrada"), row("vieja"))
    refresh_templates(sender, now=NOW)
    kept = MessageTemplate.objects.get(name="entrada")
    web.replace(responses.GET, LIST, json={"data": [row("entrada", status="DISABLED"), row("nueva")]})
    assert refresh_templates(sender, now=LATER) == 2
    assert names(sender) == [("entrada", "es_CO", "DISABLED"), ("nueva", "es_CO", "APPROVED")]
    again = MessageTemplate.objects.get(name="entrada")
    assert (again.pk, again.fetched_at) == (kept.pk, LATER)


def test_what_is_gone_goes_within_the_same_moment_too(web, sender):
    listed(web, row("entrada"), row("vieja"))
    refresh_templates(sender, now=NOW)
    web.replace(responses.GET, LIST, json={"data": [row("entrada")]})
    refresh_templates(sender, now=NOW)
    assert names(sender) == [("entrada", "es_CO", "APPROVED")]


def test_languages_of_a_template_are_apart(web, sender):
    listed(web, row("entrada"), row("entrada", "en_US"))
    refresh_templates(sender, now=NOW)
    assert len(names(sender)) == 2


def test_template_that_is_listed_twice_is_one(web, sender):
    listed(web, row("entrada", status="PENDING"), row("entrada"))
    assert refresh_templates(sender, now=NOW) == 1
    assert names(sender) == [("entrada", "es_CO", "APPROVED")]


def test_list_that_does_not_come_leaves_what_was_known(web, sender):
    listed(web, row("entrada"))
    refresh_templates(sender, now=NOW)
    web.replace(responses.GET, LIST, json=fault(190), status=401)
    with pytest.raises(GatewayError):
        refresh_templates(sender, now=LATER)
    assert names(sender) == [("entrada", "es_CO", "APPROVED")]


def test_other_numbers_keep_theirs(web, sender):
    other = make_sender(gateway="cloud")
    MessageTemplate.objects.create(sender=other, name="entrada", language="es_CO", status="APPROVED", fetched_at=NOW)
    listed(web)
    assert refresh_templates(sender, now=LATER) == 0
    assert names(other) == [("entrada", "es_CO", "APPROVED")]


def test_name_that_no_row_can_hold_spoils_no_other(web, sender):
    listed(web, row("x" * 513), row("entrada", "x" * 21), row("entrada", category="y" * 41))
    assert refresh_templates(sender, now=NOW) == 1
    assert MessageTemplate.objects.get().category == "y" * 40


def test_number_that_moved_to_a_gateway_without_templates_has_none(sender):
    MessageTemplate.objects.create(sender=sender, name="entrada", language="es_CO", status="APPROVED", fetched_at=NOW)
    sender.gateway = "rest"
    assert refresh_templates(sender, now=LATER) == 0
    assert names(sender) == []


def test_rows_change_all_together_or_not_at_all(web, sender):
    def refuse(**kwargs: object) -> None:
        raise RuntimeError("the database is full")

    listed(web, row("vieja"))
    refresh_templates(sender, now=NOW)
    web.replace(responses.GET, LIST, json={"data": [row("nueva")]})
    pre_delete.connect(refuse, sender=MessageTemplate)
    try:
        with pytest.raises(RuntimeError):
            refresh_templates(sender, now=LATER)
    finally:
        pre_delete.disconnect(refuse, sender=MessageTemplate)
    assert names(sender) == [("vieja", "es_CO", "APPROVED")]


def test_gateway_that_is_not_installed_is_the_callers_to_explain():
    with pytest.raises(KeyError):
        refresh_templates(make_sender(gateway="gone"), now=NOW)
