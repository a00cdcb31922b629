"""The page of an event: what it shows to whom, before, during and after it, and what its buttons do."""

import csv
import io
import re
from datetime import timedelta
from html import unescape

import openpyxl
import pytest
import time_machine
from django.core.cache import cache
from django.urls import reverse
from django.utils import translation

from campaigns.audience import describe
from campaigns.event_counts import door_counts
from campaigns.models import Campaign
from campaigns.views.event_door import MOST_PARTS, arrivals_chart
from campaigns.views.event_people import PER_PAGE
from campaigns.views.event_shown import scans_page
from tests.campaigns.conftest import browser_of
from tests.campaigns.pages import page, said
from tests.campaigns.test_event_counts import refuse, scan, sent
from tests.factories import NOW, make_campaign, make_contact, make_event, make_sender, make_ticket, make_user
from tickets.models import Contact, DoorAccess, HistoryEntry, Ticket, TicketType

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]

EVERYTHING = (
    "tickets.view_event",
    "tickets.view_ticket",
    "tickets.view_checkin",
    "tickets.view_contact",
    "campaigns.view_delivery",
    "campaigns.view_campaign",
)
SENDER = (*EVERYTHING, "campaigns.launch_campaign")


@pytest.fixture
def event(fixed_clock):
    return make_event(name="Feria de prueba", capacity=10)


def html(client, event, **asked):
    """The page as somebody sees it who opens it now: nothing of what was counted before."""
    cache.clear()
    response = client.get(page("event", event.pk), asked)
    assert response.status_code == 200
    return response.content.decode()


def words(shown):
    return " ".join(re.sub(r"<[^>]+>", " ", shown).split())


def the_night(event):
    """The doors have been open for an hour."""
    event.starts_at, event.doors_open_at, event.ends_at = NOW, NOW - timedelta(hours=1), NOW + timedelta(hours=3)
    event.save()


# --- what is shown


def test_an_event_without_anything_says_what_to_do(boss, event):
    shown = words(html(boss, event))
    assert "No tickets yet" in shown
    assert "0 inside, of 0 people who are expected" in shown
    assert "Without a ticket" not in shown


def test_moments_are_in_the_zone_of_the_event(boss, fixed_clock):
    event = make_event(timezone="Europe/Madrid", doors_open_at=NOW + timedelta(days=29))
    assert f"{NOW + timedelta(days=30, hours=1):%H:%M} (Madrid)" in words(html(boss, event))


def test_tickets_by_state_lead_to_their_list(boss, event):
    for status in ("valid", "valid", "blocked", "voided"):
        make_ticket(event=event, status=status)
    shown = html(boss, event)
    address = f"{reverse('admin:tickets_ticket_changelist')}?event__id__exact={event.pk}&amp;status__exact=blocked"
    assert address in shown
    listed = boss.get(
        reverse("admin:tickets_ticket_changelist"), {"event__id__exact": event.pk, "status__exact": "valid"}
    )
    assert listed.context["cl"].result_count == 2


def test_places_by_type_say_where_there_are_too_many(boss, event):
    TicketType.objects.create(event=event, name="General", capacity=5)
    TicketType.objects.create(event=event, name="VIP", capacity=2)
    make_ticket(event=event, companions=2)
    make_ticket(event=event, type="VIP", companions=2)
    make_ticket(event=event, type="Prensa")
    shown = words(html(boss, event))
    assert "Whole event 7 of 10 · 3 places left" in shown
    assert "General 3 of 5 · 2 places left" in shown
    assert "VIP 3 of 2 · 1 more than there is room for" in shown
    assert "Prensa 1 · no limit" in shown


def test_messages_by_channel(boss, event):
    first, second = make_ticket(event=event), make_ticket(event=event)
    sent(first, "read")
    sent(second, "sent")
    sent(second, "failed", channel="email", error_kind="invalid_number")
    shown = words(html(boss, event))
    assert "WhatsApp Delivered or read 1 Sent, without confirmation 1" in shown
    assert "E-mail Failed 1 Never tried 1" in shown
    assert "Every valid ticket has arrived on at least one channel." in shown


