"""The page of a ticket: its moves, its data, its PIN, where it came from."""

import pytest
from django.contrib.auth.hashers import check_password
from django.contrib.messages import get_messages
from django.urls import reverse

from tests.factories import NOW, make_contact, make_delivery, make_event, make_ticket
from tests.staff import sign_in, sign_in_owner
from tickets.issuing import issue_tickets
from tickets.models import CheckIn, HistoryEntry, Ticket
from tickets.ticket_moves import replace_ticket, transfer_ticket

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]

LIST = "admin:tickets_ticket_changelist"
ADD = "admin:tickets_ticket_add"
MOVES = {
    "void_action": "tickets.void_ticket",
    "block_action": "tickets.block_ticket",
    "reissue_action": "tickets.replace_ticket",
}


@pytest.fixture(autouse=True)
def english(client):
    client.cookies["django_language"] = "en"


def page(ticket):
    return reverse("admin:tickets_ticket_change", args=[ticket.pk])


def transfer_page(ticket):
    return reverse("admin:tickets_ticket_transfer", args=[ticket.pk])


def said(answer):
    return [str(message) for message in get_messages(answer.wsgi_request)]


def press(client, ticket, action, **typed):
    """The question, and what comes of answering it."""
    posted = {"action": action, "_selected_action": [ticket.pk]}
    asked = client.post(reverse(LIST), posted).context
    sent = posted | typed | {name: asked[name] for name in ("step", "showing")}
    sent["expected"] = asked["page"].fingerprint
    return client.post(reverse(LIST), sent), lambda: client.post(reverse(LIST), sent)


def history(row):
    entries = HistoryEntry.objects.filter(content_type__model=row._meta.model_name, object_id=row.pk)
    return [(entry.action, entry.after, entry.sentence) for entry in entries.order_by("pk")]


# --- moves --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("action", MOVES)
def test_the_question_says_whose_tickets_they_are_in_one_query(client, action, django_assert_max_num_queries):
    sign_in_owner(client)
    event = make_event()
    tickets = [make_ticket(event=event, holder=make_contact(name=f"Ana {number}")) for number in range(12)]
    with django_assert_max_num_queries(15):
        asked = client.post(reverse(LIST), {"action": action, "_selected_action": [ticket.pk for ticket in tickets]})
    assert sorted(asked.context["examples"]) == sorted(f"{one.code} · {one.holder.name}" for one in tickets)


def test_blocking_and_unblocking_say_why_and_are_in_the_history(client):
    ticket = make_ticket()
    sign_in_owner(client)
    answer, _again = press(client, ticket, "block_action", reason="Falta el pago")
    assert (answer["Location"], said(answer)) == (page(ticket), ["1 ticket is blocked now."])
    ticket.refresh_from_db()
    assert (ticket.status, ticket.status_reason) == ("blocked", "Falta el pago")
    assert "Falta el pago" in client.get(page(ticket)).content.decode()
    press(client, ticket, "unblock_action", reason="Pagó")
    ticket.refresh_from_db()
    assert (ticket.status, ticket.status_reason) == ("valid", "Pagó")
    assert history(ticket) == [("blocked", {}, "Falta el pago"), ("unblocked", {}, "Pagó")]


def test_blocking_without_a_reason_asks_for_one(client):
    ticket = make_ticket()
    sign_in_owner(client)
    answer, _again = press(client, ticket, "block_action", reason=" ")
    assert list(answer.context["page"].form.errors) == ["reason"]
    assert Ticket.objects.get().status == "valid"


def test_a_second_press_does_nothing_twice(client):
    ticket = make_ticket()
    sign_in_owner(client)
    _answer, again = press(client, ticket, "reissue_action", reason="Lo perdió")
    assert said(again())[-1] == "This was done already, so nothing was done again."
    assert Ticket.objects.count() == 2


def test_two_presses_at_once_issue_all_valid_ones_anew_only_once(client):
    make_ticket()
    sign_in_owner(client)
    url = f"{reverse(LIST)}?status__exact=valid"
    posted = {"action": "reissue_action", "_selected_action": [Ticket.objects.get().pk], "select_across": 1}
    asked = client.post(url, posted).context
    sent = posted | {name: asked[name] for name in ("step", "showing")} | {"expected": asked["page"].fingerprint}
    client.post(url, sent)
    session = client.session  # as the second request has read it before the first one was done
    del session["answered_questions"]
    session.save()
    client.post(url, sent)
    assert Ticket.objects.count() == 2


