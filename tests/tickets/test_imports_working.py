"""Uploaded lists in the background: whatever dies, comes twice or never, nobody is lost and nobody is doubled."""

import random
import zipfile
from contextlib import contextmanager, suppress
from datetime import timedelta
from io import BytesIO

import pytest
from django.contrib.admin.models import LogEntry
from django.core.files.base import ContentFile
from django.db import DataError, InterfaceError, OperationalError, ProgrammingError, connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation
from django_q.models import OrmQ

from campaigns import tasks as campaign_tasks
from tests.factories import NOW, make_contact, make_event, make_tag, make_ticket, make_user
from tests.history import said_of, told
from tests.tickets.lists import import_text, people
from tests.tickets.lists import totals as totals_of_report
from tests.tickets.sheets import workbook
from tests.tickets.test_importing_tangles import HEADER, TANGLED, everything, tangle
from tests.tickets.uploads import checked, fresh, imported, problems, run_tasks, started, totals, upload
from tickets import tasks
from tickets.importing import issuing, keeping, lists, moves, working
from tickets.importing.keeping import KEPT, clear_old, discard
from tickets.importing.slices import work
from tickets.models import Contact, Import, ImportedPerson, ImportKey, ImportProblem, Ticket

pytestmark = pytest.mark.django_db

LIST = "nombre,telefono,correo\nAna Prueba,3000000001,\nLuis Ejemplo,,luis@example.com\nEva,12,\nANA,300 000 0001,\n"


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


class Killed(BaseException):
    """The process is gone: nothing after it runs."""


class KillAt:
    """Dies before the n-th statement. What the database does by itself with the transaction of the dead still happens."""

    def __init__(self, number):
        self.left = number

    def __call__(self, execute, sql, params, many, context):
        if not sql.startswith(("BEGIN", "SAVEPOINT", "ROLLBACK", "RELEASE")):
            self.left -= 1
            if self.left < 0:
                raise Killed
        return execute(sql, params, many, context)


def work_until_killed(job, number):
    """One task that dies before its n-th statement. Returns whether it died."""
    try:
        with connection.execute_wrapper(KillAt(number)):
            work(job.pk, job.round, clock=lambda: NOW)
    except Killed:
        return True
    return False


def test_a_check_says_what_would_happen_and_saves_nobody():
    job = checked(LIST, tag="Gala")
    assert (job.state, totals(job)) == ("checked", (4, 2, 0, 0, 1, 1, 0))
    assert people() == []
    assert problems(job) == [(4, "too_short", "12")]
    assert job.samples[0] == {"line": 2, "name": "Ana Prueba", "phone": "+573000000001", "email": ""}


def test_an_import_does_what_its_check_said():
    job = imported(LIST, tag="Gala")
    assert (job.state, totals(job)) == ("done", (4, 2, 0, 0, 1, 1, 0))
    assert people() == [("Ana Prueba", "+573000000001", ""), ("Luis Ejemplo", "", "luis@example.com")]
    assert set(Contact.objects.values_list("tags__name", flat=True)) == {"Gala"}


def test_br_034_the_same_file_again_creates_nobody():
    imported(LIST)
    assert totals(imported(LIST)) == (4, 0, 0, 2, 1, 1, 0)
    assert Contact.objects.count() == 2


def test_an_excel_file_is_worked_through_like_a_text():
    content = workbook(Hoja=[["Nombre", "Celular"], *([f"Persona {n}", 3000000000 + n] for n in range(1, 8))])
    assert totals(imported(content, name="lista.xlsx")) == (7, 7, 0, 0, 0, 0, 0)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("number", [*range(0, 30, 3), *range(30, 48)])
def test_killed_before_any_statement_the_next_task_ends_it_the_same(monkeypatch, number):
    monkeypatch.setattr(working, "BATCH", 2)
    monkeypatch.setattr(issuing, "BATCH", 1)
    job = started(LIST, tag="Gala", event=make_event())
    work_until_killed(job, number)
    job = run_tasks(job)
    assert (job.state, totals(job)) == ("done", (4, 2, 0, 0, 1, 1, 0))
    assert people() == [("Ana Prueba", "+573000000001", ""), ("Luis Ejemplo", "", "luis@example.com")]
    assert (ImportedPerson.objects.count(), Ticket.objects.count(), len(problems(job))) == (2, 2, 1)
    assert (job.tickets_new, job.tickets_existing) == (2, 0)
    assert told()[-1][2].count("Tickets: 2") == 1
    assert (Contact.tags.through.objects.count(), ImportKey.objects.count()) == (2, 0)