def test_what_happens_next_to_whoever_is_without_a_ticket(boss, event):
    sending = make_campaign(kind="tickets", event=event, name="Los de hoy", status="sending")
    paused = make_campaign(kind="tickets", event=event, name="Los de ayer", status="paused")
    sent(make_ticket(event=event), "pending", campaign=sending)
    sent(make_ticket(event=event), "pending", campaign=paused)
    sent(make_ticket(event=event), "failed", error_kind="not_on_whatsapp")
    sent(make_ticket(event=event), "uncertain", error_kind="uncertain")
    sent(make_ticket(event=event), "skipped", error_kind="no_phone")
    sent(make_ticket(event=event), "cancelled")
    sent(make_ticket(event=event), "expired")
    make_ticket(event=event)
    shown = words(html(boss, event))
    for sentence in (
        "8 valid tickets of 8 have not arrived on any channel",
        "Under way 1 “Los de hoy” is sending it now.",
        "Waiting 1 “Los de ayer” is paused.",
        "Uncertain 1 The message left, but no clear answer came: it may have arrived.",
        "Not sent 1 Has no WhatsApp number. Send it by e-mail, or add the number to the contact first.",
        "Not sent 1 Its campaign was cancelled before it left.",
        "Failed 1 Its last moment had passed before it could leave.",
        "Never sent 1 Nobody has sent it yet.",
    ):
        assert sentence in shown


def test_what_waits_for_another_try_says_when(boss, event):
    campaign = make_campaign(kind="tickets", event=event, status="sending", zone="America/Bogota")
    for minutes in (40, 20):
        sent(make_ticket(event=event), "waiting", campaign=campaign, due_at=NOW + timedelta(minutes=minutes))
    local = (NOW + timedelta(minutes=20)).astimezone(event.timezone)
    assert f"is tried again by itself, next at this time: {local:%H:%M} (Bogotá)." in words(html(boss, event))


@pytest.mark.parametrize(
    "narrowed",
    [
        {"ticket_state": "undelivered"},
        {"tags": [1]},
        {"all_tags": [1]},
        {"no_tags": [1]},
        {"segments": [1]},
        {"not_reached_by": [1]},
    ],
)
def test_a_planned_campaign_for_some_is_not_said_to_reach_everybody(boss, event, narrowed):
    make_ticket(event=event)
    chosen = describe(event_tickets=True, **narrowed)
    later = NOW + timedelta(days=1)
    make_campaign(kind="tickets", event=event, status="scheduled", scheduled_at=later, audience=chosen)
    assert "Never sent 1 Nobody has sent it yet." in words(html(boss, event))


@pytest.mark.parametrize(
    ("status", "sentence"),
    [
        ("scheduled", "Planned 1 Waits until"),
        ("overdue", "Late 1 “Mañana” waits for you. It should have begun:"),
    ],
)
def test_a_planned_campaign_for_the_whole_event_will_send_it(boss, event, status, sentence):
    make_ticket(event=event)
    plan = {"kind": "tickets", "event": event, "status": status, "scheduled_at": NOW + timedelta(days=1)}
    make_campaign(name="Mañana", audience={"event_tickets": True}, **plan)
    assert sentence in words(html(boss, event))


def test_of_whom_nothing_was_heard_stands_among_those_without_a_ticket(boss, event):
    """The reminder and the home page count them, and lead here."""
    event.second_channel_hours = 6
    event.save()
    number = make_sender(last_receipt_at=NOW - timedelta(hours=9))
    sent(make_ticket(event=event), "sent", sender=number, sent_at=NOW, gateway_message_id="A")
    shown = words(html(boss, event))
    assert "1 valid ticket of 1 has not arrived on any channel" in shown
    assert "It was sent by WhatsApp, and no sign has come yet that it arrived." in shown
    assert "Sent, without confirmation 1" in shown
    assert "1 ticket, at" in shown  # the second channel takes over


