"""Who is meant by ticked rows, and issuing to them from the lists."""

import pytest
from django.urls import reverse

from tests.factories import make_contact, make_event, make_tag
from tests.staff import sign_in_owner
from tickets import holders
from tickets.holders import holders_of, register_holders
from tickets.issuing import issue_tickets
from tickets.models import Contact, Event, HistoryEntry, Segment, Tag, Ticket

pytestmark = pytest.mark.django_db


def test_everybody_with_one_of_the_tags_is_meant_once():
    red, blue = make_tag(), make_tag()
    both, one, _none = make_contact(tags=(red, blue)), make_contact(tags=(red,)), make_contact()
    assert list(holders_of(Tag.objects.order_by("-name")).order_by("pk")) == [both, one]


def test_another_app_says_whom_its_rows_stand_for(monkeypatch):
    monkeypatch.setattr(holders, "_FUNCTIONS", dict(holders._FUNCTIONS))
    ana, _luis = make_contact(name="Ana"), make_contact()
    register_holders(Segment, lambda segments: Contact.objects.filter(name__in=segments.values("name")))
    Segment.objects.create(name="Ana")
    assert list(holders_of(Segment.objects.all())) == [ana]


def test_rows_of_which_nobody_said_anything_are_refused():
    with pytest.raises(LookupError, match="Event"):
        holders_of(Event.objects.all())


def test_several_for_each_are_counted_before_and_issued_once(client):
    client.cookies["django_language"] = "en"
    event, tag = make_event(capacity=20), make_tag()
    event.types.create(name="VIP", capacity=10)
    ana, luis = make_contact(tags=(tag,)), make_contact(tags=(tag,))
    issue_tickets(event, [ana], type="VIP")
    sign_in_owner(client)
    address = reverse("admin:tickets_tag_changelist")
    posted = {"action": "issue_action", "_selected_action": [tag.pk], "event": event.pk, "type": "vip"}
    posted |= {"each": 3, "companions": 0, "attributes": "mesa: 4\nsilla: 2", "showing": "a"}
    page = client.post(address, posted | {"step": "chosen"}).context["page"]
    assert page.lines == [
        f"Event: {event}",
        "5 new tickets of the type “VIP”",
        "3 tickets for each person",
        "1 of them exists already.",
        "mesa: 4",
        "silla: 2",
        "Places of “VIP”: 10 in all, 1 taken, 5 needed now",
        "Places: 20 in all, 1 taken, 5 needed now",
    ]
    for _press in range(2):
        client.post(address, posted | {"step": "confirmed", "expected": page.fingerprint})
    assert Ticket.objects.filter(attributes={"mesa": "4", "silla": "2"}).count() == 5
    assert sorted(Ticket.objects.filter(holder=luis).values_list("number", flat=True)) == [1, 2, 3]
    assert HistoryEntry.objects.get(action="issued").after == {"tickets": 5, "existing": 1}


def test_a_type_that_the_event_has_not_leads_back_to_the_form(client):
    client.cookies["django_language"] = "en"
    event, holder = make_event(name="Gala"), make_contact()
    event.types.create(name="VIP")
    sign_in_owner(client)
    posted = {"action": "issue_action", "_selected_action": [holder.pk], "event": event.pk, "type": "Palco", "each": 2}
    posted |= {"companions": 0, "attributes": "mesa: 4", "step": "chosen"}
    form = client.post(reverse("admin:tickets_contact_changelist"), posted).context["page"].form
    assert form.errors["type"] == ["“Gala” has no tickets of the type “Palco”. Choose one of these: VIP."]
    assert (form["each"].value(), form["attributes"].value()) == ("2", "mesa: 4")
