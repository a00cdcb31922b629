"""Door accesses and scans in the admin."""

import base64
import io
import re
from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import translation
from PIL import Image

from tests.campaigns.pages import said
from tests.factories import NOW, make_event
from tests.history import said_of, told
from tests.staff import sign_in, sign_in_owner
from tests.tickets.door_scene import make_access, make_night, make_pass
from tests.tickets.test_qr import decoded
from tickets.doors import digest_of, usual_hours
from tickets.models import CheckIn, DoorAccess, Event, Ticket

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]

ADD = "admin:tickets_dooraccess_add"
LIST = "admin:tickets_dooraccess_changelist"
SCANS = "admin:tickets_checkin_changelist"
LOOK = ("tickets.view_checkin", "tickets.view_dooraccess")


@pytest.fixture(autouse=True)
def clock(client):
    client.cookies["django_language"] = "en"
    with time_machine.travel(NOW, tick=False) as traveller, translation.override("en"):
        yield traveller


@pytest.fixture
def night():
    return make_night()


def page_of(access, kind="change"):
    return reverse(f"admin:tickets_dooraccess_{kind}", args=[access.pk])


def typed(event, **fields):
    return {"event": event.pk, "name": "Juan Prueba", "gate": "Norte", "opens_at": "", "closes_at": ""} | fields


def link_on(page):
    found = re.search(r"/puerta/llave/([A-Za-z0-9]{22})/", page.content.decode())
    return found[1] if found else None


# --- accesses ---


def test_a_new_access_gets_the_usual_hours_and_a_link_that_opens(client, night):
    user = sign_in_owner(client)
    answer = client.post(reverse(ADD), typed(night))
    access = DoorAccess.objects.get()
    assert (access.opens_at, access.closes_at) == usual_hours(night)
    assert (access.is_active, access.can_undo, access.created_by) == (True, False, user)
    assert answer["Location"] == page_of(access, "link")
    token = link_on(client.get(answer["Location"]))
    assert access.token_digest == digest_of(token)
    assert Client().post(reverse("tickets:door_key", args=[token])).status_code == 302
    assert told() == [(user.username, "added", [])]


def test_the_link_is_shown_once(client, night):
    sign_in_owner(client)
    client.post(reverse(ADD), typed(night))
    shown = client.get(page_of(DoorAccess.objects.get(), "link"))
    assert link_on(shown)
    assert "no-store" in shown["Cache-Control"]
    again = client.get(page_of(DoorAccess.objects.get(), "link"))
    assert link_on(again) is None
    assert "Make a new link" in again.content.decode()
    token = link_on(shown)
    assert token not in str(client.session.items())


def test_the_qr_beside_it_says_the_link(client, night):
    sign_in_owner(client)
    page = client.post(reverse(ADD), typed(night), follow=True)
    [picture] = re.findall(r"data:image/png;base64,([A-Za-z0-9+/=]+)", page.content.decode())
    [read] = decoded(Image.open(io.BytesIO(base64.b64decode(picture))))
    assert read == f"http://localhost:8000/puerta/llave/{link_on(page)}/"


def test_hours_are_those_of_the_place_of_the_event(client):
    event = make_event(timezone="America/Mexico_City")
    sign_in_owner(client)
    client.post(reverse(ADD), typed(event, opens_at="2026-12-25T18:00", closes_at="2026-12-26T02:30"))
    access = DoorAccess.objects.get()
    assert f"{access.opens_at:%d %H:%M} {access.closes_at:%d %H:%M}" == "26 00:00 26 08:30"
    assert 'value="2026-12-25T18:00"' in client.get(page_of(access)).content.decode()


def test_the_form_for_an_event_shows_its_usual_hours(client, night):
    sign_in_owner(client)
    page = client.get(reverse(ADD), {"event": night.pk, "can_undo": "on"}).content.decode()
    # In Bogotá it starts at 11:00; the doors open four hours before, the access one hour before them.
    assert 'value="2026-11-25T06:00"' in page
    assert 'value="2026-11-25T16:00"' in page


@pytest.mark.parametrize("event", ["x", "999999", "", "٣", "1" * 30])
def test_a_form_for_no_event_opens_all_the_same(client, event):
    sign_in_owner(client)
    assert client.get(reverse(ADD), {"event": event}).status_code == 200


