"""The launch page: GET shows and changes nothing, POST does exactly what was shown, once."""

from datetime import time, timedelta
from types import SimpleNamespace

import pytest
from django_q.models import OrmQ

from campaigns.drafts import draft_announcement, draft_tickets
from campaigns.models import Campaign, Delivery, Dispatcher, Lane
from campaigns.views.launch import number_typed
from campaigns.views.plan import Options, Plan
from tests.campaigns.audiences import draft_for_everybody
from tests.campaigns.pages import hidden_fields, launch_page, page, plan_of, said
from tests.factories import (
    NOW,
    make_campaign,
    make_contact,
    make_delivery,
    make_event,
    make_sender,
    make_settings,
    make_tag,
    make_ticket,
)
from tickets.history_words import details_of
from tickets.models import Contact, HistoryEntry
from whatsapp.models import Sender

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]


@pytest.fixture
def draft(boss):
    """Two can be reached over WhatsApp, one has only e-mail."""
    make_sender(state="ready")
    event = make_event()
    for phone, email in (("+573000000901", "a@example.com"), ("+573000000902", ""), ("", "c@example.com")):
        make_ticket(event=event, holder=make_contact(phone=phone, email=email))
    return draft_tickets(event, user=boss.user)


def row(campaign):
    return Campaign.objects.filter(pk=campaign.pk).values().get()


def shown(client, campaign, **options):
    return client.get(launch_page(campaign), options).context["plan"]


def test_looking_changes_nothing(boss, draft):
    before = row(draft)
    boss.get(launch_page(draft), {"channels": "both", "again": "on"})
    assert row(draft) == before
    assert not HistoryEntry.objects.exists()


def test_numbers_reasons_and_examples(boss, draft):
    plan = shown(boss, draft)
    assert (plan.numbers.whatsapp, plan.numbers.email) == (2, 0)
    assert [(s.reason, s.number) for s in plan.skipped] == [("Has no WhatsApp number", 1)]
    assert "Persona" in plan.skipped[0].examples
    assert plan.waiting == "2 s"


@pytest.mark.parametrize(
    ("channels", "numbers"),
    [("whatsapp", (2, 0)), ("email", (0, 2)), ("both", (2, 2)), ("whatsapp_first", (2, 1))],
)
def test_other_channels_are_counted_from_the_address(boss, draft, channels, numbers):
    plan = shown(boss, draft, channels=channels)
    assert (plan.numbers.whatsapp, plan.numbers.email) == numbers


def test_whoever_was_sent_the_ticket_before_is_skipped_unless_asked(boss, draft):
    ticket = draft.event.tickets.exclude(holder__phone="").first()
    make_delivery(ticket=ticket, status="sent", sent_at=NOW)
    assert shown(boss, draft).messages == 1
    assert shown(boss, draft, channels="whatsapp", again="on").messages == 2


def test_the_samples_hold_the_finished_text_and_the_qr(boss, draft):
    response = boss.get(launch_page(draft))
    sample = response.context["plan"].samples[0]
    assert sample.text.startswith("Hola Persona")
    assert sample.qr.startswith("data:image/png;base64,")
    assert sample.qr in response.content.decode()


def test_each_channel_is_among_the_samples(boss, draft):
    assert {sample.channel for sample in shown(boss, draft, channels="both").samples} == {"whatsapp", "email"}


def test_a_name_cannot_become_html_in_a_sample(boss):
    make_sender()
    tag = make_tag()
    make_contact(name="<b>Ana</b>", tags=(tag,))
    campaign = draft_announcement(name="Aviso", tags=[tag.pk])
    Campaign.objects.filter(pk=campaign.pk).update(body="Hola *{nombre}*")
    html = boss.get(launch_page(campaign)).content.decode()
    assert "Hola <strong>&lt;b&gt;Ana&lt;/b&gt;</strong>" in html


