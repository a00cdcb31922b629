"""What campaigns put on the pages of numbers and of settings: limits, errors, effects, and a stopped number in use again."""

import pytest
from django.db import OperationalError
from django.urls import reverse

from campaigns.models import Lane
from campaigns.number_errors import SHOWN, last_errors
from tests.factories import NOW, make_campaign, make_contact, make_delivery, make_lane, make_sender, make_settings
from tests.history import told
from whatsapp.gateways.base import State, Status
from whatsapp.gateways.rest import RestGateway

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]

LIST = "/admin/whatsapp/sender/"
SETTINGS = "/admin/whatsapp/sendingsettings/1/change/"


def html(answer):
    return answer.content.decode()


def sending(count=3, **fields):
    campaign = make_campaign(status="sending", **fields)
    for _ in range(count):
        make_delivery(campaign=campaign, contact=make_contact())
    return campaign


def went_wrong(lane, **fields):
    delivery = make_delivery(campaign=make_campaign(status="finished", finished_at=NOW), status="failed")
    values = {"outcome": "refused", "error_kind": "not_on_whatsapp", "started_at": NOW, "finished_at": NOW}
    return delivery.attempts.create(number=1, lane=lane, sender=lane.sender, fence=1, **values | fields)


def again(lane):
    return reverse("admin:campaigns_campaign_number_again", args=[lane.sender_id])


# --- today


@pytest.mark.parametrize(("sent", "is_near"), [(17, False), (18, True), (20, True)])
def test_the_bar_of_today_shows_how_much_is_left(boss, sent, is_near):
    make_settings(daily_cap=20, window_timezone="America/Bogota")
    make_lane(sent_on=NOW.date(), sent_today=sent)
    page = html(boss.get(LIST))
    assert f'<progress max="20" value="{sent}"' in page
    assert f"{20 - sent} more may leave today." in page
    assert ("p-progress-warn" in page) is is_near


def test_what_left_yesterday_does_not_count_today(boss):
    make_settings(daily_cap=20, window_timezone="America/Bogota")
    make_lane(sent_on=NOW.date().replace(day=NOW.day - 1), sent_today=20)
    assert '<progress max="20" value="0"' in html(boss.get(LIST))


def test_without_a_limit_there_is_no_bar(boss):
    make_lane()
    page = html(boss.get(LIST))
    assert "messages today, without a limit" in page
    assert "<progress" not in page


def test_a_new_number_says_that_it_starts_slowly(boss):
    make_settings(warm_up_steps="20, 40")
    make_lane(sender=make_sender(is_new=True))
    page = html(boss.get(LIST))
    assert "of 20 messages today" in page
    assert "New number: starts slowly" in page


# --- errors


def test_the_last_errors_of_each_number_newest_first():
    lane, other = make_lane(), make_lane()
    made = [went_wrong(lane, detail=str(n)) for n in range(SHOWN + 2)]
    went_wrong(other, outcome="uncertain", error_kind="uncertain")
    went_wrong(other, outcome="accepted", error_kind="")
    found = last_errors()
    assert [error.attempt_id for error in found[lane.sender_id]] == [attempt.pk for attempt in made[:-4:-1]]
    assert [error.kind for error in found[other.sender_id]] == ["uncertain"]


def test_a_card_says_what_went_wrong_in_a_sentence(boss, staff):
    attempt = went_wrong(make_lane(), detail="404")
    address = reverse("admin:campaigns_deliveryattempt_change", args=[attempt.pk])
    assert "The number has no WhatsApp." in html(boss.get(LIST))
    assert address in html(boss.get(LIST))
    assert address not in html(staff("whatsapp.view_sender").get(LIST))


def test_five_numbers_with_errors_and_campaigns_are_few_questions(boss, django_assert_max_num_queries):
    for _ in range(5):
        went_wrong(make_lane())
        sending()
    with django_assert_max_num_queries(15):
        boss.get(LIST)


# --- effects


def test_the_settings_say_what_a_change_does_to_running_campaigns(boss):
    make_lane()
    campaign = sending(11, name="Noche de jazz")
    form = boss.get(SETTINGS).context["adminform"].form
    values = {name: "" if form[name].value() is None else form[name].value() for name in form.fields}
    answer = boss.get(
        reverse("admin:whatsapp_sendingsettings_preview"), values | {"base_delay": "62", "maximum_delay": "62"}
    )
    assert "Noche de jazz" in html(answer)
    assert "10 min later" in html(answer)
    assert "Ends now: 10:00 (Bogotá)" in html(answer)
    assert "Then: 10:10 (Bogotá)" in html(answer)
    assert "no difference" in html(boss.get(SETTINGS))
    campaign.refresh_from_db()
    assert campaign.status == "sending"


def test_who_may_not_see_campaigns_is_not_told_their_names(staff):
    make_lane()
    sending(name="Noche de jazz")
    page = html(staff("whatsapp.view_sendingsettings").get(SETTINGS))
    assert "Noche de jazz" not in page
    assert "Campaigns that are being sent now" not in page