def test_what_is_not_in_that_state_any_more_is_counted(client):
    ticket = make_ticket(status="voided")
    sign_in_owner(client)
    answer, _again = press(client, ticket, "block_action", reason="Falta el pago")
    assert said(answer) == ["0 tickets are blocked now. 1 stays what it was."]
    assert history(ticket) == []


def test_a_ticket_issued_anew_leads_to_the_new_one_and_both_say_so(client):
    old = make_ticket()
    sign_in_owner(client)
    answer, _again = press(client, old, "reissue_action", reason="Lo perdió")
    new = Ticket.objects.get(replaces=old)
    assert answer["Location"] == page(new)
    assert history(old) == [("reissued", {"replacement": new.code}, "Lo perdió")]
    assert history(new) == [("reissued", {"in_place_of": old.code}, "Lo perdió")]
    of_new, of_old = (client.get(page(ticket)).content.decode() for ticket in (new, old))
    assert f'href="{page(old)}"' in of_new
    assert f'href="{page(new)}"' in of_old
    assert f"/ticket/{new.pk}/send/" in of_new  # the new one can be sent from there
    assert f"/ticket/{old.pk}/send/" not in of_old


def test_the_button_says_whether_it_was_sent_before_and_the_page_leads_to_its_messages(client):
    ticket = make_ticket()
    sign_in_owner(client)
    assert "Send this ticket" in client.get(page(ticket)).content.decode()
    delivery = make_delivery(ticket=ticket, contact=ticket.holder, status="sent", sent_at=NOW)
    make_delivery()
    answer = client.get(page(ticket))
    assert "Send again" in answer.content.decode()
    messages = client.get(answer.context["deliveries_url"])
    assert list(messages.context["cl"].result_list) == [delivery]
    sign_in(client, "tickets.view_ticket")
    assert "deliveries_url" not in client.get(page(ticket)).context


@pytest.mark.parametrize(("action", "permission"), MOVES.items())
def test_each_move_asks_for_a_permission_of_its_own(client, action, permission):
    ticket = make_ticket()
    others = [one for one in MOVES.values() if one != permission]
    sign_in(client, "tickets.view_ticket", "tickets.change_ticket", *others)
    assert f'value="{action}"' not in client.get(page(ticket)).content.decode()
    client.post(reverse(LIST), {"action": action, "_selected_action": [ticket.pk], "reason": "x", "step": "confirmed"})
    assert Ticket.objects.get().status == "valid"
    sign_in(client, "tickets.view_ticket", permission)
    assert f'value="{action}"' in client.get(page(ticket)).content.decode()
    press(client, ticket, action, reason="Falta el pago")
    assert Ticket.objects.filter(pk=ticket.pk).exclude(status="valid").exists()


@pytest.mark.parametrize(
    ("status", "offered"),
    [
        ("valid", {"void_action", "block_action", "reissue_action", "transfer"}),
        ("blocked", {"void_action", "unblock_action"}),
        ("voided", set()),
        ("replaced", set()),
    ],
)
def test_a_page_offers_what_its_state_allows(client, status, offered):
    ticket = make_ticket(status=status)
    sign_in_owner(client)
    html = client.get(page(ticket)).content.decode()
    marks = {name: f'value="{name}"' for name in (*MOVES, "unblock_action")} | {"transfer": "/transfer/"}
    assert {name for name, mark in marks.items() if mark in html} == offered


# --- to somebody else ---------------------------------------------------------------------------------------------


def test_a_ticket_is_given_to_whoever_is_found(client):
    old, luis = make_ticket(companions=2), make_contact(name="Luis Prueba")
    giver = old.holder
    sign_in_owner(client)
    found = client.get(transfer_page(old), {"q": "luis"})
    assert f'href="?to={luis.pk}"' in found.content.decode()
    assert "Luis Prueba" in client.get(transfer_page(old), {"to": luis.pk}).context["title"]
    assert Ticket.objects.count() == 1  # looking changes nothing
    answer = client.post(transfer_page(old), {"to": luis.pk, "reason": "No puede venir"})
    new = Ticket.objects.get(replaces=old)
    assert (new.holder, new.companions, answer["Location"]) == (luis, 2, page(new))
    assert history(old) == [("transferred", {"to_whom": "Luis Prueba", "replacement": new.code}, "No puede venir")]
    assert history(new) == [("transferred", {"from_whom": giver.name, "in_place_of": old.code}, "No puede venir")]
    facts = {"for_event": old.event.name}
    assert history(giver)[0][1] == facts | {"ticket": old.code, "to_whom": "Luis Prueba"}
    assert history(luis)[0][1] == facts | {"ticket": new.code, "from_whom": giver.name}


