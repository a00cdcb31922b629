import dataclasses
import os
import subprocess
import sys
import threading
from datetime import timedelta
from urllib.parse import quote

import pytest
from django.db import OperationalError, connection, transaction
from django.utils import timezone, translation

from tests.factories import make_contact, make_event, make_ticket
from tickets import issuing, ticket_rows
from tickets.enums import TicketStatus
from tickets.issuing import EventFull, IssueResult, issue_tickets, people_expected
from tickets.models import Contact, Ticket
from tickets.ticket_moves import block_tickets, void_tickets
from tickets.ticket_rows import NewTicket, insert_tickets
from tickets.types import UnknownType, rename_type

pytestmark = pytest.mark.django_db


def make_contacts(count):
    return [make_contact() for _ in range(count)]


def test_every_holder_gets_a_ticket_with_its_own_code_and_token():
    event, holders = make_event(), make_contacts(3)

    assert issue_tickets(event, holders) == IssueResult(created=3, existing=0)

    tickets = Ticket.objects.filter(event=event)
    assert {ticket.holder for ticket in tickets} == set(holders)
    assert {(ticket.type, ticket.status, ticket.number, ticket.companions) for ticket in tickets} == {
        ("General", TicketStatus.VALID, 1, 0)
    }
    assert len({ticket.code for ticket in tickets}) == len({ticket.token for ticket in tickets}) == 3


def test_a_ticket_has_everything_that_one_made_by_hand_has():
    event, holder = make_event(), make_contact()
    issue_tickets(event, [holder])

    issued, by_hand = event.tickets.get(), Ticket(event=event, holder=holder)
    own = {"id", "code", "token", "issued_at"}
    names = [field.attname for field in Ticket._meta.concrete_fields if field.attname not in own]
    assert {name: getattr(issued, name) for name in names} == {name: getattr(by_hand, name) for name in names}
    assert {field.name for field in dataclasses.fields(NewTicket)} == {*names, "code", "token"}
    assert timezone.now() - issued.issued_at < timedelta(minutes=1)
    issued.full_clean()


def test_issuing_again_issues_only_what_is_missing():
    event, holders = make_event(), make_contacts(2)
    issue_tickets(event, holders)
    before = set(Ticket.objects.values_list("code", flat=True))

    assert issue_tickets(event, [*holders, make_contact()]) == IssueResult(created=1, existing=2)
    assert before < set(Ticket.objects.values_list("code", flat=True))


def test_the_same_person_twice_in_the_list_gets_one_ticket():
    holder = make_contact()

    assert issue_tickets(make_event(), [holder, holder]) == IssueResult(created=1, existing=0)


def test_nobody_means_nothing():
    assert issue_tickets(make_event(), []) == IssueResult(created=0, existing=0)


def test_a_queryset_is_issued_without_loading_the_people(django_assert_max_num_queries):
    event = make_event()
    make_contacts(30)

    with django_assert_max_num_queries(12):
        assert issue_tickets(event, Contact.objects.all()).created == 30


def test_companions_belong_to_their_holder():
    event, (ana, luis) = make_event(), make_contacts(2)

    issue_tickets(event, [ana, luis], companions={ana.pk: 4})

    assert (Ticket.objects.get(holder=ana).companions, Ticket.objects.get(holder=luis).companions) == (4, 0)


def test_another_type_is_another_ticket():
    event, holder = make_event(), make_contact()
    issue_tickets(event, [holder])

    assert issue_tickets(event, [holder], type="VIP").created == 1


@pytest.mark.parametrize("wrong", [{"companions": {1: 11}}, {"companions": {1: -1}}, {"type": " "}, {"type": "x" * 61}])
def test_impossible_orders_are_refused_before_anything_is_written(wrong):
    with pytest.raises(ValueError, match="ticket"):
        issue_tickets(make_event(), make_contacts(1), **wrong)

    assert Ticket.objects.count() == 0


def test_more_than_a_batch_is_complete(monkeypatch):
    monkeypatch.setattr(issuing, "BATCH", 4)
    monkeypatch.setattr(ticket_rows, "AT_ONCE", 3)

    assert issue_tickets(make_event(), make_contacts(9)).created == 9


def test_a_code_that_exists_already_is_drawn_again(monkeypatch):
    taken = make_ticket().code
    drawn = iter([taken] * (issuing.ROUNDS - 1) + ["AAAA-2222"])
    monkeypatch.setattr(ticket_rows, "new_code", lambda: next(drawn))
    event = make_event()

    assert issue_tickets(event, make_contacts(1)).created == 1
    assert event.tickets.get().code == "AAAA-2222"


