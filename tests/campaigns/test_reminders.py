"""Before an event the team hears who is still without a ticket: once, by e-mail, and on the home page."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.core.cache import cache
from django.urls import reverse

from campaigns import reminders
from campaigns.enums import Origin, SkipReason
from campaigns.models import Campaign, Delivery
from campaigns.preparing import prepare
from campaigns.reminders import remind_due, soon_without_ticket
from campaigns.stopping import StopPipe
from config.models import Preference
from tests.factories import NOW, make_campaign, make_delivery, make_event, make_ticket, make_user
from tickets.models import Event, HistoryEntry, Ticket

pytestmark = pytest.mark.django_db

HOURS = timedelta(hours=1)


@pytest.fixture
def organiser():
    return make_user("olga", email="olga@example.org", first_name="Olga")


def tomorrow(**fields):
    return make_event(**{"starts_at": NOW + 23 * HOURS, "name": "Feria"} | fields)


def lonely_ticket(event):
    ticket = make_ticket(event=event)
    Ticket.objects.filter(pk=ticket.pk).update(issued_at=NOW - 5 * HOURS)
    return ticket


def sent_by(ticket, status, **fields):
    times = {"sent_at": NOW} if status in ("sent", "delivered") else {}
    values = {"ticket": ticket, "contact": ticket.holder, "dedupe_key": f"ticket:{ticket.pk}", "status": status}
    campaign = make_campaign(kind="tickets", event=ticket.event, status="finished", finished_at=NOW)
    return make_delivery(campaign=campaign, **values | times | fields)


def letters():
    for note in Campaign.objects.filter(origin=Origin.REMINDER, prepared_at=None):
        prepare(note.pk, budget=60, stop=StopPipe(), clock=lambda: NOW)
    return list(Delivery.objects.filter(campaign__origin=Origin.REMINDER).order_by("campaign_id"))


def test_the_team_hears_once_how_many_and_why(organiser):
    event = tomorrow()
    lonely_ticket(event)
    sent_by(lonely_ticket(event), "failed", error_kind="not_on_whatsapp")
    sent_by(lonely_ticket(event), "skipped", error_kind=SkipReason.NO_PHONE)
    sent_by(lonely_ticket(event), "sent")
    Preference.objects.create(user=organiser, language="en")
    assert [remind_due(now=NOW), remind_due(now=NOW + HOURS)] == [1, 0]
    [letter] = letters()
    assert (letter.address, letter.channel, letter.status) == ("olga@example.org", "email", "pending")
    assert letter.subject == "3 tickets of Feria have not arrived"
    for words in ("Hello Olga", "• 1: never sent to them", "• 1: could not be delivered", "• 1: no number or address"):
        assert words in letter.text
    assert letter.text.endswith(f"http://localhost:8000/admin/campaigns/campaign/event/{event.pk}/")
    entry = HistoryEntry.objects.get(action="reminded")
    assert entry.after == {"tickets": 3, "persons_told": 1}


def test_each_reads_it_in_their_language(organiser):
    Preference.objects.create(user=organiser, language="en")
    make_user("pablo", email="pablo@example.org")
    lonely_ticket(tomorrow())
    remind_due(now=NOW)
    assert [letter.subject for letter in letters()] == [
        "1 ticket of Feria has not arrived",
        "1 entrada de Feria no ha llegado",
    ]


def test_only_those_hear_who_may_send_and_can_be_reached(organiser):
    make_user("sin_correo")
    make_user("baja", email="baja@example.org", is_active=False)
    make_user("sin_oficina", email="sin@example.org", is_staff=False)
    make_user("mira", email="mira@example.org", is_superuser=False)
    sends = make_user("envia", email="envia@example.org", is_superuser=False)
    sends.user_permissions.add(Permission.objects.get(codename="launch_campaign"))
    lonely_ticket(tomorrow())
    assert remind_due(now=NOW) == 2
    assert [letter.address for letter in letters()] == ["olga@example.org", "envia@example.org"]


def test_nobody_is_told_when_nobody_is_without_a_ticket(organiser):
    event = tomorrow()
    sent_by(lonely_ticket(event), "delivered")
    make_ticket(event=event, status="voided")
    assert (remind_due(now=NOW), letters()) == (0, [])


@pytest.mark.parametrize(
    "fields",
    [
        {"remind_staff": False},
        {"is_active": False},
        {"starts_at": NOW + 25 * HOURS},
        {"starts_at": NOW - HOURS},
        {"reminded_at": NOW - HOURS},
    ],
)
def test_only_what_begins_within_a_day_and_was_not_told_yet(organiser, fields):
    lonely_ticket(tomorrow(**fields))
    assert remind_due(now=NOW) == 0


def test_an_event_that_moves_to_a_later_time_is_told_again(organiser):
    event = tomorrow()
    lonely_ticket(event)
    remind_due(now=NOW)
    moved = {"starts_at": NOW + 71 * HOURS, "ends_at": NOW + 72 * HOURS}
    Event.objects.filter(pk=event.pk).update(**moved)
    assert [remind_due(now=NOW + hours * HOURS) for hours in (1, 48, 49)] == [0, 1, 0]


def test_what_has_just_been_issued_is_about_to_be_sent(organiser):
    event = tomorrow()
    ticket = make_ticket(event=event)
    Ticket.objects.filter(pk=ticket.pk).update(issued_at=NOW)
    assert [remind_due(now=NOW), remind_due(now=NOW + HOURS)] == [0, 1]


def test_a_crash_leaves_nothing_and_two_ticks_tell_it_once(organiser, monkeypatch):
    make_user("pablo", email="pablo@example.org")
    event = tomorrow()
    lonely_ticket(event)

    def die(*args, **kwargs):
        raise RuntimeError

    with monkeypatch.context() as patched:
        patched.setattr(reminders, "record", die)
        with pytest.raises(RuntimeError):
            remind_due(now=NOW)
    assert not Campaign.objects.exists()
    read = Event.objects.get(pk=event.pk)  # another tick has read the event before it is told
    assert remind_due(now=NOW) == 2
    assert reminders._remind(read, now=NOW) == 0
    assert len(letters()) == 2


def test_the_reminder_stands_in_no_list_of_campaigns(organiser, boss):
    lonely_ticket(tomorrow())
    remind_due(now=NOW)
    letters()
    note = Campaign.objects.get()
    assert str(note) not in boss.get(reverse("admin:campaigns_campaign_changelist")).content.decode()
    assert str(note) not in boss.get(reverse("admin:campaigns_campaign_home")).content.decode()
    page = reverse("admin:campaigns_campaign_change", args=[note.pk])
    assert boss.get(page).status_code == 200
    assert boss.post(reverse("admin:campaigns_campaign_duplicate", args=[note.pk])).status_code == 404


def test_a_name_with_braces_breaks_no_reminder(organiser):
    lonely_ticket(tomorrow(name="Feria {2026}"))
    remind_due(now=NOW)
    [letter] = letters()
    assert "Feria {2026}" in letter.subject


def test_the_home_page_names_the_event_and_leads_to_it(boss, staff):
    event = tomorrow()
    lonely_ticket(event)
    sent_by(lonely_ticket(event), "delivered")
    address = reverse("admin:campaigns_campaign_home")
    html = boss.get(address).content.decode()
    assert "“Feria” is within a day and 1 ticket has not arrived" in html
    assert reverse("admin:campaigns_campaign_event", args=[event.pk]) in html
    cache.clear()
    assert "Feria" not in staff("campaigns.view_campaign").get(address).content.decode()


def test_counting_for_the_home_page_takes_few_questions(django_assert_num_queries):
    first, second = tomorrow(), tomorrow(starts_at=NOW + 2 * HOURS)
    for event in (first, second, second, make_event()):
        lonely_ticket(event)
    with django_assert_num_queries(2):
        assert soon_without_ticket(now=NOW) == [(second.pk, "Feria", 2), (first.pk, "Feria", 1)]


def test_an_event_counts_as_told_only_when_somebody_was_there_to_be_told():
    event = tomorrow()
    lonely_ticket(event)
    assert remind_due(now=NOW) == 0
    assert Event.objects.get(pk=event.pk).reminded_at is None
    make_user("olga", email="olga@example.org")
    assert [remind_due(now=NOW + HOURS), remind_due(now=NOW + 2 * HOURS)] == [1, 0]


def test_two_accounts_with_one_address_get_one_letter(organiser):
    make_user("olga2", email="Olga@Example.org")
    lonely_ticket(tomorrow())
    assert remind_due(now=NOW) == 1
    assert [letter.address for letter in letters()] == ["olga@example.org"]