def test_hours_that_end_before_they_begin_are_said_and_nothing_is_lost(client, night):
    sign_in_owner(client)
    answer = client.post(reverse(ADD), typed(night, opens_at="2026-11-25T20:00", closes_at="2026-11-25T19:00"))
    page = answer.content.decode()
    assert "The access would end before it begins" in page
    assert all(words in page for words in ("Juan Prueba", "Norte", "2026-11-25T20:00"))
    assert not DoorAccess.objects.exists()


@pytest.mark.parametrize("fields", [{"event": ""}, {"name": ""}, {"opens_at": "mañana"}, {"name": "x" * 61}])
def test_what_is_missing_or_wrong_is_said(client, night, fields):
    sign_in_owner(client)
    answer = client.post(reverse(ADD), typed(night) | fields)
    assert set(answer.context["adminform"].form.errors) == set(fields)
    assert not DoorAccess.objects.exists()


def test_changing_the_hours_keeps_the_link_and_is_in_the_history(client, night):
    access = make_access(night)
    sign_in_owner(client)
    later = {"opens_at": "2026-11-25T08:00", "closes_at": "2026-11-25T16:00"}
    client.post(page_of(access), typed(Event.objects.get(), **later))
    same = DoorAccess.objects.get()
    assert (same.opens_at, same.token_digest) == (NOW - timedelta(hours=2), access.token_digest)
    assert said_of(told()) == [("changed", {"From: 25 Nov 2026, 06:00 → 25 Nov 2026, 08:00"})]


def test_an_access_stays_with_its_event(client, night):
    access, other = make_access(night), make_night()
    sign_in_owner(client)
    client.post(page_of(access), typed(other, gate="Sur"))
    access.refresh_from_db()
    assert (access.event, access.gate) == (night, "Sur")


def test_a_new_link_is_made_once_and_ends_the_old_one(client, night):
    access = make_access(night)
    sign_in_owner(client)
    seen = client.get(page_of(access, "link")).context["seen"]
    first = client.post(page_of(access, "link"), {"seen": seen}, follow=True)
    assert DoorAccess.objects.get().token_digest == digest_of(link_on(first)) != access.token_digest
    again = client.post(page_of(access, "link"), {"seen": seen}, follow=True)
    assert link_on(again) is None
    assert "meanwhile" in str(said(again))
    assert said_of(told()) == [("changed", {"Link: new"})]


def test_switching_off_and_on_is_done_once(client, night):
    access = make_access(night)
    sign_in_owner(client)
    for on, state in (("0", False), ("0", False), ("1", True), ("", True)):
        client.post(page_of(access, "switch"), {"on": on})
        assert DoorAccess.objects.get().is_active is state
    assert said_of(told()) == [("switched", {"Active: yes → no"}), ("switched", {"Active: no → yes"})]


def test_the_list_says_which_links_count_now(client, night, clock):
    make_access(night, token="a" * 22)
    make_access(night, token="b" * 22, is_active=False)
    make_access(night, token="c" * 22, opens_at=NOW + timedelta(hours=1))
    make_access(night, token="d" * 22, opens_at=NOW - timedelta(hours=3), closes_at=NOW - timedelta(hours=2))
    sign_in(client, *LOOK)
    page = client.get(reverse(LIST)).content.decode()
    assert all(page.count(words) == 1 for words in ("Counts now", "Not yet", ">Over<", ">Switched off<"))


def test_whoever_only_looks_sees_hours_in_the_zone_of_the_event_and_no_link(client, night):
    access = make_access(night)
    sign_in(client, *LOOK)
    page = client.get(page_of(access)).content.decode()
    assert "(06:00 (Bogotá)" not in page
    assert "06:00 (Bogotá)" in page
    assert "/switch/" not in page
    for kind in ("link", "switch"):
        assert client.post(page_of(access, kind), {"on": "0"}).status_code == 403
    assert client.get(page_of(access, "link")).status_code == 403
    assert DoorAccess.objects.get() == access


def test_a_list_of_many_accesses_takes_few_queries(client, night, django_assert_max_num_queries):
    for number in range(60):
        make_access(night, token=f"{number:022d}")
    sign_in_owner(client)
    with django_assert_max_num_queries(15):
        assert client.get(reverse(LIST)).status_code == 200