def test_there_are_statements_to_be_killed_before(monkeypatch):
    """Otherwise the test above would kill nobody."""
    monkeypatch.setattr(working, "BATCH", 2)
    monkeypatch.setattr(issuing, "BATCH", 1)
    job = started(LIST, tag="Gala", event=make_event())
    kill = KillAt(1000)
    with connection.execute_wrapper(kill):
        work(job.pk, job.round, clock=lambda: NOW)
    assert 1000 - kill.left > 47


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("seed", range(12))
def test_tangled_lists_killed_again_and_again_end_as_in_one_go(monkeypatch, seed):
    chance = random.Random(seed)
    rows = [*chance.sample(TANGLED, len(TANGLED)), *tangle(chance, 30)]
    stored = [Contact(name="Juan Test", email="fam@example.com") for _one in range(seed % 3)]
    Contact.objects.bulk_create(stored)
    monkeypatch.setattr(working, "BATCH", chance.choice((1, 2, 3, 7)))
    content = "\n".join([HEADER, *rows])
    rehearsal = totals_of_report(import_text(content, dry_run=True))
    job = started(content)
    assert totals_of_report(import_text(content, dry_run=True)) == rehearsal
    while fresh(job).state == "running":
        work_until_killed(job, chance.randrange(5, 80))
    assert totals(fresh(job)) == rehearsal
    found = {name: sorted(map(str, values)) for name, values in _facts().items()}
    Contact.objects.all().delete()
    Contact.objects.bulk_create(Contact(name="Juan Test", email="fam@example.com") for _one in stored)
    assert totals_of_report(import_text(content)) == rehearsal
    assert {name: sorted(map(str, values)) for name, values in _facts().items()} == found


def _facts():
    return {
        "people": Contact.objects.values_list("name", "phone", "email", "attributes"),
        "tags": Contact.tags.through.objects.values_list("contact__phone", "tag__name"),
    }


def test_the_rehearsal_of_a_tangle_is_what_happens(monkeypatch):
    monkeypatch.setattr(working, "BATCH", 2)
    content = "\n".join([HEADER, *TANGLED])
    before = totals(checked(content))
    assert totals(imported(content)) == before


def test_of_two_that_do_the_same_batch_one_leaves(monkeypatch):
    monkeypatch.setattr(working, "BATCH", 1)
    job = started(LIST)
    other = fresh(job)
    one = working.work_through(job, budget=timedelta(0), clock=lambda: NOW)
    two = working.work_through(other, budget=timedelta(0), clock=lambda: NOW)
    assert (one, two) == (working.Outcome.MORE, working.Outcome.TAKEN)
    assert totals(fresh(job)) == (1, 1, 0, 0, 0, 0, 0)


def test_a_task_of_an_earlier_round_changes_nothing():
    job = checked(LIST)
    assert moves.start_check(job, choices={"country": "MX"}, now=NOW)
    assert work(job.pk, job.round, clock=lambda: NOW) == "nothing to do"
    assert totals(fresh(job)) == (0, 0, 0, 0, 0, 0, 0)


def test_a_task_that_comes_after_the_end_changes_nothing():
    job = imported(LIST)
    assert work(job.pk, job.round, clock=lambda: NOW) == "nothing to do"
    assert tasks.work_on_import(99_999, 1) == "nothing to do"


def test_a_slice_that_is_over_asks_for_the_next(monkeypatch, django_capture_on_commit_callbacks):
    monkeypatch.setattr(working, "BATCH", 1)
    job = started(LIST)
    with django_capture_on_commit_callbacks(execute=True):
        assert work(job.pk, job.round, clock=lambda: NOW, budget=timedelta(0)) == "more"
    assert OrmQ.objects.get().task["args"] == (job.pk, job.round)
    assert fresh(job).position == 1


