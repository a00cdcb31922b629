"""Birthday greetings leave from a number at Meta with a template, chosen on their page."""

from datetime import UTC, datetime, time

import pytest

from campaigns.birthdays import greet_due
from campaigns.models import BirthdayGreeting, Campaign
from campaigns.template_choice import Choice
from tests.campaigns.choosing import body, chosen, header
from tests.factories import NOW, make_cloud_sender, make_contact, make_template
from tests.history import told
from tickets.models import HistoryEntry
from whatsapp.models import MessageTemplate

pytestmark = pytest.mark.django_db
PAGE = "/admin/campaigns/birthdaygreeting/1/change/"
PARTS = "/admin/campaigns/birthdaygreeting/"
NINE = datetime(2026, 11, 27, 14, 0, tzinfo=UTC)  # in Bogotá


@pytest.fixture
def official():
    return make_cloud_sender(state="ready")


def typed(**fields):
    values = {"channels": "whatsapp", "body": "¡Feliz día!", "subject": "", "hour": "09:00", "zone": "America/Bogota"}
    return values | {"is_enabled": "on", "tag": ""} | fields


def key(row):
    return Choice.of(chosen(row)).key


def test_one_is_chosen_and_the_greeting_goes_with_it(boss, official):
    row = make_template(official, "cumple", parts=[body("Felicidades, {{1}}")])
    places = {"template_choice": key(row), "template_shown": key(row), "place-body.1": "{apodo|amigo}"}
    assert boss.post(PAGE, typed(**places)).status_code == 302
    greeting = BirthdayGreeting.objects.get()
    assert greeting.template == chosen(row, _1="{apodo|amigo}")
    assert 'value="{apodo|amigo}"' in boss.get(PAGE).content.decode()
    BirthdayGreeting.objects.update(enabled_at=NOW, hour=time(9))
    make_contact(birth_day=27, birth_month=11)
    assert greet_due(now=NINE) == 1
    assert Campaign.objects.get().template == greeting.template


def test_it_is_written_in_the_history_once(boss, official):
    row = make_template(official, "cumple", parts=[body("Felicidades")])
    values = typed(template_choice=key(row), template_shown=key(row))
    boss.post(PAGE, values)
    BirthdayGreeting.objects.update(template={})
    boss.post(PAGE, values)
    assert told()[-1][2] == ["Template: nothing → cumple (es_CO): Felicidades"]
    count = HistoryEntry.objects.count()
    boss.post(PAGE, values)  # as it stands
    assert HistoryEntry.objects.count() == count


def test_without_a_number_that_needs_them_there_is_nothing_to_choose(boss):
    assert "k-template" not in boss.get(PAGE).content.decode()
    assert boss.post(PAGE, typed(template_choice="x")).status_code == 302
    assert BirthdayGreeting.objects.get().template == {}


def test_a_greeting_has_no_picture_and_no_document(boss, official):
    for kind in ("IMAGE", "DOCUMENT"):
        make_template(official, kind.lower(), parts=[header(kind), body("Felicidades")])
    make_template(official, "cumple", parts=[body("Felicidades")])
    form = boss.get(PAGE).context["adminform"].form
    assert [label for _language, found in form.template.groups[1:] for _key, label in found] == ["cumple · Felicidades"]


def test_what_is_wrong_is_said_and_nothing_typed_is_lost(boss, official):
    row = make_template(official)
    answer = boss.post(PAGE, typed(template_choice=key(row), template_shown=key(row), **{"place-body.1": "{evento}"}))
    form = answer.context["adminform"].form
    assert form.errors["place-body.1"][0].startswith("“{evento}” belongs to an event")
    assert 'value="{evento}"' in answer.content.decode()


def test_its_places_come_at_once_and_the_preview_shows_it(boss, official):
    row = make_template(official, parts=[body("Felicidades, {{nombre}}")], has_named_parameters=True)
    html = boss.post(f"{PARTS}template/", typed(template_choice=key(row))).content.decode()
    assert 'name="place-body.nombre" value="{nombre}"' in html
    shown = boss.post(f"{PARTS}preview/", typed(template_choice=key(row)))
    assert shown.context["preview"].whatsapp.template.text.startswith("Felicidades, ")
    assert f'hx-post="{PARTS}template/"' in boss.get(PAGE).content.decode()


def test_they_are_read_anew_before_it_is_saved(boss, official, monkeypatch):
    asked = []
    monkeypatch.setattr("whatsapp.gateways.cloud.CloudGateway.templates", lambda self: asked.append(1) or [])
    boss.post(PAGE, typed(_continue="templates"))
    assert (len(asked), MessageTemplate.objects.count()) == (1, 0)
    assert BirthdayGreeting.objects.get().body == "¡Feliz día!"


def test_whoever_may_only_look_chooses_nothing(staff, official):
    row = make_template(official)
    viewer = staff("campaigns.view_birthdaygreeting")
    assert viewer.post(f"{PARTS}template/", typed(template_choice=key(row))).status_code == 403
    assert "k-template" not in viewer.get(PAGE).content.decode()
