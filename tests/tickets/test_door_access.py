"""Links of volunteers: who may stand at which door, and when. The pages around a door."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from tests.factories import NOW, make_event, make_user
from tests.staff import sign_in
from tests.tickets.door_scene import TOKEN, Phone, link, make_access, make_night, make_pass
from tickets.doors import digest_of, renew_link
from tickets.models import CheckIn, DoorAccess

pytestmark = pytest.mark.django_db
KEY = "tickets:door_key"


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def night():
    return make_night()


@pytest.fixture
def access(night):
    return make_access(night)


@pytest.fixture(autouse=True)
def english(client):
    client.cookies["django_language"] = "en"


def door_of(event):
    return reverse("tickets:door", args=[event.slug])


def key(token=TOKEN):
    return reverse(KEY, args=[token])


# --- the link ---


def test_looking_at_a_link_opens_nothing(client, night, access):
    """Chat apps open every link for a preview."""
    page = client.get(key())
    assert page.status_code == 200
    text = page.content.decode()
    assert all(words in text for words in ("Noche de prueba", "Juan Prueba", "Norte", "<button"))
    assert client.get(door_of(night)).status_code == 302
    assert "sessionid" not in client.cookies
    assert DoorAccess.objects.get().last_seen_at is None


def test_the_button_opens_the_door(client, night, access):
    assert client.post(key())["Location"] == door_of(night)
    config = client.get(door_of(night)).context["door_config"]
    assert (config["who"], config["gate"], config["can_undo"]) == ("Juan Prueba (Norte)", "Norte", False)
    assert config["event"]["closes_at"] == access.closes_at.isoformat()
    assert DoorAccess.objects.get().last_seen_at == NOW


def test_only_a_digest_of_the_link_is_kept(access):
    assert access.token_digest == digest_of(TOKEN)
    assert TOKEN not in str(DoorAccess.objects.values().get())


@pytest.mark.parametrize("token", ["B" * 22, "A" * 21, "A" * 23, "ñ" * 22, "%00", "A" * 5000])
def test_br_114_what_is_unknown_looks_like_what_is_forbidden(client, access, token):
    unknown = client.get(key(token))
    DoorAccess.objects.update(is_active=False)
    switched_off = client.get(key())
    assert (unknown.status_code, unknown.content) == (switched_off.status_code, switched_off.content)
    assert unknown.status_code == client.post(key(token)).status_code == client.post(key()).status_code == 404


def test_br_114_a_link_of_a_closed_event_is_as_lost(client, night, access):
    type(night).objects.update(is_active=False)
    assert client.get(key()).status_code == 404


@pytest.mark.parametrize("name", ["door_key", "door", "door_events", "door_list"])
def test_br_114_the_pages_of_a_door_are_found_by_nobody(night, access, name):
    phone = Phone.with_link(night)
    arguments = {"door_key": [TOKEN], "door_events": []}.get(name, [night.slug])
    answer = phone.client.get(reverse(f"tickets:{name}", args=arguments))
    assert answer.status_code == 200
    assert "noindex" in answer["X-Robots-Tag"]
    assert answer["Cache-Control"].startswith("private")
    assert answer["Referrer-Policy"] == "same-origin"


def test_the_hours_of_a_link_are_said_and_kept(client, night, access, clock):
    clock.move_to(access.opens_at - timedelta(seconds=1))
    page = client.get(key())
    assert (page.status_code, "<button" in page.content.decode()) == (200, False)
    assert client.post(key()).status_code == 403
    clock.move_to(access.opens_at)
    assert client.post(key()).status_code == 302
    clock.move_to(access.closes_at)
    assert client.post(key()).status_code == 403
    assert client.get(key()).status_code == 200


def test_the_page_of_a_link_says_its_hours_in_the_place_of_the_event(client, access):
    assert "10:00 (Bogotá)" not in client.get(key()).content.decode()
    # Doors four hours before eleven o'clock, and the access an hour before the doors.
    assert "06:00 (Bogotá)" in client.get(key()).content.decode()


# --- each request is asked anew ---


def state_of(phone, ticket):
    answer = phone.post("door_scan", {"nonce": "0" * 32, "scanned": link(ticket)})
    return answer.status_code, answer.json().get("error", "")


def test_an_access_counts_while_it_is_on_in_its_hours_and_at_its_event(night, access, clock):
    phone, ticket = Phone.with_link(night), make_pass(night)
    DoorAccess.objects.update(is_active=False)
    assert state_of(phone, ticket) == (401, "login")
    DoorAccess.objects.update(is_active=True)
    type(night).objects.filter(pk=night.pk).update(is_active=False)
    assert state_of(phone, ticket) == (403, "closed")
    type(night).objects.filter(pk=night.pk).update(is_active=True)
    other = make_night()
    assert state_of(Phone(other, phone.client), ticket) == (403, "closed")
    DoorAccess.objects.update(opens_at=NOW + timedelta(minutes=1))
    assert state_of(phone, ticket) == (403, "closed")
    assert not CheckIn.objects.exists()
    DoorAccess.objects.update(opens_at=NOW)
    assert state_of(phone, ticket) == (200, "")
    clock.move_to(access.closes_at)
    assert state_of(phone, ticket) == (403, "closed")


def test_a_new_link_ends_the_old_one_and_its_sessions(night, access):
    phone, ticket = Phone.with_link(night), make_pass(night)
    token = renew_link(access)
    assert state_of(phone, ticket) == (401, "login")
    assert Client().post(key()).status_code == 404
    assert state_of(Phone.with_link(night, token), ticket) == (200, "")


def test_of_two_new_links_at_once_one_counts(access):
    same = DoorAccess.objects.get()
    token = renew_link(access)
    assert renew_link(same) is None
    assert DoorAccess.objects.get().token_digest == digest_of(token)


def test_when_somebody_was_last_seen_is_written_once_a_minute(night, access, clock, django_assert_num_queries):
    phone = Phone.with_link(night)
    phone.list()
    for seconds, seen in ((59, NOW), (60, NOW + timedelta(seconds=60))):
        clock.move_to(NOW + timedelta(seconds=seconds))
        phone.list()
        assert DoorAccess.objects.get().last_seen_at == seen
    with django_assert_num_queries(4):
        phone.list()


def test_before_its_hours_a_link_reports_nothing_either(night, access):
    """Only after them: by then there is something to tell."""
    phone = Phone.with_link(night)
    DoorAccess.objects.update(opens_at=NOW + timedelta(minutes=1))
    assert phone.post("door_sync", {"scans": []}).status_code == 403
    assert phone.client.get(door_of(night)).status_code == 403


def test_a_day_after_its_hours_a_link_reports_nothing_even_where_the_session_lasts(client, night, access, clock):
    """An account of the staff that may not let anybody in by itself."""
    sign_in(client)
    client.post(key())
    phone = Phone(night, client)
    for seconds, status in ((-1, 200), (0, 403)):
        clock.move_to(access.closes_at + timedelta(hours=24, seconds=seconds))
        assert phone.post("door_sync", {"scans": []}).status_code == status


def test_whoever_knew_the_session_before_does_not_come_in_with_it(client, night, access):
    session = client.session
    session["seen"] = True
    session.save()
    before = client.cookies["sessionid"] = session.session_key
    client.post(key())
    assert client.cookies["sessionid"].value != before
    old = Client()
    old.cookies["sessionid"] = before
    assert old.get(door_of(night)).status_code == 302


def test_a_volunteer_of_a_closed_event_has_no_door(night, access):
    phone = Phone.with_link(night)
    type(night).objects.update(is_active=False)
    assert phone.client.get(reverse("tickets:door_events")).context["doors"] == []


def test_leaving_ends_the_session(night, access):
    phone = Phone.with_link(night)
    assert phone.client.get(reverse("tickets:door_leave")).status_code == 405
    answer = phone.client.post(reverse("tickets:door_leave"), follow=True)
    assert "You have left the door" in answer.content.decode()
    assert dict(phone.client.session) == {}
    assert state_of(phone, make_pass(night)) == (401, "login")
    assert phone.client.get(door_of(night))["Location"].startswith("/admin/login/")


def test_a_session_ends_by_itself(night, access, clock):
    phone = Phone.with_link(night)
    assert phone.client.session.get_expiry_date() == access.closes_at + timedelta(hours=24)
    clock.move_to(access.closes_at + timedelta(hours=24, seconds=1))
    assert phone.post("door_sync", {"scans": []}).status_code == 401


# --- staff ---


def test_staff_needs_the_permission(client, night):
    sign_in(client, "tickets.view_checkin")
    assert client.get(door_of(night)).status_code == 403
    assert client.get(reverse("tickets:door_events")).status_code == 403
    assert state_of(Phone(night, client), make_pass(night)) == (403, "closed")
    sign_in(client, "tickets.add_checkin", first_name="Lucía", last_name="Prueba")
    assert client.get(door_of(night)).context["door_config"]["who"] == "Lucía Prueba"
    assert state_of(Phone(night, client), make_pass(night)) == (200, "")
    assert CheckIn.objects.get().user.first_name == "Lucía"


def test_an_account_that_is_no_staff_stands_at_no_door(client, night):
    sign_in(client, "tickets.add_checkin", is_staff=False)
    assert state_of(Phone(night, client), make_pass(night)) == (403, "closed")


def test_staff_chooses_among_the_events_that_are_not_over_since_a_day(client, night):
    sign_in(client, "tickets.add_checkin")
    yesterday = make_event(name="Ayer", starts_at=NOW - timedelta(hours=26), ends_at=NOW - timedelta(hours=23))
    make_event(name="Antes", starts_at=NOW - timedelta(hours=30), ends_at=NOW - timedelta(hours=25))
    make_event(name="Cerrado", is_active=False)
    doors = client.get(reverse("tickets:door_events")).context["doors"]
    assert [door["event"] for door in doors] == [yesterday, night]


def test_nobody_is_sent_to_the_login_and_comes_back(client, night):
    assert client.get(door_of(night))["Location"] == f"/admin/login/?next={door_of(night)}"
    assert client.get(reverse("tickets:door_events"))["Location"].startswith("/admin/login/")


def test_a_volunteer_sees_the_door_of_the_link_only(night, access):
    make_night(name="Otra noche")
    phone = Phone.with_link(night)
    doors = phone.client.get(reverse("tickets:door_events")).context["doors"]
    assert [door["event"] for door in doors] == [night]


def test_staff_with_a_link_scans_for_the_link_and_stays_signed_in(client, night, access):
    """To try it out; where the link does not count, the account does."""
    sign_in(client, "tickets.add_checkin")
    lasts = client.session.get_expiry_age()
    client.post(key())
    assert client.session.get_expiry_age() == lasts
    phone = Phone(night, client)
    phone.scan(link(make_pass(night)))
    assert CheckIn.objects.get().access == access
    other = make_night()
    assert Phone(other, client).scan(link(make_pass(other)))["result"] == "good"
    client.post(reverse("tickets:door_leave"))
    assert client.get(reverse("admin:index")).status_code == 200
    phone.scan(link(make_pass(night)))
    assert CheckIn.objects.filter(access=access).count() == 1


def test_a_session_without_sense_opens_nothing(client, night):
    make_user()
    session = client.session
    for kept in ("x", {"access": None}, {"access": 1, "digest": None}, []):
        session["door"] = kept
        session.save()
        client.cookies["sessionid"] = session.session_key
        assert client.get(door_of(night)).status_code == 302


def test_the_page_holds_nobody_of_the_list(night, access):
    """It is kept on the phone."""
    ticket = make_pass(night)
    text = Phone.with_link(night).client.get(door_of(night)).content.decode()
    assert (ticket.holder.name in text, ticket.code in text, ticket.token in text) == (False, False, False)


def test_a_door_of_no_event_is_not_found(client):
    sign_in(client, "tickets.add_checkin")
    assert client.get("/puerta/no-hay/").status_code == 404


def test_the_worker_of_the_page_may_serve_every_door_and_nothing_else(client, monkeypatch, tmp_path):
    script = tmp_path / "door_worker.js"
    script.write_text("self.skipWaiting()")
    monkeypatch.setattr("tickets.views.door.finders.find", lambda name: str(script))
    answer = client.get(reverse("tickets:door_worker"))
    assert (answer.status_code, answer.content) == (200, b"self.skipWaiting()")
    assert answer["Content-Type"].startswith("text/javascript")
    assert (answer["Service-Worker-Allowed"], answer["Cache-Control"]) == ("/puerta/", "no-cache")
