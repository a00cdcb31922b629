"""The templates of a number on its page, and what Meta reports of one."""

import pytest
import responses
from django.db import connection
from django.urls import reverse

from tests.factories import NOW, make_cloud_sender, make_sender, make_template
from tests.staff import sign_in, sign_in_owner
from tests.whatsapp.cloud_answers import ACCOUNT, TOKEN, URL, fault
from whatsapp.models import MessageTemplate
from whatsapp.signals import news_arrived
from whatsapp.template_words import SHOWN, templates_of
from whatsapp.webhooks.base import StateNews, TemplateNews

pytestmark = [pytest.mark.django_db, pytest.mark.any_database, pytest.mark.usefixtures("fixed_clock")]
LIST = f"{URL}/v25.0/{ACCOUNT}/message_templates"
LOOK, CHANGE = "whatsapp.view_sender", "whatsapp.change_sender"
ROW = {"name": "entrada", "language": "es_CO", "status": "APPROVED", "components": [{"type": "BODY", "text": "Hola"}]}


@pytest.fixture(autouse=True)
def english(client):
    client.cookies["django_language"] = "en"


@pytest.fixture
def web():
    with responses.RequestsMock() as mock:
        yield mock


def read(client, sender, **options):
    return client.post(reverse("admin:whatsapp_sender_templates", args=[sender.pk]), **options)


def html_of(client, sender):
    return client.get(reverse("admin:whatsapp_sender_change", args=[sender.pk])).content.decode()


def test_page_lists_them_those_that_can_be_used_first(client):
    sign_in(client, LOOK)
    sender = make_cloud_sender()
    make_template(sender, "aviso", status="PAUSED", category="MARKETING")
    make_template(sender, "clave", category="AUTHENTICATION")
    make_template(sender, "entrada")
    rows = templates_of(sender).templates
    assert [(row.name, row.category, row.status, row.why_not) for row in rows] == [
        ("entrada", "service", "approved", ""),
        ("aviso", "advertising", "paused by Meta", "Only approved templates can be sent. This one: paused by Meta."),
        (
            "clave",
            "codes to sign in with",
            "approved",
            "This template is for codes to sign in with, and this program sends none.",
        ),
    ]
    html = html_of(client, sender)
    assert "Hola {{1}}, te esperamos." in html
    assert "Read from Meta: 10:00 (Bogotá)" in html
    assert "Read them from Meta" not in html  # whoever may not change the number


def test_word_that_is_not_known_is_shown_as_meta_writes_it():
    sender = make_cloud_sender()
    make_template(sender, status="FLAGGED", category="OTHER")
    [row] = templates_of(sender).templates
    assert (row.status, row.category, row.tone) == ("FLAGGED", "OTHER", "neutral")


def test_a_long_list_is_cut_and_says_so(client):
    sign_in(client, LOOK)
    sender = make_cloud_sender()
    for number in range(SHOWN + 3):
        make_template(sender, f"aviso_{number}")
    assert (len(templates_of(sender).templates), templates_of(sender).more) == (SHOWN, 3)
    assert "And 3 more." in html_of(client, sender)


def test_number_that_sends_any_text_has_none(client):
    sign_in_owner(client)
    sender = make_sender()
    assert "n-templates" not in html_of(client, sender)
    assert read(client, sender).status_code == 404


def test_button_reads_them_for_all_numbers_of_the_account(client, web):
    sign_in(client, LOOK, CHANGE)
    first, second, foreign = make_cloud_sender(), make_cloud_sender(), make_cloud_sender(account="999")
    make_template(second, "vieja")
    make_template(foreign, "ajena")
    web.get(LIST, json={"data": [ROW]})
    assert "Read them from Meta" in html_of(client, first)
    answer = read(client, first, follow=True)
    assert [str(message) for message in answer.context["messages"]] == ["Meta has 1 template."]
    rows = MessageTemplate.objects.order_by("pk").values_list("sender", "name", "status", "fetched_at")
    assert set(rows) == {
        (first.pk, "entrada", "APPROVED", NOW),
        (second.pk, "entrada", "APPROVED", NOW),
        (foreign.pk, "ajena", "APPROVED", NOW),
    }


def test_what_meta_refuses_is_said_in_a_sentence_and_nothing_is_lost(client, web):
    sign_in(client, LOOK, CHANGE)
    sender = make_cloud_sender(name="Oficial")
    make_template(sender)
    web.get(LIST, json=fault(190, "Invalid token"), status=401)
    answer = read(client, sender, follow=True)
    [said] = [str(message) for message in answer.context["messages"]]
    assert said.startswith("The templates of “Oficial” could not be read: ")
    assert TOKEN not in said
    assert MessageTemplate.objects.count() == 1


def test_meta_is_asked_outside_of_every_transaction(client, monkeypatch):
    sign_in(client, LOOK, CHANGE)
    depth = len(connection.savepoint_ids)
    seen = []
    monkeypatch.setattr(
        "whatsapp.gateways.cloud.CloudGateway.templates", lambda self: seen.append(len(connection.savepoint_ids)) or []
    )
    read(client, make_cloud_sender())
    assert seen == [depth]


def test_only_whoever_may_change_the_number_reads_them(client):
    sign_in(client, LOOK)
    assert read(client, make_cloud_sender()).status_code == 403


def test_a_look_changes_nothing(client):
    sign_in_owner(client)
    sender = make_cloud_sender()
    assert client.get(reverse("admin:whatsapp_sender_templates", args=[sender.pk])).status_code == 405


def test_report_of_meta_changes_the_state_on_all_numbers_of_the_account():
    first, second, foreign = make_cloud_sender(), make_cloud_sender(), make_cloud_sender(account="999")
    for sender in (first, second, foreign):
        make_template(sender, "entrada")
    make_template(first, "entrada", language="en_US")
    news = [StateNews("ready"), TemplateNews("entrada", "es_CO", "PAUSED"), TemplateNews("otra", "es_CO", "PAUSED")]
    news_arrived.send(type(first), sender_id=first.pk, news=news, now=NOW)
    rows = MessageTemplate.objects.order_by("pk").values_list("sender", "language", "status")
    assert list(rows) == [
        (first.pk, "es_CO", "PAUSED"),
        (second.pk, "es_CO", "PAUSED"),
        (foreign.pk, "es_CO", "APPROVED"),
        (first.pk, "en_US", "APPROVED"),
    ]


def test_number_without_a_known_account_is_one_by_itself():
    first, second = make_cloud_sender(account=""), make_cloud_sender(account="")
    make_template(first)
    make_template(second)
    news_arrived.send(type(first), sender_id=first.pk, news=[TemplateNews("entrada", "es_CO", "PAUSED")], now=NOW)
    assert list(MessageTemplate.objects.order_by("pk").values_list("status", flat=True)) == ["PAUSED", "APPROVED"]