def test_fallbacks_are_counted(boss, draft):
    Campaign.objects.filter(pk=draft.pk).update(body="Hola {mesa|amigo} {enlace}")
    make_contact(attributes={"mesa": "1"})
    response = boss.get(launch_page(draft))
    assert [(line.name, line.number) for line in response.context["plan"].missing] == [("mesa", 2)]
    assert "<code>{mesa}</code> for 2 messages" in response.content.decode()
    assert "“amigo” is written instead." in response.content.decode()


def test_the_button_launches_exactly_what_was_shown(boss, draft):
    answer = boss.post(launch_page(draft), plan_of(boss, draft, channels="both"))
    assert answer.headers["Location"] == page("change", draft.pk)
    draft.refresh_from_db()
    assert (draft.status, draft.channels, draft.launched_by) == ("sending", "both", boss.user)
    assert said(answer) == ["Launched: 4 messages (WhatsApp 2, e-mail 2)."]


def test_again_is_written_by_the_launch(boss, draft):
    boss.post(launch_page(draft), plan_of(boss, draft, channels="email", again="on"))
    draft.refresh_from_db()
    assert draft.audience == {"event_tickets": True, "again": True}


def test_the_launch_is_in_the_history_with_its_numbers(boss, draft):
    boss.post(launch_page(draft), plan_of(boss, draft))
    entry = HistoryEntry.objects.get()
    assert (entry.user, entry.action, entry.object_id) == (boss.user, "launched", str(draft.pk))
    assert details_of(entry) == ["Messages: 2", "By WhatsApp: 2"]


def test_two_presses_launch_once(boss, draft, django_capture_on_commit_callbacks):
    fields = plan_of(boss, draft)
    with django_capture_on_commit_callbacks(execute=True):
        boss.post(launch_page(draft), fields)
        second = boss.post(launch_page(draft), fields)
    assert OrmQ.objects.count() == 1
    assert second.headers["Location"] == page("change", draft.pk)
    assert "being sent already" in said(second)[-1]
    assert HistoryEntry.objects.count() == 1


def test_the_second_press_does_not_touch_the_channels(boss, draft):
    boss.post(launch_page(draft), plan_of(boss, draft))
    boss.post(launch_page(draft), {"channels": "email", "expected": "2", "version": ""})
    draft.refresh_from_db()
    assert draft.channels == "whatsapp"


def test_another_number_of_people_asks_again_with_both_numbers(boss, draft):
    fields = plan_of(boss, draft)
    make_ticket(event=draft.event)
    answer = boss.post(launch_page(draft), fields)
    assert answer.status_code == 200
    assert "it was 2 messages, now it is 3" in answer.content.decode()
    assert row(draft)["status"] == "draft"
    boss.post(launch_page(draft), hidden_fields(answer, "p-plan"))
    assert row(draft)["status"] == "sending"


def test_a_message_that_was_edited_meanwhile_is_shown_again(boss, draft):
    fields = plan_of(boss, draft)
    Campaign.objects.filter(pk=draft.pk).update(body="Otro texto: {enlace}")
    answer = boss.post(launch_page(draft), fields)
    assert "changed the message, or for whom it is, while you were looking" in answer.content.decode()
    assert row(draft)["status"] == "draft"


@pytest.mark.parametrize(
    "change",
    [
        {"name": "Otro nombre"},
        {"window_from": time(9), "window_to": time(20)},
        {"zone": "Europe/Madrid"},
        {"not_after": NOW + timedelta(days=2)},
    ],
)
def test_another_name_or_other_hours_meanwhile_are_shown_again(boss, draft, change):
    """The name stands in for a subject that is missing, and the hours say when it leaves."""
    fields = plan_of(boss, draft)
    Campaign.objects.filter(pk=draft.pk).update(**change)
    answer = boss.post(launch_page(draft), fields)
    assert answer.context["is_edited"]
    assert row(draft)["status"] == "draft"
    boss.post(launch_page(draft), hidden_fields(answer, "p-plan"))
    assert row(draft)["status"] == "sending"


def test_the_channels_are_the_launch_pages_own(boss, draft):
    fields = plan_of(boss, draft)
    Campaign.objects.filter(pk=draft.pk).update(channels="email")
    boss.post(launch_page(draft), fields)
    assert (row(draft)["status"], row(draft)["channels"]) == ("sending", "whatsapp")