def test_the_time_that_a_large_file_takes_to_open_is_not_that_of_its_rows(monkeypatch):
    """Otherwise each task would open it for one batch only."""
    job, moments = started(LIST), [NOW]

    @contextmanager
    def slowly(*args):
        with lists.opened_list(*args) as opened:
            moments.append(NOW + timedelta(minutes=1))
            yield opened

    monkeypatch.setattr(working, "BATCH", 1)
    monkeypatch.setattr(working, "opened_list", slowly)
    outcome = working.work_through(job, budget=timedelta(seconds=20), clock=lambda: moments[-1])
    assert (outcome, fresh(job).position) == (working.Outcome.READ, 4)


def test_starting_queues_a_task(django_capture_on_commit_callbacks):
    job = upload(LIST)
    with django_capture_on_commit_callbacks(execute=True):
        moves.start_check(job, choices={}, now=NOW)
    queued = OrmQ.objects.get().task
    assert (queued["func"], queued["args"]) == (moves.TASK, (job.pk, 1))


def test_what_nobody_works_on_any_more_is_woken_once(django_capture_on_commit_callbacks):
    job = started(LIST)
    later = NOW + moves.PATIENCE
    assert moves.wake(now=later) == 0
    with django_capture_on_commit_callbacks(execute=True):
        assert moves.wake(now=later + timedelta(seconds=1)) == 1
        assert moves.wake(now=later + timedelta(seconds=2)) == 0
    assert OrmQ.objects.get().task["args"] == (job.pk, job.round)


def test_the_tick_wakes_lists(django_capture_on_commit_callbacks):
    started(LIST)
    Import.objects.update(seen_at=NOW - timedelta(days=1))
    with django_capture_on_commit_callbacks(execute=True):
        campaign_tasks.tick()
    assert moves.TASK in {queued.task["func"] for queued in OrmQ.objects.all()}


def test_starting_twice_starts_once():
    job = checked(LIST)
    user = make_user()
    assert [moves.start_run(job, user=user, now=NOW), moves.start_run(job, user=user, now=NOW)] == [True, False]


def test_br_031_a_list_that_is_too_long_is_refused_with_the_limit(monkeypatch):
    monkeypatch.setattr(working, "MOST_ROWS", 3)
    job = checked(LIST)
    assert (job.state, job.reason) == ("refused", "This list has more than 3 rows. Split it into smaller files.")
    assert people() == []


def test_a_file_that_is_gone_is_a_sentence():
    job = upload(LIST)
    job.file.storage.delete(job.file.name)
    moves.start_check(job, choices={}, now=NOW)
    job = run_tasks(job)
    assert (job.state, "Upload it again" in job.reason) == ("refused", True)


def test_a_file_that_goes_in_the_middle_ends_the_import_and_says_so():
    job = started(LIST)
    job.file.storage.delete(job.file.name)
    job = run_tasks(job)
    assert (job.state, "Upload it again" in job.reason) == ("done", True)


def test_nothing_is_remembered_longer_than_it_is_needed():
    job = checked(LIST)
    assert ImportKey.objects.count() == 0
    assert ImportProblem.objects.filter(imported_in=job).count() == 2
    job = run_tasks(_run(job))
    assert ImportKey.objects.count() == 0
    assert set(ImportProblem.objects.values_list("round", flat=True)) == {job.round}


def _run(job):
    assert moves.start_run(job, user=make_user(), now=NOW)
    return fresh(job)


def test_everybody_gets_a_ticket_with_companions():
    event = make_event(name="Gala")
    content = "nombre,telefono,acompañantes\nAna,3000000001,2\nLuis,3000000002,\n"
    rehearsal = checked(content, event=event)
    assert (rehearsal.tickets_new, rehearsal.ticket_people, Ticket.objects.count()) == (2, 4, 0)
    job = run_tasks(_run(rehearsal))
    assert (job.tickets_new, job.tickets_existing) == (2, 0)
    assert list(Ticket.objects.order_by("holder").values_list("holder__name", "companions")) == [
        ("Ana", 2),
        ("Luis", 0),
    ]
    again = checked(content, event=event)
    assert (again.tickets_new, again.tickets_existing) == (0, 2)