def test_the_second_channel_says_for_how_many_and_when(boss, event):
    event.second_channel_hours = 6
    event.save()
    failed_at = NOW - timedelta(hours=2)
    for fields in ({}, {"email": ""}):
        ticket = make_ticket(event=event, holder=make_contact(**fields))
        sent(ticket, "failed", error_kind="not_on_whatsapp", status_changed_at=failed_at)
    tried_on_both = make_ticket(event=event)
    for channel in ("whatsapp", "email"):
        sent(tried_on_both, "failed", channel=channel, error_kind="invalid_number", status_changed_at=failed_at)
    shown = words(html(boss, event))
    assert "has not arrived 6 hours after it was sent gets it on the other channel, by itself. 1 ticket, at" in shown
    local = (failed_at + timedelta(hours=6)).astimezone(event.timezone)
    assert f"1 ticket, at {local:%H:%M} (Bogotá)." in shown
    with time_machine.travel(NOW + timedelta(hours=5), tick=False):
        assert "1 ticket is due now." in words(html(boss, event))
    event.second_channel_hours = None
    event.save()
    assert "Off: nothing goes out on the other channel by itself." in words(html(boss, event))


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({}, "The team gets an e-mail about whoever is still without a ticket:"),
        ({"reminded_at": NOW, "starts_at": NOW + timedelta(hours=20)}, "The team was told:"),
        # Told, and then the event was put off: they are told again.
        ({"reminded_at": NOW - timedelta(days=1)}, "The team gets an e-mail about whoever is still without a ticket:"),
        ({"remind_staff": False}, "Off: nobody is reminded."),
    ],
)
def test_the_reminder(boss, fixed_clock, fields, sentence):
    event = make_event(**fields)
    make_ticket(event=event)
    assert sentence in words(html(boss, event))


# --- the door


def test_the_door_counts_people_with_their_companions(boss, event):
    the_night(event)
    ticket, other = make_ticket(event=event, companions=3), make_ticket(event=event)
    scan(ticket, 2, at=NOW - timedelta(minutes=7))
    scan(other, at=NOW, gate="Sur", undone=True)
    refuse(event)
    shown = words(html(boss, event))
    assert "2 inside, of 5 people who are expected 40 %" in shown
    assert "3 people have not arrived yet" in shown
    assert "1 ticket of which nobody is inside" in shown
    assert "1 scan was refused" in shown
    assert "The doors are open" in shown
    local = (NOW - timedelta(minutes=7)).astimezone(event.timezone)
    assert f"Norte 2 {local:%H:%M}" in shown  # and no gate of the entry that was taken back
    assert "Sur" not in shown


def test_arrivals_are_told_for_each_five_minutes_without_javascript(boss, event):
    the_night(event)
    ticket = make_ticket(event=event, companions=9)
    for minutes, people in ((0, 1), (4, 2), (5, 3), (19, 1)):
        scan(ticket, people, at=NOW + timedelta(minutes=minutes))
    chart = arrivals_chart(event, door_counts(event, NOW), NOW)
    assert chart["series"][0]["values"] == [3, 3, 0, 1]
    shown = words(html(boss, event))
    assert "Arrivals over time: 7 people until" in html(boss, event)  # beside the picture
    hour = NOW.astimezone(event.timezone)
    assert f"{hour:%H:%M} 3 {hour + timedelta(minutes=5):%H:%M} 3 {hour + timedelta(minutes=10):%H:%M} 0" in shown


def test_an_event_of_many_days_has_a_chart_that_can_be_read(event):
    ticket = make_ticket(event=event, companions=9)
    for days in (0, 2):
        scan(ticket, at=NOW + timedelta(days=days))
    chart = arrivals_chart(event, door_counts(event, NOW), NOW)
    assert len(chart["labels"]) <= MOST_PARTS
    assert sum(chart["series"][0]["values"]) == 2
    assert chart["unit"] == "people in each 15 minutes"


def test_refusals_can_be_chosen_by_their_reason(boss, event):
    the_night(event)
    ticket = make_ticket(event=event, holder=make_contact(name="Ana Prueba"))
    access = DoorAccess.objects.create(
        event=event, name="Juan, norte", token_digest="x", opens_at=NOW, closes_at=NOW + timedelta(hours=1)
    )
    refuse(event, "already_inside", ticket=ticket, access=access, gate="Norte")
    refuse(event)
    both = words(html(boss, event))
    assert f"{ticket.code} Ana Prueba Norte Juan, norte" in both
    assert "All 2 Unknown code 1 Everybody on this ticket is inside already 1" in both
    chosen = words(html(boss, event, reason="unknown"))
    assert "ZZZZ-9999" in chosen
    assert "Ana Prueba Norte" not in chosen
    assert "ZZZZ-9999" in words(html(boss, event, reason="of nothing"))