def test_without_any_free_code_it_stops_and_says_so(monkeypatch):
    taken = make_ticket().code
    monkeypatch.setattr(ticket_rows, "new_code", lambda: taken)

    with pytest.raises(RuntimeError, match="no free ticket codes"):
        issue_tickets(make_event(), make_contacts(1))


def test_whoever_was_deleted_meanwhile_is_left_out():
    gone, here = make_contacts(2)
    Contact.objects.filter(pk=gone.pk).delete()

    assert issue_tickets(make_event(), [gone, here]) == IssueResult(created=1, existing=0)


# --- several for one person -------------------------------------------------------------------------------------


def _numbers(event, holder):
    return sorted(event.tickets.filter(holder=holder).values_list("number", flat=True))


def test_each_person_gets_so_many():
    event, (ana, luis) = make_event(), make_contacts(2)

    assert issue_tickets(event, [ana, luis], each=3, companions={ana.pk: 1}) == IssueResult(created=6)
    assert (_numbers(event, ana), _numbers(event, luis)) == ([1, 2, 3], [1, 2, 3])
    assert people_expected(event) == 9


def test_whoever_has_fewer_gets_the_missing_ones():
    event, (ana, luis, eva) = make_event(), make_contacts(3)
    issue_tickets(event, [ana], each=2)
    issue_tickets(event, [luis], each=4)

    assert issue_tickets(event, [ana, luis, eva], each=3) == IssueResult(created=4, existing=5)
    assert [_numbers(event, holder) for holder in (ana, luis, eva)] == [[1, 2, 3], [1, 2, 3, 4], [1, 2, 3]]
    assert issue_tickets(event, [ana, luis, eva], each=3) == IssueResult(created=0, existing=9)


def test_a_blocked_ticket_counts_and_a_void_one_does_not():
    event, holder = make_event(), make_contact()
    issue_tickets(event, [holder], each=3)
    first, second, _third = event.tickets.order_by("number")
    block_tickets([first.pk], reason="Falta el pago")
    void_tickets([second.pk])

    assert issue_tickets(event, [holder], each=3) == IssueResult(created=1, existing=2)
    assert event.tickets.get(status="valid", number=2).pk != second.pk


def test_more_tickets_than_a_batch_are_complete(monkeypatch):
    monkeypatch.setattr(issuing, "BATCH", 4)
    monkeypatch.setattr(ticket_rows, "AT_ONCE", 3)

    assert issue_tickets(make_event(), make_contacts(5), each=3).created == 15


def test_what_is_given_at_issuing_is_on_every_ticket():
    event = make_event()
    issue_tickets(event, make_contacts(2), attributes={"mesa": "12 ñ"})

    assert [ticket.attributes for ticket in event.tickets.all()] == [{"mesa": "12 ñ"}] * 2


# --- types ------------------------------------------------------------------------------------------------------


def make_types(event, **capacities):
    for name, capacity in capacities.items():
        event.types.create(name=name, capacity=capacity)
    return event


def test_where_an_event_has_types_no_other_word_is_taken():
    event = make_types(make_event(name="Gala"), VIP=None, Platea=None)

    with pytest.raises(UnknownType) as raised:
        issue_tickets(event, make_contacts(1))

    with translation.override("en"):
        assert str(raised.value) == "“Gala” has no tickets of the type “General”. Choose one of these: Platea, VIP."
    assert Ticket.objects.count() == 0


def test_a_type_is_known_whatever_its_capitals():
    event = make_types(make_event(), VIP=None)
    issue_tickets(event, make_contacts(1), type="vip")

    assert event.tickets.get().type == "VIP"


def test_the_places_of_a_type_are_its_own():
    event = make_types(make_event(name="Gala", capacity=100), VIP=3, Platea=None)
    issue_tickets(event, make_contacts(2), type="VIP")

    assert issue_tickets(event, make_contacts(9), type="Platea").created == 9
    ana = make_contact()
    with pytest.raises(EventFull) as raised, translation.override("en"):
        issue_tickets(event, [ana], type="VIP", companions={ana.pk: 1})
    assert (raised.value.type, raised.value.capacity, raised.value.taken, raised.value.wanted) == ("VIP", 3, 2, 2)
    with translation.override("en"):
        assert str(raised.value).startswith("The type “VIP” of “Gala” has room for 3 people. 2 places are taken and 2")
    assert issue_tickets(event, [ana], type="VIP").created == 1


