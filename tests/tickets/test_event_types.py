"""The types of an event in its form, the hour of the doors, the second channel and the PIN."""

from datetime import UTC, datetime

import pytest
from django.contrib.auth.hashers import check_password
from django.urls import reverse

from tests.factories import make_event, make_ticket
from tests.staff import sign_in, sign_in_owner
from tests.tickets.test_admin_events import _typed as typed
from tickets.models import Event, HistoryEntry, Ticket, TicketType

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]

ADD = "admin:tickets_event_add"


@pytest.fixture(autouse=True)
def english(client):
    client.cookies["django_language"] = "en"


def page(event):
    return reverse("admin:tickets_event_change", args=[event.pk])


def rows(*types, event=None):
    """As the form sends them: (name, capacity), or a row that exists with what is written over it."""
    sent = {
        "types-TOTAL_FORMS": len(types),
        "types-INITIAL_FORMS": sum(isinstance(one[0], TicketType) for one in types),
    }
    for number, (first, capacity, *more) in enumerate(types):
        name, before = (more[0] if more else first.name, first) if isinstance(first, TicketType) else (first, None)
        fields = {
            "name": name,
            "capacity": capacity,
            "id": before.pk if before else "",
            "event": event.pk if event else "",
        }
        sent |= {f"types-{number}-{field}": value for field, value in fields.items()}
        if more == ["", "delete"] or more[1:] == ["delete"]:
            sent |= {f"types-{number}-DELETE": "on", f"types-{number}-name": first.name}
    return sent


def why_not(answer):
    return [str(error) for error in answer.context["inline_admin_formsets"][0].formset.non_form_errors()]


def test_types_are_written_in_the_form_of_the_event(client):
    sign_in_owner(client)
    assert client.post(reverse(ADD), typed(**rows(("VIP", 20), ("Platea", "")))).status_code == 302
    types = TicketType.objects.values_list("name", "capacity")
    assert sorted(types) == [("Platea", None), ("VIP", 20)]


def test_a_type_with_another_name_takes_its_tickets_along(client):
    event = make_event()
    vip = event.types.create(name="VIP", capacity=5)
    make_ticket(event=event, type="VIP")
    make_ticket(type="VIP")
    sign_in_owner(client)
    client.post(page(event), typed(**rows((vip, 8, "Palco"), event=event)))
    vip.refresh_from_db()
    assert (vip.name, vip.capacity, event.tickets.get().type) == ("Palco", 8, "Palco")
    assert Ticket.objects.filter(type="VIP").count() == 1
    assert HistoryEntry.objects.filter(action="changed", object_id=event.pk).exists()


def test_a_name_that_other_tickets_have_is_refused(client):
    event = make_event()
    vip = event.types.create(name="VIP")
    make_ticket(event=event, type="General")
    sign_in_owner(client)
    answer = client.post(page(event), typed(**rows((vip, "", "General"), event=event)))
    assert why_not(answer) == ["There are tickets called “General” already, so “VIP” cannot be called that too."]
    assert event.types.get().name == "VIP"


def test_a_type_with_tickets_is_not_deleted_and_one_without_is(client):
    event = make_event()
    vip, stalls = event.types.create(name="VIP"), event.types.create(name="Platea")
    make_ticket(event=event, type="VIP", status="blocked")
    make_ticket(event=event, type="Platea", status="voided")
    sign_in_owner(client)
    answer = client.post(page(event), typed(**rows((vip, "", "VIP", "delete"), event=event)))
    assert why_not(answer) == ["There are tickets of the type “VIP”, so it cannot be deleted."]
    client.post(page(event), typed(**rows((stalls, "", "Platea", "delete"), event=event)))
    assert [one.name for one in event.types.all()] == ["VIP"]


def test_two_types_that_differ_only_in_capitals_are_refused(client):
    sign_in_owner(client)
    answer = client.post(reverse(ADD), typed(**rows(("VIP", ""), ("vip", ""))))
    assert why_not(answer) == ["Two types have the same name. Give each its own."]
    assert Event.objects.count() == 0


