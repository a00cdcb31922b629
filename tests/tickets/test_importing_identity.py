"""Who is who: nobody twice, nothing erased, and a second run that changes nothing."""

import threading

import pytest
from django.db import IntegrityError, OperationalError, connection, transaction
from django.test.utils import CaptureQueriesContext

from tests.factories import NOW, make_contact, make_tag
from tests.tickets.lists import CASES, import_case, import_text, people, totals
from tickets.importing import running, saving
from tickets.models import Contact, Tag

pytestmark = pytest.mark.django_db

ANA = "Ana Prueba,3000000001,ana@example.com"
HEADER = "nombre,telefono,correo"
CSV_CASES = sorted(path.stem.removeprefix("contactos_") for path in CASES.glob("*.csv"))


def import_rows(*rows, **options):
    return import_text("\n".join([HEADER, *rows]), **options)


def everything():
    tags = Contact.tags.through.objects.order_by("pk").values_list("contact_id", "tag__name")
    return list(Contact.objects.order_by("pk").values()), list(tags), list(Tag.objects.values())


def test_a_known_number_updates_the_contact():
    make_contact(name="Ana", phone="+573000000001", email="")
    report = import_rows(ANA)
    assert people() == [("Ana Prueba", "+573000000001", "ana@example.com")]
    assert totals(report) == (1, 0, 1, 0, 0, 0, 0)


def test_an_update_is_dated():
    contact = make_contact(name="Ana", phone="+573000000001")
    import_rows(ANA)
    contact.refresh_from_db()
    assert contact.updated_at == NOW


def test_people_without_a_phone_are_known_by_their_email_whatever_its_case():
    make_contact(name="Ana", phone="", email="ANA@Example.com")
    report = import_rows("Ana Prueba,,ana@example.COM")
    assert people() == [("Ana Prueba", "", "ana@example.com")]
    assert totals(report) == (1, 0, 1, 0, 0, 0, 0)


def test_a_person_who_gives_a_number_later_stays_one_person():
    make_contact(name="Ana Prueba", phone="", email="ana@example.com")
    report = import_rows("ANA  PRUEBA,3000000001,ana@example.com")
    assert people() == [("ANA PRUEBA", "+573000000001", "ana@example.com")]
    assert report.updated == 1


def test_a_person_whose_number_is_missing_in_this_list_stays_one_person():
    make_contact(name="Ana Prueba", phone="+573000000001", email="ana@example.com", attributes={"mesa": "4"})
    report = import_text("nombre,apodo,correo,mesa\nANA PRUEBA,Anita,ana@example.com,9\n")
    (contact,) = Contact.objects.all()
    assert (contact.name, contact.phone, contact.nickname) == ("Ana Prueba", "+573000000001", "Anita")
    assert (contact.attributes, report.updated) == ({"mesa": "4"}, 1)


@pytest.mark.parametrize("row", ["Nico Prueba,,ana@example.com", "Nico Prueba,3000000002,ana@example.com"])
def test_a_family_that_shares_an_email_is_not_one_person(row):
    make_contact(name="Ana Prueba", phone="+573000000001", email="ana@example.com")
    assert import_rows(row).created == 1


def test_a_child_without_a_number_is_not_overwritten_by_a_parent_with_one():
    report = import_rows("Nico Prueba,,ana@example.com", ANA)
    assert people() == [("Nico Prueba", "", "ana@example.com"), ("Ana Prueba", "+573000000001", "ana@example.com")]
    assert report.created == 2


def test_namesakes_with_one_email_and_two_numbers_are_two_people():
    report = import_rows(
        "Juan Test,,fam@example.com", "Juan Test,3000000001,fam@example.com", "Juan Test,3000000002,fam@example.com"
    )
    assert [phone for _name, phone, _email in people()] == ["+573000000001", "+573000000002"]
    assert totals(report) == (3, 2, 0, 0, 1, 0, 0)


def test_people_without_a_number_who_share_an_email_are_reported_as_one():
    report = import_rows("Ana Prueba,,fam@example.com", "Luz Prueba,,fam@example.com")
    assert people() == [("Ana Prueba", "", "fam@example.com")]
    assert [(repeat.line, repeat.first_line) for repeat in report.repeats] == [(3, 2)]


@pytest.mark.parametrize("rows", [(ANA, "Ana Prueba,,ana@example.com"), ("ana prueba,,ANA@example.com", ANA)])
def test_one_person_once_with_and_once_without_a_number(rows):
    report = import_rows(*rows)
    assert [(phone, email) for _name, phone, email in people()] == [("+573000000001", "ana@example.com")]
    assert totals(report) == (2, 1, 0, 0, 1, 0, 0)


def test_the_number_is_a_surer_sign_than_the_email():
    make_contact(name="Ana Prueba", phone="", email="ana@example.com")
    make_contact(name="Ana Prueba", phone="+573000000001", email="otra@example.com")
    import_rows(ANA)
    assert people() == [("Ana Prueba", "", "ana@example.com"), ("Ana Prueba", "+573000000001", "ana@example.com")]


def test_a_repeated_row_only_adds_what_was_missing():
    report = import_text(
        "nombre,apodo,telefono,correo,mesa,silla\n"
        "Ana Prueba,,3000000001,,5,\n"
        "Ana P.,Anita,300 000 0001,ana@example.com,7,B\n"
    )
    (contact,) = Contact.objects.all()
    assert (contact.name, contact.nickname, contact.email) == ("Ana Prueba", "Anita", "ana@example.com")
    assert contact.attributes == {"mesa": "5", "silla": "B"}
    assert totals(report) == (2, 1, 0, 0, 1, 0, 0)