def test_other_people_in_the_same_number_are_shown_again(boss):
    make_sender()
    people = [make_contact() for _ in range(2)]
    campaign = draft_announcement(name="Aviso", contacts=[people[0].pk])
    Campaign.objects.filter(pk=campaign.pk).update(body="Hola {nombre}")
    fields = plan_of(boss, campaign)
    Campaign.objects.filter(pk=campaign.pk).update(audience={"contacts": [people[1].pk]})
    answer = boss.post(launch_page(campaign), fields)
    assert answer.context["is_edited"]
    assert row(campaign)["status"] == "draft"
    boss.post(launch_page(campaign), hidden_fields(answer, "p-plan"))
    assert row(campaign)["audience"] == {"contacts": [people[1].pk]}


def test_a_post_without_the_numbers_launches_nothing(boss, draft):
    boss.post(launch_page(draft))
    assert row(draft)["status"] == "draft"


def test_nobody_to_reach_forbids_the_launch(boss):
    campaign = draft_tickets(make_event())
    plan = shown(boss, campaign)
    assert plan.problems
    boss.post(launch_page(campaign), {"channels": "whatsapp", "expected": "0", "version": plan.version})
    assert row(campaign)["status"] == "draft"


def test_without_a_number_whatsapp_cannot_be_launched_but_e_mail_can(boss):
    ticket = make_ticket()
    campaign = draft_tickets(ticket.event)
    assert any("no WhatsApp number" in problem for problem in shown(boss, campaign).problems)
    assert shown(boss, campaign, channels="email").problems == []


def test_what_is_wrong_with_the_text_is_quoted(boss, draft):
    Campaign.objects.filter(pk=draft.pk).update(body="Hola {nombr} {{enlace}}")
    response = boss.get(launch_page(draft))
    html = response.content.decode()
    assert "“{nombr}”" in html
    assert "“{{enlace}}”" in html
    assert 'class="p-button p-button-primary"' not in html.partition('id="p-plan"')[2]


def test_an_announcement_without_text_cannot_be_launched(boss):
    make_sender()
    campaign = draft_announcement(name="Aviso", contacts=[make_contact().pk])
    assert any("no text" in problem for problem in shown(boss, campaign).problems)
    boss.post(launch_page(campaign), plan_of(boss, campaign))
    assert row(campaign)["status"] == "draft"


def test_an_event_that_is_over_cannot_be_sent(boss, draft):
    Campaign.objects.filter(pk=draft.pk).update(not_after=NOW - timedelta(minutes=1))
    assert any("not leave later" in problem for problem in shown(boss, draft).problems)


def test_too_long_texts_are_named(boss, draft):
    Campaign.objects.filter(pk=draft.pk).update(body="x" * 2000)
    plan = shown(boss, draft)
    assert len(plan.problems) == 1
    assert plan.numbers.too_long[0][1] == "2000 > 1024"


def test_a_number_that_is_not_ready_and_a_worker_that_is_not_there_are_warnings(boss, draft):
    assert len(shown(boss, draft).warnings) == 1  # nobody has ever worked here
    Dispatcher.objects.update(heartbeat_at=NOW)
    assert shown(boss, draft).warnings == []
    Sender.objects.update(state="needs_qr")
    plan = shown(boss, draft)
    assert "No WhatsApp number is known to be ready" in plan.warnings[0]
    assert "scan the QR code" in plan.senders[0].advice


def test_closed_hours_say_when_the_first_one_leaves(boss, draft):
    Dispatcher.objects.update(heartbeat_at=NOW)
    make_settings(window_from="18:00", window_to="20:00")
    assert "18:00 (Bogotá)" in shown(boss, draft).warnings[0]


def test_an_end_after_the_last_moment_is_a_warning(boss, draft):
    Dispatcher.objects.update(heartbeat_at=NOW)
    Campaign.objects.filter(pk=draft.pk).update(not_after=NOW + timedelta(seconds=1))
    assert "does not end before" in shown(boss, draft).warnings[0]