def test_the_event_may_be_full_while_its_type_is_not():
    event = make_types(make_event(capacity=2), VIP=50)
    with pytest.raises(EventFull) as raised:
        issue_tickets(event, make_contacts(3), type="VIP")
    assert (raised.value.type, raised.value.capacity) == ("", 2)


def test_a_blocked_ticket_keeps_its_place():
    event, holders = make_types(make_event(), VIP=1), make_contacts(2)
    issue_tickets(event, holders[:1], type="VIP")
    block_tickets([event.tickets.get().pk], reason="Falta el pago")

    with pytest.raises(EventFull):
        issue_tickets(event, holders, type="VIP")


@pytest.fixture
def renamed_meanwhile(monkeypatch):
    """Somebody calls “VIP” another name after it was looked up and before its tickets are written."""
    asked = issuing.type_number

    def rename(event, name):
        number = asked(event, name)
        event.types.filter(pk=number).update(name="Palco")
        rename_type(event, name, "Palco")
        return number

    monkeypatch.setattr(issuing, "type_number", rename)


@pytest.mark.usefixtures("renamed_meanwhile")
@pytest.mark.parametrize("places", [None, 3])
def test_a_type_that_is_renamed_meanwhile_keeps_its_tickets_together(places):
    event = make_types(make_event(), VIP=places)
    make_ticket(event=event, type="VIP")

    assert issue_tickets(event, make_contacts(2), type="VIP").created == 2
    assert list(event.tickets.values_list("type", flat=True)) == ["Palco"] * 3


@pytest.mark.usefixtures("renamed_meanwhile")
def test_a_type_that_is_renamed_meanwhile_keeps_its_places():
    event = make_types(make_event(), VIP=2)
    make_ticket(event=event, type="VIP")

    with pytest.raises(EventFull):
        issue_tickets(event, make_contacts(2), type="VIP")


def test_a_type_gets_another_name_with_all_its_tickets():
    event = make_types(make_event(), VIP=None)
    issue_tickets(event, make_contacts(2), type="VIP")
    make_ticket(type="VIP")  # of another event

    assert rename_type(event, "VIP", "Palco") == 2
    assert Ticket.objects.filter(type="VIP").count() == 1


# --- capacity ---------------------------------------------------------------------------------------------------


def test_the_last_places_can_be_taken():
    event, (ana, luis) = make_event(capacity=3), make_contacts(2)

    assert issue_tickets(event, [ana, luis], companions={ana.pk: 1}).created == 2
    assert people_expected(event) == 3


def test_beyond_the_capacity_nothing_is_issued_and_the_numbers_are_told():
    event, holders = make_event(capacity=4), make_contacts(3)
    issue_tickets(event, holders[:1], companions={holders[0].pk: 1})

    with pytest.raises(EventFull) as raised:
        issue_tickets(event, holders, companions={holders[1].pk: 1})

    assert (raised.value.capacity, raised.value.taken, raised.value.wanted) == (4, 2, 3)
    assert Ticket.objects.filter(event=event).count() == 1


def test_the_refusal_is_a_sentence_with_the_numbers():
    event = make_event(name="Concierto", capacity=1)

    with translation.override("en"), pytest.raises(EventFull, match=r"“Concierto” has room for 1 people\. 0 places"):
        issue_tickets(event, make_contacts(2))


def test_the_capacity_counts_all_batches_together(monkeypatch):
    monkeypatch.setattr(issuing, "BATCH", 2)

    with pytest.raises(EventFull):
        issue_tickets(make_event(capacity=4), make_contacts(5))

    assert Ticket.objects.count() == 0


def test_the_capacity_that_counts_is_the_one_of_now():
    event = make_event()
    type(event).objects.filter(pk=event.pk).update(capacity=1)

    with pytest.raises(EventFull):
        issue_tickets(event, make_contacts(2))


def test_issuing_again_in_a_full_event_is_no_error():
    event, holders = make_event(capacity=1), make_contacts(1)
    issue_tickets(event, holders)

    assert issue_tickets(event, holders) == IssueResult(created=0, existing=1)


