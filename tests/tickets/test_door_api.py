"""The addresses that the page of a door talks to."""

import json
from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import translation

from tests.factories import NOW, make_contact, make_event
from tests.staff import sign_in
from tests.tickets.door_scene import Phone, link, make_access, make_night, make_pass, nonce
from tickets.door_list import key_of, salt_of
from tickets.models import CheckIn, DoorAccess, HistoryEntry, Ticket
from tickets.ticket_moves import replace_ticket

pytestmark = pytest.mark.django_db


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


@pytest.fixture
def phone(night, access):
    return Phone.with_link(night)


# --- scans ---


def test_a_good_scan_says_all_that_the_contract_says(night, access, phone):
    ticket = make_pass(night, holder=make_contact(name="Ana Prueba"), companions=3)
    make_pass(night)
    number = nonce()
    assert phone.scan(link(ticket), nonce=number, people=2) == {
        "nonce": number,
        "result": "good",
        "reason": "",
        "title": "Come in",
        "sentence": "2 people come in. 2 more people may still come with this ticket.",
        "admitted": 2,
        "inside": 2,
        "people": 4,
        "name": "Ana Prueba",
        "code": ticket.code,
        "type": "General",
        "since": "",
        "gate": "",
        "checkin": CheckIn.objects.get().pk,
        "counts": {"inside": 2, "expected": 5},
    }
    row = CheckIn.objects.get()
    assert (row.gate, row.access, row.user) == ("Norte", access, None)


@pytest.mark.parametrize("status", ["blocked", "voided", "replaced"])
def test_the_phone_expects_as_many_people_as_the_page_of_the_event(night, phone, status):
    make_pass(night, companions=3, status=status)
    counts = phone.scan(link(make_pass(night, companions=1)))["counts"]
    assert counts == {"inside": 1, "expected": 2}


def test_without_a_number_one_person_comes_in(night, phone):
    ticket = make_pass(night, companions=3)
    assert phone.scan(link(ticket))["admitted"] == 1
    assert phone.scan(link(ticket), people=None)["inside"] == 2


def test_already_inside_says_since_when_and_by_which_gate(night, phone, clock):
    """In the hours of the event's place."""
    ticket = make_pass(night)
    phone.scan(link(ticket), gate="Sur")
    clock.move_to(NOW + timedelta(minutes=7))
    said = phone.scan(link(ticket))
    assert (said["result"], said["reason"], said["since"], said["gate"]) == (
        "refused",
        "already_inside",
        "10:00",
        "Sur",
    )
    assert said["sentence"] == "Everybody on this ticket is inside already, the first since 10:00 by the gate Sur."
    assert (said["inside"], said["people"], said["admitted"]) == (1, 1, 0)


def test_too_many_says_how_many_may_still_come(night, phone):
    ticket = make_pass(night, companions=1)
    phone.scan(link(ticket))
    said = phone.scan(link(ticket), people=2)
    assert said["sentence"] == "Only 1 more person may come with this ticket. Nobody was let in."


@pytest.mark.parametrize("wrong", ["other event", "unknown"])
def test_br_114_of_tickets_that_are_not_for_this_door_nothing_is_said(phone, wrong):
    other = make_pass(make_event(), holder=make_contact(name="Persona Secreta"), companions=2)
    said = phone.scan(link(other) if wrong == "other event" else "ZZZZ-ZZZZ")
    told = {name: said[name] for name in ("name", "code", "type", "since", "gate", "inside", "people")}
    assert told == {"name": "", "code": "", "type": "", "since": "", "gate": "", "inside": 0, "people": 0}
    assert "Secreta" not in json.dumps(said)


REASONS = ("unknown", "other_event", "voided", "replaced", "blocked", "too_early", "already_inside", "too_many")


@pytest.mark.parametrize("language", ["es", "en"])
def test_br_116_every_reason_has_words_of_its_own(night, access, language):
    phone = Phone.with_link(night)
    phone.client.cookies["django_language"] = language
    texts = {status: link(make_pass(night, status=status)) for status in ("voided", "replaced", "blocked")}
    texts |= {"unknown": "nada", "other_event": link(make_pass(make_event()))}
    texts |= {"already_inside": link(make_pass(night, people_inside=1))}
    texts |= {"too_many": link(make_pass(night, companions=1, people_inside=1))}
    said = {name: phone.scan(text, people=2) for name, text in texts.items()}
    assert {name: one["reason"] for name, one in said.items()} == {name: name for name in texts}
    type(night).objects.update(doors_open_at=NOW + timedelta(minutes=30))
    said["too_early"] = phone.scan(link(make_pass(night)))
    assert "10:30" in said["too_early"]["sentence"]
    assert (
        len({one["title"] for one in said.values()}) == len({one["sentence"] for one in said.values()}) == len(REASONS)
    )


