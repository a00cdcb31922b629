"""The settings page: what is typed is shown before it is saved, and what was saved is on record."""

import re
from decimal import Decimal

import pytest
from django.contrib.admin.models import LogEntry
from django.urls import reverse
from django.utils import translation

from tests.factories import make_sender, make_settings
from tests.history import said_of, told
from tests.staff import sign_in, sign_in_owner
from whatsapp.admin import SendingSettingsAdmin
from whatsapp.models import SendingSettings

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]

PAGE = "/admin/whatsapp/sendingsettings/1/change/"
WAITS = ["18.0", "57.0", "146.0", "390.0", "890.0", "4890.0"]


@pytest.fixture(autouse=True)
def english(client):
    client.cookies["django_language"] = "en"


def _typed(client, **fields):
    """What the browser would send: the form as it is shown, with these fields changed."""
    form = client.get(PAGE).context["adminform"].form
    values = {name: form[name].value() for name in form.fields}
    return {name: "" if value is None else value for name, value in values.items()} | fields


def _seconds(answer):
    return re.findall(r'<td class="p-num">([\d.,]+)</td><td>', answer.content.decode())


def test_the_list_leads_to_the_one_row(client):
    sign_in_owner(client)
    answer = client.get(reverse("admin:whatsapp_sendingsettings_changelist"))
    assert (answer.status_code, answer["Location"]) == (302, PAGE)


def test_looking_makes_no_row(client):
    sign_in_owner(client)
    assert client.get(PAGE).status_code == 200
    assert SendingSettings.objects.count() == 0


def test_there_is_no_second_row(client):
    sign_in_owner(client)
    assert client.get(PAGE.replace("/1/", "/2/")).status_code == 302  # "does not exist", and home
    assert client.get(reverse("admin:whatsapp_sendingsettings_add")).status_code == 403
    assert client.post(PAGE.replace("change", "delete"), {"post": "yes"}).status_code == 403


def test_the_defaults_wait_exactly_as_long_as_the_old_system(client):
    sign_in_owner(client)
    assert _seconds(client.get(PAGE)) == WAITS


def test_saving_makes_the_row_and_keeps_the_page(client):
    sign_in_owner(client)
    answer = client.post(PAGE, _typed(client, base_delay="3.5"))
    assert (answer.status_code, answer["Location"]) == (302, PAGE)
    assert SendingSettings.objects.get().base_delay == Decimal("3.5")


def test_who_changed_what_is_on_record_with_before_and_after(client):
    user = sign_in_owner(client)
    client.post(PAGE, _typed(client, base_delay="3.5", daily_cap="200", window_from="09:00", window_to="20:30"))
    changes = {
        "Base delay (seconds): 2 → 3.5",
        "Send from: nothing → 09:00",
        "Send until: nothing → 20:30",
        "Messages a day and number: 0 → 200",
    }
    with translation.override("en"):
        assert said_of(told()) == [("settings", changes)]
    assert told()[0][0] == user.username
    assert not LogEntry.objects.exists()
    assert "Base delay (seconds): 2 → 3.5" in client.get(PAGE.replace("change", "history")).content.decode()


def test_saving_nothing_new_is_no_change(client):
    make_settings()
    sign_in_owner(client)
    client.post(PAGE, _typed(client))
    assert told() == []


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"base_delay": "6"}, "maximum_delay"),
        ({"base_delay": "-1"}, "base_delay"),
        ({"maximum_delay": "3601"}, "maximum_delay"),
        ({"every": "0"}, "every"),
        ({"every": "many"}, "every"),
        ({"jitter_percent": "101"}, "jitter_percent"),
        ({"batch_size": "100001"}, "batch_size"),
        ({"window_from": "09:00"}, "window_to"),
        ({"window_from": "09:00", "window_to": "09:00"}, "window_to"),
        ({"window_timezone": "America/Atlantis"}, "window_timezone"),
        ({"retry_attempts": "0"}, "retry_attempts"),
        ({"default_country": "colombia"}, "default_country"),
    ],
)
def test_numbers_out_of_bounds_are_refused_in_a_sentence(client, fields, wrong):
    sign_in_owner(client)
    answer = client.post(PAGE, _typed(client, **fields))
    errors = answer.context["adminform"].form.errors
    assert set(errors) == {wrong}
    assert errors[wrong][0].endswith(".")
    assert SendingSettings.load().base_delay == 2


