"""Contacts in the admin: finding, writing down, tagging by the thousand."""

import pytest
from django.urls import reverse
from django.utils import translation

from tests.factories import NOW, make_contact, make_event, make_tag, make_ticket
from tests.history import told
from tests.staff import sign_in, sign_in_owner
from tickets.models import Contact, HistoryEntry, Ticket

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]

LIST = "admin:tickets_contact_changelist"
ADD = "admin:tickets_contact_add"


@pytest.fixture(autouse=True)
def english(client):
    client.cookies["django_language"] = "en"


def _typed(**fields):
    values = {"name": "Lucía Gómez", "phone": "300 123 4567", "email": "", "language": "es", "attributes": ""}
    return values | fields


def _errors(answer):
    return answer.context["adminform"].form.errors


def _found(client, **query):
    return [contact.name for contact in client.get(reverse(LIST), query).context["cl"].result_list]


# --- writing ------------------------------------------------------------------------------------------------------


def test_a_number_is_stored_in_its_one_form(client):
    sign_in_owner(client)
    client.post(reverse(ADD), _typed())
    assert Contact.objects.get().phone == "+573001234567"


def test_a_bad_number_is_refused_with_its_sentence(client):
    sign_in_owner(client)
    assert "+57" not in _errors(client.post(reverse(ADD), _typed(phone="300 12")))["phone"][0]
    assert Contact.objects.count() == 0


def test_a_number_that_somebody_has_already_names_them(client):
    make_contact(name="Otra Persona", phone="+573001234567")
    sign_in_owner(client)
    assert "Otra Persona" in _errors(client.post(reverse(ADD), _typed()))["phone"][0]


def test_somebody_who_cannot_be_reached_is_refused(client):
    sign_in_owner(client)
    assert _errors(client.post(reverse(ADD), _typed(phone="")))["__all__"].as_data()[0].code == "unreachable"


def test_other_data_are_written_line_by_line(client):
    sign_in_owner(client)
    client.post(reverse(ADD), _typed(attributes="mesa: 12\n\ngrupo:  B: norte \n"))
    contact = Contact.objects.get()
    assert contact.attributes == {"mesa": "12", "grupo": "B: norte"}
    page = client.get(reverse("admin:tickets_contact_change", args=[contact.pk])).content.decode()
    assert "mesa: 12\ngrupo: B: norte</textarea>" in page


@pytest.mark.parametrize(("text", "line"), [("mesa 12", "Line 1"), ("mesa: 1\nmesa: 2", "Line 2"), (": 3", "Line 1")])
def test_lines_that_are_no_pair_are_refused(client, text, line):
    sign_in_owner(client)
    assert _errors(client.post(reverse(ADD), _typed(attributes=text)))["attributes"][0].startswith(line)


def test_a_wish_of_somebody_new_is_written_down_with_its_source(client):
    user = sign_in_owner(client)
    client.post(reverse(ADD), _typed(no_whatsapp="on"))
    contact = Contact.objects.get()
    assert contact.whatsapp_opt_out_at is not None
    assert contact.whatsapp_opt_out_source == f"staff: {user.username}"
    assert (contact.email_opt_out_at, contact.email_opt_out_source) == (None, "")


@pytest.mark.parametrize("ticked", [{}, {"no_whatsapp": "on"}])
def test_the_form_of_somebody_known_changes_no_wish(client, ticked):
    """It may have been opened before the person asked for something."""
    sign_in_owner(client)
    contact = make_contact(email_opt_out_at=NOW, email_opt_out_source="BAJA")
    change = reverse("admin:tickets_contact_change", args=[contact.pk])
    client.post(change, _typed(name="Otro Nombre", phone=contact.phone, **ticked))
    contact.refresh_from_db()
    assert (contact.name, contact.whatsapp_opt_out_at) == ("Otro Nombre", None)
    assert (contact.email_opt_out_at, contact.email_opt_out_source) == (NOW, "BAJA")


def test_what_a_form_changed_is_in_the_history_with_before_and_after(client):
    user = sign_in_owner(client)
    contact = make_contact(name="Lucía", phone="+573001234567", email="")
    change = reverse("admin:tickets_contact_change", args=[contact.pk])
    client.post(change, _typed(name="Lucía Gómez", attributes="mesa: 12"))
    with translation.override("en"):
        assert told() == [(user.username, "changed", ["Name: Lucía → Lucía Gómez", "Other data: nothing → mesa: 12"])]


