"""The pages of an import: from the file to what came of it, and who may do what."""

import csv
import re
from datetime import timedelta
from uuid import uuid4

import pytest
import time_machine
from django.contrib.admin.models import LogEntry
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import translation

from tests.campaigns.pages import said
from tests.factories import NOW, make_contact, make_event, make_tag
from tests.history import told
from tests.staff import sign_in, sign_in_owner
from tests.tickets.lists import CASES, people
from tests.tickets.sheets import workbook
from tests.tickets.uploads import checked, fresh, imported, run_tasks, started, upload
from tickets.models import Contact, HistoryEntry, Import, ImportProblem, Tag

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]

LIST = "nombre,telefono,mesa\nAna Prueba,3000000001,4\nLuis Ejemplo,12,7\n"
ADD = reverse("admin:tickets_import_add")
ALL = reverse("admin:tickets_import_changelist")
RIGHTS = "tickets.import_contacts"


@pytest.fixture(autouse=True)
def _english():
    with time_machine.travel(NOW, tick=False), translation.override("en"):
        yield


@pytest.fixture
def boss():
    client = Client()
    sign_in_owner(client)
    client.cookies["django_language"] = "en"
    return client


@pytest.fixture
def staff():
    def enter(*permissions):
        client = Client()
        client.user = sign_in(client, *permissions)
        client.cookies["django_language"] = "en"
        return client

    return enter


def page(name, job):
    return reverse(f"admin:tickets_import_{name}", args=[job.pk])


def send(client, content, name="lista.csv", key=None, **more):
    data = content.encode() if isinstance(content, str) else content
    return client.post(ADD, {"file": SimpleUploadedFile(name, data), "key": key or uuid4()} | more)


def form_of(client, job):
    """Everything that the browser would send back from the page of the columns."""
    html = client.get(page("columns", job)).content.decode()
    values = {"round": re.search(r'name="round" value="(\d+)"', html)[1]}
    for select in re.finditer(r'<select name="([^"]+)".*?</select>', html, re.S):
        chosen = re.search(r'<option value="([^"]*)" selected', select[0])
        values[select[1]] = chosen[1].replace("&#x27;", "'") if chosen else ""
    values["tag"] = (re.search(r'name="tag" value="([^"]*)"', html) or ["", ""])[1]
    return values


def text_of(response):
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


# --- from the file to the people ---------------------------------------------------------------------------------


def test_a_list_goes_from_the_file_to_the_people(boss):
    answer = send(boss, LIST)
    job = Import.objects.get()
    assert answer.url == page("columns", job)
    values = form_of(boss, job)
    assert (values["column_0"], values["column_1"], values["column_2"]) == ("name", "phone", "other")
    assert (values["country"], values["encoding"], values["separator"]) == ("CO", "utf-8", ",")
    answer = boss.post(page("columns", job), values | {"do": "check", "tag": "Gala"})
    assert answer.url == page("change", job)
    job = run_tasks(job)
    shown = boss.get(page("change", job))
    assert "Import 1 person" in text_of(shown)
    assert people() == []
    answer = boss.post(page("run", job), {"round": job.round})
    assert answer.url == page("change", job)
    job = run_tasks(fresh(job))
    assert people() == [("Ana Prueba", "+573000000001", "")]
    assert Contact.objects.get().attributes == {"mesa": "4"}
    assert Tag.objects.get().name == "Gala"
    assert (job.state, job.run_by) == ("done", job.created_by)


def test_br_032_the_page_shows_numbers_that_add_up(boss):
    job = imported("nombre,telefono\nAna,3000000001\nANA,3000000001\n\nLuis,12\n")
    totals = boss.get(page("change", job)).context["totals"]
    assert sum(total.number for total in totals) == job.rows == 4
    assert [tuple(total) for total in totals] == [
        ("Created", 1),
        ("Updated", 0),
        ("Unchanged", 0),
        ("Repeated in the file", 1),
        ("With errors", 1),
        ("Blank", 1),
    ]


def test_br_024_the_separator_is_shown_and_can_be_changed(boss):
    job = upload("nombre;telefono|mesa\nAna;3000000001|4\n")
    assert form_of(boss, job)["separator"] == ";"
    boss.post(
        page("columns", job), form_of(boss, job) | {"separator": "|", "do": "read", "tag": "Gala", "country": "MX"}
    )
    job = fresh(job)
    assert [column["header"] for column in job.columns] == ["nombre;telefono", "mesa"]
    assert (job.layout["separator"], job.tag, job.country) == ("|", "Gala", "MX")