def test_all_refusals_are_in_the_list_of_scans(boss, event):
    refuse(event)
    refuse(event, "voided")
    scan(make_ticket(event=event))
    refuse(make_event(), "voided")
    address = scans_page(event, result__exact="refused", reason__exact="voided")
    assert boss.get(address).context["cl"].result_count == 1
    assert boss.get(scans_page(event)).context["cl"].result_count == 3


def test_nothing_is_said_about_a_ticket_of_another_event(boss, event):
    the_night(event)
    stranger = make_ticket(holder=make_contact(name="Persona Ajena"))
    refuse(event, "other_event", ticket=stranger)
    shown = html(boss, event)
    assert "Ticket of another event" in shown
    assert "Persona Ajena" not in shown
    assert stranger.code not in shown


def test_what_a_phone_let_in_by_itself_is_a_conflict(boss, event):
    the_night(event)
    ticket = make_ticket(event=event)
    scan(ticket)
    assert "Let in without network" not in html(boss, event)
    refuse(event, "already_inside", ticket=ticket, let_in_offline=2, received_at=NOW)
    shown = words(html(boss, event))
    assert "Let in without network 1" in shown
    assert "1 inside, of 1 person who is expected" in shown  # conflicts are counted nowhere else


def test_more_conflicts_than_are_shown_are_in_the_list_behind_the_link(boss, event):
    the_night(event)
    for _ in range(11):
        refuse(event, "already_inside", let_in_offline=1, received_at=NOW)
    refuse(event)
    refuse(make_event(), let_in_offline=1, received_at=NOW)
    (address,) = re.findall(r'id="e-conflicts-all" href="([^"]+)"', html(boss, event))
    assert boss.get(unescape(address)).context["cl"].result_count == 11


def test_a_link_to_the_door_is_made_from_the_page_of_the_event(staff, event):
    may = staff(*EVERYTHING, "tickets.view_dooraccess", "tickets.add_dooraccess")
    (address,) = re.findall(r'id="e-access-add" class="p-button" href="([^"]+)"', html(may, event))
    assert may.get(unescape(address)).context["adminform"].form.initial["event"] == event
    assert "e-access-add" not in html(staff(*EVERYTHING, "tickets.view_dooraccess"), event)


# --- live


@pytest.mark.parametrize(
    ("later", "polls"),
    [
        (timedelta(hours=-1, minutes=-1), False),
        (timedelta(hours=-1), True),
        (timedelta(hours=6, minutes=59), True),
        (timedelta(hours=7), False),
    ],
)
def test_it_is_live_from_an_hour_before_the_doors_until_two_hours_after_the_end(boss, fixed_clock, later, polls):
    """The doors open now, it begins in two hours and takes three."""
    event = make_event(starts_at=NOW + timedelta(hours=2), doors_open_at=NOW)
    with time_machine.travel(NOW + later, tick=False):
        shown = html(boss, event)
        answer = boss.get(page("event_live", event.pk), headers={"HX-Request": "true"})
    assert ('hx-trigger="every 5s"' in shown) == polls
    assert answer.status_code == (200 if polls else 286)


def test_it_is_live_while_a_campaign_of_it_is_sending(boss, event):
    ticket = make_ticket(event=event)
    campaign = make_campaign(kind="tickets", event=event, status="sending")
    sent(ticket, "pending", campaign=campaign)
    assert 'hx-trigger="every 5s"' in html(boss, event)
    Campaign.objects.filter(pk=campaign.pk).update(status="paused")
    assert 'hx-trigger="every 5s"' not in html(boss, event)


