"""Undoing an import: only people whom nobody else brought, used or touched, and only tags that are still its own."""

from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.db import transaction
from django.utils import translation

from tests.factories import NOW, make_campaign, make_contact, make_delivery, make_tag, make_ticket
from tests.history import said_of, told
from tests.tickets.test_imports_working import KillAt, Killed
from tests.tickets.uploads import fresh, imported, run_tasks, started, undone
from tickets.importing import moves, undoing
from tickets.importing.slices import work
from tickets.importing.undoing import UndoPlan, undo_plan
from tickets.models import Contact, Import, ImportedPerson, Tag, Ticket
from tickets.tagging import add_tag, remove_tag

pytestmark = pytest.mark.django_db

LIST = "nombre,telefono,correo\nAna Prueba,3000000001,\nLuis Ejemplo,,luis@example.com\n"


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


def names():
    return sorted(Contact.objects.values_list("name", flat=True))


def ana():
    return Contact.objects.get(phone="+573000000001")


def test_people_whom_only_the_list_brought_are_removed():
    make_contact(name="Vieja Amiga")
    job = imported(LIST)
    assert undo_plan(job) == UndoPlan(removed=2)
    job = undone(job)
    assert (job.state, job.removed, job.kept, names()) == ("undone", 2, 0, ["Vieja Amiga"])
    assert ImportedPerson.objects.count() == 0


def _edit(contact):
    contact.nickname = "Anita"
    contact.save()


def _name_in(**fields):
    chosen = {"prepared_at": None} | fields
    return lambda contact: make_campaign(audience={"contacts": [contact.pk, 99_999]}, **chosen)


USES = {
    "draft": _name_in(status="draft"),
    "scheduled": _name_in(status="scheduled", scheduled_at=NOW),
    "late": _name_in(status="overdue", scheduled_at=NOW),
    "list being written": _name_in(status="sending", launched_at=NOW),
    "ticket": lambda contact: make_ticket(holder=contact),
    "message": lambda contact: make_delivery(contact=contact),
    "edit": _edit,
    "tag": lambda contact: add_tag(make_tag(), Contact.objects.filter(pk=contact.pk)),
    "another list": lambda contact: imported("nombre,telefono\nAna Prueba,3000000001\n"),
    "another list with news": lambda contact: imported("nombre,telefono,mesa\nAna Prueba,3000000001,4\n"),
}


@pytest.mark.parametrize("use", USES)
def test_whoever_was_used_since_stays(use):
    job = imported(LIST)
    USES[use](ana())
    plan = undo_plan(job)
    assert (plan.removed, plan.kept, plan.with_ticket) == (1, 1, int(use == "ticket"))
    job = undone(job)
    assert (job.removed, job.kept, names()) == (1, 1, ["Ana Prueba"])


@pytest.mark.parametrize(
    "fields", [{"status": "cancelled"}, {"status": "sending", "launched_at": NOW, "prepared_at": NOW}]
)
def test_whoever_was_named_only_where_no_list_will_be_written_any_more_is_removed(fields):
    job = imported(LIST)
    _name_in(**fields)(ana())
    assert undo_plan(job) == UndoPlan(removed=2)
    assert undone(job).removed == 2


def test_drafts_that_name_thousands_cost_one_question(django_assert_max_num_queries):
    job = imported(LIST)
    for _draft in range(3):
        make_campaign(status="draft", audience={"contacts": list(range(10**6, 10**6 + 40_000))})
    make_campaign(status="draft", audience={"everybody": True})
    with django_assert_max_num_queries(6):
        assert undo_plan(job) == UndoPlan(removed=2)


def test_people_who_were_there_before_stay_as_the_list_left_them():
    make_contact(name="Ana P.", phone="+573000000001")
    job = imported(LIST)
    assert undo_plan(job) == UndoPlan(removed=1, existed=1)
    undone(job)
    assert names() == ["Ana Prueba"]


def test_tags_are_taken_back_from_those_who_did_not_have_them():
    tag = make_tag("Gala")
    before = make_contact(name="Ana", phone="+573000000001", tags=(tag,))
    given = make_contact(name="Luis", phone="", email="luis@example.com")
    job = imported(LIST.replace("Ana Prueba", "Ana").replace("Luis Ejemplo", "Luis"), tag="Gala")
    assert undo_plan(job) == UndoPlan(existed=2, untagged=1)
    job = undone(job)
    assert job.untagged == 1
    assert (list(before.tags.all()), list(given.tags.all())) == ([tag], [])


def test_a_tag_that_was_taken_and_given_again_is_not_the_lists_any_more():
    given = make_contact(phone="+573000000001")
    job = imported(LIST, tag="Gala")
    tag, everybody = Tag.objects.get(), Contact.objects.filter(pk=given.pk)
    remove_tag(tag, everybody)
    add_tag(tag, everybody)
    undone(job)
    assert list(given.tags.all()) == [tag]