def test_an_end_several_days_later_has_its_reason(boss, draft):
    Dispatcher.objects.update(heartbeat_at=NOW)
    make_settings(daily_cap=1, window_timezone="America/Bogota")
    plan = shown(boss, draft)
    assert plan.warnings == ["It needs 2 days because of the daily limit."]
    assert plan.finish == "26 Nov 2026, 00:00 (Bogotá)"


def test_the_end_counts_the_hours_in_which_nothing_leaves(boss, draft):
    make_settings(
        window_from=time(18), window_to=time(20), window_timezone="America/Bogota", base_delay=60, maximum_delay=60
    )
    assert shown(boss, draft).finish == "18:01 (Bogotá)"


def test_the_latest_end_is_shown_where_chance_has_a_part(boss, draft):
    make_settings(base_delay=120, maximum_delay=120, jitter_percent=100)
    plan = shown(boss, draft)
    assert (plan.waiting, plan.finish, plan.latest) == ("2 min", "10:03 (Bogotá)", "10:04 (Bogotá)")


def test_campaigns_that_are_being_sent_take_their_turns(boss, draft):
    make_settings(base_delay=60, maximum_delay=60)
    other = make_campaign(status="sending")
    for _ in range(5):
        make_delivery(campaign=other, contact=make_contact(), priority=10)
    assert shown(boss, draft).finish == "10:03 (Bogotá)"


def test_the_finish_time_carries_its_place(boss, draft):
    assert shown(boss, draft).finish == "10:00 (Bogotá)"


def test_htmx_gets_the_part_that_changes(boss, draft):
    part = boss.get(launch_page(draft), {"channels": "email"}, headers={"HX-Request": "true", "HX-Target": "p-plan"})
    html = part.content.decode()
    assert html.lstrip().startswith('<form id="p-plan"')
    assert 'value="email"' in html


def test_without_the_permission_there_is_no_launch_page(staff, draft):
    client = staff("campaigns.view_campaign", "campaigns.change_campaign")
    assert client.get(launch_page(draft)).status_code == 403
    assert client.post(launch_page(draft), {"expected": "2"}).status_code == 403
    assert row(draft)["status"] == "draft"


def test_a_campaign_that_is_being_sent_has_no_launch_page(boss):
    campaign = make_campaign(status="sending")
    assert boss.get(launch_page(campaign)).headers["Location"] == page("change", campaign.pk)


def test_what_is_late_can_be_sent_from_here(boss, draft):
    Campaign.objects.filter(pk=draft.pk).update(status="overdue", scheduled_at=NOW - timedelta(hours=3))
    boss.post(launch_page(draft), plan_of(boss, draft))
    assert row(draft)["status"] == "sending"


def test_no_delivery_is_written_by_the_page_itself(boss, draft):
    boss.post(launch_page(draft), plan_of(boss, draft))
    assert not Delivery.objects.exists()


# --- what else is known before it


def test_five_people_are_named_and_all_of_them_are_listed_elsewhere(boss, draft):
    for number in range(9):
        make_ticket(event=draft.event, holder=make_contact(name=f"Ana{number} Prueba"))
    response = boss.get(launch_page(draft), {"channels": "whatsapp", "again": "on"})
    plan = response.context["plan"]
    assert len(plan.people) == 5
    address = page("launch_people", draft.pk)
    assert f'href="{address}?channels=whatsapp&amp;again=on&amp;who=to&amp;on=whatsapp"' in response.content.decode()


def test_three_messages_are_shown_whole(boss, draft):
    for number in range(9):
        make_ticket(event=draft.event, holder=make_contact(name=f"Ana{number} Prueba"))
    assert len(shown(boss, draft).samples) == 3


def test_the_longest_message_stands_beside_its_limit(boss, draft):
    Campaign.objects.filter(pk=draft.pk).update(body="{nombre_completo}", attach_qr=False)
    make_ticket(event=draft.event, holder=make_contact(name="B" * 77))
    response = boss.get(launch_page(draft))
    assert [(one.length, one.limit, one.name) for one in response.context["plan"].lengths] == [(77, 4096, "B" * 77)]
    assert "<strong>77</strong> of 4096 characters" in response.content.decode()