def test_the_live_part_brings_all_numbers_and_says_them_only_when_they_moved(boss, event):
    the_night(event)
    scan(make_ticket(event=event))
    cache.clear()
    first = boss.get(page("event_live", event.pk), {"seen": "0 % are inside."}).content.decode()
    assert 'id="e-door" hx-swap-oob="innerHTML"' in first
    assert 'id="e-desk" hx-swap-oob="innerHTML"' in first
    assert "100 % are inside." in first
    assert 'id="e-said"' in first
    again = boss.get(page("event_live", event.pk), {"seen": "100 % are inside."}).content.decode()
    assert 'id="e-said"' not in again


def test_viewers_share_what_was_counted(boss, event, django_assert_max_num_queries):
    the_night(event)
    html(boss, event)
    with django_assert_max_num_queries(5):  # session, account, event, types, and what its campaigns are doing
        boss.get(page("event_live", event.pk))


def test_a_viewer_who_lost_the_permission_stops_asking(staff, event):
    client = staff()
    answer = client.get(page("event_live", event.pk), headers={"HX-Request": "true"})
    assert answer.status_code == 286


# --- who may see what


@pytest.mark.parametrize(
    ("permission", "part"),
    [
        ("tickets.view_ticket", "Places"),
        ("tickets.view_checkin", "At the door"),
        ("campaigns.view_delivery", "How the tickets got there"),
    ],
)
def test_each_part_asks_for_its_permission(staff, event, permission, part):
    make_ticket(event=event)
    assert part in html(staff(*EVERYTHING), event)
    assert part not in html(staff(*[one for one in EVERYTHING if one != permission]), event)


def test_numbers_and_addresses_are_for_whoever_may_see_contacts(staff, event):
    ticket = make_ticket(event=event)
    assert ticket.holder.phone in html(staff(*EVERYTHING), event)
    assert ticket.holder.phone not in html(staff(*[one for one in EVERYTHING if "contact" not in one]), event)


def test_the_people_at_the_door_see_the_door(staff, event):
    the_night(event)
    door = ("tickets.view_event", "tickets.view_ticket", "tickets.view_checkin", "tickets.add_checkin")
    make_ticket(event=event)
    shown = html(staff(*door), event)
    assert f"/puerta/{event.slug}/" in shown
    assert "At the door" in shown
    assert "Without a ticket" not in shown
    assert f"/puerta/{event.slug}/" not in html(staff(*door[:-1]), event)


def test_an_event_that_is_not_there(boss, fixed_clock):
    assert boss.get(page("event", 999)).status_code == 404


# --- the list of those without a ticket


def people_in(response):
    return re.findall(r'<th scope="row">(?:<a[^>]*>)?([^<]+)', response.content.decode())


def listed(client, event, **asked):
    cache.clear()
    return client.get(page("event_people", event.pk), asked)


def test_the_list_is_searched_and_filtered(boss, event):
    ana = make_ticket(event=event, code="K7MD-4QXT", holder=make_contact(name="Ana Prueba", phone="+573001234567"))
    beto = make_ticket(event=event, holder=make_contact(name="Beto Ejemplo", email="beto@example.com"))
    arrived = make_ticket(event=event, holder=make_contact(name="Carla Llegó"))
    sent(arrived, "read")
    sent(beto, "failed", error_kind="not_on_whatsapp")
    assert people_in(listed(boss, event)) == ["Ana Prueba", "Beto Ejemplo"]
    for typed, found in (
        ("prueba", ["Ana Prueba"]),
        ("k7md4qxt", ["Ana Prueba"]),
        ("300 123 4567", ["Ana Prueba"]),
        ("BETO@example.com", ["Beto Ejemplo"]),
        ("Carla", []),
        ("\x00", ["Ana Prueba", "Beto Ejemplo"]),
    ):
        assert people_in(listed(boss, event, q=typed)) == found
    assert people_in(listed(boss, event, why="failed-not_on_whatsapp")) == ["Beto Ejemplo"]
    assert people_in(listed(boss, event, why="of nothing")) == []
    assert Ticket.objects.filter(pk=ana.pk).exists()