def test_another_reading_is_looked_at_before_it_is_checked(boss):
    """Somebody changed the separator and pressed the other button: the columns on the page are not those any more."""
    job = upload("nombre;telefono|mesa\nAna;3000000001|4\n")
    boss.post(page("columns", job), form_of(boss, job) | {"separator": "|", "do": "check"})
    assert (fresh(job).state, len(fresh(job).columns)) == ("choosing", 2)


def test_br_027_the_encoding_is_shown_and_can_be_changed(boss):
    job = upload("nombre,telefono\nZoë,3000000001\n".encode("cp1252"))
    values = form_of(boss, job)
    assert values["encoding"] == "cp1252"
    boss.post(page("columns", job), values | {"encoding": "utf-16", "do": "read"})
    assert fresh(job).layout["encoding"] == "cp1252"
    answer = boss.post(page("columns", job), values | {"encoding": "utf-8", "do": "read"})
    assert said(answer)[-1] == "This file cannot be read with the encoding that was chosen. Choose another."


def test_a_file_that_is_gone_is_said_where_it_would_be_read_again(boss):
    job = upload("nombre;telefono\nAna;3000000001\n")
    values = form_of(boss, job)
    job.file.storage.delete(job.file.name)
    answer = boss.post(page("columns", job), values | {"separator": ",", "do": "read"})
    assert said(answer)[-1] == "The file of this list is not there any more. Upload it again."


def test_br_012_the_country_is_shown_and_decides(boss):
    job = upload("nombre,telefono\nAna,5555550101\n")
    boss.post(page("columns", job), form_of(boss, job) | {"country": "MX", "do": "check"})
    job = run_tasks(job)
    shown = text_of(boss.get(page("change", job)))
    assert "+525555550101" in shown
    assert "Mexico (+52)" in shown


def test_br_029_columns_that_nobody_recognised_are_mapped_by_hand(boss):
    job = upload((CASES / "contactos_columna_desconocida.csv").read_bytes())
    values = form_of(boss, job)
    answer = boss.post(page("columns", job), values | {"do": "check"})
    assert "Say which column is the name" in text_of(answer)
    job = upload("quien,donde\nAna Prueba,3000000001\n")
    values = form_of(boss, job) | {"column_0": "name", "column_1": "phone", "do": "check"}
    boss.post(page("columns", job), values)
    assert run_tasks(job).created == 1


def test_a_column_can_be_left_out(boss):
    job = upload(LIST)
    boss.post(page("columns", job), form_of(boss, job) | {"column_2": "-", "do": "check"})
    job = run_tasks(job)
    boss.post(page("run", job), {"round": job.round})
    run_tasks(fresh(job))
    assert Contact.objects.get().attributes == {}


def test_the_event_from_whose_page_somebody_comes_is_chosen(boss):
    event = make_event()
    assert f'name="event" value="{event.pk}"' in boss.get(ADD, {"event": event.pk}).content.decode()
    sent = {"file": SimpleUploadedFile("lista.csv", LIST.encode()), "key": uuid4(), "event": event.pk}
    columns = boss.post(ADD, sent)["Location"]
    assert columns == page("columns", Import.objects.get()) + f"?event={event.pk}"
    assert f'<option value="{event.pk}" selected>' in boss.get(columns).content.decode()
    assert Import.objects.get().event is None  # proposed, and not yet decided


@pytest.mark.parametrize("event", ["", "1&do=read", "٣", "0"])
def test_an_event_that_is_none_is_not_proposed(boss, event):
    sent = {"file": SimpleUploadedFile("lista.csv", LIST.encode()), "key": uuid4(), "event": event}
    columns = boss.post(ADD, sent)["Location"]
    assert columns.removesuffix("?event=0") == page("columns", Import.objects.get())
    assert not re.search(r'<option value="\d+" selected', boss.get(columns).content.decode())


def test_tickets_that_were_issued_lead_on_to_their_event(boss, staff):
    event = make_event()
    job = imported(LIST, event=event)
    address = reverse("admin:tickets_event_change", args=[event.pk])
    assert address in boss.get(page("change", job)).content.decode()
    assert address not in staff(RIGHTS).get(page("change", job)).content.decode()
    assert address not in boss.get(page("change", imported(LIST))).content.decode()