def test_what_somebody_else_saved_meanwhile_is_not_undone(client):
    make_settings()
    sign_in_owner(client)
    stale = _typed(client, base_delay="1.0")
    make_settings(base_delay=Decimal(4))
    answer = client.post(PAGE, stale)
    assert answer.context["adminform"].form.non_field_errors().as_data()[0].code == "stale"
    assert SendingSettings.objects.get().base_delay == 4


# --- the preview ------------------------------------------------------------------------------------------------------


def test_saving_nothing_new_does_not_stop_whoever_edits_at_the_same_time(client):
    make_settings()
    sign_in_owner(client)
    typed = _typed(client, base_delay="3.5")
    client.post(PAGE, _typed(client))
    client.post(PAGE, typed)
    assert SendingSettings.objects.get().base_delay == Decimal("3.5")


def test_a_save_writes_only_what_was_changed(client, monkeypatch):
    make_settings()
    sign_in_owner(client)
    take = SendingSettingsAdmin.save_form

    def while_somebody_else_saves(self, *args, **options):
        SendingSettings.objects.update(daily_cap=77)
        return take(self, *args, **options)

    monkeypatch.setattr(SendingSettingsAdmin, "save_form", while_somebody_else_saves)
    client.post(PAGE, _typed(client, base_delay="3.5"))
    assert SendingSettings.objects.values_list("base_delay", "daily_cap").get() == (Decimal("3.5"), 77)


def test_the_preview_answers_for_what_is_typed_and_keeps_nothing(client):
    sign_in_owner(client)
    address = reverse("admin:whatsapp_sendingsettings_preview")
    answer = client.get(address, _typed(client, base_delay="4", step="0", batch_size="5", batch_pause_minutes="1"))
    assert _seconds(answer)[0] == "92.0"  # eight times 4 s and one minute
    assert "<form" not in answer.content.decode()
    assert SendingSettings.objects.count() == 0


def test_the_preview_names_what_cannot_be_used(client):
    sign_in_owner(client)
    answer = client.get(reverse("admin:whatsapp_sendingsettings_preview"), _typed(client, every="0"))
    assert "Grow every (messages): " in answer.content.decode()
    assert _seconds(answer) == []


def test_an_error_elsewhere_does_not_stop_the_preview(client):
    sign_in_owner(client)
    typed = _typed(client, default_country="colombia", seen="old")
    assert _seconds(client.get(reverse("admin:whatsapp_sendingsettings_preview"), typed)) == WAITS


def test_without_javascript_a_button_recalculates_and_saves_nothing(client):
    sign_in_owner(client)
    answer = client.post(PAGE, _typed(client, base_delay="4", step="0", _preview="1"))
    assert answer.status_code == 200
    assert _seconds(answer)[0] == "36.0"
    assert 'name="base_delay" value="4"' in answer.content.decode()
    assert (SendingSettings.objects.count(), len(told())) == (0, 0)


def test_the_recalculated_page_can_be_saved(client):
    make_settings()
    sign_in_owner(client)
    shown = client.post(PAGE, _typed(client, base_delay="4", _preview="1")).context["adminform"].form
    values = {name: shown[name].value() for name in shown.fields}
    assert (
        client.post(PAGE, {name: "" if value is None else value for name, value in values.items()}).status_code == 302
    )
    assert SendingSettings.objects.get().base_delay == 4


# --- permissions ------------------------------------------------------------------------------------------------------


def test_somebody_who_may_only_look_sees_the_preview_and_cannot_write(client):
    sign_in(client, "whatsapp.view_sendingsettings")
    page = client.get(PAGE)
    assert _seconds(page) == WAITS
    assert 'name="_preview"' not in page.content.decode()
    assert client.post(PAGE, {"base_delay": "9"}).status_code == 403
    assert client.post(PAGE, {"base_delay": "9", "_preview": "1"}).status_code == 403
    assert SendingSettings.objects.count() == 0


