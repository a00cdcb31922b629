"""The buttons in the lists of events, tickets, contacts and tags."""

import pytest
from django.contrib import admin
from django.db import connection
from django.urls import reverse

from campaigns.actions import MOST_EVENTS
from campaigns.audience import people_of, tickets_of
from campaigns.models import Campaign, Delivery
from tests.campaigns.pages import launch_page, page, said
from tests.factories import make_contact, make_event, make_tag, make_ticket
from tickets.models import Contact, Event, Tag, Ticket

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]

EVENTS = "admin:tickets_event_changelist"
TICKETS = "admin:tickets_ticket_changelist"
CONTACTS = "admin:tickets_contact_changelist"
TAGS = "admin:tickets_tag_changelist"


def press(client, name, action, rows, **more):
    chosen = {"action": action, "_selected_action": [row.pk for row in rows]}
    return client.post(reverse(name), chosen | more)


def test_an_event_leads_to_the_launch_page_of_its_draft(boss):
    event = make_event()
    answer = press(boss, EVENTS, "send_tickets", [event])
    draft = Campaign.objects.get()
    assert answer.headers["Location"] == launch_page(draft)
    assert (draft.event, draft.status, draft.created_by) == (event, "draft", boss.user)
    assert draft.audience == {"event_tickets": True}
    assert not Delivery.objects.exists()


def test_several_events_are_listed_each_with_its_own_draft(boss):
    first, second = make_event(), make_event()
    make_ticket(event=first)
    answer = press(boss, EVENTS, "send_tickets", [first, second])
    assert Campaign.objects.count() == 2
    listed = boss.get(answer.headers["Location"])
    assert [(draft.event, number) for draft, number, _url in listed.context["rows"]] == [(first, 1), (second, 0)]


def test_too_many_events_at_once_are_refused_with_a_sentence(boss):
    events = [make_event() for _ in range(MOST_EVENTS + 1)]
    answer = press(boss, EVENTS, "send_tickets", events)
    assert f"You chose {MOST_EVENTS + 1} events" in said(answer)[0]
    assert not Campaign.objects.exists()


def test_pressing_again_finds_the_draft_that_was_left_lying(boss):
    event = make_event()
    press(boss, EVENTS, "send_tickets", [event])
    press(boss, EVENTS, "send_tickets", [event])
    assert Campaign.objects.count() == 1


def test_a_draft_with_an_older_text_is_not_taken_up_again(boss):
    event = make_event()
    press(boss, EVENTS, "send_tickets", [event])
    event.ticket_text = "Otro texto {enlace}"
    event.save()
    press(boss, EVENTS, "send_tickets", [event])
    assert Campaign.objects.latest("pk").body == "Otro texto {enlace}"
    assert Campaign.objects.count() == 2


def test_somebody_elses_draft_is_left_alone(boss, staff):
    event = make_event()
    press(boss, EVENTS, "send_tickets", [event])
    other = staff("tickets.view_event", "campaigns.view_campaign", "campaigns.launch_campaign")
    press(other, EVENTS, "send_tickets", [event])
    assert Campaign.objects.filter(created_by=other.user).count() == 1


def test_chosen_tickets_make_one_draft_for_each_event(boss):
    here, there = make_event(), make_event()
    first, second, third = make_ticket(event=here), make_ticket(event=here), make_ticket(event=there)
    make_ticket(event=here)
    press(boss, TICKETS, "send_tickets", [first, second, third])
    chosen = {draft.event: draft.audience for draft in Campaign.objects.all()}
    assert chosen == {here: {"tickets": [first.pk, second.pk]}, there: {"tickets": [third.pk]}}


def test_void_tickets_stay_out_and_that_is_said(boss):
    good = make_ticket()
    void = make_ticket(event=good.event, status="voided")
    answer = press(boss, TICKETS, "send_tickets", [good, void])
    assert Campaign.objects.get().audience == {"tickets": [good.pk]}
    assert said(answer) == ["1 ticket is not valid and stays out."]


def test_only_void_tickets_make_no_draft(boss):
    answer = press(boss, TICKETS, "send_tickets", [make_ticket(status="voided")])
    assert not Campaign.objects.exists()
    assert any("nothing to send" in sentence for sentence in said(answer))


def test_all_of_1200_tickets_are_meant_without_a_list_of_them(boss):
    event, holder = make_event(), make_contact()
    Ticket.objects.bulk_create(
        Ticket(event=event, holder=holder, number=n, code=f"MUCHAS-{n:05d}", token=f"token-{n:032d}")
        for n in range(1, 1201)
    )
    shown = Ticket.objects.order_by("-pk")[:50]
    answer = press(boss, TICKETS, "send_tickets", shown, select_across="1")
    draft = Campaign.objects.get()
    assert answer.headers["Location"] == launch_page(draft)
    assert tickets_of(draft).count() == 1200
    plan = boss.get(launch_page(draft)).context["plan"]
    assert plan.messages == 1200


