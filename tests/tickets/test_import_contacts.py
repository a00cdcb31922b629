"""The command: what it prints, what it refuses, and its tickets."""

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.utils import translation

from tests.factories import make_contact, make_event, make_settings, make_tag
from tests.tickets.lists import CASES, people
from tests.tickets.sheets import workbook
from tickets.models import Contact, Tag, Ticket

pytestmark = pytest.mark.django_db

DEMO_LIST = Path(__file__).parents[2] / "demo" / "contactos.csv"


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


def run(file, **options):
    out = StringIO()
    call_command("import_contacts", str(file), stdout=out, **options)
    return out.getvalue()


def write(folder, text):
    file = folder / "lista.csv"
    file.write_text(text, encoding="utf-8")
    return file


def total(output, label):
    (count,) = [line.split()[-1] for line in output.splitlines() if line.startswith(label + " ")]
    return int(count)


LABELS = ("Rows in the file", "Created", "Updated", "Unchanged", "Repeated in the file", "With errors", "Blank")


def totals(output):
    return tuple(total(output, label) for label in LABELS)


def test_the_demo_list_is_a_real_list():
    output = run(DEMO_LIST, country="CO")
    assert totals(output) == (40, 34, 0, 0, 3, 3, 0)
    assert total(output, "Without phone number (counted above too)") == 3
    assert Contact.objects.filter(phone="").count() == 2
    assert Contact.objects.filter(phone__startswith="+52").count() == 3
    assert Contact.objects.filter(phone__startswith="+549").count() == 3
    assert Contact.objects.filter(phone__startswith="+34").count() == 3
    assert Contact.objects.filter(phone__startswith="+57").count() == 23


def test_the_demo_list_twice_changes_nothing():
    run(DEMO_LIST, country="CO", tag="VIP")
    before = list(Contact.objects.order_by("pk").values())
    assert totals(run(DEMO_LIST, country="CO", tag="VIP")) == (40, 0, 0, 34, 3, 3, 0)
    assert list(Contact.objects.order_by("pk").values()) == before


def test_the_demo_list_has_only_fictional_people():
    run(DEMO_LIST, country="CO")
    fictional = ("+5730000000", "+52555555010", "+54911555501", "+3460000000")
    for contact in Contact.objects.all():
        assert not contact.phone or contact.phone.startswith(fictional)
        assert not contact.email or contact.email.endswith("@example.com")


def test_the_demo_list_gives_everybody_a_ticket_with_companions():
    event = make_event(slug="gala")
    output = run(DEMO_LIST, country="CO", event="gala")
    assert "34 issued, 0 existed already" in output
    tickets = dict(Ticket.objects.filter(event=event).values_list("holder__name", "companions"))
    assert (len(tickets), tickets["Familia Ensayo 👨‍👩‍👧"], tickets["David Test"]) == (34, 4, 0)
    assert "0 issued, 34 existed already" in run(DEMO_LIST, country="CO", event="gala")


def test_an_excel_file_is_a_list_too():
    output = run(CASES / "contactos_celdas_numericas.xlsx", country="CO")
    assert "Read from the sheet “" in output
    assert totals(output) == (6, 3, 0, 0, 0, 3, 0)
    assert "line 6: Excel took this cell for a date (2027-01-15)." in output


def test_a_sheet_can_be_chosen(tmp_path):
    file = tmp_path / "lista.xlsx"
    file.write_bytes(workbook(Notas=[["nada"]], Gente=[["Nombre", "Celular"], ["Ana Prueba", 3000000001]]))
    with pytest.raises(CommandError, match="None of the columns"):
        run(file, country="CO")
    assert "Read from the sheet “Gente”" in run(file, country="CO", sheet="Gente")


def test_each_error_is_listed_with_its_line_its_value_and_the_reason():
    output = run(CASES / "contactos_filas_desiguales.csv", country="CO")
    assert "Not imported:" in output
    assert "line 3: This row has more cells than the header. Perhaps a cell holds a separator. (“SOBRA”)" in output
    assert "line 4: This row has fewer cells than the header. (“Carla Muestra”)" in output


def test_warnings_and_repeated_rows_are_listed(tmp_path):
    file = write(tmp_path, "nombre,telefono\nAna Prueba,601 000 0001\nANA PRUEBA,6010000001\n")
    output = run(file, country="CO")
    assert "line 2: “601 000 0001” may be a landline" in output
    assert "line 3: repeated, the same person as in line 2" in output


def test_how_the_file_was_understood_is_shown():
    output = run(CASES / "contactos_encabezados.csv", country="CO")
    assert "Read as UTF-8, cells separated by semicolons, numbers of CO." in output
    assert "“Celular / WhatsApp” → WhatsApp number" in output
    assert "“Mesa” → {mesa}" in output


def test_br_012_a_dry_run_shows_the_resulting_numbers_and_saves_nothing():
    output = run(CASES / "contactos_duplicados.csv", country="CO", dry_run=True, tag="VIP")
    assert "line 2: Ana Prueba, +573000000001" in output
    assert totals(output) == (9, 4, 0, 0, 5, 0, 0)
    assert (Contact.objects.count(), Tag.objects.count()) == (0, 0)