def test_the_same_nonce_gives_the_same_answer(night, phone):
    ticket, number = make_pass(night, companions=3), nonce()
    first = phone.scan(link(ticket), nonce=number)
    assert phone.scan(link(ticket), nonce=number) == first
    assert CheckIn.objects.count() == 1


def test_a_nonce_of_another_door_is_refused(night, phone):
    other, number = make_night(), nonce()
    phone.scan(link(make_pass(night)), nonce=number)
    sign_in(elsewhere := Client(), "tickets.add_checkin")
    answer = Phone(other, elsewhere).post("door_scan", {"nonce": number, "scanned": "x"})
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid")


def test_a_scan_takes_few_queries_however_many_tickets_there_are(night, phone, django_assert_num_queries):
    holder = make_contact()
    Ticket.objects.bulk_create(
        Ticket(event=night, holder=holder, number=n, code=f"C-{n}", token=f"t-{n}") for n in range(2, 500)
    )
    ticket = make_pass(night)
    phone.scan(link(ticket), people=1)
    ticket = make_pass(night)
    # Session, event, access, ticket, nonce; begin, count, look, write, commit; the counts of the event.
    with django_assert_num_queries(11):
        assert phone.scan(link(ticket))["result"] == "good"
    with django_assert_num_queries(10):
        assert phone.scan(link(ticket))["result"] == "refused"


# --- what is wrong with a request ---

BODIES = {
    "no JSON": "{",
    "not UTF-8": b'{"nonce": "\xff"}',
    "a list": [],
    "very deep": "[" * 20000,
    "no nonce": {"scanned": "x"},
    "a nonce that is none": {"nonce": "abc", "scanned": "x"},
    "a nonce that is a number": {"nonce": 5, "scanned": "x"},
    "nothing scanned": {"nonce": nonce(), "scanned": "  "},
    "much scanned": {"nonce": nonce(), "scanned": "x" * 501},
    "nobody": {"nonce": nonce(), "scanned": "x", "people": 0},
    "a crowd": {"nonce": nonce(), "scanned": "x", "people": 12},
    "people that are a text": {"nonce": nonce(), "scanned": "x", "people": "2"},
    "people that are true": {"nonce": nonce(), "scanned": "x", "people": True},
    "a long gate": {"nonce": nonce(), "scanned": "x", "gate": "x" * 61},
}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_a_body_that_is_wrong_gets_a_sentence_and_writes_nothing(phone, body):
    answer = phone.post("door_scan", body)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid")
    assert answer.json()["sentence"].endswith(".")
    assert not CheckIn.objects.exists()


@pytest.mark.parametrize("text", ["\ud800", "\x00", "’; DROP TABLE", "😀" * 40, "\u202e", "⁦x"])
def test_whatever_a_camera_reads_is_only_unknown(phone, text):
    assert phone.scan(text + "x")["reason"] == "unknown"


def test_more_than_64_kb_are_not_read(phone):
    answer = phone.post("door_scan", {"nonce": nonce(), "scanned": "x", "more": "x" * 65_536})
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid")


def test_a_form_is_no_scan(night, phone):
    answer = phone.client.post(reverse("tickets:door_scan", args=[night.slug]), {"nonce": nonce(), "scanned": "x"})
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid")


def test_nothing_is_done_without_the_token_against_forgery(night, access):
    strict = Client(enforce_csrf_checks=True)
    page = reverse("tickets:door_key", args=["A" * 22])
    assert strict.post(page).status_code == 403
    token = strict.get(page).context["csrf_token"]
    assert strict.post(page, {"csrfmiddlewaretoken": str(token)}).status_code == 302
    body, address = {"nonce": nonce(), "scanned": "x"}, reverse("tickets:door_scan", args=[night.slug])
    assert strict.post(address, body, content_type="application/json").status_code == 403
    config = strict.get(reverse("tickets:door", args=[night.slug])).context["door_config"]
    sent = strict.post(address, body, content_type="application/json", headers={"X-CSRFToken": config["csrf"]})
    assert sent.status_code == 200


@pytest.mark.parametrize("name", ["door_scan", "door_sync", "door_undo"])
def test_a_door_that_does_not_exist_is_not_found(phone, name):
    answer = phone.client.post(reverse(f"tickets:{name}", args=["no-hay"]), "{}", content_type="application/json")
    assert (answer.status_code, answer.json()["error"]) == (404, "unknown_event")


# --- taking back ---