# --- finding ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("typed", ["+573001234567", "3001234567", "300 123", "57300123", "(300) 123-4567", "+57 300"])
def test_a_number_is_found_however_it_is_typed(client, typed):
    make_contact(name="Buscada", phone="+573001234567")
    make_contact(name="Otra", phone="+525512345678")
    sign_in_owner(client)
    assert _found(client, q=typed) == ["Buscada"]


@pytest.mark.parametrize("typed", ["lucía", "gómez lucía", "lucia@example.com"])
def test_people_are_found_by_name_and_address(client, typed):
    make_contact(name="Lucía Gómez", email="lucia@example.com")
    make_contact(name="Otra")
    sign_in_owner(client)
    assert _found(client, q=typed) == ["Lucía Gómez"]


@pytest.mark.parametrize(
    ("channels", "names"),
    [
        ("whatsapp", ["Ana"]),
        ("email", ["Ana", "Bea"]),
        ("no_phone", ["Caro"]),
        ("no_whatsapp", ["Bea"]),
        ("no_email", ["Caro"]),
        ("made_up", ["Ana", "Bea", "Caro"]),
    ],
)
def test_people_are_filtered_by_channel(client, channels, names):
    make_contact(name="Ana")
    make_contact(name="Bea", whatsapp_opt_out_at=NOW)
    make_contact(name="Caro", phone="", email_opt_out_at=NOW)
    sign_in_owner(client)
    assert _found(client, channels=channels) == names


def test_the_picker_finds_people_by_number_too(client):
    make_contact(name="Buscada", phone="+573001234567")
    sign_in_owner(client)
    query = {"app_label": "tickets", "model_name": "ticket", "field_name": "holder", "term": "3001234567"}
    answer = client.get(reverse("admin:autocomplete"), query).json()
    assert [found["text"] for found in answer["results"]] == ["Buscada"]


# --- many at once -------------------------------------------------------------------------------------------------


def _act(client, action, rows, query="", **fields):
    posted = {"action": action, "_selected_action": [row.pk for row in rows]} | fields
    return client.post(reverse(LIST) + query, posted)


def _confirm(client, page, action, rows, query="", **fields):
    """Press the button of a confirmation page."""
    shown = page.context["page"]
    return _act(client, action, rows, query, step=page.context["step"], expected=shown.fingerprint, **fields)


def test_adding_a_tag_asks_first_and_then_does_it(client):
    tag, ana, bea = make_tag(), make_contact(), make_contact()
    ana.tags.add(tag)
    sign_in_owner(client)
    page = _act(client, "add_tag_action", [ana, bea])
    assert (page.context["page"].count, bea.tags.count()) == (2, 0)
    answer = _confirm(client, page, "add_tag_action", [ana, bea], tag=tag.pk)
    assert (answer.status_code, tag.contacts.count()) == (302, 2)


def test_removing_a_tag_leaves_the_others(client):
    tag, other, ana = make_tag(), make_tag(), make_contact()
    ana.tags.add(tag, other)
    sign_in_owner(client)
    page = _act(client, "remove_tag_action", [ana])
    _confirm(client, page, "remove_tag_action", [ana], tag=tag.pk)
    assert list(ana.tags.all()) == [other]


def test_what_was_done_to_many_is_in_the_history_of_the_tag(client):
    tag, ana = make_tag(), make_contact()
    user = sign_in_owner(client)
    page = _act(client, "add_tag_action", [ana])
    _confirm(client, page, "add_tag_action", [ana], tag=tag.pk)
    entry = HistoryEntry.objects.get()
    assert (entry.user, entry.action, entry.object_id, entry.after) == (user, "tagged", str(tag.pk), {"people": 1})


def test_all_means_everybody_who_matches_the_filter(client):
    tag = make_tag()
    people = [make_contact(name=f"Persona {number}") for number in range(60)]
    make_contact(name="Otra", email="otra@example.com")
    sign_in_owner(client)
    query = "?q=persona"
    page = _act(client, "add_tag_action", people[:50], query, select_across="1")
    assert page.context["page"].count == 60
    assert (len(page.context["examples"]), page.context["left_out"]) == (20, 40)
    assert page.content.decode().count('name="_selected_action"') == 50
    assert f'action="{reverse(LIST)}?q=persona"' in page.content.decode()
    _confirm(client, page, "add_tag_action", people[:50], query, select_across="1", tag=tag.pk)
    assert tag.contacts.count() == 60