def test_whoever_may_not_write_types_writes_none(client):
    event = make_event()
    sign_in(client, "tickets.view_event", "tickets.change_event")
    assert 'name="types-TOTAL_FORMS"' not in client.get(page(event)).content.decode()
    client.post(page(event), typed(**rows(("VIP", 3), event=event)))
    assert TicketType.objects.count() == 0


def test_the_doors_keep_their_hour_on_the_wall_when_the_zone_changes(client):
    sign_in_owner(client)
    client.post(reverse(ADD), typed(doors_open_at="2026-12-12T18:30"))
    event = Event.objects.get()
    assert event.doors_open_at == datetime(2026, 12, 12, 23, 30, tzinfo=UTC)
    assert 'name="doors_open_at" value="2026-12-12T18:30"' in client.get(page(event)).content.decode()
    client.post(page(event), typed(doors_open_at="2026-12-12T18:30", timezone="Europe/Madrid"))
    event.refresh_from_db()
    assert event.doors_open_at == datetime(2026, 12, 12, 17, 30, tzinfo=UTC)
    sign_in(client, "tickets.view_event")
    assert "18:30 (Madrid)" in client.get(page(event)).content.decode()


def test_the_hour_of_the_doors_can_be_taken_out_again(client):
    event = make_event(doors_open_at=datetime(2026, 10, 1, tzinfo=UTC))
    sign_in_owner(client)
    client.post(page(event), typed(doors_open_at=""))
    event.refresh_from_db()
    assert event.doors_open_at is None


def test_doors_that_open_when_all_is_over_are_refused(client):
    sign_in_owner(client)
    answer = client.post(reverse(ADD), typed(doors_open_at="2026-12-13T01:00"))
    assert list(answer.context["adminform"].form.errors) == ["doors_open_at"]


@pytest.mark.parametrize(("hours", "kept"), [("6", 6), ("", None)])
def test_the_second_channel_comes_after_some_hours_or_never(client, hours, kept):
    sign_in_owner(client)
    client.post(reverse(ADD), typed(second_channel_hours=hours, remind_staff="on"))
    event = Event.objects.get()
    assert (event.second_channel_hours, event.remind_staff) == (kept, True)


@pytest.mark.parametrize("hours", ["0", "-1", "337", "seis"])
def test_no_other_number_of_hours_is_taken(client, hours):
    sign_in_owner(client)
    answer = client.post(reverse(ADD), typed(second_channel_hours=hours))
    assert list(answer.context["adminform"].form.errors) == ["second_channel_hours"]


def test_the_message_of_an_event_can_use_what_its_tickets_have(client):
    event, other = make_event(), make_event()
    make_ticket(event=event, attributes={"silla": "4B"})
    sign_in_owner(client)
    text = {"ticket_text": "Su silla: {silla|libre}"}
    assert client.post(page(event), typed(slug=event.slug, **text)).status_code == 302
    answer = client.post(page(other), typed(slug=other.slug, **text))
    assert list(answer.context["adminform"].form.errors) == ["ticket_text"]


def test_the_pin_of_an_event_is_kept_as_a_hash_and_never_shown(client):
    sign_in_owner(client)
    client.post(reverse(ADD), typed(new_pin="123456"))
    event = Event.objects.get()
    assert check_password("123456", event.pin)
    for user in (lambda: sign_in_owner(client), lambda: sign_in(client, "tickets.view_event")):
        user()
        html = client.get(page(event)).content.decode()
        assert "A PIN is asked for." in html
        assert event.pin not in html
    sign_in_owner(client)
    client.post(page(event), typed())
    event.refresh_from_db()
    assert check_password("123456", event.pin)
    both = client.post(page(event), typed(new_pin="4711", remove_pin="on"))
    assert list(both.context["adminform"].form.errors) == ["remove_pin"]
    client.post(page(event), typed(remove_pin="on"))
    event.refresh_from_db()
    assert event.pin == ""
    assert "123456" not in str(list(HistoryEntry.objects.values()))