def test_whoever_had_a_ticket_is_counted_apart():
    event = make_event()
    make_ticket(event=event, holder=make_contact(phone="+573000000001"))
    job = imported(LIST, event=event)
    assert (job.tickets_new, job.tickets_existing, Ticket.objects.count()) == (1, 1, 2)


def _at_the_end(event):
    """All rows are in, and no ticket is issued yet."""
    job = started(LIST, event=event)
    assert working.work_through(job, budget=timedelta(days=1), clock=lambda: NOW) is working.Outcome.READ
    return fresh(job)


@pytest.mark.parametrize("capacity", [None, 10])
def test_two_that_issue_the_tickets_count_them_once(capacity):
    job = _at_the_end(make_event(capacity=capacity))
    for _worker in range(2):
        issuing.issue_to_imported(fresh(job), budget=timedelta(days=1), clock=lambda: NOW)
    job = run_tasks(job)
    assert (job.state, job.tickets_new, job.tickets_existing) == ("done", 2, 0)


@pytest.mark.parametrize("capacity", [None, 10])
def test_killed_between_the_tickets_and_the_end_they_are_counted_once(monkeypatch, capacity):
    job = _at_the_end(make_event(capacity=capacity))
    with monkeypatch.context() as patch, suppress(Killed):
        patch.setattr(moves, "end_run", lambda *args, **kwargs: _die(""))
        work(job.pk, job.round, clock=lambda: NOW)
    assert Ticket.objects.count() == 2
    job = run_tasks(job)
    assert (job.state, job.tickets_new, job.tickets_existing) == ("done", 2, 0)


def test_many_tickets_are_issued_slice_by_slice_with_a_sign_of_life(monkeypatch):
    monkeypatch.setattr(issuing, "BATCH", 1)
    job = _at_the_end(make_event())
    later = NOW + timedelta(minutes=5)
    assert work(job.pk, job.round, clock=lambda: later, budget=timedelta(0)) == "more"
    assert (fresh(job).tickets_new, fresh(job).seen_at, Ticket.objects.count()) == (1, later, 1)
    job.file.storage.delete(job.file.name)  # it is read already, and not once more for each slice
    words = [work(job.pk, job.round, clock=lambda: later, budget=timedelta(0)) for _slice in range(2)]
    assert (words, fresh(job).state, fresh(job).reason, fresh(job).tickets_new) == (["more", "done"], "done", "", 2)


def test_nobody_issues_for_a_round_that_is_over():
    job = _at_the_end(make_event())
    Import.objects.update(state="done")
    assert issuing.issue_to_imported(job, budget=timedelta(0), clock=lambda: NOW) is working.Outcome.TAKEN
    assert not Ticket.objects.exists()


def test_an_event_without_room_is_said_before_and_issues_nothing():
    event = make_event(capacity=1, name="Gala")
    job = checked(LIST, event=event)
    assert "“Gala” has room for 1 people" in job.ticket_note
    job = run_tasks(_run(job))
    assert (job.state, job.created, Ticket.objects.count()) == ("done", 2, 0)
    assert "“Gala” has room for 1 people" in job.ticket_note


def test_what_came_of_it_is_in_the_history():
    imported(LIST)
    assert said_of(told()) == [
        ("importing", {"Rows: 4"}),
        ("imported", {"New people: 2", "People updated: 0", "People unchanged: 0", "Rows with errors: 1"}),
    ]
    assert not LogEntry.objects.exists()


def test_the_history_names_the_tickets_of_a_list_and_why_there_are_none():
    imported(LIST, event=make_event(name="Gala"))
    assert {"Tickets: 2", "Tickets for: Gala"} <= set(told()[-1][2])
    imported(LIST, event=make_event(name="Baile", capacity=1))
    assert "“Baile” has room for" in told()[-1][2][-1]


def test_the_files_and_rows_go_after_a_while():
    job, waiting = imported(LIST), checked(LIST + "Juan Test,3000000009,\n")
    name, storage = job.file.name, job.file.storage
    old = NOW - KEPT - timedelta(seconds=1)
    Import.objects.update(created_at=old)
    assert clear_old(now=NOW) == 2
    assert not Import.objects.filter(pk=waiting.pk).exists()
    assert not storage.exists(name)
    job = fresh(job)
    assert (job.file.name, job.cleared_at, job.created) == ("", NOW, 2)
    assert (ImportProblem.objects.count(), ImportedPerson.objects.count()) == (0, 0)
    assert Contact.objects.count() == 2
    assert clear_old(now=NOW) == 0


