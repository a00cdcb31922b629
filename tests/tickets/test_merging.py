"""Two contacts become one: values as chosen, tickets and tags together, the stricter wish, and only once."""

from datetime import timedelta

import pytest
from django.db import IntegrityError
from django.urls import reverse

from tests.campaigns.pages import hidden_fields, said
from tests.factories import NOW, make_contact, make_event, make_tag, make_ticket
from tests.history import told
from tests.staff import sign_in, sign_in_owner
from tickets import merging
from tickets.merging import CannotMerge, LooksDifferent, MergedAlready, merge, merged_into, plan_merge
from tickets.models import Contact, HistoryEntry, Ticket

pytestmark = pytest.mark.django_db

EARLIER, LATER = NOW - timedelta(days=9), NOW - timedelta(days=2)


@pytest.fixture(autouse=True)
def english(client):
    client.cookies["django_language"] = "en"


def _merge(keep, gone, user=None, **chosen):
    expected = plan_merge(keep, gone).fingerprint
    return merge(keep, gone, chosen, expected=expected, user=user, now=NOW)


# --- values -------------------------------------------------------------------------------------------------------


def test_values_win_as_chosen_field_by_field():
    keep = make_contact(name="Ana", nickname="Anita", phone="+573000000001", email="ana@example.com")
    gone = make_contact(name="Ana Prueba", nickname="", phone="+573000000002", email="ana@otro.example")
    merged = _merge(keep, gone, name="gone", phone="gone", email="keep")
    assert (merged.pk, merged.name, merged.nickname) == (keep.pk, "Ana Prueba", "Anita")
    assert (merged.phone, merged.email) == ("+573000000002", "ana@example.com")
    assert list(Contact.objects.all()) == [keep]


def test_without_a_choice_a_value_wins_over_none():
    keep = make_contact(phone="+573000000001", email="")
    gone = make_contact(phone="", email="ana@example.com", nickname="Anita")
    merged = _merge(keep, gone)
    assert (merged.phone, merged.email, merged.nickname) == ("+573000000001", "ana@example.com", "Anita")


def test_other_data_come_together():
    keep = make_contact(attributes={"mesa": "12", "menu": "vegano"})
    gone = make_contact(attributes={"mesa": "14", "grupo": "B"})
    plan = plan_merge(keep, gone)
    assert [(one.name, one.keep, one.gone) for one in plan.attributes] == [("mesa", "12", "14")]
    merged = _merge(keep, gone, **{plan.attributes[0].key: "gone"})
    assert merged.attributes == {"mesa": "14", "menu": "vegano", "grupo": "B"}


def test_somebody_whom_nobody_could_reach_is_refused():
    keep, gone = make_contact(phone="+573000000001", email=""), make_contact(phone="", email="ana@example.com")
    with pytest.raises(CannotMerge):
        _merge(keep, gone, phone="gone", email="keep")
    assert Contact.objects.count() == 2


def test_tags_come_together():
    one, both, other = make_tag("Uno"), make_tag("Ambos"), make_tag("Otro")
    keep, gone = make_contact(tags=(one, both)), make_contact(tags=(both, other))
    assert set(_merge(keep, gone).tags.all()) == {one, both, other}


# --- wishes -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["keep", "gone"])
def test_the_stricter_wish_wins_whatever_is_chosen(who):
    no = {"whatsapp_opt_out_at": EARLIER, "whatsapp_opt_out_source": "BAJA"}
    keep, gone = make_contact(**(no if who == "keep" else {})), make_contact(**(no if who == "gone" else {}))
    merged = _merge(keep, gone)
    assert (merged.whatsapp_opt_out_at, merged.whatsapp_opt_out_source) == (EARLIER, "BAJA")
    assert merged.email_opt_out_at is None


def test_of_two_refusals_the_first_counts_and_of_two_consents_the_last():
    keep = make_contact(email_opt_out_at=LATER, email_opt_out_source="tarde", email_consent_at=EARLIER)
    gone = make_contact(
        email_opt_out_at=EARLIER, email_opt_out_source="temprano", email_consent_at=LATER, email_consent_text="Sí"
    )
    merged = _merge(keep, gone)
    assert (merged.email_opt_out_at, merged.email_opt_out_source) == (EARLIER, "temprano")
    assert (merged.email_consent_at, merged.email_consent_text) == (LATER, "Sí")


def test_a_consent_does_not_lift_a_refusal():
    keep, gone = make_contact(whatsapp_consent_at=LATER), make_contact(whatsapp_opt_out_at=EARLIER)
    assert _merge(keep, gone).whatsapp_opt_out_at == EARLIER


# --- tickets ------------------------------------------------------------------------------------------------------


