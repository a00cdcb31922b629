"""The pace of one number: what is typed is shown before it is saved, and saved once, on record."""

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.factories import NOW, make_lane, make_sender, make_settings
from tests.history import said_of, told
from tests.staff import sign_in, sign_in_owner
from whatsapp.models import Sender
from whatsapp.pace_form import PACE_FIELDS

pytestmark = [pytest.mark.django_db, pytest.mark.any_database, pytest.mark.usefixtures("fixed_clock")]


@pytest.fixture(autouse=True)
def english(client):
    client.cookies["django_language"] = "en"


def _page(sender, name="pace"):
    return reverse(f"admin:whatsapp_sender_{name}", args=[sender.pk])


def _typed(client, sender, **fields):
    """What the browser would send: the form as it is shown, with these fields changed."""
    form = client.get(_page(sender)).context["form"]
    values = {name: form[name].value() for name in form.fields}
    return {name: "" if value is None else value for name, value in values.items()} | fields


def _own(sender):
    sender.refresh_from_db()
    return [getattr(sender, name) for name in PACE_FIELDS]


def test_what_is_left_empty_follows_the_settings(client):
    make_settings(base_delay="3.25", maximum_delay="9")
    sender = make_sender()
    sign_in_owner(client)
    page = client.get(_page(sender)).content.decode()
    assert "In the settings: 3.25 s" in page
    assert "3.25 s from message 1 on" in page


def test_saving_writes_what_was_typed_and_says_so_in_the_history(client):
    sender = make_sender(name="Taquilla", base_delay="4")
    user = sign_in_owner(client)
    answer = client.post(_page(sender), _typed(client, sender, base_delay="", step="1.5", daily_cap="80"), follow=True)
    assert _own(sender) == [None, Decimal("1.5"), None, None, 80]
    changes = {"Base delay: 4 → nothing", "Step: nothing → 1.5", "Messages a day: nothing → 80"}
    assert said_of(told()) == [("settings", changes)]
    assert told()[0][0] == user.username
    assert [message.level_tag for message in answer.context["messages"]] == ["success"]


def test_pressing_twice_saves_once(client):
    sender = make_sender()
    sign_in_owner(client)
    typed = _typed(client, sender, step="1.5")
    answers = [client.post(_page(sender), typed) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [302, 200]
    assert answers[1].context["form"].non_field_errors().as_data()[0].code == "stale"
    assert len(told()) == 1


def test_what_somebody_else_saved_meanwhile_is_not_undone(client):
    sender = make_sender()
    sign_in_owner(client)
    stale = _typed(client, sender, step="1.5")
    Sender.objects.update(daily_cap=50)
    page = client.post(_page(sender), stale)
    assert "Open the page again and compare." in page.content.decode()
    assert 'name="step" value="1.5"' in page.content.decode()  # nothing that was typed is lost
    assert _own(sender) == [None, None, None, None, 50]


def test_a_row_that_moves_between_reading_and_writing_is_left_alone(client, monkeypatch):
    sender = make_sender()
    sign_in_owner(client)
    typed = _typed(client, sender, step="1.5")
    from whatsapp.pace_form import PaceForm

    saving = PaceForm.save_pace

    def overtaken(form):
        Sender.objects.update(step="9")
        return saving(form)

    monkeypatch.setattr(PaceForm, "save_pace", overtaken)
    answer = client.post(_page(sender), typed, follow=True)
    assert [message.level_tag for message in answer.context["messages"]] == ["error"]
    assert _own(sender)[1] == 9
    assert told() == []


def test_saving_nothing_new_writes_nothing(client):
    sender = make_sender(step="1.5")
    sign_in_owner(client)
    assert client.post(_page(sender), _typed(client, sender)).status_code == 302
    assert told() == []


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"base_delay": "-1"}, "base_delay"),
        ({"base_delay": "6", "maximum_delay": "5"}, "maximum_delay"),
        ({"every": "0"}, "every"),
        ({"daily_cap": "many"}, "daily_cap"),
    ],
)
def test_numbers_out_of_bounds_are_refused_in_a_sentence(client, fields, wrong):
    sender = make_sender()
    sign_in_owner(client)
    answer = client.post(_page(sender), _typed(client, sender, **fields))
    assert set(answer.context["form"].errors) == {wrong}
    assert answer.context["form"].errors[wrong][0].endswith(".")
    assert answer.context["preview"]["problem"]
    assert _own(sender) == [None] * 5


def test_the_preview_shows_both_curves_and_keeps_nothing(client):
    sender = make_sender()
    sign_in_owner(client)
    answer = client.get(_page(sender, "pace_preview"), _typed(client, sender, base_delay="4", step="0"))
    now, then = answer.context["preview"]["chart"]["series"]
    assert (now["values"][0], set(then["values"])) == (2.0, {4.0})
    assert "36.0" in answer.content.decode()
    assert _own(sender) == [None] * 5


def test_without_javascript_a_button_recalculates_and_saves_nothing(client):
    sender = make_sender()
    sign_in_owner(client)
    answer = client.post(_page(sender), _typed(client, sender, base_delay="4", step="0", _preview="1"))
    assert "36.0" in answer.content.decode()
    assert 'name="base_delay" value="4"' in answer.content.decode()
    assert _own(sender) == [None] * 5


def test_a_lighter_number_is_shown_with_its_longer_pauses(client):
    make_sender(weight=2)
    sender = make_sender(weight=1)
    sign_in_owner(client)
    assert client.get(_page(sender)).context["preview"]["chart"]["series"][0]["values"][0] == 4.0


STOPPED = {"is_stopped": True, "pause_reason": "blocked", "paused_since": NOW}


@pytest.mark.parametrize(("number", "lane"), [({"is_enabled": False}, {}), ({"is_draining": True}, {}), ({}, STOPPED)])
def test_a_heavier_number_that_sends_nothing_does_not_lengthen_them(client, number, lane):
    make_lane(sender=make_sender(weight=2, **number), **lane)
    sender = make_sender(weight=1)
    sign_in_owner(client)
    assert client.get(_page(sender)).context["preview"]["chart"]["series"][0]["values"][0] == 2.0


def test_the_weights_are_asked_for_once(client):
    sender = make_sender()
    sign_in_owner(client)
    typed = _typed(client, sender, step="1.5", _preview="1")
    with CaptureQueriesContext(connection) as asked:
        client.post(_page(sender), typed)
    assert len([query for query in asked if "MAX(" in query["sql"] and "weight" in query["sql"]]) == 1


@pytest.mark.parametrize("rights", [("view",), ("view", "change"), ("pace",)])
def test_the_pace_has_a_permission_of_its_own(client, rights):
    sender = make_sender()
    sign_in(client, *(f"whatsapp.{right}_sender" for right in rights))
    answers = [
        client.get(_page(sender)),
        client.post(_page(sender), {"step": "9"}),
        client.get(_page(sender, "pace_preview")),
    ]
    assert [answer.status_code for answer in answers] == [403] * 3
    assert _own(sender) == [None] * 5


def test_with_it_nothing_else_is_needed(client):
    sender = make_sender()
    sign_in(client, "whatsapp.view_sender", "whatsapp.pace_sender")
    assert client.post(_page(sender), _typed(client, sender, step="1.5")).status_code == 302
    assert _own(sender)[1] == Decimal("1.5")


def test_the_preview_cannot_be_posted_to(client):
    sign_in_owner(client)
    assert client.post(_page(make_sender(), "pace_preview"), {}).status_code == 405