def test_the_lists_of_people_and_the_pages_of_events_lead_to_an_import(boss, staff):
    contacts = reverse("admin:tickets_contact_changelist")
    of_event = reverse("admin:tickets_event_change", args=[make_event().pk])
    for address in (contacts, of_event):
        assert ADD in boss.get(address).content.decode()
        may_not = staff("tickets.view_contact", "tickets.add_contact", "tickets.view_event", "tickets.change_event")
        assert ADD not in may_not.get(address).content.decode()
    make_contact()
    assert ADD in boss.get(contacts).content.decode()
    assert ADD not in boss.get(contacts, {"_popup": 1}).content.decode()


def test_two_columns_for_one_thing_are_refused_and_nothing_typed_is_lost(boss):
    job = upload(LIST)
    answer = boss.post(
        page("columns", job), form_of(boss, job) | {"column_2": "phone", "tag": "Mi etiqueta", "do": "check"}
    )
    assert "Two columns are “WhatsApp number”." in text_of(answer)
    assert 'value="Mi etiqueta"' in answer.content.decode()
    assert '<option value="phone" selected' in answer.content.decode().split('name="column_2"')[1].split("</select>")[0]
    assert fresh(job).state == "choosing"


def test_a_sheet_is_chosen(boss):
    content = workbook(
        Notas=[["Nombre", "Celular"], ["Nadie", 3000000009]], Gente=[["Nombre", "Celular"], ["Ana", 3000000001]]
    )
    job = upload(content, name="lista.xlsx")
    values = form_of(boss, job)
    assert values["sheet"] == "Notas"
    assert "encoding" not in values
    boss.post(page("columns", job), values | {"sheet": "Gente", "do": "read"})
    assert fresh(job).preview == [["Ana", "3000000001"]]
    boss.post(page("columns", job), form_of(boss, fresh(job)) | {"do": "check"})
    assert run_tasks(job).samples[0]["name"] == "Ana"


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "This file is empty."),
        (b"\x89PNG\r\n\x1a\n\0\0\0\0\0\0\0\0", "This file cannot be read as text"),
        (b"\xd0\xcf\x11\xe0 old", "save it as .xlsx"),
        (b"PK\x03\x04 nada", "This file cannot be opened as an Excel file"),
    ],
)
def test_a_file_that_is_no_list_is_refused_with_what_to_do(boss, content, sentence):
    answer = send(boss, content)
    assert (answer.status_code, sentence in text_of(answer)) == (200, True)
    assert Import.objects.count() == 0


def test_no_file_is_a_sentence(boss):
    answer = boss.post(ADD, {"key": uuid4()})
    assert "Choose the file with your list first." in text_of(answer)


def test_br_031_a_file_that_is_too_large_is_refused_with_the_limit(boss, monkeypatch):
    from tickets.forms import importing

    monkeypatch.setattr(importing, "MOST_BYTES", 10)
    assert "This file is larger than" in text_of(send(boss, LIST))
    assert "At most 50 MB and 300,000 rows." in text_of(boss.get(ADD))


def test_an_upload_that_is_sent_twice_is_one(boss):
    key = uuid4()
    first, second = send(boss, LIST, key=key), send(boss, LIST, key=key)
    assert first.url == second.url
    assert Import.objects.count() == 1


def test_the_same_file_is_noticed(boss):
    imported(LIST)
    job = upload(LIST)
    assert "Exactly this file was imported before" in text_of(boss.get(page("change", job)))


# --- pressing twice, too late, at the same time -------------------------------------------------------------------


def test_pressing_import_twice_imports_once(boss):
    job = checked(LIST)
    first = boss.post(page("run", job), {"round": job.round})
    second = boss.post(page("run", job), {"round": job.round})
    assert [said(first)[-1], said(second)[-1]] == [
        "2 rows are being imported.",
        "Nothing was started: this list is at work or done already, or it has changed.",
    ]
    assert fresh(job).round == job.round + 1


def test_a_page_that_is_older_than_the_check_starts_nothing(boss):
    job = checked(LIST)
    boss.post(page("run", job), {"round": job.round - 1})
    assert fresh(job).state == "checked"