def test_whoever_has_another_tag_in_the_place_of_the_lists_own_stays():
    """As many as before, and yet somebody has used this person."""
    job = imported(LIST, tag="Gala")
    remove_tag(Tag.objects.get(), Contact.objects.filter(pk=ana().pk))
    add_tag(make_tag("Prensa"), Contact.objects.filter(pk=ana().pk))
    assert undo_plan(job) == UndoPlan(removed=1, kept=1, untagged=1)
    job = undone(job)
    assert (job.removed, job.kept, job.untagged, names()) == (1, 1, 1, ["Ana Prueba"])
    assert [tag.name for tag in ana().tags.all()] == ["Prensa"]


def test_a_tag_that_somebody_took_away_is_not_announced_as_taken_back():
    make_contact(name="Ana Prueba", phone="+573000000001")
    job = imported("nombre,telefono\nAna Prueba,3000000001\n", tag="Gala")
    remove_tag(Tag.objects.get(), Contact.objects.all())
    assert undo_plan(job) == UndoPlan(existed=1)


def test_as_many_other_tags_are_another_plan():
    """What a person confirmed is these tags, not this number of tags."""
    rows = "nombre,telefono,etiquetas\nAna,3000000001,A\nLuis,3000000002,B\n"
    people = [make_contact(name=name, phone=f"+57300000000{at}") for at, name in ((1, "Ana"), (2, "Luis"))]
    job = imported(rows)
    with_one_tag = []
    for person in people:
        with transaction.atomic():
            person.tags.clear()
            with_one_tag.append(undo_plan(job))
            transaction.set_rollback(True)
    assert with_one_tag[0] == with_one_tag[1] == UndoPlan(existed=2, untagged=1)
    assert with_one_tag[0].mark != with_one_tag[1].mark


def test_a_repeated_row_that_changes_its_own_person_is_no_edit(monkeypatch):
    from tickets.importing import working

    monkeypatch.setattr(working, "BATCH", 1)
    rows = "nombre,telefono,etiquetas,correo\nAna,3000000001,A,\nAna,3000000001,B,ana@example.com\n"
    job = imported(rows)
    assert undo_plan(job) == UndoPlan(removed=1, untagged=2)
    assert undone(job).removed == 1
    assert names() == []


def test_its_own_tickets_keep_people(django_assert_max_num_queries):
    from tests.factories import make_event

    job = imported(LIST, event=make_event())
    with django_assert_max_num_queries(5):
        assert undo_plan(job) == UndoPlan(kept=2, with_ticket=2)
    undone(job)
    assert Ticket.objects.count() == 2


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("number", range(0, 40, 3))
def test_killed_before_any_statement_the_next_task_ends_it_the_same(monkeypatch, number):
    monkeypatch.setattr(undoing, "BATCH", 1)
    job = imported(LIST, tag="Gala")
    make_ticket(holder=ana())
    moves.start_undo(job, user=job.created_by, now=NOW)
    try:
        with db_that_dies(number):
            work(job.pk, job.round, clock=lambda: NOW)
    except Killed:
        pass
    job = run_tasks(job)
    assert (job.state, job.removed, job.kept, job.untagged, names()) == ("undone", 1, 1, 2, ["Ana Prueba"])


def db_that_dies(number):
    from django.db import connection

    return connection.execute_wrapper(KillAt(number))


def test_it_goes_on_where_a_slice_ended(monkeypatch):
    monkeypatch.setattr(undoing, "BATCH", 1)
    job = imported(LIST)
    moves.start_undo(job, user=job.created_by, now=NOW)
    assert work(job.pk, job.round, clock=lambda: NOW, budget=timedelta(0)) == "more"
    assert (fresh(job).removed, Contact.objects.count()) == (1, 1)
    assert run_tasks(job).removed == 2


def test_only_what_was_imported_can_be_undone_and_once():
    job = started(LIST)
    assert not moves.start_undo(job, user=job.created_by, now=NOW)
    job = run_tasks(job)
    assert moves.start_undo(job, user=job.created_by, now=NOW)
    assert not moves.start_undo(job, user=job.created_by, now=NOW)


def test_undoing_is_in_the_history():
    undone(imported(LIST, tag="Gala"))
    assert said_of(told()[-2:]) == [
        ("undoing", set()),
        ("undone", {"People removed again: 2", "People kept: 0", "Tags taken back: 2"}),
    ]
    assert {who for who, _action, _details in told()[-2:]} == {Import.objects.get().undone_by.username}
    assert not LogEntry.objects.exists()