def test_br_020_rows_are_repeated_across_batches(monkeypatch):
    monkeypatch.setattr(running, "BATCH", 1)
    assert totals(import_case("duplicados")) == (9, 4, 0, 0, 5, 0, 0)


@pytest.mark.parametrize("name", [name for name in CSV_CASES if name != "columna_desconocida"])
def test_br_034_a_second_run_creates_nobody_and_changes_nothing(name):
    first = import_case(name, tag="VIP")
    before = everything()
    second = import_case(name, tag="VIP")
    assert (second.created, second.updated) == (0, 0)
    assert second.unchanged == first.created
    assert second.repeated == first.repeated
    assert second.adds_up
    assert everything() == before


def test_br_034_empty_cells_erase_nothing():
    make_contact(
        name="Ana Prueba", nickname="Anita", phone="+573000000001", email="ana@example.com", attributes={"mesa": "4"}
    )
    before = everything()
    report = import_text("nombre,apodo,telefono,correo,mesa\nAna Prueba,,3000000001,,\n")
    assert everything() == before
    assert report.unchanged == 1


def test_other_data_of_other_lists_stays():
    contact = make_contact(name="Ana Prueba", phone="+573000000001", attributes={"mesa": "4", "hotel": "Sol"})
    import_text("nombre,telefono,mesa\nAna Prueba,3000000001,9\n")
    contact.refresh_from_db()
    assert contact.attributes == {"mesa": "9", "hotel": "Sol"}


def test_tags_of_other_lists_stay():
    contact = make_contact(name="Ana Prueba", phone="+573000000001", tags=(make_tag("Socia"),))
    import_rows(ANA, tag="VIP")
    assert sorted(tag.name for tag in contact.tags.all()) == ["Socia", "VIP"]


def test_br_034_nobody_who_opted_out_is_opted_in():
    contact = make_contact(
        name="Ana", phone="+573000000001", whatsapp_opt_out_at=NOW, whatsapp_opt_out_source="BAJA", email_opt_out_at=NOW
    )
    import_rows(ANA)
    contact.refresh_from_db()
    assert contact.name == "Ana Prueba"
    assert (contact.whatsapp_opt_out_at, contact.email_opt_out_at) == (NOW, NOW)
    assert contact.whatsapp_opt_out_source == "BAJA"


@pytest.mark.parametrize("name", [name for name in CSV_CASES if name != "columna_desconocida"])
def test_a_dry_run_of_every_case_file_is_exact(name):
    rehearsal = import_case(name, dry_run=True)
    assert people() == []
    real = import_case(name)
    assert (totals(rehearsal), rehearsal.errors, rehearsal.repeats) == (totals(real), real.errors, real.repeats)


@pytest.mark.parametrize("error", [IntegrityError("contact_phone_is_unique"), OperationalError("deadlock detected")])
def test_a_batch_that_collides_with_somebody_else_looks_again(monkeypatch, error):
    write, rounds = saving._write, []

    def interrupted(entries, now):
        rounds.append(len(entries))
        if len(rounds) == 1:
            raise error
        write(entries, now)

    monkeypatch.setattr(saving, "_write", interrupted)
    report = import_rows(ANA, ANA)
    assert (totals(report), len(rounds)) == ((2, 1, 0, 0, 1, 0, 0), 2)


def test_an_error_that_stays_is_not_swallowed(monkeypatch):
    def broken(entries, now):
        raise IntegrityError("disk")

    monkeypatch.setattr(saving, "_write", broken)
    with pytest.raises(IntegrityError, match="disk"):
        import_rows(ANA)


def test_a_batch_takes_few_queries():
    make_contact(name="Ana", phone="+573000000001")
    rows = [f"Persona {number},{3000000001 + number},p{number}@example.com" for number in range(40)]
    with CaptureQueriesContext(
        connection,
    ) as few:
        import_rows(*rows[:2], tag="VIP")
    with CaptureQueriesContext(connection) as many:
        import_rows(*rows, tag="VIP")
    assert len(many) <= len(few) + 2
    assert len(many) < 20


def test_br_031_a_long_list_adds_up():
    """The recipe of contactos_50_mil, ten times shorter."""
    rows = [f"Persona {number:05d},30000{number:05d}" for number in range(5000)]
    for number in (10, 2000, 4990):
        rows[number] = ","
    for number in (20, 600, 1200, 3000, 4999):
        rows[number] = f"Otra Persona,30000{number - 11:05d}"
    for number in range(100, 4900, 400):
        rows[number] = f"Persona {number},30000"
    seen = []
    report = import_text(
        "nombre,telefono\n" + "\n".join(rows), on_progress=lambda report: seen.append((report.rows, report.adds_up))
    )
    assert totals(report) == (5000, 4980, 0, 0, 5, 12, 3)
    assert seen == [(rows, True) for rows in range(500, 5001, 500)]
    assert Contact.objects.count() == 4980


@pytest.mark.skipif(connection.vendor == "sqlite", reason="there its writers are alone anyway")
@pytest.mark.django_db(transaction=True)
def test_two_imports_at_once_bring_a_person_without_number_once():
    """No constraint knows them: whoever comes second waits, and then finds them."""

    def second():
        _save("nombre,correo\nLuis Ejemplo,luis@example.com\n")
        connection.close()

    other = threading.Thread(target=second)
    with transaction.atomic():
        _save("nombre,correo\nLuis Ejemplo,luis@example.com\n")
        other.start()
        other.join(1)
    other.join()
    assert people() == [("Luis Ejemplo", "", "luis@example.com")]


def _save(text):
    assert import_text(text).rows == 1