def test_giving_it_twice_gives_it_once(client):
    ticket, luis = make_ticket(), make_contact()
    sign_in_owner(client)
    sent = {"to": luis.pk, "reason": "No puede venir"}
    client.post(transfer_page(ticket), sent)
    answer = client.post(transfer_page(ticket), sent)
    assert said(answer)[-1] == "This ticket is not valid any more, so it was not given to anybody."
    assert (Ticket.objects.filter(holder=luis).count(), len(history(luis))) == (1, 1)


def test_nobody_is_given_a_ticket_with_which_somebody_came_in(client):
    ticket, luis = make_ticket(people_inside=1), make_contact()
    sign_in_owner(client)
    assert "/transfer/" not in client.get(page(ticket)).content.decode()
    answer = client.post(transfer_page(ticket), {"to": luis.pk, "reason": "No puede venir"})
    assert "cannot be given" in said(answer)[0]
    assert (Ticket.objects.count(), HistoryEntry.objects.count()) == (1, 0)


def test_without_a_reason_it_asks_and_keeps_the_person(client):
    ticket, luis = make_ticket(), make_contact()
    sign_in_owner(client)
    answer = client.post(transfer_page(ticket), {"to": luis.pk, "reason": ""})
    assert (answer.context["to"], list(answer.context["form"].errors)) == (luis, ["reason"])


@pytest.mark.parametrize("to", ["", "x", "9" * 30, "0", "²"])
def test_whom_nobody_knows_leads_back_to_the_search(client, to):
    ticket = make_ticket()
    sign_in_owner(client)
    assert "found" in client.post(transfer_page(ticket), {"to": to, "reason": "x"}).context
    assert Ticket.objects.count() == 1


def test_giving_away_needs_its_permission(client):
    ticket, luis = make_ticket(), make_contact()
    sign_in(client, "tickets.view_ticket", "tickets.change_ticket")
    assert client.get(transfer_page(ticket)).status_code == 403
    assert client.post(transfer_page(ticket), {"to": luis.pk, "reason": "x"}).status_code == 403
    assert Ticket.objects.count() == 1


# --- several, types, data -----------------------------------------------------------------------------------------


def test_several_tickets_for_one_person_are_issued_at_once(client):
    event, holder = make_event(), make_contact()
    sign_in_owner(client)
    typed = {"event": event.pk, "holder": holder.pk, "companions": 0, "data_lines": "mesa: 12"}
    client.post(reverse(ADD), typed | {"type": "", "each": 3})
    tickets = Ticket.objects.order_by("number")
    assert [(one.number, one.type, one.attributes) for one in tickets] == [
        (number, "General", {"mesa": "12"}) for number in (1, 2, 3)
    ]
    answer = client.post(reverse(ADD), typed | {"each": 3})
    assert "has 3 tickets of this type" in answer.context["adminform"].form.errors["__all__"][0]
    client.post(reverse(ADD), typed | {"each": 4})
    assert Ticket.objects.count() == 4


def test_a_type_that_the_event_has_not_is_refused_with_those_it_has(client):
    event = make_event(name="Gala")
    event.types.create(name="VIP")
    sign_in_owner(client)
    typed = {"event": event.pk, "holder": make_contact().pk, "companions": 0, "each": 1}
    answer = client.post(reverse(ADD), typed | {"type": "Palco"})
    sentence = "“Gala” has no tickets of the type “Palco”. Choose one of these: VIP."
    assert answer.context["adminform"].form.errors["type"] == [sentence]
    assert '<option value="VIP">Gala</option>' in answer.content.decode()
    client.post(reverse(ADD), typed | {"type": ""})  # the only one there is
    assert Ticket.objects.get().type == "VIP"


def edit(client, ticket, **typed):
    form = client.get(page(ticket)).context["adminform"].form
    return {"seen": form["seen"].value(), "data_lines": form["data_lines"].value()} | typed


def test_the_data_of_a_ticket_are_edited_line_by_line(client):
    ticket = make_ticket(attributes={"mesa": "7"})
    sign_in_owner(client)
    client.post(page(ticket), edit(client, ticket, data_lines="mesa: 12\nasiento: 4"))
    ticket.refresh_from_db()
    assert ticket.attributes == {"mesa": "12", "asiento": "4"}
    entry = HistoryEntry.objects.get()
    assert (entry.before, entry.after) == ({"attributes": {"mesa": "7"}}, {"attributes": ticket.attributes})