def test_columns_that_somebody_else_chose_meanwhile_are_not_overwritten(boss):
    job = checked(LIST)
    answer = boss.post(page("columns", job), form_of(boss, job) | {"round": "0", "country": "MX", "do": "check"})
    assert said(answer) == ["Somebody else changed this import meanwhile. Please look again."]
    assert (fresh(job).state, fresh(job).country) == ("checked", "CO")


def test_a_list_at_work_has_no_columns_to_choose(boss):
    job = started(LIST)
    assert boss.get(page("columns", job)).url == page("change", job)
    assert boss.post(page("columns", job), {"round": job.round}).url == page("change", job)


def test_looking_changes_nothing(boss):
    job = checked(LIST)
    before = list(Import.objects.values())
    for name in ("change", "columns", "live"):
        boss.get(page(name, job))
    for name in ("run", "discard", "rejects"):
        assert boss.get(page(name, job)).status_code == 405
    assert list(Import.objects.values()) == before


# --- while it runs -----------------------------------------------------------------------------------------------


def test_the_page_refreshes_itself_while_it_runs_and_then_becomes_another(boss):
    job = started(LIST)
    assert page("live", job) in boss.get(page("change", job)).content.decode()
    assert "The list is being imported" in text_of(boss.get(page("live", job)))
    run_tasks(job)
    assert boss.get(page("live", job)).headers["HX-Refresh"] == "true"
    assert page("live", job) not in boss.get(page("change", job)).content.decode()


def test_without_news_the_page_says_what_to_look_at(boss):
    job = started(LIST)
    assert "Nothing has moved" not in text_of(boss.get(page("live", job)))
    Import.objects.filter(pk=job.pk).update(seen_at=NOW.replace(year=NOW.year - 1))
    assert "Nothing has moved" in text_of(boss.get(page("live", job)))


# --- what is wrong -----------------------------------------------------------------------------------------------


def test_br_033_every_row_says_what_is_wrong_with_it(boss):
    job = checked("nombre,telefono\nAna,12\nLuis,5.73E+11\n,3000000001\nEva,3000000002\nEVA,3000000002\n")
    shown = text_of(boss.get(page("change", job)))
    assert "“12” has too few digits." in shown
    assert "The spreadsheet shortened this number to “5.73E+11”" in shown
    assert "This row has no name." in shown
    repeated = text_of(boss.get(page("change", job) + "?show=repeat"))
    assert "The same person as in row 5." in repeated


def test_reasons_are_in_the_language_of_whoever_reads_them(boss):
    job = checked("nombre,telefono\nAna,12\n")
    boss.cookies["django_language"] = "es"
    assert "“12” tiene muy pocos dígitos" in text_of(boss.get(page("change", job)))


def test_rejected_rows_come_back_as_a_file_that_can_be_mended_and_imported(boss):
    job = imported(LIST)
    answer = boss.post(page("rejects", job))
    content = b"".join(answer.streaming_content)
    assert content.startswith("\ufeff".encode())
    assert answer.headers["Content-Disposition"] == 'attachment; filename="lista-rejected.csv"'
    mended = content.decode("utf-8-sig").replace("Luis Ejemplo;12;", "Luis Ejemplo;3000000002;")
    again = imported(mended)
    assert (again.created, again.errors) == (1, 0)
    assert Contact.objects.get(name="Luis Ejemplo").attributes == {"mesa": "7"}


def test_br_035_rejected_rows_run_nothing_in_a_spreadsheet_and_come_back_unchanged(boss):
    text = (CASES / "contactos_inyeccion.csv").read_text(encoding="utf-8")
    header, *rows = text.splitlines()
    broken = "\n".join([f"{header},mesa", *(f"{row},1,sobra" for row in rows)])
    job = imported(broken)
    assert job.errors == len(rows)
    content = b"".join(boss.post(page("rejects", job)).streaming_content).decode("utf-8-sig")
    cells = [cell for row in csv.reader(content.splitlines(), delimiter=";") for cell in row]
    assert not [cell for cell in cells if cell.lstrip(" \n").startswith(("=", "+", "-", "@", "\t", "\r"))]
    mended = imported(content.replace(";sobra", ""))
    names = set(Contact.objects.values_list("name", flat=True))
    Contact.objects.all().delete()
    assert (imported(text).created, set(Contact.objects.values_list("name", flat=True))) == (mended.created, names)