def test_a_voided_ticket_makes_room():
    event, (ana, luis) = make_event(capacity=1), make_contacts(2)
    issue_tickets(event, [ana])
    void_tickets([event.tickets.get().pk])

    assert issue_tickets(event, [luis]).created == 1


# --- two processes ----------------------------------------------------------------------------------------------

ISSUE = """
import sys, django
django.setup()
from tickets import issuing, ticket_rows
from tickets.models import Contact, Event
issuing.BATCH = 5
event, holders = Event.objects.get(), list(Contact.objects.filter(name__startswith=sys.argv[1]))
print("ready", flush=True)
sys.stdin.readline()
try:
    result = issuing.issue_tickets(event, holders)
    print(result.created, result.existing, flush=True)
except issuing.EventFull as full:
    print("full", full.taken, flush=True)
"""


def database_for_processes(folder):
    """The rows of this test where other processes reach them: SQLite's are in memory, and are copied to a file."""
    if connection.vendor == "sqlite":
        copy = folder / "copy.sqlite3"
        connection.cursor().execute("VACUUM INTO %s", [str(copy)])
        return f"sqlite:///{copy}"
    at = connection.settings_dict
    return f"postgres://{at['USER']}:{quote(at['PASSWORD'])}@{quote(at['HOST'], safe='')}:{at['PORT']}/{at['NAME']}"


def issue_at_once(url, names):
    """One process for each name, let go together; what each one says, in the order of its words."""
    environment = os.environ | {"DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "config.settings_test"}
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", ISSUE, name],
            env=environment,
            text=True,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        for name in names
    ]
    assert [process.stdout.readline() for process in processes] == ["ready\n"] * len(names)
    for process in processes:
        process.stdin.write("go\n")
        process.stdin.flush()
    return sorted(process.communicate()[0].strip() for process in processes)


@pytest.mark.processes
@pytest.mark.django_db(transaction=True)
def test_processes_at_once_issue_every_ticket_once(tmp_path):
    make_event()
    make_contacts(40)
    url = database_for_processes(tmp_path)

    counts = [[int(word) for word in said.split()] for said in issue_at_once(url, ["Persona"] * 3)]

    assert sum(created for created, _existing in counts) == 40
    assert [sum(count) for count in counts] == [40] * 3
    assert issue_at_once(url, ["Persona"]) == ["0 40"]


@pytest.mark.processes
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("of_event", "of_type"), [(50, None), (100, 50)])
def test_br_122_processes_at_once_never_exceed_the_capacity(tmp_path, of_event, of_type):
    """Of the event and of its type, companions included; and no code is given twice."""
    event = make_event(capacity=of_event)
    if of_type:
        event.types.create(name="General", capacity=of_type)
    for group in ("Ana", "Luis"):
        for _ in range(30):
            make_contact(name=group)
    url = database_for_processes(tmp_path)

    assert issue_at_once(url, ["Ana", "Luis"]) == ["30 0", "full 30"]


@pytest.mark.django_db(transaction=True)
def test_a_batch_is_on_record_before_the_next_one_begins(monkeypatch):
    """A long list does not hold the database: what was issued stays when the machine stops half-way."""
    monkeypatch.setattr(issuing, "BATCH", 2)
    inserted = iter([insert_tickets, None])
    event, holders = make_event(), make_contacts(4)
    monkeypatch.setattr(issuing, "insert_tickets", lambda tickets: next(inserted)(tickets))

    with pytest.raises(TypeError):
        issue_tickets(event, holders)

    assert not transaction.get_connection().in_atomic_block
    assert event.tickets.count() == 2


@pytest.mark.skipif(connection.vendor == "sqlite", reason="there its writers are alone anyway")
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("capacity", [None, 10])
def test_whoever_gets_a_ticket_cannot_be_deleted_meanwhile(monkeypatch, capacity):
    """The database would only see at the end that the person is gone, and refuse the whole batch."""
    holders, seen = make_contacts(2), []

    def delete():
        try:
            with transaction.atomic():
                Contact.objects.select_for_update(nowait=True).get(pk=holders[0].pk).delete()
        except OperationalError:
            seen.append("locked")
        finally:
            connection.close()

    def insert_late(tickets):
        other = threading.Thread(target=delete)
        other.start()
        other.join()
        return insert_tickets(tickets)

    monkeypatch.setattr(issuing, "insert_tickets", insert_late)
    assert issue_tickets(make_event(capacity=capacity), holders) == IssueResult(created=2, existing=0)
    assert seen == ["locked"]
