"""Events in the admin: their own hours, their message, their picture."""

import io
from datetime import UTC, datetime

import pytest
from django.contrib.admin.models import LogEntry
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from PIL import Image

from tests.factories import make_event, make_ticket
from tests.staff import sign_in, sign_in_owner
from tickets.forms import EventForm
from tickets.models import Event

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]

LIST = "admin:tickets_event_changelist"
NO_TYPES = {"types-TOTAL_FORMS": "0", "types-INITIAL_FORMS": "0"}


@pytest.fixture(autouse=True)
def english(client):
    client.cookies["django_language"] = "en"


def _typed(**fields):
    values = {
        "name": "Noche de jazz",
        "slug": "noche-de-jazz",
        "venue": "Teatro",
        "starts_at": "2026-12-12T20:00",
        "ends_at": "2026-12-12T23:00",
        "timezone": "America/Bogota",
        "is_active": "on",
        "ticket_text": "Hola {nombre}: {enlace}",
        "email_subject": "Tu entrada para {evento}",
        "email_text": "",
        **NO_TYPES,
    }
    return values | fields


def _picture():
    file = io.BytesIO()
    Image.new("RGB", (20, 10), "red").save(file, "PNG")
    return SimpleUploadedFile("cartel.png", file.getvalue(), content_type="image/png")


@pytest.mark.parametrize(
    ("zone", "starts"),
    [
        ("America/Bogota", datetime(2026, 12, 13, 1, 0, tzinfo=UTC)),
        ("America/Mexico_City", datetime(2026, 12, 13, 2, 0, tzinfo=UTC)),
        ("Europe/Madrid", datetime(2026, 12, 12, 19, 0, tzinfo=UTC)),
    ],
)
def test_the_typed_hour_is_the_hour_of_the_events_zone(client, zone, starts):
    sign_in_owner(client)
    client.post(reverse("admin:tickets_event_add"), _typed(timezone=zone))
    event = Event.objects.get()
    assert (event.starts_at, str(event.timezone)) == (starts, zone)


@pytest.mark.parametrize("zone", ["America/Bogota", "America/Mexico_City", "Europe/Madrid"])
def test_the_form_shows_the_hour_that_was_typed(client, zone):
    sign_in_owner(client)
    client.post(reverse("admin:tickets_event_add"), _typed(timezone=zone))
    page = client.get(reverse("admin:tickets_event_change", args=[Event.objects.get().pk])).content.decode()
    assert 'type="datetime-local" name="starts_at" value="2026-12-12T20:00"' in page
    assert f"(now {zone})" in page


@pytest.mark.parametrize(
    ("zone", "shown"),
    [
        ("America/Bogota", "20:00 (Bogotá)"),
        ("America/Mexico_City", "20:00 (Mexico City)"),
        ("Europe/Madrid", "20:00 (Madrid)"),
    ],
)
def test_list_and_reading_page_show_that_hour_and_its_place(client, zone, shown):
    sign_in_owner(client)
    client.post(reverse("admin:tickets_event_add"), _typed(timezone=zone))
    sign_in(client, "tickets.view_event")
    change = reverse("admin:tickets_event_change", args=[Event.objects.get().pk])
    assert shown in client.get(reverse(LIST)).content.decode()
    assert shown in client.get(change).content.decode()


def test_saving_unchanged_moves_nothing(client):
    event = make_event(timezone="Europe/Madrid", ticket_text="Hola {nombre}")
    before = (event.starts_at, event.ends_at)
    sign_in_owner(client)
    form = EventForm(instance=event)
    sent = {name: form[name].value() for name in form.fields if name != "image"}
    sent |= {name: f"{sent[name]:%Y-%m-%dT%H:%M}" for name in ("starts_at", "ends_at")}
    sent = {name: "" if value is None else value for name, value in sent.items()} | NO_TYPES
    answer = client.post(reverse("admin:tickets_event_change", args=[event.pk]), sent)
    event.refresh_from_db()
    assert (answer.status_code, event.starts_at, event.ends_at) == (302, *before)
    assert LogEntry.objects.get().change_message == "[]"  # no field changed


def test_a_new_zone_keeps_the_hour_on_the_wall(client):
    sign_in_owner(client)
    client.post(reverse("admin:tickets_event_add"), _typed())
    event = Event.objects.get()
    client.post(reverse("admin:tickets_event_change", args=[event.pk]), _typed(timezone="Europe/Madrid"))
    event.refresh_from_db()
    assert event.starts_at == datetime(2026, 12, 12, 19, 0, tzinfo=UTC)


def test_an_hour_that_does_not_exist_is_refused_in_a_sentence(client):
    sign_in_owner(client)
    typed = _typed(starts_at="2026-09-06T00:30", ends_at="2026-09-06T03:00", timezone="America/Santiago")
    answer = client.post(reverse("admin:tickets_event_add"), typed)
    error = answer.context["adminform"].form.errors["starts_at"][0]
    assert "does not exist in America/Santiago" in error
    assert Event.objects.count() == 0