def test_a_guarded_cell_is_read_as_it_stood():
    from tickets.formulas import inert, without_guard

    for text in ("=1+1", "+57 300", "-", "@x", "\tx", " =1", "＝1", "\u00a0=1", "\n=1", "Ana", "'comillas'", ""):
        assert without_guard(inert(text)) == text
    assert inert("=1+1") == "'=1+1"


def test_downloading_is_in_the_history(boss):
    job = imported(LIST)
    boss.post(page("rejects", job))
    assert told()[-1][1:] == ("exported", ["Rows with errors: 1"])
    assert not LogEntry.objects.exists()


def test_uploading_and_deleting_a_list_is_in_the_history(boss):
    key = uuid4()
    for _press in range(2):
        send(boss, LIST, key=key)
    job = Import.objects.get()
    for _press in range(2):
        boss.post(page("discard", job))
    assert [(action, details) for _who, action, details in told()] == [("added", []), ("deleted", [])]
    assert {(entry.object_id, entry.object_name) for entry in HistoryEntry.objects.all()} == {
        (str(job.pk), "lista.csv")
    }
    assert not LogEntry.objects.exists()


def test_thousands_of_problems_are_paged_with_few_queries(boss, django_assert_max_num_queries):
    job = checked(LIST)
    ImportProblem.objects.all().delete()
    ImportProblem.objects.bulk_create(
        ImportProblem(imported_in=job, round=job.round, kind="error", line=n, code="no_name", cells=["x"] * 5)
        for n in range(5000)
    )
    Import.objects.filter(pk=job.pk).update(errors=5000, rows=5001, created=1)
    with django_assert_max_num_queries(10):
        answer = boss.get(page("change", job) + "?page=100")
    assert "4951–5000 of 5000" in text_of(answer).replace(",", "").replace(".", "")
    assert len(answer.content) < 200_000
    assert "1–50 of 5000" in text_of(boss.get(page("change", job) + "?page=nada")).replace(",", "")


# --- undoing -----------------------------------------------------------------------------------------------------


def test_undoing_shows_its_numbers_and_asks_again_when_they_changed(boss):
    job = imported("nombre,telefono\nAna,3000000001\nLuis,3000000002\n")
    shown = boss.get(page("undo", job))
    assert "2 people are removed" in text_of(shown)
    mark = shown.context["plan"].mark
    ana = Contact.objects.get(name="Ana")
    ana.nickname = "Anita"
    with time_machine.travel(NOW + timedelta(seconds=1)):
        ana.save()
    answer = boss.post(page("undo", job), {"expected": mark})
    assert "The numbers have changed since you looked." in text_of(answer)
    assert fresh(job).state == "done"
    answer = boss.post(page("undo", job), {"expected": answer.context["plan"].mark})
    assert answer.url == page("change", job)
    job = run_tasks(job)
    assert (job.state, people()) == ("undone", [("Ana", "+573000000001", "")])


def test_undoing_twice_undoes_once(boss):
    job = imported(LIST)
    mark = boss.get(page("undo", job)).context["plan"].mark
    boss.post(page("undo", job), {"expected": mark})
    answer = boss.post(page("undo", job), {"expected": mark})
    assert said(answer)[-1] == "There is nothing to undo here any more."
    job = run_tasks(job)
    assert boss.get(page("undo", job)).url == page("change", job)
    assert "It was undone" in text_of(boss.get(page("change", job)))


# --- who may do what ---------------------------------------------------------------------------------------------

POSTS = {
    "run": lambda client, job: client.post(page("run", job), {"round": job.round}),
    "discard": lambda client, job: client.post(page("discard", job)),
    "columns": lambda client, job: client.post(page("columns", job), {"round": job.round, "do": "check"}),
}


@pytest.mark.parametrize("name", POSTS)
def test_importing_needs_its_permission(staff, name):
    job = checked(LIST)
    viewer = staff("tickets.view_import")
    assert POSTS[name](viewer, job).status_code == 403
    assert fresh(job).state == "checked"
    shown = viewer.get(page("change", job))
    assert (shown.status_code, "submit-row" in shown.content.decode()) == (200, False)
    assert POSTS[name](staff(RIGHTS), job).status_code in {200, 302}


def test_uploading_needs_its_permission(staff):
    viewer = staff("tickets.view_import")
    assert (viewer.get(ADD).status_code, send(viewer, LIST).status_code) == (403, 403)
    assert ADD not in viewer.get(ALL).content.decode()
    assert ADD in staff(RIGHTS).get(ALL).content.decode()