def test_tickets_move_with_their_codes():
    keep, gone = make_contact(), make_contact()
    ticket, void = make_ticket(holder=gone), make_ticket(holder=gone, status="voided")
    _merge(keep, gone)
    assert set(keep.tickets.values_list("pk", "code", "status")) == {
        (ticket.pk, ticket.code, "valid"),
        (void.pk, void.code, "voided"),
    }


def test_two_tickets_of_one_event_and_type_stay_two():
    event, keep, gone = make_event(), make_contact(), make_contact()
    make_ticket(event=event, holder=keep)
    make_ticket(event=event, holder=keep, number=2)
    for number in (1, 2):
        make_ticket(event=event, holder=gone, number=number)
    make_ticket(event=event, holder=gone, type="VIP")
    _merge(keep, gone)
    assert sorted(Ticket.objects.filter(holder=keep).values_list("type", "number")) == [
        ("General", 1),
        ("General", 2),
        ("General", 3),
        ("General", 4),
        ("VIP", 1),
    ]


# --- once ---------------------------------------------------------------------------------------------------------


def test_what_changed_since_it_was_looked_at_is_asked_again():
    keep, gone = make_contact(), make_contact()
    expected = plan_merge(keep, gone).fingerprint
    make_ticket(holder=gone)
    with pytest.raises(LooksDifferent):
        merge(keep, gone, {}, expected=expected, user=None, now=NOW)
    assert (Contact.objects.count(), told()) == (2, [])


def test_a_second_time_finds_nobody_to_merge():
    keep, gone = make_contact(), make_contact()
    expected, number = plan_merge(keep, gone).fingerprint, gone.pk
    merge(keep, gone, {}, expected=expected, user=None, now=NOW)
    gone.pk = number
    with pytest.raises(MergedAlready):
        merge(keep, gone, {}, expected=expected, user=None, now=NOW)


def test_what_fails_half_way_changes_nothing(monkeypatch):
    keep, gone = make_contact(tags=()), make_contact(tags=(make_tag(),))
    make_ticket(holder=gone)

    def fail(*args):
        raise IntegrityError

    monkeypatch.setattr(merging, "move_tags", fail)
    with pytest.raises(IntegrityError):
        _merge(keep, gone)
    assert (gone.tickets.count(), gone.tags.count(), HistoryEntry.objects.count()) == (1, 1, 0)


def test_a_ticket_that_is_issued_at_the_last_moment_changes_nothing_else(monkeypatch):
    """Nobody who issues tickets waits for a merge, so that one may come when those that there were have moved."""
    keep, gone = make_contact(), make_contact()
    moved = merging.move_tags

    def move_late(*people):
        make_ticket(holder=gone)
        return moved(*people)

    monkeypatch.setattr(merging, "move_tags", move_late)
    with pytest.raises(LooksDifferent):
        _merge(keep, gone)
    assert (Contact.objects.count(), HistoryEntry.objects.count()) == (2, 0)


def test_the_history_says_what_both_were():
    keep, gone = (
        make_contact(name="Ana"),
        make_contact(name="Ana Prueba", phone="+573000000002", tags=(make_tag("VIP"),)),
    )
    number = gone.pk
    make_ticket(holder=gone)
    _merge(keep, gone, user=None, name="gone")
    away, merged = HistoryEntry.objects.order_by("pk")
    assert (away.action, away.object_id, away.before["phone"]) == ("merged_away", str(number), "+573000000002")
    assert away.before["tags"] == ["VIP"]
    assert (merged.action, merged.before["name"], merged.after["name"]) == ("merged", "Ana", "Ana Prueba")
    assert (merged.after["tickets"], merged.after["tags"]) == (1, ["VIP"])


def test_the_old_number_leads_to_the_one_that_stays():
    first, second, third = make_contact(), make_contact(), make_contact()
    numbers = [second.pk, third.pk]
    _merge(second, third)
    _merge(first, Contact.objects.get(pk=second.pk))
    assert [merged_into(number) for number in numbers] == [first.pk, first.pk]
    assert merged_into(first.pk) is None


# --- pages --------------------------------------------------------------------------------------------------------


def _page(contact):
    return reverse("admin:tickets_contact_merge", args=[contact.pk])


def _person(pk):
    return reverse("admin:tickets_contact_person", args=[pk])


def _asked(client, keep, gone, **chosen):
    return hidden_fields(client.get(_page(keep), {"with": gone.pk}), "content-main") | chosen


def test_the_page_shows_both_and_the_numbers(client):
    sign_in_owner(client)
    keep, gone = make_contact(name="Ana"), make_contact(name="Ana Prueba", tags=(make_tag(),))
    make_ticket(holder=gone)
    html = client.get(_page(keep), {"with": gone.pk}).content.decode()
    for words in ("Ana Prueba", "1 ticket moves over.", "1 tag is added.", keep.phone, gone.phone):
        assert words in html
    assert Contact.objects.count() == 2