# --- scans ---


@pytest.fixture
def entry(night):
    ticket = make_pass(night, companions=2, people_inside=2)
    return CheckIn.objects.create(
        event=night, ticket=ticket, scanned=ticket.code, at=NOW, result="good", admitted=2, gate="Norte"
    )


def undo_page(entry):
    return reverse("admin:tickets_checkin_undo", args=[entry.pk])


def test_an_entry_is_taken_back_from_the_list_with_a_reason(client, entry):
    user = sign_in(client, "tickets.view_checkin", "tickets.undo_checkin")
    assert undo_page(entry) in client.get(reverse(SCANS)).content.decode()
    assert "2 people are counted as outside again" in client.get(undo_page(entry)).content.decode()
    assert CheckIn.objects.get().undone_at is None
    answer = client.post(undo_page(entry), {"reason": "Era otra persona"}, follow=True)
    assert said(answer) == ["The entry was taken back: 2 people are outside again."]
    row = CheckIn.objects.get()
    assert (row.undone_at, row.undone_by, row.undo_reason) == (NOW, user, "Era otra persona")
    assert Ticket.objects.get().people_inside == 0
    again = client.post(undo_page(entry), {"reason": "Otra vez"}, follow=True)
    assert said(again) == ["This entry had been taken back already, so nothing was changed."]
    assert (CheckIn.objects.get().undo_reason, Ticket.objects.get().people_inside) == ("Era otra persona", 0)
    assert undo_page(entry) not in client.get(reverse(SCANS)).content.decode()
    page = client.get(reverse("admin:tickets_checkin_change", args=[entry.pk])).content.decode()
    assert "Era otra persona" in page


@pytest.mark.parametrize("reason", ["", "  ", "x" * 201, "a\nb"])
def test_without_a_good_reason_nothing_is_taken_back(client, entry, reason):
    sign_in_owner(client)
    answer = client.post(undo_page(entry), {"reason": reason})
    assert answer.status_code == 200
    assert answer.context["form"].errors
    assert Ticket.objects.get().people_inside == 2


def test_without_the_permission_it_is_neither_offered_nor_done(client, entry):
    sign_in(client, "tickets.view_checkin", "tickets.add_checkin")
    assert undo_page(entry) not in client.get(reverse(SCANS)).content.decode()
    assert undo_page(entry) not in client.get(reverse("admin:tickets_checkin_change", args=[entry.pk])).content.decode()
    assert client.post(undo_page(entry), {"reason": "x"}).status_code == 403
    assert Ticket.objects.get().people_inside == 2


def test_a_refused_scan_has_nothing_to_take_back(client, night):
    refused = CheckIn.objects.create(event=night, scanned="x", at=NOW, result="refused", reason="unknown")
    sign_in_owner(client)
    assert undo_page(refused) not in client.get(reverse(SCANS)).content.decode()
    assert "let nobody in" in said(client.get(undo_page(refused), follow=True))[0]
    assert client.get(undo_page(CheckIn(pk=refused.pk + 1))).status_code == 404


def test_what_phones_did_without_network_can_be_looked_for(client, night, entry):
    at = {"event": night, "at": NOW, "received_at": NOW}
    refused = {"result": "refused", "reason": "already_inside"}
    conflict = CheckIn.objects.create(scanned="A", let_in_offline=3, **refused, **at)
    told_only = CheckIn.objects.create(scanned="B", let_in_offline=0, **refused, **at)
    sign_in_owner(client)

    def found(**query):
        return set(client.get(reverse(SCANS), query).context["cl"].result_list)

    assert found(offline="conflict") == {conflict}
    assert found(offline="all") == {conflict, told_only}
    assert len(found()) == 3
    assert "3 let in without network" in client.get(reverse(SCANS)).content.decode()


def test_whoever_may_let_people_in_finds_the_door(client):
    sign_in(client, "tickets.view_checkin", "tickets.add_checkin")
    assert 'href="/puerta/"' in client.get(reverse(SCANS)).content.decode()
    sign_in(client, "tickets.view_checkin")
    assert 'href="/puerta/"' not in client.get(reverse(SCANS)).content.decode()