def test_an_hour_that_comes_twice_is_taken_and_said(client):
    sign_in_owner(client)
    typed = _typed(starts_at="2026-10-25T02:30", ends_at="2026-10-25T05:00", timezone="Europe/Madrid")
    answer = client.post(reverse("admin:tickets_event_add"), typed, follow=True)
    assert Event.objects.get().starts_at == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert any("comes twice" in str(message) for message in answer.context["messages"])


@pytest.mark.parametrize("zone", ["", "America/Atlantis"])
def test_without_a_zone_nothing_is_saved(client, zone):
    sign_in_owner(client)
    answer = client.post(reverse("admin:tickets_event_add"), _typed(timezone=zone))
    assert set(answer.context["adminform"].form.errors) == {"timezone"}
    assert Event.objects.count() == 0


def test_an_event_cannot_end_before_it_starts(client):
    sign_in_owner(client)
    answer = client.post(reverse("admin:tickets_event_add"), _typed(ends_at="2026-12-12T19:00"))
    assert set(answer.context["adminform"].form.errors) == {"ends_at"}


@pytest.mark.parametrize("field", ["ticket_text", "email_subject", "email_text"])
def test_an_unknown_name_in_the_message_is_refused_and_quoted(client, field):
    sign_in_owner(client)
    answer = client.post(reverse("admin:tickets_event_add"), _typed(**{field: "Hola {nombre.__class__}"}))
    assert "{nombre.__class__}" in answer.context["adminform"].form.errors[field][0]
    assert Event.objects.count() == 0


def test_a_picture_is_drawn_anew_and_shown_to_those_who_see_the_event(client):
    sign_in_owner(client)
    client.post(reverse("admin:tickets_event_add"), _typed(image=_picture()))
    event = Event.objects.get()
    picture = reverse("admin:tickets_event_picture", args=[event.pk])
    answer = client.get(picture)
    assert (answer["Content-Type"], "no-store" in answer["Cache-Control"]) == ("image/jpeg", True)
    assert b"".join(answer.streaming_content)[:3] == b"\xff\xd8\xff"
    assert picture in client.get(reverse("admin:tickets_event_change", args=[event.pk])).content.decode()
    sign_in(client, "tickets.view_contact")
    assert client.get(picture).status_code == 404


def test_what_is_no_picture_is_refused(client):
    sign_in_owner(client)
    file = SimpleUploadedFile("cartel.png", b"<script>alert(1)</script>", content_type="image/png")
    answer = client.post(reverse("admin:tickets_event_add"), _typed(image=file))
    assert set(answer.context["adminform"].form.errors) == {"image"}
    assert Event.objects.count() == 0


def test_the_list_counts_valid_tickets_without_a_query_for_each_event(client):
    sign_in_owner(client)
    event = make_ticket().event
    make_ticket(event=event, status="voided")
    with CaptureQueriesContext(connection) as few:
        page = client.get(reverse(LIST)).content.decode()
    assert '<td class="field-tickets_issued">1</td>' in page
    make_event()
    make_event()
    with CaptureQueriesContext(connection) as more:
        client.get(reverse(LIST))
    assert len(more) == len(few)


def test_nobody_deletes_events(client):
    event = make_event()
    sign_in_owner(client)
    assert client.post(reverse("admin:tickets_event_delete", args=[event.pk]), {"post": "yes"}).status_code == 403
    assert "delete_selected" not in client.get(reverse(LIST)).content.decode()


def test_somebody_who_may_only_look_cannot_write(client):
    event = make_event()
    sign_in(client, "tickets.view_event")
    change = reverse("admin:tickets_event_change", args=[event.pk])
    assert client.get(change).status_code == 200
    assert client.post(change, _typed()).status_code == 403
    assert client.get(reverse("admin:tickets_event_add")).status_code == 403


def test_somebody_without_rights_sees_no_events(client):
    sign_in(client)
    assert client.get(reverse(LIST)).status_code == 403


def test_a_short_name_follows_from_the_name_and_is_free(client):
    make_event(slug="noche-de-jazz")
    sign_in_owner(client)
    client.post(reverse("admin:tickets_event_add"), _typed(slug=""))
    assert Event.objects.filter(slug="noche-de-jazz-2").exists()


@pytest.mark.parametrize("name", ["😀😀", "Ñandú"])
def test_any_name_gives_a_short_name(client, name):
    sign_in_owner(client)
    assert client.post(reverse("admin:tickets_event_add"), _typed(name=name, slug="")).status_code == 302
    assert Event.objects.get().slug in {"evento", "nandu"}