def undoing_phone(night):
    make_access(night, token="B" * 22, can_undo=True, name="Rosa Prueba")
    return Phone.with_link(night, "B" * 22)


def test_an_entry_is_taken_back_once(night):
    phone = undoing_phone(night)
    ticket = make_pass(night, companions=2)
    entry = phone.scan(link(ticket), people=2)["checkin"]
    said = phone.undo(entry).json()
    assert said == {
        "sentence": "The entry was taken back.",
        "inside": 0,
        "people": 3,
        "counts": {"inside": 0, "expected": 3},
    }
    again = phone.undo(entry).json()
    assert (again["sentence"], again["inside"]) == ("This entry had been taken back already.", 0)
    assert HistoryEntry.objects.get(action="taken_back").actor == "Rosa Prueba"


def test_after_an_entry_is_taken_back_the_ticket_that_counts_now_is_told(night):
    """It was issued anew since; the old one counts nobody."""
    phone = undoing_phone(night)
    ticket = make_pass(night, companions=2)
    entry = phone.scan(link(ticket), people=2)["checkin"]
    fresh = replace_ticket(replace_ticket(ticket))
    phone.scan(link(fresh))
    for _ in range(2):
        said = phone.undo(entry).json()
        assert (said["inside"], said["people"], said["counts"]["inside"]) == (1, 3, 1)


def test_taking_back_needs_the_right_to(night, phone):
    entry = phone.scan(link(make_pass(night)))["checkin"]
    answer = phone.undo(entry)
    assert (answer.status_code, answer.json()["error"]) == (403, "closed")
    assert CheckIn.objects.get().undone_at is None


def test_staff_takes_back_with_the_permission_for_it(night, client):
    sign_in(client, "tickets.add_checkin")
    phone = Phone(night, client)
    entry = phone.scan(link(make_pass(night)))["checkin"]
    assert phone.undo(entry).status_code == 403
    user = sign_in(client, "tickets.add_checkin", "tickets.undo_checkin")
    assert phone.undo(entry).status_code == 200
    assert CheckIn.objects.get().undone_by == user


@pytest.mark.parametrize("reason", ["", "   ", None, "x" * 201, 7])
def test_taking_back_without_a_reason_is_refused(night, reason):
    phone = undoing_phone(night)
    entry = phone.scan(link(make_pass(night)))["checkin"]
    assert phone.undo(entry, reason).status_code == 400
    assert CheckIn.objects.get().undone_at is None


@pytest.mark.parametrize("number", [10**30, -1, "1", None, 999_999])
def test_there_is_nothing_to_take_back(night, number):
    assert undoing_phone(night).undo(number).status_code == 400


def test_a_scan_that_let_nobody_in_is_not_taken_back(night):
    phone = undoing_phone(night)
    answer = phone.undo(phone.scan("nada")["checkin"])
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid")


def test_an_entry_of_another_door_is_not_taken_back(night):
    other = make_night()
    elsewhere = CheckIn.objects.create(
        event=other, ticket=make_pass(other, people_inside=1), scanned="x", at=NOW, result="good", admitted=1
    )
    assert undoing_phone(night).undo(elsewhere.pk).status_code == 400


# --- scans without network ---


def offline(night, ticket=None, **fields):
    key = key_of(salt_of(night), ticket.token) if ticket else "0" * 20
    return {"nonce": nonce(), "key": key, "people": 1, "gate": "Sur", "at": NOW.isoformat(), "let_in": 1} | fields


def test_reports_are_judged_by_the_key_of_token_or_code(night, phone):
    ticket = make_pass(night, companions=1)
    by_code = offline(night, key=key_of(salt_of(night), ticket.code))
    told = phone.report(offline(night, ticket), by_code)
    assert [(one["result"], one["conflict"], one["inside"]) for one in told["results"]] == [
        ("good", False, 1),
        ("good", False, 2),
    ]
    assert told["counts"] == {"inside": 2, "expected": 2}
    assert set(CheckIn.objects.values_list("gate", "let_in_offline", "received_at", "at")) == {("Sur", 1, NOW, NOW)}


def test_a_report_says_the_same_as_a_scan_and_whether_it_is_a_conflict(night, phone):
    ticket = make_pass(night)
    phone.scan(link(ticket))
    [told] = phone.report(offline(night, ticket))["results"]
    assert (told["reason"], told["conflict"], told["gate"]) == ("already_inside", True, "Norte")
    assert set(told) == {*phone.scan(link(ticket)), "conflict"} - {"counts"}
    row = CheckIn.objects.get(received_at__isnull=False)
    assert (row.result, row.let_in_offline) == ("refused", 1)