def test_the_list_goes_on_from_the_last_one_shown(boss, event):
    tickets = [make_ticket(event=event) for _ in range(2 * PER_PAGE + 1)]
    names = [ticket.holder.name for ticket in tickets]
    first = listed(boss, event)
    assert people_in(first) == names[:PER_PAGE]
    second = listed(boss, event, after=tickets[PER_PAGE - 1].pk)
    assert people_in(second) == names[PER_PAGE : 2 * PER_PAGE]
    assert f"{PER_PAGE + 1}–{2 * PER_PAGE} of {2 * PER_PAGE + 1}" in words(second.content.decode())
    sent(tickets[0], "read")  # the list shrinks above the reader
    assert people_in(listed(boss, event, after=tickets[PER_PAGE - 1].pk)) == names[PER_PAGE : 2 * PER_PAGE]
    for nonsense in ("x", "-1", "9" * 40, "٣"):
        assert people_in(listed(boss, event, after=nonsense))[0] == names[1]


# --- sending


def send(client, event, why, key="una-pagina"):
    cache.clear()
    return client.post(page("event_send", event.pk), {"why": why, "form_key": key})


def test_the_button_makes_a_draft_for_exactly_those(staff, event):
    client = staff(*SENDER)
    never, failed = make_ticket(event=event), make_ticket(event=event)
    sent(failed, "failed", error_kind="not_on_whatsapp")
    sent(make_ticket(event=event), "uncertain", error_kind="uncertain")
    answer = send(client, event, "never")
    draft = Campaign.objects.get(status="draft")
    assert answer["Location"] == page("launch", draft.pk)
    assert draft.audience == {"tickets": [never.pk], "ticket_state": "undelivered"}
    assert draft.channels == "whatsapp_first"
    entry = HistoryEntry.objects.get(action="added", object_name=draft.name)
    assert (entry.actor, entry.after) == (client.user.username, {"tickets": 1})
    assert client.get(answer["Location"]).status_code == 200


def test_when_nobody_else_can_be_sent_to_it_is_for_whoever_is_without_at_the_launch(staff, event):
    make_ticket(event=event)
    sent(make_ticket(event=event), "pending")
    send(staff(*SENDER), event, "never")
    assert Campaign.objects.get(status="draft").audience == {"event_tickets": True, "ticket_state": "undelivered"}


@pytest.mark.parametrize(
    ("status", "kind", "channel", "channels"),
    [
        ("skipped", "no_phone", "whatsapp", "email"),
        ("skipped", "no_email", "email", "whatsapp"),
        ("failed", "invalid_number", "email", "email"),
        ("failed", "not_on_whatsapp", "whatsapp", "whatsapp"),
    ],
)
def test_it_begins_with_a_channel_that_can_work(staff, event, status, kind, channel, channels):
    sent(make_ticket(event=event), status, error_kind=kind, channel=channel)
    send(staff(*SENDER), event, f"{status}-{kind}")
    assert Campaign.objects.get(status="draft").channels == channels


def test_pressed_twice_it_makes_one_draft_and_one_entry(staff, event):
    client = staff(*SENDER)
    make_ticket(event=event)
    answers = {send(client, event, "never")["Location"] for _ in range(2)}
    answers.add(send(client, event, "never", key="otra-pagina")["Location"])  # and from another page: it was left lying
    assert len(answers) == 1
    assert Campaign.objects.filter(status="draft").count() == 1
    assert HistoryEntry.objects.filter(action="added").count() == 1


@pytest.mark.parametrize("why", ["never", "open-1", "uncertain-", "x" * 500, "\x00"])
def test_a_stale_page_sends_nothing(staff, event, why):
    sent(make_ticket(event=event), "read")
    answer = send(staff(*SENDER), event, why)
    assert answer["Location"] == page("event", event.pk)
    assert said(answer) == ["Nobody is left to send it to: it has arrived meanwhile, or is under way."]
    assert not Campaign.objects.filter(status="draft").exists()


def test_what_is_under_way_is_left_alone(staff, event):
    waiting = sent(make_ticket(event=event), "pending")
    send(staff(*SENDER), event, f"open-{waiting.campaign_id}")
    assert not Campaign.objects.filter(status="draft").exists()