def test_each_number_says_what_it_may_still_send_today(boss, draft):
    make_settings(daily_cap=200, window_timezone="America/Bogota")
    Lane.objects.update(sent_on=NOW.date(), sent_today=40)
    response = boss.get(launch_page(draft))
    number = response.context["plan"].senders[0]
    assert (number.sent_today, number.cap_today, number.left_today) == (40, 200, 160)
    assert "Today 40 of 200 sent: 160 more" in response.content.decode()
    make_settings(daily_cap=0)
    assert "40 sent today, no daily limit" in boss.get(launch_page(draft)).content.decode()


def test_several_numbers_are_added_up(boss, draft):
    make_settings(daily_cap=10)
    make_sender(state="ready", daily_cap=5)
    response = boss.get(launch_page(draft))
    assert response.context["plan"].left_today == 15
    assert "Together they may send 15 more messages today." in response.content.decode()


def test_more_than_a_day_is_a_figure_of_its_own(boss, draft):
    assert "Days on which it is sent" not in boss.get(launch_page(draft)).content.decode()
    make_settings(daily_cap=1, window_timezone="America/Bogota")
    response = boss.get(launch_page(draft))
    assert response.context["plan"].days == 2
    assert "Days on which it is sent" in response.content.decode()


def everybody(count, *, body="Hola {nombre}"):
    make_sender(state="ready")
    Dispatcher.objects.update(heartbeat_at=NOW)
    for _ in range(count):
        make_contact(email="")
    return draft_for_everybody(body=body)


def test_the_same_text_to_many_is_a_warning(boss, monkeypatch):
    monkeypatch.setattr("campaigns.views.plan_warnings.SAME_TEXT_FROM", 3)
    campaign = everybody(3, body="Hola a todos")
    [warning] = shown(boss, campaign).warnings
    assert warning.startswith("All 3 people get exactly the same text")
    Campaign.objects.filter(pk=campaign.pk).update(body="Hola {apodo}")
    assert shown(boss, campaign).warnings == []


def test_a_few_may_get_the_same_text(boss):
    assert shown(boss, everybody(3, body="Hola a todos")).warnings == []


def test_a_list_that_was_never_used_is_a_warning_until_somebody_of_it_was_reached(boss):
    campaign = everybody(25)
    [warning] = shown(boss, campaign).warnings
    assert warning.startswith("Nobody on this list has ever got a message")
    make_delivery(contact=Contact.objects.last(), status="failed")
    assert len(shown(boss, campaign).warnings) == 1  # nothing ever arrived
    make_delivery(contact=Contact.objects.last(), status="sent", sent_at=NOW)
    assert shown(boss, campaign).warnings == []


def test_one_of_several_numbers_that_sleeps_is_named(boss):
    campaign = everybody(3)
    make_sender(name="Taquilla", state="needs_qr")
    [warning] = shown(boss, campaign).warnings
    assert warning.startswith("“Taquilla” is not known to be ready. The others send its share")


def test_the_safe_mode_is_said_first(boss, settings):
    campaign = everybody(3)
    settings.OVERRIDE_RECIPIENTS = ["+573000000900"]
    assert shown(boss, campaign).warnings[0].startswith("Safe mode: no message reaches the real people.")


# --- the number that is typed


@pytest.fixture
def many(boss, monkeypatch):
    monkeypatch.setattr("campaigns.views.plan.TYPED_FROM", 2)
    return everybody(3)


def test_five_hundred_are_not_many_and_one_more_is():
    draft = Campaign()
    plan = Plan(draft, Options.of(draft, {}), None)
    for number, is_asked in ((500, False), (501, True)):
        plan.numbers = SimpleNamespace(messages=number)
        assert plan.must_type is is_asked


def test_a_large_send_is_not_launched_with_a_press_alone(boss, many):
    answer = boss.post(launch_page(many), plan_of(boss, many))
    assert "Write the number of messages, 3, in the field beside the button." in answer.content.decode()
    assert row(many)["status"] == "draft"


