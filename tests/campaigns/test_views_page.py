"""The page of a campaign: where it stands, why it waits, and the part that htmx asks for again and again."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from campaigns.models import Campaign, DeliveryAttempt, Dispatcher, Installation, Lane
from campaigns.scene import Scene
from campaigns.views import live as live_module
from campaigns.views.page import STOP_POLLING
from tests.campaigns.pages import page
from tests.factories import NOW, make_campaign, make_delivery, make_lane, make_sender
from whatsapp.models import Sender

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]


@pytest.fixture
def working(fixed_clock):
    """A worker that showed itself just now."""
    Dispatcher.objects.update(heartbeat_at=NOW)


def make_running(**states):
    campaign = make_campaign(status="sending", prepared_at=NOW)
    for state, number in states.items():
        for _ in range(number):
            sent = {"sent_at": NOW} if state in ("sent", "delivered", "read") else {}
            claimed = {"claimed_at": NOW} if state == "claimed" else {}
            make_delivery(campaign=campaign, status=state, **sent, **claimed)
    return campaign


def look(client, campaign):
    return client.get(page("change", campaign.pk))


def poll(client, campaign, seen="", **headers):
    return client.get(page("live", campaign.pk), {"seen": seen}, headers={"HX-Request": "true"} | headers)


def attempt(delivery, lane, number=1, **fields):
    ended = {"finished_at": NOW, "outcome": "accepted"}
    return DeliveryAttempt.objects.create(
        delivery=delivery, number=number, lane=lane, sender=lane.sender, fence=1, **{"started_at": NOW} | ended | fields
    )


def test_the_bar_and_the_counts_of_each_state(boss, working):
    campaign = make_running(sent=3, failed=1, pending=4)
    response = look(boss, campaign)
    assert [(s.value, s.number) for s in response.context["live"].states] == [
        ("pending", 4),
        ("sent", 3),
        ("failed", 1),
    ]
    assert '<progress max="8" value="4"' in response.content.decode()
    assert "50 %" in response.content.decode()


def test_each_state_has_its_part_of_the_bar_and_leads_to_its_people(boss, working):
    campaign = make_running(sent=3, failed=1, pending=4)
    html = look(boss, campaign).content.decode()
    assert '<rect class="c-key-sent" x="0" y="0" width="375" height="16"><title>Sent: 3</title></rect>' in html
    assert '<rect class="c-key-failed" x="375" y="0" width="125" height="16">' in html
    assert f'class="c-state c-key-failed" href="{page("change", campaign.pk)}?state=failed#c-people"' in html


def test_how_much_of_today_a_number_has_used(boss, working):
    make_lane(sender=make_sender(name="Taquilla", daily_cap=200), sent_on=NOW.date(), sent_today=34)
    html = look(boss, make_running(pending=1)).content.decode()
    assert '<progress class="c-cap" max="200" value="34" aria-label="Used today by Taquilla">' in html


def test_what_follows_the_chart_is_renewed_with_the_rest(boss, working):
    campaign = make_running(sent=1)
    make_delivery(campaign=campaign, status="failed", error_kind="not_on_whatsapp")
    html = poll(boss, campaign).content.decode()
    assert "The number has no WhatsApp." in html.partition('<div id="c-more" hx-swap-oob="innerHTML">')[2]
    assert "c-run" not in html


def test_a_reason_leads_to_its_people(boss, working):
    campaign = make_running(sent=1)
    make_delivery(campaign=campaign, status="failed", error_kind="not_on_whatsapp")
    link = f"{page('change', campaign.pk)}?state=failed&amp;reason=not_on_whatsapp#c-people"
    assert link in look(boss, campaign).content.decode()


def test_without_javascript_a_link_reloads_while_it_is_being_sent(boss, working):
    assert "<noscript>" in look(boss, make_running(pending=1)).content.decode()
    assert "<noscript>" not in look(boss, make_campaign(status="finished", finished_at=NOW)).content.decode()


def test_what_was_taken_back_is_not_done(boss, working):
    campaign = make_running(sent=1, cancelled=3)
    Campaign.objects.filter(pk=campaign.pk).update(status="cancelled")
    assert '<progress max="4" value="1"' in look(boss, campaign).content.decode()


def test_the_one_reason_for_waiting_and_when_it_ends(boss, working):
    campaign = make_running(pending=2)
    make_lane(next_send_at=NOW + timedelta(seconds=3))
    html = look(boss, campaign).content.decode()
    assert "Pause between two messages" in html
    assert "It goes on in 3 seconds." in html


def test_a_longer_wait_names_the_hour_and_the_place(boss, working):
    campaign = make_running(pending=2)
    make_lane(pause_reason="rate_limited", paused_until=NOW + timedelta(hours=2))
    assert "It goes on at this time: 12:00 (Bogotá)." in look(boss, campaign).content.decode()


@pytest.mark.parametrize("reason", ["not_ready", "unreachable", "breaker"])
def test_nobody_promises_that_a_look_finds_the_number_ready(boss, working, reason):
    campaign = make_running(pending=2)
    lane = make_lane(pause_reason=reason, paused_until=NOW + timedelta(seconds=8))
    html = look(boss, campaign).content.decode()
    assert "It is tried again in 8 seconds." in html
    assert "It goes on in" not in html
    Lane.objects.filter(pk=lane.pk).update(paused_until=NOW + timedelta(hours=2))
    assert "It is tried again at this time: 12:00 (Bogotá)." in look(boss, campaign).content.decode()


def test_a_worker_that_is_not_there_is_said(boss):
    campaign = make_running(pending=2)
    assert "The background worker is not running" in look(boss, campaign).content.decode()


def test_the_finish_is_estimated_from_the_rule(boss, working):
    make_lane()
    campaign = make_running(pending=50)  # 146 seconds
    assert "Ends at about 10:02 (Bogotá)" in look(boss, campaign).content.decode()


def test_each_number_with_its_place_in_the_run_its_pause_and_today(boss, working):
    sender = make_sender(name="Taquilla", daily_cap=200)
    make_lane(sender=sender, position=12, last_call_at=NOW, current_delay=2.5, sent_on=NOW.date(), sent_today=34)
    campaign = make_running(pending=1)
    number = look(boss, campaign).context["live"].numbers[0]
    assert (number.name, number.position, number.delay) == ("Taquilla", 12, 2.5)
    assert (number.sent_today, number.cap_today, number.rests) == (34, 200, "")


def test_what_was_sent_yesterday_does_not_count_as_today(boss, working):
    make_lane(sent_on=NOW.date() - timedelta(days=1), sent_today=34)
    assert look(boss, make_running(pending=1)).context["live"].numbers[0].sent_today == 0


def test_a_stopped_number_says_what_to_do(boss, working):
    make_lane(pause_reason="blocked", is_stopped=True)
    number = look(boss, make_running(pending=1)).context["live"].numbers[0]
    assert number.is_stopped
    assert "blocked" in number.rests


def test_errors_are_grouped_with_a_sentence_a_suggestion_and_a_button(boss, working):
    campaign = make_running(sent=1)
    for kind, number in (("not_on_whatsapp", 3), ("invalid_number", 1)):
        for _ in range(number):
            make_delivery(campaign=campaign, status="failed", error_kind=kind)
    response = look(boss, campaign)
    troubles = response.context["live"].troubles
    assert [(t.kind, t.number) for t in troubles] == [("not_on_whatsapp", 3), ("invalid_number", 1)]
    html = response.content.decode()
    assert "The number has no WhatsApp." in html
    assert page("resend", campaign.pk) + "?kind=not_on_whatsapp" in html
    assert "Resend all 4 failed ones" in html


def test_what_needs_a_decision_comes_before_what_nobody_can_change(boss, working):
    campaign = make_running(sent=1)
    for status, kind in (("skipped", "no_phone"), ("skipped", "no_phone"), ("uncertain", "uncertain"), ("expired", "")):
        make_delivery(campaign=campaign, status=status, error_kind=kind)
    response = look(boss, campaign)
    assert [t.status for t in response.context["live"].troubles] == ["uncertain", "expired", "skipped"]
    assert f"{page('uncertain')}?campaign={campaign.pk}" in response.content.decode()


def test_a_text_that_is_too_long_is_not_offered_again(boss, working):
    campaign = make_running()
    make_delivery(campaign=campaign, status="failed", error_kind="too_long")
    assert page("resend", campaign.pk) not in look(boss, campaign).content.decode()


def test_the_last_ten_attempts_newest_first(boss, working):
    campaign, lane = make_running(), make_lane()
    made = [attempt(make_delivery(campaign=campaign, status="sent", sent_at=NOW), lane) for _ in range(12)]
    attempt(make_delivery(), lane)  # of another campaign
    assert look(boss, campaign).context["live"].calls == made[:1:-1]


def test_the_rate_counts_what_was_accepted_lately(boss, working):
    campaign, lane = make_running(), make_lane()
    Campaign.objects.filter(pk=campaign.pk).update(prepared_at=NOW - timedelta(minutes=10))
    for minutes, outcome in ((1, "accepted"), (2, "accepted"), (3, "refused"), (9, "accepted")):
        delivery = make_delivery(campaign=campaign, status="pending")
        attempt(delivery, lane, started_at=NOW - timedelta(minutes=minutes), outcome=outcome)
    for _ in range(8):
        attempt(make_delivery(campaign=campaign, status="pending"), lane, started_at=NOW - timedelta(minutes=4))
    assert look(boss, campaign).context["live"].per_minute == 2


def test_the_rate_is_right_however_many_calls_there_were(boss, working, monkeypatch):
    monkeypatch.setattr(live_module, "NEWEST_CALLS", 3)
    campaign, lane = make_running(), make_lane()
    Campaign.objects.filter(pk=campaign.pk).update(prepared_at=NOW - timedelta(minutes=10))
    for minutes in (0, 1, 1, 2, 2, 3, 3, 4, 4, 4, 4, 9, 9, 9):
        at = NOW - timedelta(minutes=minutes)
        attempt(make_delivery(campaign=campaign, status="sent", sent_at=at), lane, started_at=at)
    live = look(boss, campaign).context["live"]
    assert (live.per_minute, len(live.calls)) == (2, 10)


def test_the_page_of_a_run_takes_few_queries_however_many_numbers_are_kept(
    boss, working, django_assert_max_num_queries
):
    Installation.objects.get_or_create(pk=1)
    lanes = [make_lane(sender=make_sender()) for _ in range(4)]
    campaign = make_running(sent=3, failed=2)
    for lane in lanes:
        make_delivery(campaign=campaign, pool=lane.sender_id)
    attempt(make_delivery(campaign=campaign, status="sent", sent_at=NOW), lanes[0])
    look(boss, campaign)
    with django_assert_max_num_queries(16):
        response = look(boss, campaign)
    live = response.context["live"]
    assert (live.snapshot.open, len(live.numbers), len(live.calls)) == (4, 4, 1)


@pytest.mark.parametrize(
    ("status", "fields", "word"),
    [
        ("scheduled", {"scheduled_at": NOW + timedelta(days=1)}, "Waits for its time."),
        ("overdue", {"scheduled_at": NOW - timedelta(days=1)}, "Its time has passed."),
        ("paused", {}, "Nothing leaves until you resume."),
        ("finished", {"finished_at": NOW}, "Finished"),
        ("cancelled", {}, "Cancelled"),
    ],
)
def test_every_state_has_its_page(boss, working, status, fields, word):
    campaign = make_campaign(status=status, **fields)
    response = look(boss, campaign)
    assert response.status_code == 200
    assert word in response.content.decode()


def test_the_text_is_shown_as_text(boss, working):
    campaign = make_campaign(status="paused", body="<script>1</script> *hola*")
    html = look(boss, campaign).content.decode()
    assert "&lt;script&gt;1&lt;/script&gt; <strong>hola</strong>" in html


def test_buttons_follow_the_permissions(staff, working):
    campaign = make_running(pending=1)
    html = look(staff("campaigns.view_campaign"), campaign).content.decode()
    assert page("pause", campaign.pk) not in html
    assert page("cancel", campaign.pk) not in html
    html = look(staff("campaigns.view_campaign", "campaigns.pause_campaign"), campaign).content.decode()
    assert page("pause", campaign.pk) in html
    assert page("cancel", campaign.pk) not in html


def test_names_are_for_those_who_may_see_deliveries(staff, working):
    campaign, lane = make_running(), make_lane()
    attempt(make_delivery(campaign=campaign, recipient="Ana Prueba", status="failed"), lane)
    assert "Ana Prueba" not in look(staff("campaigns.view_campaign"), campaign).content.decode()
    may = staff("campaigns.view_campaign", "campaigns.view_delivery")
    assert "Ana Prueba" in look(may, campaign).content.decode()


def test_the_page_needs_a_permission(staff, working):
    campaign = make_running(pending=1)
    client = staff("tickets.view_event")
    assert look(client, campaign).status_code == 403
    assert client.get(page("live", campaign.pk)).status_code == 403


# --- what htmx asks for --------------------------------------------------------------------------------------------


def test_a_page_asks_every_two_seconds_while_it_is_being_sent(boss, working):
    html = look(boss, make_running(pending=1)).content.decode()
    assert 'hx-trigger="every 2s"' in html
    assert 'aria-live="polite"' in html


@pytest.mark.parametrize("status", ["finished", "cancelled"])
def test_a_page_of_something_that_is_over_asks_nothing(boss, working, status):
    campaign = make_campaign(status=status, finished_at=NOW)
    assert "hx-trigger" not in look(boss, campaign).content.decode().partition('id="c-live"')[2].partition(">")[0]


@pytest.mark.parametrize(
    ("status", "answer"), [("sending", 200), ("paused", 200), ("finished", 286), ("cancelled", 286)]
)
def test_asking_ends_when_it_is_over(boss, working, status, answer):
    campaign = make_campaign(status=status, finished_at=NOW)
    assert poll(boss, campaign).status_code == answer


def test_the_part_is_no_whole_page(boss, working):
    html = poll(boss, make_running(pending=1)).content.decode()
    assert "<html" not in html
    assert "<progress" in html


def test_buttons_are_changed_only_when_the_campaign_moved(boss, working):
    campaign = make_running(pending=1)
    assert 'id="c-moves"' not in poll(boss, campaign, "sending|x").content.decode()
    Campaign.objects.filter(pk=campaign.pk).update(status="paused")
    html = poll(boss, campaign, "sending|x").content.decode()
    assert 'id="c-moves" class="object-tools" hx-swap-oob="true"' in html
    assert page("resume", campaign.pk) in html


def test_a_screen_reader_hears_steps_of_ten_percent_and_nothing_twice(boss, working):
    campaign = make_running(sent=4, pending=5)
    first = poll(boss, campaign)
    assert first.context["spoken"].endswith("40 %. There is no WhatsApp number in use. Add one or switch one on.")
    assert 'id="c-said"' in first.content.decode()
    assert 'id="c-said"' not in poll(boss, campaign, f"sending|{first.context['spoken']}").content.decode()


def test_fifty_viewers_count_the_deliveries_once(boss, working):
    campaign = make_running(sent=2, pending=2)
    with CaptureQueriesContext(connection) as queries:
        for _ in range(50):
            poll(boss, campaign)
    totals = [q["sql"] for q in queries if q["sql"].startswith('SELECT (SELECT COUNT(*) FROM "campaigns_delivery"')]
    assert len(totals) == 1


def test_a_look_that_was_kept_is_not_older_than_the_last_move(boss, working):
    campaign = make_running(pending=2)
    look(boss, campaign)
    boss.post(page("pause", campaign.pk))
    assert "Nothing leaves until you resume" in poll(boss, campaign, "sending|").content.decode()


def test_somebody_who_may_not_look_any_more_stops_asking(staff, working):
    client = staff("tickets.view_event")
    answer = poll(client, make_running(pending=1))
    assert answer.status_code == STOP_POLLING
    assert b"<progress" not in answer.content


@pytest.mark.parametrize("name", ["live", "people"])
def test_without_a_session_the_whole_page_goes_to_the_login(client, working, name):
    campaign = make_running(pending=1)
    here = "http://testserver" + page("change", campaign.pk) + "?state=failed"
    answer = client.get(page(name, campaign.pk), headers={"HX-Request": "true", "HX-Current-URL": here})
    assert answer.content == b""
    assert answer.headers["HX-Redirect"] == (
        f"/admin/login/?next=%2Fadmin%2Fcampaigns%2Fcampaign%2F{campaign.pk}%2Fchange%2F%3Fstate%3Dfailed"
    )


def test_the_login_never_leads_to_another_site(client, working):
    campaign = make_running(pending=1)
    answer = poll(client, campaign, **{"HX-Current-URL": "https://evil.example/x"})
    assert answer.headers["HX-Redirect"] == "/admin/login/?next=%2Fadmin%2F"


def test_without_htmx_a_visitor_is_asked_to_sign_in(client, working):
    campaign = make_running(pending=1)
    assert client.get(page("live", campaign.pk)).headers["Location"].startswith("/admin/login/")


def test_the_page_works_where_no_number_and_no_lane_exist(boss, working):
    Lane.objects.all().delete()
    Sender.objects.all().delete()
    assert look(boss, make_running(pending=1)).status_code == 200


def test_while_one_viewer_counts_the_others_are_shown_what_there_was(boss, working, monkeypatch):
    campaign = make_running(pending=1)
    first = live_module.look(campaign, Scene(NOW))
    counted = []

    def count_slowly(campaign, scene):
        counted.append(scene.now)
        if len(counted) == 1:  # somebody else asks in the middle of it
            assert live_module.last_look(campaign, scene) is not None
        return first

    monkeypatch.setattr(live_module, "_look", count_slowly)
    live_module.last_look(campaign, Scene(NOW + timedelta(seconds=3)))
    assert len(counted) == 1