def test_after_the_event_nobody_is_asked_to_send(boss, event):
    the_night(event)
    make_ticket(event=event)
    assert "Send tickets…" in html(boss, event)
    with time_machine.travel(event.ends_at + timedelta(hours=3), tick=False):
        shown = html(boss, event)
    assert "Send tickets…" not in shown
    assert "1 person did not come" in words(shown)


# --- the file


def export(client, event, kind="csv", **filters):
    cache.clear()
    return client.post(page("event_export", event.pk), {"format": kind, **filters})


def rows(response):
    content = b"".join(response.streaming_content)
    if "csv" in response["Content-Type"]:
        return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), delimiter=","))
    sheet = openpyxl.load_workbook(io.BytesIO(content)).active
    return [[cell or "" for cell in row] for row in sheet.iter_rows(values_only=True)]


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_the_file_has_exactly_those_who_were_asked_for(boss, event, kind):
    ana = make_contact(name="=Ana", phone="+573001234567", email="")
    make_ticket(event=event, holder=ana, companions=2)
    sent(make_ticket(event=event), "failed", error_kind="not_on_whatsapp")
    sent(make_ticket(event=event), "read")
    header, *found = rows(export(boss, event, kind, why="never"))
    assert header[:4] == ["Person", "Code", "Type", "People"]
    assert [(row[0], row[3], row[6]) for row in found] == [("'=Ana", "3", "Never sent")]
    assert "+573001234567" in found[0][4]
    assert len(rows(export(boss, event, kind))) == 3
    entry = HistoryEntry.objects.filter(action="exported").order_by("pk")[0]
    assert (entry.object_name, entry.after) == (event.name, {"rows": 1, "format": kind.upper()})


def test_the_history_keeps_no_whole_address(boss, event):
    make_ticket(event=event, holder=make_contact(phone="+573001234567"))
    assert len(rows(export(boss, event, q="+573001234567"))) == 2
    assert "3001234567" not in str(HistoryEntry.objects.get(action="exported").after)


def test_a_kind_of_file_that_does_not_exist(boss, event):
    assert said(export(boss, event, "exe")) == ["Choose a kind of file: Excel or CSV."]


# --- links, languages, size


def test_lists_forms_and_the_home_page_lead_to_it(boss, event):
    address = page("event", event.pk)
    for where in ("admin:index", "admin:tickets_event_changelist"):
        assert address in boss.get(reverse(where)).content.decode()
    assert address in boss.get(reverse("admin:tickets_event_change", args=[event.pk])).content.decode()


def test_it_stands_in_the_menu_with_the_events(boss, event):
    current = re.search(r'href="([^"]+)"[^>]*aria-current="page"', html(boss, event))
    assert current[1] == reverse("admin:tickets_event_changelist")


def test_in_spanish(event):
    make_ticket(event=event)
    client = browser_of(make_user("jefa-es"))
    client.cookies["django_language"] = "es"
    with translation.override("es"):
        shown = words(html(client, event))
    assert "1 entrada válida de 1 no ha llegado por ningún canal" in shown
    assert "Nadie la ha enviado todavía." in shown
    assert "Without a ticket" not in shown


def test_many_of_everything_take_few_questions_and_a_small_page(boss, event, django_assert_max_num_queries):
    the_night(event)
    event.second_channel_hours = 1
    event.save()
    people = Contact.objects.bulk_create(Contact(name=f"P {n}", phone=f"+57301{n:07d}") for n in range(300))
    tickets = Ticket.objects.bulk_create(
        Ticket(event=event, holder=one, code=f"M-{n}", token=f"m-{n:030d}") for n, one in enumerate(people)
    )
    TicketType.objects.create(event=event, name="General")
    for n, ticket in enumerate(tickets[:60]):
        sent(ticket, "failed", error_kind="not_on_whatsapp", channel=("email", "whatsapp")[n % 2])
        scan(ticket, at=NOW - timedelta(minutes=n), gate=f"Puerta {n}")
        refuse(event, ("unknown", "already_inside")[n % 2], ticket=ticket, let_in_offline=1)
    cache.clear()
    with django_assert_max_num_queries(15):
        response = boss.get(page("event", event.pk))
    assert len(response.content) < 200_000