def test_a_wrong_number_says_so_and_keeps_what_was_typed(boss, many):
    typed = {"typed": "1.200", "at": "2026-11-26T09:30", "how": "at"}
    answer = boss.post(launch_page(many), plan_of(boss, many, channels="both") | typed)
    html = answer.content.decode()
    assert "You wrote 1200, but it is 3 messages. Nothing was sent." in html
    assert 'name="typed" value="1.200"' in html
    assert 'value="2026-11-26T09:30"' in html
    assert hidden_fields(answer, "p-plan")["channels"] == "both"
    assert row(many)["status"] == "draft"
    assert not HistoryEntry.objects.exists()


def test_the_right_number_launches(boss, many):
    boss.post(launch_page(many), plan_of(boss, many) | {"typed": " 3 "})
    assert row(many)["status"] == "sending"


def test_planning_a_large_send_asks_for_the_number_too(boss, many):
    later = {"later": "1", "at": "2026-11-26T09:30"}
    asked = boss.post(launch_page(many), plan_of(boss, many) | later)
    assert asked.context["typing_error"]
    assert row(many)["status"] == "draft"
    boss.post(launch_page(many), hidden_fields(asked, "p-plan") | later | {"typed": "3"})
    assert row(many)["status"] == "scheduled"


def test_a_number_that_changed_is_typed_anew(boss, many):
    fields = plan_of(boss, many)
    make_contact(email="")
    answer = boss.post(launch_page(many), fields | {"typed": "3"})
    assert "it was 3 messages, now it is 4" in answer.content.decode()
    assert answer.context["typed"] == ""
    boss.post(launch_page(many), hidden_fields(answer, "p-plan") | {"typed": "4"})
    assert row(many)["status"] == "sending"


@pytest.mark.parametrize(
    "text",
    ["1234", "1.234", "1,234", "1 234", "1'234", "1’234", "1\u00a0234", "1\u202f234", "1_234", " 1234\n"],
)
def test_thousands_may_be_separated_as_anybody_does(text):
    assert number_typed(text) == 1234


@pytest.mark.parametrize("text", ["", " ", "mil", "12e3", "-1234", "1234 mensajes", "9" * 21, "²"])
def test_what_is_no_number_is_none(text):
    assert number_typed(text) is None


def test_the_enter_key_in_a_field_sends_nothing(boss, draft):
    """Browsers press the first button of the form."""
    html = boss.get(launch_page(draft)).content.decode()
    form = html.partition('id="p-plan"')[2]
    assert '<button type="submit" name="look" value="1" hidden>' in form.partition("</button>")[0] + ">"
    answer = boss.post(launch_page(draft), plan_of(boss, draft) | {"look": "1", "at": "2026-11-26T09:30"})
    assert "Nothing was sent yet." in answer.content.decode()
    assert 'value="2026-11-26T09:30"' in answer.content.decode()
    assert row(draft)["status"] == "draft"


# --- later -------------------------------------------------------------------------------------------------------


def plan_for(client, campaign, at):
    return client.post(launch_page(campaign), plan_of(client, campaign, channels="both") | {"later": "1", "at": at})


def test_an_hour_is_meant_in_the_place_of_the_campaign(boss, draft):
    answer = plan_for(boss, draft, "2026-11-26T09:30")
    draft.refresh_from_db()
    assert (draft.status, draft.channels) == ("scheduled", "both")
    assert draft.scheduled_at.isoformat() == "2026-11-26T14:30:00+00:00"
    assert "09:30 (Bogotá)" in said(answer)[0]


@pytest.mark.parametrize("at", ["", "mañana", "2026-11-25T09:59", "2026-11-25T10:00", "2027-06-01T10:00"])
def test_an_hour_that_cannot_be_is_refused_with_a_sentence(boss, draft, at):
    """Nothing, nonsense, past, now (BR-083), and after the end of the event."""
    answer = plan_for(boss, draft, at)
    assert answer.status_code == 200
    assert answer.context["later"].errors
    assert row(draft)["status"] == "draft"