def _old_one():
    job = imported(LIST)
    Import.objects.filter(pk=job.pk).update(created_at=NOW - KEPT * 2)
    return job


def _is_cleared(job):
    left = ImportProblem.objects.count() + ImportedPerson.objects.count() + ImportKey.objects.count()
    return (fresh(job).file.name, left, job.file.storage.exists(job.file.name)) == ("", 0, False)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("number", range(12))
def test_killed_while_clearing_the_next_tick_ends_it(number):
    job = _old_one()
    with suppress(Killed), connection.execute_wrapper(KillAt(number)):
        clear_old(now=NOW)
    assert _is_cleared(job) == (number > 7)
    clear_old(now=NOW)
    assert _is_cleared(job)


def test_killed_before_its_file_is_deleted_the_next_tick_ends_it(monkeypatch):
    job = _old_one()
    with monkeypatch.context() as patch, suppress(Killed):
        patch.setattr(job.file.storage, "delete", _die)
        clear_old(now=NOW)
    assert (fresh(job).cleared_at, fresh(job).file.name) == (NOW, job.file.name)
    assert clear_old(now=NOW) == 1
    assert _is_cleared(job)


def _die(_name):
    raise Killed


def test_a_file_that_cannot_be_deleted_keeps_no_other_from_it(monkeypatch, caplog):
    stuck, other = _old_one(), _old_one()
    delete = stuck.file.storage.delete

    def refuse(name):
        if name == stuck.file.name:
            raise PermissionError(name)
        delete(name)

    with monkeypatch.context() as patch:
        patch.setattr(stuck.file.storage, "delete", refuse)
        assert clear_old(now=NOW) == 1
    assert [bool(fresh(job).file) for job in (stuck, other)] == [True, False]
    assert f"The file of the import {stuck.pk} could not be deleted" in caplog.text
    assert clear_old(now=NOW) == 1
    assert _is_cleared(stuck)


def test_rows_are_cleared_in_parts(monkeypatch):
    job = _old_one()
    monkeypatch.setattr(keeping, "ROWS_AT_ONCE", 1)
    with CaptureQueriesContext(connection) as asked:
        clear_old(now=NOW)
    deletes = [one["sql"] for one in asked if one["sql"].startswith("DELETE") and "importedperson" in one["sql"]]
    assert len(deletes) == 3  # two people, and a look whether there are more
    assert _is_cleared(job)


def test_what_is_being_cleared_is_not_undone_any_more():
    job = _old_one()
    Import.objects.filter(pk=job.pk).update(cleared_at=NOW)
    assert not moves.start_undo(job, user=make_user(), now=NOW)


def test_files_that_belong_to_nothing_go_as_late_as_all_others():
    job, storage = imported(LIST), Import._meta.get_field("file").storage
    storage.save("other/old.csv", ContentFile(b"x"))
    orphan = storage.save("imports/orphan.csv", ContentFile(b"x"))
    made = storage.get_modified_time(job.file.name)
    Import.objects.update(created_at=made)
    clear_old(now=made + KEPT - timedelta(seconds=5))
    assert storage.exists(orphan)
    Import.objects.update(state="running")  # still at work: not cleared, and its file is no orphan
    clear_old(now=made + KEPT + timedelta(minutes=1))
    assert (storage.exists(orphan), storage.exists(job.file.name), storage.exists("other/old.csv")) == (
        False,
        True,
        True,
    )


def test_nothing_was_ever_uploaded(monkeypatch):
    def missing(_path):
        raise FileNotFoundError

    monkeypatch.setattr(Import._meta.get_field("file").storage, "listdir", missing)
    assert clear_old(now=NOW) == 0


def test_what_is_young_or_at_work_stays():
    imported(LIST)
    busy = started(LIST)
    Import.objects.filter(pk=busy.pk).update(created_at=NOW - KEPT * 2)
    assert clear_old(now=NOW) == 0