def test_confirming_merges_and_shows_the_person(client):
    user = sign_in_owner(client)
    keep, gone = make_contact(name="Ana"), make_contact(name="Ana Prueba")
    answer = client.post(_page(keep), _asked(client, keep, gone, name="gone"))
    assert (answer.headers["Location"], said(answer)) == (_person(keep.pk), ["Ana Prueba and Ana are one now."])
    assert Contact.objects.get().name == "Ana Prueba"
    assert {entry.user for entry in HistoryEntry.objects.all()} == {user}


def test_a_double_submit_merges_once(client):
    sign_in_owner(client)
    keep, gone = make_contact(), make_contact()
    fields = _asked(client, keep, gone)
    client.post(_page(keep), fields)
    answer = client.post(_page(keep), fields)
    assert answer.headers["Location"] == _person(keep.pk)
    assert "so nothing was done" in said(answer)[-1]
    assert HistoryEntry.objects.filter(action="merged").count() == 1


def test_a_page_of_before_is_asked_again_and_keeps_the_choice(client):
    sign_in_owner(client)
    keep, gone = make_contact(name="Ana"), make_contact(name="Ana Prueba")
    fields = _asked(client, keep, gone, name="gone")
    make_ticket(holder=gone)
    answer = client.post(_page(keep), fields)
    html = answer.content.decode()
    assert "Something changed since you looked" in html
    assert 'name="name" value="gone" checked' in html
    assert Contact.objects.count() == 2


@pytest.mark.parametrize("typed", ["", "0", "self", "99999999999999999999", "-1", "１"])
def test_nobody_to_merge_with_changes_nothing(client, typed):
    sign_in_owner(client)
    keep = make_contact()
    fields = {"with": keep.pk if typed == "self" else typed}
    assert client.get(_page(keep), fields).status_code == 200
    assert client.post(_page(keep), fields).status_code == 302
    assert Contact.objects.count() == 1


def test_whoever_has_the_same_name_or_address_is_suggested(client):
    sign_in_owner(client)
    keep = make_contact(name="Ana Prueba", email="ana@example.com")
    make_contact(name="ana prueba")
    make_contact(name="Anita", email="ana@example.com")
    make_contact(name="Bea")
    names = [other.name for other in client.get(_page(keep)).context["found"]]
    assert sorted(names) == ["Anita", "ana prueba"]


@pytest.mark.parametrize("typed", ["bea", "+573009998877", "300 999", "bea@"])
def test_the_other_one_is_searched_for(client, typed):
    sign_in_owner(client)
    keep = make_contact(name="Ana")
    make_contact(name="Bea", phone="+573009998877", email="bea@example.com")
    make_contact(name="Caro", phone="+525512345678", email="caro@example.com")
    assert [other.name for other in client.get(_page(keep), {"q": typed}).context["found"]] == ["Bea"]


def test_the_old_address_leads_to_the_person(client):
    sign_in_owner(client)
    keep, gone = make_contact(), make_contact()
    number = gone.pk
    client.post(_page(keep), _asked(client, keep, gone))
    assert client.get(_person(number)).headers["Location"] == _person(keep.pk)
    assert client.get(_person(number + 1)).status_code == 404


@pytest.mark.parametrize("rights", [("tickets.view_contact", "tickets.change_contact"), ("tickets.merge_contact",)])
def test_it_needs_its_own_permission(client, rights):
    sign_in_owner(client)
    keep, gone = make_contact(), make_contact()
    fields = _asked(client, keep, gone)
    sign_in(client, *rights)
    assert client.get(_page(keep)).status_code == 403
    assert client.post(_page(keep), fields).status_code == 403
    assert Contact.objects.count() == 2


def test_the_list_leads_to_the_comparison_of_two(client):
    sign_in(client, "tickets.view_contact", "tickets.merge_contact")
    people = [make_contact() for _number in range(3)]
    address = reverse("admin:tickets_contact_changelist")

    def act(*chosen):
        return client.post(address, {"action": "merge_action", "_selected_action": [one.pk for one in chosen]})

    assert act(people[2], people[0]).headers["Location"] == f"{_page(people[0])}?with={people[2].pk}"
    for chosen in (people[:1], people):
        assert "exactly two" in said(act(*chosen))[-1]


def test_the_list_offers_it_to_whoever_may(client):
    make_contact()
    sign_in(client, "tickets.view_contact", "tickets.change_contact")
    assert "merge_action" not in client.get(reverse("admin:tickets_contact_changelist")).content.decode()