def test_undoing_needs_its_permission(staff):
    job = imported(LIST)
    importer = staff(RIGHTS)
    assert importer.get(page("undo", job)).status_code == 403
    assert importer.post(page("undo", job), {"expected": "1-0-0-0-0"}).status_code == 403
    assert page("undo", job) not in importer.get(page("change", job)).content.decode()
    undoer = staff("tickets.undo_import")
    assert page("undo", job) in undoer.get(page("change", job)).content.decode()
    assert undoer.get(page("undo", job)).status_code == 200


@pytest.mark.parametrize("name", ["change", "live", "columns", "undo"])
def test_strangers_see_nothing(staff, name):
    job = imported(LIST)
    assert staff("tickets.view_contact").get(page(name, job)).status_code == 403
    assert Client().get(page(name, job)).status_code == 302


def test_rejected_rows_are_for_those_who_may_see_imports(staff):
    job = imported(LIST)
    assert staff("tickets.view_contact").post(page("rejects", job)).status_code == 403
    assert staff("tickets.view_import").post(page("rejects", job)).status_code == 200


def test_tickets_are_only_offered_to_those_who_may_issue_them(staff):
    job, event = upload(LIST), make_event()
    importer = staff(RIGHTS)
    assert "event" not in form_of(importer, job)
    importer.post(page("columns", job), form_of(importer, job) | {"event": event.pk, "do": "check"})
    assert fresh(job).event is None
    issuer = staff(RIGHTS, "tickets.add_ticket")
    job = upload(LIST)
    issuer.post(page("columns", job), form_of(issuer, job) | {"event": event.pk, "do": "check"})
    assert fresh(job).event == event


def test_tickets_are_only_issued_by_those_who_may_issue_them(staff):
    job = checked(LIST, event=make_event())
    importer = staff(RIGHTS)
    assert "which you may not do" in text_of(importer.get(page("change", job)))
    assert importer.post(page("run", job), {"round": job.round}).status_code == 403
    importer.post(page("columns", job), form_of(importer, job) | {"do": "check"})
    assert fresh(job).event is None
    job = checked(LIST, event=make_event())
    assert staff(RIGHTS, "tickets.add_ticket").post(page("run", job), {"round": job.round}).status_code == 302


def test_the_menu_leads_there_for_those_who_may(staff):
    assert ALL in staff(RIGHTS).get(reverse("admin:index")).content.decode()
    assert ALL not in staff("tickets.view_contact").get(reverse("admin:index")).content.decode()


# --- lists, emptiness, deleting ----------------------------------------------------------------------------------


def test_an_empty_list_says_what_to_do(boss):
    assert "Upload a list of people as CSV or Excel." in text_of(boss.get(ALL))


def test_the_list_of_imports_shows_each_with_its_state(boss, django_assert_max_num_queries):
    imported(LIST)
    checked(LIST)
    with django_assert_max_num_queries(12):
        shown = text_of(boss.get(ALL))
    assert "Imported" in shown
    assert "Checked, not imported yet" in shown


def test_a_list_of_which_nothing_was_imported_can_be_deleted(boss):
    job = checked(LIST)
    answer = boss.post(page("discard", job))
    assert (answer.url, said(answer)) == (ALL, ["“lista.csv” was deleted. Nothing of it was imported."])
    assert boss.get(page("change", job)).status_code == 404
    job = imported(LIST)
    answer = boss.post(page("discard", job))
    assert "It was not deleted." in said(answer)[-1]


def test_a_name_with_commands_is_only_text(boss):
    job = upload(LIST, name='<img src=x onerror="alert(1)">.csv')
    html = boss.get(page("change", job)).content.decode()
    assert "<img src=x" not in html


def test_everybody_with_the_tag_can_be_seen_afterwards(boss):
    tag = make_tag("Gala & Café")
    make_contact()
    job = imported(LIST, tag=tag.name)
    html = boss.get(page("change", job)).content.decode()
    link = re.search(r'href="([^"]*tags__id__exact[^"]*)"', html)[1]
    assert "1 contact" in text_of(boss.get(link))


def test_an_unknown_import_is_not_found(boss):
    assert boss.get(reverse("admin:tickets_import_change", args=[99])).status_code == 404
    assert boss.get(reverse("admin:tickets_import_change", args=["nada"])).status_code == 404