@pytest.mark.parametrize(
    ("lines", "sentence"),
    [
        ("mesa", "Line 1: write a name, a colon and the value."),
        ("{mesa}: 1", "“{mesa}” cannot be a name"),
        ("12: 1", "“12” cannot be a name"),
        ("\n".join(f"dato {n}: 1" for n in range(21)), "at most 20 lines"),
        (f"mesa: {'x' * 201}", "at most 200 characters"),
    ],
)
def test_data_that_cannot_stand_on_a_ticket_are_refused_and_stay_typed(client, lines, sentence):
    ticket = make_ticket()
    sign_in_owner(client)
    form = client.post(page(ticket), edit(client, ticket, data_lines=lines)).context["adminform"].form
    assert sentence in form.errors["data_lines"][0]
    assert (form["data_lines"].value(), Ticket.objects.get().attributes) == (lines, {})


def test_a_page_that_was_opened_before_somebody_elses_change_undoes_nothing(client):
    ticket = make_ticket()
    sign_in_owner(client)
    stale = edit(client, ticket, data_lines="mesa: 1")
    client.post(page(ticket), edit(client, ticket, data_lines="mesa: 2"))
    answer = client.post(page(ticket), stale)
    assert "Somebody changed this ticket" in answer.context["adminform"].form.errors["__all__"][0]
    assert Ticket.objects.get().attributes == {"mesa": "2"}


@pytest.mark.parametrize("status", ["voided", "replaced"])
def test_of_what_is_no_more_nothing_is_changed(client, status):
    ticket = make_ticket(attributes={"mesa": "7"})
    sign_in_owner(client)
    sent = edit(client, ticket, data_lines="mesa: 1")
    Ticket.objects.update(status=status)
    client.post(page(ticket), sent)
    assert Ticket.objects.get().attributes == {"mesa": "7"}
    assert 'name="_save"' not in client.get(page(ticket)).content.decode()


def test_whoever_may_only_look_changes_nothing(client):
    ticket = make_ticket(attributes={"mesa": "7"})
    sign_in(client, "tickets.view_ticket")
    assert "<dd>7</dd>" in client.get(page(ticket)).content.decode()
    assert client.post(page(ticket), {"data_lines": "mesa: 1"}).status_code == 403


def test_the_pin_of_a_ticket_is_kept_as_a_hash_and_never_shown(client):
    ticket = make_ticket()
    sign_in_owner(client)
    client.post(page(ticket), edit(client, ticket, new_pin="4711"))
    ticket.refresh_from_db()
    assert check_password("4711", ticket.pin)
    html = client.get(page(ticket)).content.decode()
    assert "4711" not in html
    assert ticket.pin not in html
    client.post(page(ticket), edit(client, ticket))  # empty: it stays
    assert Ticket.objects.get().pin == ticket.pin
    client.post(page(ticket), edit(client, ticket, remove_pin="on"))
    assert Ticket.objects.get().pin == ""
    assert [after for _action, after, _words in history(ticket)] == [{"pin": True}, {"pin": False}]


@pytest.mark.parametrize("typed", ["123", "123456789", "12a4", "١٢٣٤", "1234\n5"])
def test_a_pin_has_4_to_8_digits(client, typed):
    ticket = make_ticket()
    sign_in_owner(client)
    form = client.post(page(ticket), edit(client, ticket, new_pin=typed)).context["adminform"].form
    assert list(form.errors) == ["new_pin"]
    assert Ticket.objects.get().pin == ""


def test_the_page_shows_scans_and_history_in_few_questions(client, django_assert_max_num_queries):
    old = make_ticket(event=make_event(timezone="Europe/Madrid"))
    new = replace_ticket(old, reason="Lo perdió")
    newest = transfer_ticket(new, make_contact())
    sign_in_owner(client)
    scan = {"event": new.event, "ticket": new, "scanned": new.code, "at": NOW}
    CheckIn.objects.create(**scan, result="refused", reason="replaced", gate="Norte")
    CheckIn.objects.create(**scan, result="good", admitted=1)
    client.get(page(new))
    with django_assert_max_num_queries(15):
        html = client.get(page(new)).content.decode()
    assert all(f'href="{page(ticket)}"' in html for ticket in (old, newest))
    assert "Norte" in html
    assert "16:00" in html


def test_whoever_may_not_see_scans_sees_none(client):
    ticket = make_ticket()
    sign_in(client, "tickets.view_ticket")
    assert "At the door" not in client.get(page(ticket)).content.decode()


def test_a_blocked_ticket_is_no_reason_for_a_second_one(client):
    ticket = make_ticket(status="blocked")
    assert issue_tickets(ticket.event, [ticket.holder]).created == 0