def test_the_country_of_the_installation_is_the_default(tmp_path):
    make_settings(default_country="PE")
    run(write(tmp_path, "nombre,telefono\nAna Prueba,955550101\n"))
    assert people() == [("Ana Prueba", "+51955550101", "")]


def test_a_country_in_small_letters_is_understood(tmp_path):
    run(write(tmp_path, "nombre,telefono\nAna Prueba,955550101\n"), country="pe")
    assert people() == [("Ana Prueba", "+51955550101", "")]


def test_a_tag_is_created_when_it_is_missing():
    run(CASES / "contactos_bom_coma.csv", country="CO", tag=" Gala ")
    assert Tag.objects.get().name == "Gala"
    assert Tag.objects.get().contacts.count() == 2


def test_a_tag_is_used_when_it_exists():
    tag = make_tag("Gala")
    run(CASES / "contactos_bom_coma.csv", country="CO", tag="gala")
    assert (Tag.objects.count(), tag.contacts.count()) == (1, 2)


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"country": "XX"}, "is not a country"),
        ({"country": "CO", "event": "nada"}, "no event with the short name “nada”"),
        ({"country": "CO", "event": ""}, "no event with the short name “”"),
        ({"country": "CO", "tag": "x" * 61}, "The tag cannot be used"),
        ({"country": "CO", "tag": "a\nb"}, "The tag cannot be used"),
    ],
)
def test_what_cannot_be_used_is_refused_before_anything_is_saved(options, reason):
    with pytest.raises(CommandError, match=reason):
        run(CASES / "contactos_bom_coma.csv", **options)
    assert people() == []


@pytest.mark.parametrize("name", ["no-existe.csv", "."])
def test_a_file_that_cannot_be_opened_is_an_error(tmp_path, name):
    with pytest.raises(CommandError, match="cannot be opened"):
        run(tmp_path / name, country="CO")


@pytest.mark.parametrize(
    ("name", "reason"),
    [("contactos_columna_desconocida.csv", "“Fecha”, “Monto”"), ("../telefonos_casos.csv", "None of the columns")],
)
def test_a_file_without_people_is_an_error(name, reason):
    with pytest.raises(CommandError, match=reason):
        run(CASES / name, country="CO")


def test_a_dry_run_counts_the_tickets_and_issues_none():
    event = make_event(slug="gala", capacity=3)
    run(CASES / "contactos_bom_coma.csv", country="CO", event="gala")
    file = CASES / "contactos_sin_telefono.csv"
    with pytest.raises(CommandError, match="has room for 3 people"):
        run(file, country="CO", event="gala", dry_run=True)
    event.capacity = None
    event.save(update_fields=["capacity"])
    rehearsal = run(file, country="CO", event="gala", dry_run=True)
    assert Ticket.objects.count() == 2
    real = run(file, country="CO", event="gala")
    assert "2 would be issued, 2 exist already" in rehearsal
    assert "2 issued, 2 existed already" in real


def test_a_dry_run_knows_who_has_a_ticket():
    make_event(slug="gala")
    file = CASES / "contactos_bom_coma.csv"
    run(file, country="CO", event="gala")
    make_contact(name="Eva Ficticia")
    assert "0 would be issued, 2 exist already" in run(file, country="CO", event="gala", dry_run=True)


def test_an_event_without_room_imports_the_people_and_issues_nothing():
    make_event(slug="gala", capacity=1)
    out = StringIO()
    with pytest.raises(CommandError, match="has room for 1 people"):
        call_command("import_contacts", str(CASES / "contactos_bom_coma.csv"), country="CO", event="gala", stdout=out)
    assert total(out.getvalue(), "Created") == 2
    assert (Contact.objects.count(), Ticket.objects.count()) == (2, 0)


def test_companions_without_an_event_are_not_lost_without_a_word(tmp_path):
    file = write(tmp_path, "nombre,telefono,acompañantes\nAna Prueba,3000000001,2\n")
    assert "only count together with --event" in run(file, country="CO")


def test_what_was_typed_never_commands_the_terminal(tmp_path):
    file = write(tmp_path, "nombre,telefono\nAna Prueba,\x1b[2J300\n")
    assert "\x1b" not in run(file, country="CO")


class Terminal(StringIO):
    def isatty(self):
        return True


def test_a_terminal_gets_a_progress_bar_and_the_same_totals():
    out = Terminal()
    call_command("import_contacts", str(CASES / "contactos_bom_coma.csv"), country="CO", stdout=out)
    assert "Reading the list" in out.getvalue()
    assert totals(out.getvalue()) == (2, 2, 0, 0, 0, 0, 0)


def test_the_help_says_what_the_exit_status_means(capsys):
    with pytest.raises(SystemExit) as caught:
        call_command("import_contacts", "--help")
    assert caught.value.code == 0
    assert "exit status" in " ".join(capsys.readouterr().out.split())