@pytest.mark.parametrize(
    "address", [PAGE, "/admin/whatsapp/sendingsettings/", "/admin/whatsapp/sendingsettings/preview/"]
)
def test_somebody_without_rights_sees_nothing(client, address):
    sign_in(client, "tickets.view_event")
    assert client.get(address).status_code == 403


def test_the_preview_cannot_be_posted_to(client):
    sign_in_owner(client)
    assert client.post(reverse("admin:whatsapp_sendingsettings_preview"), {}).status_code == 405


# --- presets and the curve --------------------------------------------------------------------------------------------


def test_a_preset_fills_in_the_form_and_saves_nothing(client):
    make_settings(daily_cap=77)
    sign_in_owner(client)
    answer = client.post(PAGE, _typed(client, retry_attempts="9", _preset="careful"))
    shown = answer.context["adminform"].form
    assert [shown[name].value() for name in ("base_delay", "maximum_delay", "batch_size")] == ["6", "15", "25"]
    assert shown["retry_attempts"].value() == "9"  # what else was typed stays
    assert (SendingSettings.objects.get().base_delay, len(told())) == (2, 0)


def test_the_page_with_a_preset_is_saved_by_its_save_button(client):
    make_settings()
    sign_in_owner(client)
    shown = client.post(PAGE, _typed(client, _preset="fast")).context["adminform"].form
    values = {name: shown[name].value() for name in shown.fields}
    client.post(PAGE, {name: "" if value is None else value for name, value in values.items()})
    assert SendingSettings.objects.get().base_delay == Decimal("0.2")


def test_the_enter_key_saves_and_fills_in_no_preset(client):
    """A browser presses the first button of the form."""
    sign_in_owner(client)
    page = client.get(PAGE).content.decode()
    form = page[page.index('id="sendingsettings_form"') :]
    assert re.search(r'<button type="submit" name="(\w+)"', form)[1] == "_save"


def test_the_curve_shows_what_is_saved_and_what_is_typed(client):
    sign_in_owner(client)
    typed = _typed(client, base_delay="4", step="0", jitter_percent="50")
    answer = client.get(reverse("admin:whatsapp_sendingsettings_preview"), typed)
    now, then, at_most = answer.context["preview"]["chart"]["series"]
    assert (now["values"][0], set(then["values"]), set(at_most["values"])) == (2.0, {4.0}, {6.0})
    [alone] = client.get(PAGE).context["preview"]["chart"]["series"]
    assert alone["values"] == now["values"]


def test_who_may_only_look_gets_no_presets(client):
    sign_in(client, "whatsapp.view_sendingsettings")
    assert "_preset" not in client.get(PAGE).content.decode()
    assert client.post(PAGE, {"_preset": "fast"}).status_code == 403


def test_the_page_and_its_preview_are_few_questions(client, django_assert_max_num_queries):
    make_settings()
    sign_in_owner(client)
    typed = _typed(client, base_delay="4")
    with django_assert_max_num_queries(15):
        client.get(PAGE)
    with django_assert_max_num_queries(15):
        client.get(reverse("admin:whatsapp_sendingsettings_preview"), typed)


@pytest.mark.parametrize("name", ["whatsapp_sendingsettings_preview", "whatsapp_sender_pace_preview"])
def test_a_session_that_ended_does_not_cost_what_was_typed(client, name):
    """Anything that leads to the login would make the page go there."""
    address = reverse(f"admin:{name}", args=[make_sender().pk] if "sender_" in name else [])
    answer = client.get(address, {"base_delay": "3"}, headers={"HX-Request": "true"})
    assert answer.status_code == 200
    assert "Your session has ended." in answer.content.decode()
    assert client.get(address, {"base_delay": "3"}).status_code == 302


@pytest.mark.parametrize(("stored", "shown"), [("2", "2"), ("0.5", "0.5"), ("3600", "3600"), ("0.125", "0.125")])
def test_seconds_are_shown_as_people_write_them(client, stored, shown):
    """“2.000” is two thousand for many readers."""
    make_settings(base_delay=stored, maximum_delay="3600")
    sign_in_owner(client)
    field = re.search(r'<input[^>]*name="base_delay"[^>]*>', client.get(PAGE).content.decode())[0]
    assert f'value="{shown}"' in field