def test_a_list_of_which_nothing_was_imported_can_be_deleted_with_its_file():
    job = checked(LIST)
    assert discard(job)
    assert not job.file.storage.exists(job.file.name)
    done = imported(LIST)
    assert not discard(done)
    assert done.file.storage.exists(done.file.name)


def test_columns_that_are_left_out_are_left_out():
    job = upload("nombre,telefono,mesa\nAna,3000000001,4\n")
    job.columns[2]["key"] = ""
    job.save()
    moves.start_check(job, choices={}, now=NOW)
    run_tasks(_run(run_tasks(job)))
    assert Contact.objects.get().attributes == {}


def test_a_limit_of_columns_is_said():
    with pytest.raises(lists.FileRefused, match="more than 100 columns"):
        upload(",".join(f"c{n}" for n in range(101)))


def test_a_known_tag_is_not_given_twice():
    tag = make_tag("Gala")
    make_contact(phone="+573000000001", tags=(tag,))
    imported(LIST, tag="gala")
    assert sum(person.given for person in ImportedPerson.objects.all()) == 1


def test_everything_is_the_same_again_after_a_second_import_of_a_tangle():
    content = "\n".join([HEADER, *TANGLED])
    imported(content)
    before = everything()
    imported(content)
    assert everything() == before


def test_a_file_that_is_damaged_further_down_is_a_sentence():
    content = workbook(Hoja=[["Nombre", "Celular"], *([f"Persona {n}", 3000000000 + n] for n in range(300))])
    job = upload(content, name="lista.xlsx")
    with zipfile.ZipFile(BytesIO(content)) as archive:
        start = archive.getinfo("xl/worksheets/sheet1.xml").header_offset
    damaged = bytearray(content)
    damaged[start + 200] ^= 0xFF
    job.file.storage.delete(job.file.name)
    job.file.storage.save(job.file.name, ContentFile(bytes(damaged)))
    moves.start_check(job, choices={}, now=NOW)
    job = run_tasks(job)
    assert (job.state, "cannot be opened as an Excel file" in job.reason) == ("refused", True)


def test_what_no_database_takes_is_left_out_of_what_is_kept():
    text = "nombre\0\ud83d,telefono\0,nota\0\nAna\0,300\x00000\x00\ud83d0001,x\0\nE\0va\ud83d,12\0\ud83d,y\n"
    job = imported(text.encode("utf-8", "surrogatepass"))
    assert (job.preview[1], problems(job)) == (["Eva", "12", "y"], [(3, "too_short", "12")])
    assert ImportProblem.objects.get().cells == ["Eva", "12", "y"]
    assert people() == [("Ana", "+573000000001", "")]
    assert Contact.objects.get().attributes == {"nota": "x"}


def test_what_breaks_the_program_in_a_list_is_a_sentence_and_not_tried_for_ever(monkeypatch, caplog):
    job = upload(LIST)
    moves.start_check(job, choices={}, now=NOW)
    monkeypatch.setattr(working, "read_rows", _raise(TypeError("a bug")))
    job = run_tasks(job)
    assert (job.state, job.reason.startswith("Something in this list stopped the program")) == ("refused", True)
    assert "a bug" in caplog.text


@pytest.mark.parametrize("error", [OperationalError, InterfaceError, ProgrammingError, OSError, MemoryError])
def test_what_may_pass_is_tried_again(monkeypatch, error):
    job = started(LIST)
    with monkeypatch.context() as patch:
        patch.setattr(working, "read_rows", _raise(error("later")))
        with pytest.raises(error):
            work(job.pk, job.round, clock=lambda: NOW)
    assert (fresh(job).state, run_tasks(job).state) == ("running", "done")


def test_an_import_that_breaks_the_program_ends_with_what_it_had_saved(monkeypatch):
    monkeypatch.setattr(working, "BATCH", 1)
    job = started(LIST)
    working.work_through(job, budget=timedelta(0), clock=lambda: NOW)
    with monkeypatch.context() as patch:
        patch.setattr(working, "read_rows", _raise(DataError("too long")))
        job = run_tasks(job)
    assert (job.state, job.created, "Something in this list" in job.reason) == ("done", 1, True)
    assert moves.start_undo(job, user=make_user(), now=NOW)


def _raise(error):
    def broken(*args, **kwargs):
        raise error

    return broken