def test_br_083_an_hour_that_has_come_offers_to_send_now(boss, draft):
    html = plan_for(boss, draft, "2026-11-25T10:00").content.decode()
    assert "That hour has passed already. Choose a later one, or send it now." in html
    assert "Send 4 messages" in html


def test_br_083_the_next_minute_waits_for_it(boss, draft):
    plan_for(boss, draft, "2026-11-25T10:01")
    assert row(draft)["status"] == "scheduled"


@pytest.mark.parametrize(
    ("zone", "at", "words"),
    [
        ("America/Santiago", "2027-09-05T00:30", "does not exist in America/Santiago"),
        ("Europe/Madrid", "2027-03-28T02:30", "does not exist in Europe/Madrid"),
    ],
)
def test_br_085_an_hour_that_the_clocks_jump_over_is_refused(boss, draft, zone, at, words):
    Campaign.objects.filter(pk=draft.pk).update(zone=zone, not_after=NOW + timedelta(days=900))
    assert words in plan_for(boss, draft, at).content.decode()


def test_br_085_an_hour_that_comes_twice_is_looked_at_first(boss, draft):
    """Madrid puts its clocks back at three on 31 October 2027."""
    Campaign.objects.filter(pk=draft.pk).update(zone="Europe/Madrid", not_after=NOW + timedelta(days=900))
    shown = plan_for(boss, draft, "2027-10-31T02:30")
    assert row(draft)["status"] == "draft"
    assert "02:30 comes twice. It is the first of the two." in shown.content.decode()
    boss.post(launch_page(draft), seen_moment(shown) | {"later": "1", "how": "at", "at": "2027-10-31T02:30"})
    assert row(draft)["scheduled_at"].isoformat() == "2027-10-31T00:30:00+00:00"


# --- counted from the event


def seen_moment(response):
    """What the page that shows the moment would send back."""
    return hidden_fields(response, "p-plan")


COUNTED = {"later": "1", "how": "event", "number": "1", "unit": "days", "side": "before_start"}


def test_a_time_before_the_event_is_shown_before_it_is_planned(boss, draft):
    shown = boss.post(launch_page(draft), plan_of(boss, draft) | COUNTED)
    assert row(draft)["status"] == "draft"
    assert "1 day before the beginning of the event: Thursday 24 Dec, 10:00 (Bogotá)" in shown.content.decode()


def test_what_was_shown_is_planned_and_follows_the_event(boss, draft):
    shown = boss.post(launch_page(draft), plan_of(boss, draft) | COUNTED)
    answer = boss.post(launch_page(draft), seen_moment(shown) | COUNTED)
    draft.refresh_from_db()
    assert (draft.status, draft.schedule_from, draft.schedule_minutes) == ("scheduled", "event_start", -1440)
    assert draft.scheduled_at.isoformat() == "2026-12-24T15:00:00+00:00"
    moment = "1 day before the beginning of the event: Thursday 24 Dec, 10:00 (Bogotá)"
    assert said(answer) == [f"Planned: {moment}. As of now that is 2 messages."]
    draft.event.starts_at += timedelta(hours=2)
    draft.event.save()
    assert row(draft)["scheduled_at"].isoformat() == "2026-12-24T17:00:00+00:00"


def test_another_moment_than_the_one_seen_is_shown_again(boss, draft):
    shown = boss.post(launch_page(draft), plan_of(boss, draft) | COUNTED)
    again = boss.post(launch_page(draft), seen_moment(shown) | COUNTED | {"number": "2"})
    assert row(draft)["status"] == "draft"
    assert "2 days before the beginning of the event: Wednesday 23 Dec" in again.content.decode()


