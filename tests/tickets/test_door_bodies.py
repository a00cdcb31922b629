"""What phones send to a door: whatever is odd gets a sentence, and one odd report spoils no other."""

import pytest
import time_machine
from django.urls import reverse

from tests.factories import NOW
from tests.tickets.door_scene import Phone, link, make_access, make_night, make_pass, nonce
from tickets.models import CheckIn

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def night():
    return make_night()


@pytest.fixture
def phone(night):
    make_access(night, can_undo=True)
    return Phone.with_link(night)


def of(ticket, **fields):
    return {"nonce": nonce(), "scanned": link(ticket), "at": NOW.isoformat(), "let_in": 1} | fields


ODD = {
    "let in a crowd": {"let_in": 12},
    "nobody": {"people": 0},
    "a crowd": {"people": 12},
    "a long gate": {"gate": "x" * 61},
    "a long key": {"key": "0" * 501},
    "a key that is a number": {"key": 5},
    "much scanned": {"scanned": "x" * 501},
    "neither key nor text": {"scanned": None},
    "no time": {"at": None},
    "a time without a zone": {"at": "2026-11-25T10:00:00"},
    "a day that does not exist": {"at": "2026-02-31T10:00:00Z"},
    "a nonce that is none": {"nonce": "abc"},
}


@pytest.mark.parametrize("odd", ODD.values(), ids=ODD)
def test_an_odd_report_is_said_and_spoils_no_other(night, phone, odd):
    ticket = make_pass(night)
    wrong, right = phone.report(of(ticket, **odd), of(ticket))["results"]
    assert (wrong["error"], wrong["nonce"] != "", right["result"]) == ("invalid", True, "good")
    assert CheckIn.objects.count() == 1


@pytest.mark.parametrize(("sent", "named"), [(5, ""), (None, ""), ({}, ""), ("x" * 99, "x" * 64)])
def test_an_odd_report_is_named_as_far_as_it_has_a_name(night, phone, sent, named):
    [wrong, same] = phone.report(of(make_pass(night), nonce=sent), [sent])["results"]
    assert (wrong["nonce"], same["nonce"]) == (named, "")


def test_a_report_of_another_door_is_said_and_spoils_no_other(night, phone):
    elsewhere = make_night()
    number, ticket = nonce(), make_pass(night)
    row = {"event": elsewhere, "at": NOW, "scanned": "x", "result": "refused", "reason": "unknown"}
    CheckIn.objects.create(nonce=number, **row)
    wrong, right = phone.report(of(ticket, nonce=number), of(ticket))["results"]
    assert (wrong["error"], wrong["nonce"], right["result"]) == ("invalid", number, "good")


@pytest.mark.parametrize(("sent", "kept"), [(None, "Norte"), ("", "Norte"), (" Sur\n 2\x00", "Sur 2")])
def test_a_gate_is_kept_on_one_line_and_without_one_it_is_that_of_the_access(night, phone, sent, kept):
    phone.scan(link(make_pass(night)), gate=sent)
    phone.report(of(make_pass(night), gate=sent))
    assert list(CheckIn.objects.values_list("gate", flat=True)) == [kept, kept]


@pytest.mark.parametrize("body", [{}, {"scans": 5}, {"scans": "ab"}, {"scans": {}}])
def test_reports_come_as_a_list(phone, body):
    assert phone.post("door_sync", body).status_code == 400


def test_200_reports_are_not_too_many(phone):
    assert len(phone.report(*[1] * 200)["results"]) == 200


@pytest.mark.parametrize("options", [{"content_type": "text/plain"}, {"CONTENT_LENGTH": "x"}])
def test_what_does_not_say_what_it_is_is_not_read(night, phone, options):
    """A form on another site can send text without asking, but no JSON."""
    sent = {"data": f'{{"nonce": "{nonce()}", "scanned": "x"}}', "content_type": "application/json"}
    answer = phone.client.post(reverse("tickets:door_scan", args=[night.slug]), **sent | options)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid")


@pytest.mark.parametrize("way", [str.upper, lambda number: number.replace("-", ""), lambda number: f"{{{number}}}"])
def test_a_nonce_is_the_same_however_it_is_written(night, phone, way):
    ticket, number = make_pass(night, companions=1), nonce()
    assert phone.scan(link(ticket), nonce=number) == phone.scan(link(ticket), nonce=way(number))


@pytest.mark.parametrize(
    "odd", [{"nonce": None}, {"checkin": 0}, {"checkin": 2**63}, {"checkin": "1"}, {"checkin": None}]
)
def test_an_odd_wish_to_take_back_is_said(night, phone, odd):
    entry = phone.scan(link(make_pass(night)))["checkin"]
    answer = phone.post("door_undo", {"checkin": entry, "reason": "Por error", "nonce": nonce()} | odd)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid")
    assert CheckIn.objects.get().undone_at is None


def test_a_reason_is_kept_on_one_line(night, phone):
    phone.undo(phone.scan(link(make_pass(night)))["checkin"], " Por\x00 \n error ")
    assert CheckIn.objects.get().undo_reason == "Por error"