def test_before_the_only_number_is_switched_off_the_page_says_what_stops(boss):
    lane = make_lane()
    sending(name="Noche de jazz")
    page = html(boss.get(reverse("admin:whatsapp_sender_use", args=[lane.sender_id, "off"])))
    assert "Then: never: no number may send" in page


def test_the_pace_of_a_number_is_shown_with_its_effect(boss):
    lane = make_lane()
    sending(11)
    address = reverse("admin:whatsapp_sender_pace_preview", args=[lane.sender_id])
    assert "20 s later" in html(boss.get(address, {"base_delay": "4", "step": "0"}))


def test_saved_effects_come_true(boss):
    """What the page foretold is what the campaign's own page says after saving."""
    lane = make_lane()
    campaign = sending(11)
    page = reverse("admin:whatsapp_sender_pace", args=[lane.sender_id])
    seen = boss.get(page).context["form"]["seen"].value()
    foretold = html(boss.get(f"{page}preview/", {"base_delay": "600", "maximum_delay": "600"}))
    boss.post(page, {"base_delay": "600", "maximum_delay": "600", "seen": seen})
    shown = html(boss.get(reverse("admin:campaigns_campaign_change", args=[campaign.pk])))
    assert "Then: 11:40 (Bogotá)" in foretold
    assert "11:40 (Bogotá)" in shown


# --- stopped, and used again


def test_a_stopped_number_says_why_and_can_be_used_again(boss):
    lane = make_lane(pause_reason="blocked", is_stopped=True, failures_in_a_row=5)
    page = html(boss.get(LIST))
    assert "WhatsApp blocked" in page
    assert again(lane) in page
    assert boss.post(again(lane), {"where": "list"})["Location"] == f"{LIST}#n-{lane.sender_id}"
    lane.refresh_from_db()
    assert (lane.is_stopped, lane.pause_reason, lane.failures_in_a_row) == (False, "", 0)
    assert told() == [("jefa", "switched", ["Stopped: yes → no"])]
    assert again(lane) not in html(boss.get(LIST))


@pytest.mark.usefixtures("no_history")
def test_a_number_stays_stopped_where_its_use_cannot_be_written_down(boss):
    lane = make_lane(pause_reason="blocked", is_stopped=True)
    with pytest.raises(OperationalError):
        boss.post(again(lane))
    assert Lane.objects.get(pk=lane.pk).is_stopped


def test_a_second_press_does_not_end_another_rest(boss):
    lane = make_lane(pause_reason="rate_limited", paused_until=NOW.replace(hour=23))
    boss.post(again(lane))
    assert Lane.objects.get(pk=lane.pk).pause_reason == "rate_limited"
    assert told() == []


def test_using_it_again_is_a_post_of_who_may_switch_numbers(boss, staff):
    lane = make_lane(pause_reason="blocked", is_stopped=True)
    looking = staff("whatsapp.view_sender", "campaigns.view_campaign")
    assert (boss.get(again(lane)).status_code, looking.post(again(lane)).status_code) == (405, 403)
    assert again(lane) not in html(looking.get(LIST))
    switching = staff("whatsapp.view_sender", "whatsapp.switch_sender")
    assert switching.post(again(lane)).status_code == 302
    assert not Lane.objects.get(pk=lane.pk).is_stopped


def test_draining_forgives_no_rest_and_taking_work_again_does(boss):
    lane = make_lane(pause_reason="unreachable", paused_until=NOW.replace(hour=23))
    use = reverse("admin:whatsapp_sender_use", args=[lane.sender_id, "drain"])
    boss.post(use)
    assert Lane.objects.get(pk=lane.pk).pause_reason == "unreachable"
    boss.post(use.replace("drain", "work"))
    assert Lane.objects.get(pk=lane.pk).pause_reason == ""


@pytest.mark.parametrize(
    ("typed", "is_tried_again"),
    [
        ({}, False),
        ({"name": "Prensa", "weight": "3"}, False),
        ({"new_key": "otra"}, True),
        ({"base_url": "http://localhost:3011", "new_key": "una"}, True),
        ({"gateway": "rest", "remove_key": "on"}, True),
    ],
)
def test_a_number_that_stopped_is_tried_again_only_when_its_key_or_address_changed(
    boss, monkeypatch, typed, is_tried_again
):
    monkeypatch.setattr(RestGateway, "status", lambda self: Status(State.STARTING))
    lane = make_lane(sender=make_sender(name="Taquilla", api_key="una"), pause_reason="blocked", is_stopped=True)
    number = {"name": "Taquilla", "gateway": "rest", "base_url": "http://localhost:3010", "weight": "1"}
    address = reverse("admin:whatsapp_sender_change", args=[lane.sender_id])
    assert boss.post(address, number | typed).status_code == 302
    lane.refresh_from_db()
    assert lane.is_stopped is not is_tried_again