@pytest.mark.parametrize(
    ("changes", "minutes", "moment"),
    [
        ({"number": "90", "unit": "minutes"}, -90, "2026-12-25T13:30:00+00:00"),
        ({"number": "2", "unit": "hours", "side": "after_start"}, 120, "2026-12-25T17:00:00+00:00"),
        ({"number": "1", "unit": "hours", "side": "before_end"}, -60, "2026-12-25T17:00:00+00:00"),
        ({"number": "0", "unit": "days"}, 0, "2026-12-25T15:00:00+00:00"),
    ],
)
def test_days_hours_and_minutes_on_both_sides_of_both_ends(boss, draft, changes, minutes, moment):
    fields = COUNTED | changes
    shown = boss.post(launch_page(draft), plan_of(boss, draft) | fields)
    boss.post(launch_page(draft), seen_moment(shown) | fields)
    found = row(draft)
    assert (found["schedule_minutes"], found["scheduled_at"].isoformat()) == (minutes, moment)


@pytest.mark.parametrize(
    "changes",
    [
        {"number": ""},
        {"number": "uno"},
        {"number": "-1"},
        {"number": "1000"},
        {"unit": "weeks"},
        {"side": "event"},
        {"number": "40"},  # before now
        {"side": "after_end"},  # a ticket after the event
    ],
)
def test_a_time_that_cannot_be_counted_is_refused_with_a_sentence(boss, draft, changes):
    answer = boss.post(launch_page(draft), plan_of(boss, draft) | COUNTED | changes)
    assert answer.context["later"].errors
    assert "errorlist" in answer.content.decode()
    assert row(draft)["status"] == "draft"


def test_thanks_may_be_planned_for_after_the_event(boss, draft):
    Campaign.objects.filter(pk=draft.pk).update(kind="announcement", audience={"everybody": True}, body="Gracias")
    fields = COUNTED | {"side": "after_end", "unit": "hours", "number": "2"}
    shown = boss.post(launch_page(draft), plan_of(boss, draft) | fields)
    boss.post(launch_page(draft), seen_moment(shown) | fields)
    assert row(draft)["scheduled_at"].isoformat() == "2026-12-25T20:00:00+00:00"


def test_nothing_is_planned_for_an_event_that_is_closed(boss, draft):
    draft.event.is_active = False
    draft.event.save()
    answer = boss.post(launch_page(draft), plan_of(boss, draft) | COUNTED)
    assert "Its event is closed" in answer.content.decode()


def test_without_an_event_only_an_hour_is_offered(boss):
    make_sender()
    campaign = draft_announcement(name="Aviso", contacts=[make_contact().pk])
    Campaign.objects.filter(pk=campaign.pk).update(body="Hola")
    html = boss.get(launch_page(campaign)).content.decode()
    assert 'name="at"' in html
    assert 'name="side"' not in html
    assert boss.post(launch_page(campaign), plan_of(boss, campaign) | COUNTED).context["later"].errors


# --- what is late


def test_what_is_late_gets_another_time_from_its_page(boss, draft):
    Campaign.objects.filter(pk=draft.pk).update(status="overdue", scheduled_at=NOW - timedelta(hours=3))
    html = boss.get(page("change", draft.pk)).content.decode()
    assert f'href="{launch_page(draft)}?later=1#c-later"' in html
    assert f'href="{launch_page(draft)}"' in html
    assert f'href="{page("cancel", draft.pk)}"' in html
    assert (
        '<details id="c-later" class="p-card c-later" open>'
        in boss.get(launch_page(draft), {"later": "1"}).content.decode()
    )
    plan_for(boss, draft, "2026-11-26T09:30")
    assert row(draft)["status"] == "scheduled"


def test_an_event_that_is_over_cannot_be_sent_without_a_limit_of_its_own(boss, draft):
    draft.event.starts_at = draft.event.ends_at = NOW - timedelta(minutes=1)
    draft.event.save()
    assert any("not leave later" in problem for problem in shown(boss, draft).problems)


# --- BR-086


def test_br_086_what_is_planned_is_changed_only_after_it_is_a_draft_again(boss, draft):
    plan_for(boss, draft, "2026-11-26T09:30")
    boss.post(page("change", draft.pk), {"body": "Otro"})
    assert row(draft)["body"] != "Otro"
    assert "Make it a draft again" in boss.get(page("change", draft.pk)).content.decode()
    boss.post(page("unschedule", draft.pk))
    found = row(draft)
    assert (found["status"], found["scheduled_at"], found["schedule_from"]) == ("draft", None, "")