def test_it_asks_again_when_the_number_changed(client):
    tag, ana = make_tag(), make_contact(name="Persona A")
    sign_in_owner(client)
    page = _act(client, "add_tag_action", [ana], select_across="1")
    make_contact(name="Persona B")
    again = _confirm(client, page, "add_tag_action", [ana], select_across="1", tag=tag.pk)
    assert (again.context["page"].count, again.context["page"].has_changed) == (2, True)
    assert tag.contacts.count() == 0
    _confirm(client, again, "add_tag_action", [ana], select_across="1", tag=tag.pk)
    assert tag.contacts.count() == 2


def test_without_a_tag_it_asks_for_one(client):
    make_tag()
    ana = make_contact()
    sign_in_owner(client)
    page = _act(client, "add_tag_action", [ana])
    again = _confirm(client, page, "add_tag_action", [ana])
    assert set(again.context["page"].form.errors) == {"tag"}


def test_tickets_are_issued_after_two_pages(client):
    event, people = make_event(), [make_contact(), make_contact(), make_contact()]
    make_ticket(event=event, holder=people[0])
    sign_in_owner(client)
    choice = {"event": event.pk, "type": "General", "companions": 1}
    first = _act(client, "issue_action", people)
    second = _confirm(client, first, "issue_action", people, **choice)
    assert (second.context["step"], Ticket.objects.count()) == ("confirmed", 1)
    assert any(line.startswith("2 new tickets") for line in second.context["page"].lines)
    answer = _confirm(client, second, "issue_action", people, **choice)
    assert (answer.status_code, Ticket.objects.count()) == (302, 3)
    assert set(Ticket.objects.filter(holder__in=people[1:]).values_list("companions", flat=True)) == {1}


def test_too_few_places_issue_nothing_and_say_so(client):
    event, people = make_event(capacity=1), [make_contact(), make_contact()]
    sign_in_owner(client)
    choice = {"event": event.pk, "type": "General", "companions": 0}
    second = _confirm(client, _act(client, "issue_action", people), "issue_action", people, **choice)
    answer = _confirm(client, second, "issue_action", people, **choice)
    done = client.get(answer["Location"])
    assert Ticket.objects.count() == 0
    assert [message.level_tag for message in done.context["messages"]] == ["error"]


@pytest.mark.parametrize(
    ("permissions", "action", "allowed"),
    [
        (("tickets.view_contact",), "add_tag_action", False),
        (("tickets.view_contact", "tickets.change_contact"), "add_tag_action", True),
        (("tickets.view_contact", "tickets.change_contact"), "issue_action", False),
        (("tickets.view_contact", "tickets.add_ticket"), "issue_action", True),
    ],
)
def test_actions_need_their_permission(client, permissions, action, allowed):
    make_tag()
    ana = make_contact()
    sign_in(client, *permissions)
    answer = _act(client, action, [ana])
    assert (answer.status_code == 200 and "page" in answer.context) is allowed


def test_somebody_who_may_only_look_cannot_write(client):
    contact = make_contact(attributes={"mesa": "<b>12</b>"})
    sign_in(client, "tickets.view_contact")
    change = reverse("admin:tickets_contact_change", args=[contact.pk])
    page = client.get(change).content.decode()
    assert "<dt>mesa</dt><dd>&lt;b&gt;12&lt;/b&gt;</dd>" in page
    assert client.post(change, _typed()).status_code == 403


def test_nobody_deletes_contacts(client):
    contact = make_contact()
    sign_in_owner(client)
    address = reverse("admin:tickets_contact_delete", args=[contact.pk])
    assert client.post(address, {"post": "yes"}).status_code == 403
    assert "delete_selected" not in client.get(reverse(LIST)).content.decode()


def test_the_list_needs_no_query_for_each_person(client, django_assert_num_queries):
    tag = make_tag()
    for _number in range(3):
        make_contact(tags=(tag,))
    sign_in_owner(client)
    # Session, user, installation, tags and segments of the filters, count, people, their tags.
    with django_assert_num_queries(8):
        client.get(reverse(LIST))