def test_one_bad_report_spoils_no_other(night, phone):
    ticket = make_pass(night, companions=9)
    bad = [5, {}, offline(night, ticket, at="ayer"), offline(night, ticket, let_in=-1), offline(night, key="")]
    told = phone.report(*bad, offline(night, ticket))["results"]
    assert [one.get("error", one.get("result")) for one in told] == ["invalid"] * 5 + ["good"]
    assert told[2]["nonce"] == bad[2]["nonce"]
    assert all(one["sentence"].endswith(".") for one in told)
    assert CheckIn.objects.count() == 1


def test_reports_that_come_twice_count_once(night, phone):
    scans = [offline(night, make_pass(night)), offline(night, make_pass(night))]
    assert phone.report(*scans) == phone.report(*scans)
    assert CheckIn.objects.count() == 2


def test_what_was_in_no_list_is_found_by_its_text(night, phone):
    """The ticket was issued after the phone had lost the network."""
    ticket = make_pass(night)
    [told] = phone.report(offline(night, scanned=link(ticket), let_in=0) | {"key": None})["results"]
    assert (told["reason"], told["conflict"], told["name"]) == ("unknown", False, "")
    assert CheckIn.objects.get().ticket == ticket


def test_unknown_keys_are_on_record_as_they_are(night, phone):
    [told] = phone.report(offline(night, key="ab" * 10, let_in=2))["results"]
    assert (told["reason"], told["conflict"]) == ("unknown", True)
    assert CheckIn.objects.get().scanned == "ab" * 10


@pytest.mark.parametrize(
    ("at", "kept"),
    [
        (NOW - timedelta(minutes=40), NOW - timedelta(minutes=40)),
        (NOW + timedelta(days=300), NOW),  # no clock that goes fast makes a ticket early or late
        (NOW - timedelta(days=2), NOW),
        (
            NOW - timedelta(hours=9, minutes=59),
            NOW - timedelta(hours=9, minutes=59),
        ),  # the day begins where the event is
        (NOW - timedelta(hours=10, minutes=1), NOW),
    ],
)
def test_a_report_is_judged_by_its_own_time_within_reason(night, phone, at, kept):
    phone.report(offline(night, make_pass(night), at=at.isoformat()))
    assert CheckIn.objects.get().at == kept


def test_a_report_from_before_the_doors_opened_is_a_conflict(night, phone):
    early = night.doors_open - timedelta(minutes=1)
    [told] = phone.report(offline(night, make_pass(night), at=early.isoformat()))["results"]
    assert (told["reason"], told["conflict"]) == ("too_early", True)


def test_at_most_200_reports_come_at_once(phone):
    answer = phone.post("door_sync", {"scans": [1] * 201})
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid")
    assert phone.report() == {"results": [], "counts": {"inside": 0, "expected": 0}}


def test_200_reports_fit_into_one_body_and_are_looked_up_together(night, phone, django_assert_max_num_queries):
    tickets = [make_pass(night) for _ in range(40)]
    sent = [offline(night, ticket) for ticket in tickets]
    assert len(json.dumps({"scans": sent * 5})) < 64 * 1024
    # Each: its nonce, a transaction of two writes and a look; the list and the tickets once for all.
    with django_assert_max_num_queries(40 * 6 + 10):
        phone.report(*sent)
    assert Ticket.objects.filter(people_inside=1).count() == 40


def test_the_night_is_told_after_its_end_but_nobody_comes_in_any_more(night, access, phone, clock):
    ticket = make_pass(night)
    clock.move_to(access.closes_at + timedelta(hours=1))
    assert phone.post("door_scan", {"nonce": nonce(), "scanned": link(ticket)}).status_code == 403
    page = reverse("tickets:door", args=[night.slug])
    assert phone.client.get(page).status_code == 200  # its script sends what waits, also when the tab had been closed
    assert phone.list().status_code == 403
    [told] = phone.report(offline(night, ticket))["results"]
    assert told["result"] == "good"
    clock.move_to(access.closes_at + timedelta(hours=24))
    assert phone.client.get(page).status_code in (302, 403)
    assert phone.post("door_sync", {"scans": []}).status_code in (401, 403)


# --- the words ---


def test_the_words_of_the_page_are_in_the_language_of_the_phone(night, phone):
    page = reverse("tickets:door", args=[night.slug])
    assert phone.client.get(page).context["door_config"]["words"]["title_good"] == "Come in"
    phone.client.cookies["django_language"] = "es"
    with translation.override("es"):
        assert phone.client.get(page).context["door_config"]["words"]["title_good"] == "Adelante"
    assert DoorAccess.objects.get().last_seen_at == NOW