def test_chosen_contacts_get_an_announcement_to_be_written(boss):
    contacts = [make_contact(), make_contact()]
    answer = press(boss, CONTACTS, "new_announcement", contacts)
    draft = Campaign.objects.get()
    assert answer.headers["Location"] == page("change", draft.pk)
    assert (draft.kind, draft.audience) == ("announcement", {"contacts": sorted(c.pk for c in contacts)})


def test_chosen_tags_get_an_announcement_too(boss):
    tag = make_tag("Voluntarios")
    press(boss, TAGS, "new_announcement", [tag])
    draft = Campaign.objects.get()
    assert (draft.audience, draft.name) == ({"tags": [tag.pk]}, "Announcement: Voluntarios")


@pytest.mark.parametrize(
    ("name", "action", "make", "look"),
    [
        (EVENTS, "send_tickets", make_event, "tickets.view_event"),
        (TICKETS, "send_tickets", make_ticket, "tickets.view_ticket"),
        (CONTACTS, "new_announcement", make_contact, "tickets.view_contact"),
        (TAGS, "new_announcement", make_tag, "tickets.view_tag"),
    ],
)
def test_without_the_permission_the_button_is_not_there_and_does_nothing(staff, name, action, make, look):
    row = make()
    client = staff(look, "campaigns.view_campaign")
    assert action not in client.get(reverse(name)).content.decode()
    press(client, name, action, [row])
    assert not Campaign.objects.exists()


def test_looking_at_a_list_makes_no_draft(boss):
    make_event()
    boss.get(reverse(EVENTS), {"action": "send_tickets", "_selected_action": 1})
    assert not Campaign.objects.exists()


def test_the_page_of_an_event_has_the_button(boss):
    event = make_event()
    address = reverse("admin:tickets_event_send", args=[event.pk])
    assert address in boss.get(reverse("admin:tickets_event_change", args=[event.pk])).content.decode()
    answer = boss.post(address)
    assert answer.headers["Location"] == launch_page(Campaign.objects.get())


def test_the_button_on_the_page_is_a_post(boss):
    event = make_event()
    answer = boss.get(reverse("admin:tickets_event_send", args=[event.pk]))
    assert answer.headers["Location"] == reverse("admin:tickets_event_change", args=[event.pk])
    assert not Campaign.objects.exists()


def test_the_button_on_the_page_needs_the_permission(staff):
    event = make_event()
    client = staff("tickets.view_event", "campaigns.view_campaign")
    address = reverse("admin:tickets_event_send", args=[event.pk])
    assert address not in client.get(reverse("admin:tickets_event_change", args=[event.pk])).content.decode()
    assert client.post(address).status_code == 403
    assert not Campaign.objects.exists()


def test_one_ticket_is_sent_again_in_front_of_everything(boss):
    ticket = make_ticket()
    boss.post(reverse("admin:tickets_ticket_send", args=[ticket.pk]))
    draft = Campaign.objects.get()
    assert (draft.priority, draft.audience) == (0, {"tickets": [ticket.pk], "again": True})


def test_a_void_ticket_has_no_button(boss):
    ticket = make_ticket(status="voided")
    address = reverse("admin:tickets_ticket_send", args=[ticket.pk])
    assert address not in boss.get(reverse("admin:tickets_ticket_change", args=[ticket.pk])).content.decode()
    boss.post(address)
    assert not Campaign.objects.exists()


@pytest.mark.parametrize("model", [Event, Ticket, Contact, Tag])
def test_the_lists_keep_what_they_could_do_before(model):
    own = type(admin.site.get_model_admin(model)).__mro__
    assert any(parent.__module__.startswith("tickets.admin") for parent in own)


def test_thousands_of_chosen_people_are_no_thousands_of_parameters(boss):
    """Databases limit them; 1,200 stand for 50,000."""
    Contact.objects.bulk_create(
        Contact(name=f"Persona {n}", phone=f"+57311{n:07d}", email=f"persona{n}@example.com") for n in range(1200)
    )
    press(boss, CONTACTS, "new_announcement", Contact.objects.all()[:1], select_across="1")
    draft = Campaign.objects.get()
    most = 0

    def watch(execute, sql, params, many, context):
        nonlocal most
        most = max(most, len(params or ()))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(watch):
        people = [person.contact.pk for batch in people_of(draft) for person in batch]
    assert people == sorted(Contact.objects.values_list("pk", flat=True))
    assert most < 999
