"""Tickets that the workers issue, because they are too many for a page."""

import pytest
from django.urls import reverse
from django_q.models import OrmQ

from tests.factories import make_contact, make_event, make_ticket, make_user
from tests.staff import sign_in_owner
from tickets import issuing, tasks
from tickets.admin import actions
from tickets.models import Contact, HistoryEntry, Ticket

pytestmark = pytest.mark.django_db


def _run(event, holders, **order):
    values = {"type": "General", "companions": 0, "user_id": make_user().pk, "language": "en"}
    return tasks.issue_in_background(event.pk, [holder.pk for holder in holders], **values | order)


def test_many_are_left_to_the_workers(client, monkeypatch, django_capture_on_commit_callbacks):
    monkeypatch.setattr(actions, "MANY", 1)
    event, people = make_event(), [make_contact(), make_contact()]
    user = sign_in_owner(client)
    posted = {"action": "issue_action", "_selected_action": [person.pk for person in people]}
    posted |= {"event": event.pk, "type": "VIP", "companions": 1}
    address = reverse("admin:tickets_contact_changelist")
    page = client.post(address, posted | {"step": "chosen"})
    with django_capture_on_commit_callbacks(execute=True):
        client.post(address, posted | {"step": "confirmed", "expected": page.context["page"].fingerprint})
    assert Ticket.objects.count() == 0
    job = OrmQ.objects.get().task
    job["func"](*job["args"], **job["kwargs"])
    assert set(Ticket.objects.values_list("holder", "type", "companions")) == {(p.pk, "VIP", 1) for p in people}
    assert HistoryEntry.objects.get().user == user


def test_twice_issues_nothing_twice():
    event, people = make_event(), [make_contact(), make_contact()]
    assert [_run(event, people), _run(event, people)] == [2, 0]


def test_batches_miss_nobody(monkeypatch):
    monkeypatch.setattr(issuing, "BATCH", 2)
    event, people = make_event(), [make_contact() for _number in range(5)]
    make_ticket(event=event, holder=people[0])
    assert _run(event, [*people, Contact(pk=99_999)]) == 4


@pytest.mark.parametrize("size", [1, 2, 500])
def test_where_there_is_no_room_for_all_nobody_gets_a_ticket_however_many_they_are(monkeypatch, size):
    """The sentence says so."""
    monkeypatch.setattr(issuing, "BATCH", size)
    assert _run(make_event(capacity=4), [make_contact() for _number in range(5)]) == 0
    assert Ticket.objects.count() == 0
    assert "no ticket was issued" in HistoryEntry.objects.get().sentence


def test_what_came_of_it_is_in_the_history():
    event = make_event()
    _run(event, [make_contact()])
    assert HistoryEntry.objects.get().after == {"tickets": 1}


def test_an_event_without_room_says_so_in_the_history():
    event = make_event(capacity=1, name="Gala")
    assert _run(event, [make_contact(), make_contact()]) == 0
    assert "“Gala” has room for 1 people" in HistoryEntry.objects.get().sentence
