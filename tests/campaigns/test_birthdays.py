"""Greetings for birthdays: off at first, then once a year for each person, whatever happens."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from django.urls import reverse

from campaigns import birthdays
from campaigns.birthdays import coming, due_day, greet_due
from campaigns.enums import Origin
from campaigns.models import BirthdayGreeted, BirthdayGreeting, Campaign, Delivery, Installation
from campaigns.preparing import prepare
from campaigns.stopping import StopPipe
from campaigns.tick import tick
from tests.campaigns.pages import said
from tests.factories import NOW, make_contact, make_tag, make_user
from tickets.merging import merge, plan_merge
from tickets.models import Contact, HistoryEntry

pytestmark = pytest.mark.django_db

NINE = datetime(2026, 11, 27, 14, 0, tzinfo=UTC)  # in Bogotá
PAGE = "/admin/campaigns/birthdaygreeting/1/change/"


def greeting(**fields):
    values = {"is_enabled": True, "zone": "America/Bogota", "hour": time(9), "channels": "whatsapp"}
    return BirthdayGreeting.objects.create(pk=1, **values | fields)


def born(day, month, **fields):
    return make_contact(birth_day=day, birth_month=month, **fields)


def campaigns():
    return list(Campaign.objects.order_by("pk"))


def greeted_in(campaign):
    return campaign.audience["contacts"]


def test_nothing_is_sent_until_somebody_switches_it_on(django_assert_num_queries):
    born(27, 11)
    with django_assert_num_queries(1):
        assert greet_due(now=NINE) == 0
    greeting(is_enabled=False)
    assert (greet_due(now=NINE), campaigns()) == (0, [])


def test_after_its_hour_those_are_greeted_whose_day_it_is():
    greeting()
    ana = born(27, 11, name="Ana")
    born(28, 11)
    born(27, 10)
    make_contact()
    assert greet_due(now=NINE - timedelta(seconds=1)) == 0
    assert greet_due(now=NINE) == 1
    [campaign] = campaigns()
    assert (campaign.origin, campaign.kind, campaign.status) == (Origin.BIRTHDAY, "announcement", "sending")
    assert (campaign.name, greeted_in(campaign)) == ("Cumpleaños 27 nov 2026", [ana.pk])
    assert (campaign.launched_by, campaign.not_after) == (None, NINE + timedelta(days=1))
    entry = HistoryEntry.objects.get(object_id=str(campaign.pk))
    assert (entry.actor, entry.action, entry.after) == ("", "launched", {"people": 1})


def test_a_day_without_birthdays_makes_no_campaign():
    greeting()
    make_contact()
    assert (greet_due(now=NINE), campaigns()) == (0, [])


def test_two_ticks_and_another_hour_greet_nobody_twice():
    row = greeting()
    born(27, 11)
    tick(now=NINE)
    tick(now=NINE + timedelta(minutes=1))
    for hour in (7, 15, 23):
        BirthdayGreeting.objects.filter(pk=row.pk).update(hour=time(hour))
        for hours in range(30):
            greet_due(now=NINE + timedelta(hours=hours))
    assert len(campaigns()) == 1


def test_a_crash_at_any_line_leaves_nothing_and_the_next_tick_greets(monkeypatch):
    greeting()
    born(27, 11)

    def die(*args, **kwargs):
        raise RuntimeError

    for place, name in ((birthdays.lifecycle, "launch"), (birthdays, "record")):
        with monkeypatch.context() as patched:
            patched.setattr(place, name, die)
            with pytest.raises(RuntimeError):
                greet_due(now=NINE)
        assert (campaigns(), BirthdayGreeted.objects.count()) == ([], 0)
    assert greet_due(now=NINE) == 1


def test_a_corrected_birthday_brings_no_second_greeting_in_the_year():
    greeting()
    ana = born(27, 11)
    greet_due(now=NINE)
    Contact.objects.filter(pk=ana.pk).update(birth_day=28)
    assert greet_due(now=NINE + timedelta(days=1)) == 0
    assert greet_due(now=datetime(2027, 11, 28, 14, 0, tzinfo=UTC)) == 1


@pytest.mark.parametrize(
    ("day", "greeted"),
    [
        (date(2027, 2, 28), {28, 29}),
        (date(2028, 2, 28), {28}),
        (date(2028, 2, 29), {29}),
        (date(2027, 3, 1), set()),
    ],
)
def test_whoever_was_born_on_29_february_is_greeted_every_year(day, greeted):
    row = greeting()
    born(28, 2)
    born(29, 2)
    found = birthdays.people_of_day(row, day).values_list("birth_day", flat=True)
    assert set(found) == greeted


def test_29_february_is_greeted_once_a_year():
    greeting()
    born(29, 2)
    days = [datetime(year, month, day, 14, tzinfo=UTC) for year in (2027, 2028) for month, day in ((2, 28), (3, 1))]
    days.insert(3, datetime(2028, 2, 29, 14, tzinfo=UTC))
    assert [greet_due(now=day) for day in days] == [1, 0, 0, 1, 0]


def test_what_is_late_by_less_than_a_day_is_made_and_later_it_is_not():
    greeting()
    born(27, 11)
    assert greet_due(now=NINE + timedelta(hours=24)) == 0
    assert greet_due(now=NINE + timedelta(hours=23, minutes=59)) == 1


@pytest.mark.parametrize(
    ("enabled_at", "day"), [(NINE - timedelta(hours=1), None), (NINE - timedelta(days=1), date(2026, 11, 26))]
)
def test_nobody_is_greeted_for_a_day_before_it_was_switched_on(enabled_at, day):
    assert due_day(greeting(enabled_at=enabled_at), NINE - timedelta(minutes=1)) == day


@pytest.mark.parametrize(("adopted", "greeted"), [(timedelta(hours=1), 0), (-timedelta(hours=1), 1)])
def test_a_database_that_was_put_back_greets_nobody_whom_it_may_have_greeted(adopted, greeted):
    greeting()
    born(27, 11)
    Installation.objects.update_or_create(pk=1, defaults={"identity": "pruebas", "adopted_at": NINE + adopted})
    assert greet_due(now=NINE + timedelta(hours=2)) == greeted


def test_an_hour_that_the_clocks_jump_over_is_the_first_behind_the_gap():
    row = greeting(zone="Europe/Madrid", hour=time(2, 30))
    jump = datetime(2027, 3, 28, 1, 30, tzinfo=UTC)  # 3:30 there
    assert (due_day(row, jump - timedelta(minutes=1)).day, due_day(row, jump).day) == (27, 28)


def test_only_people_with_the_tag_where_one_is_chosen():
    tag = make_tag("Socios")
    greeting(tag=tag)
    born(27, 11)
    member = born(27, 11, tags=(tag,))
    assert greet_due(now=NINE) == 1
    assert greeted_in(campaigns()[0]) == [member.pk]


def test_an_opt_out_is_respected_when_it_is_sent():
    greeting()
    born(27, 11, whatsapp_opt_out_at=NOW)
    greet_due(now=NINE)
    prepare(campaigns()[0].pk, budget=60, stop=StopPipe(), clock=lambda: NINE)
    assert Delivery.objects.values_list("status", "error_kind").get() == ("skipped", "opted_out")


def test_a_merged_person_keeps_the_years_in_which_either_was_greeted():
    greeting()
    ana, double = born(27, 11), born(27, 11, phone="")
    for contact, year in ((double, 2026), (double, 2025), (ana, 2025)):
        BirthdayGreeted.objects.create(contact=contact, year=year, campaign=_old())
    plan = plan_merge(ana, double)
    merge(ana, double, {}, expected=plan.fingerprint, user=make_user(), now=NINE)
    assert sorted(BirthdayGreeted.objects.values_list("contact", "year")) == [(ana.pk, 2025), (ana.pk, 2026)]
    assert greet_due(now=NINE) == 0


def _old():
    return Campaign.objects.create(name="Antes", status="finished", launched_at=NOW, finished_at=NOW)


# --- the page


def typed(**fields):
    values = {
        "is_enabled": "on",
        "hour": "10:30",
        "zone": "America/Bogota",
        "channels": "whatsapp",
        "body": "¡Felicidades, {nombre}!",
        "subject": "",
    }
    return values | fields


def test_it_is_switched_on_on_its_page_and_the_history_says_by_whom(boss):
    assert boss.post(PAGE, typed()).headers["Location"] == PAGE
    row = BirthdayGreeting.objects.get()
    assert (row.is_enabled, row.enabled_at, row.hour, row.body) == (True, NOW, time(10, 30), "¡Felicidades, {nombre}!")
    entry = HistoryEntry.objects.get(object_id="1", content_type__model="birthdaygreeting")
    assert (entry.actor, entry.after["is_enabled"]) == ("jefa", True)
    boss.post(PAGE, typed())
    assert HistoryEntry.objects.filter(content_type__model="birthdaygreeting").count() == 1


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"body": "Hola {nombr}"}, "Did you mean {nombre}?"),
        ({"body": "Hola {evento}"}, "belongs to an event, and this message has none"),
        ({"body": ""}, "This field is required"),
        ({"channels": "email"}, "An e-mail needs a subject"),
        ({"channels": "email", "subject": "Para {codigo}"}, "belongs to a ticket, and this message carries none"),
        ({"hour": "25:00"}, "Enter a valid time"),
    ],
)
def test_what_cannot_be_sent_is_refused_and_nothing_typed_is_lost(boss, fields, sentence):
    answer = boss.post(PAGE, typed(**fields) | {"subject": fields.get("subject", "")})
    html = answer.content.decode()
    assert sentence in html
    assert fields.get("body", "¡Felicidades, {nombre}!") in html
    assert not BirthdayGreeting.objects.exists()


def test_the_page_says_who_has_a_birthday_soon_and_shows_the_message_and_its_length(
    boss, django_assert_max_num_queries
):
    for day in (25, 26, 26):
        born(day, 11, name="Ana Prueba")
    born(26, 12)  # in 31 days
    with django_assert_max_num_queries(15):
        html = boss.get(PAGE).content.decode()
    assert "3 people. Whoever wants" in html
    assert '<td>today</td><td class="p-num">1</td>' in html
    assert "Thursday 26 Nov" in html
    assert "¡Feliz cumpleaños, Ana! 🎂" in html
    assert "characters, as Ana Prueba gets it" in html


def test_the_preview_follows_what_is_typed_and_keeps_nothing(boss):
    answer = boss.post(reverse("admin:campaigns_birthdaygreeting_preview"), typed(body="Feliz día, {nombre}"))
    assert "Feliz día, Ana" in answer.content.decode()
    assert not BirthdayGreeting.objects.exists()


def test_whoever_may_only_look_sees_it_and_changes_nothing(staff):
    viewer = staff("campaigns.view_birthdaygreeting")
    html = viewer.get(PAGE).content.decode()
    assert "How it arrives" in html
    assert 'name="body"' not in html
    assert viewer.post(PAGE, typed()).status_code == 403
    assert staff("campaigns.view_campaign").get(PAGE).status_code == 403
    assert not BirthdayGreeting.objects.exists()


def test_whoever_switches_it_on_hears_what_leaves_at_once(boss):
    born(25, 11)
    sentence = "1 person has their birthday: their greeting leaves in the next minutes."
    assert sentence not in said(boss.post(PAGE, typed(hour="20:00")))
    assert sentence in said(boss.post(PAGE, typed(hour="09:00")))
    boss.get(PAGE)  # which shows it, and then it is over
    greet_due(now=NOW)
    assert sentence not in said(boss.post(PAGE, typed(hour="08:00")))


def test_the_list_leads_to_the_one_there_is(boss):
    address = reverse("admin:campaigns_birthdaygreeting_changelist")
    assert boss.get(address).headers["Location"] == PAGE


def test_the_next_days_count_29_february_where_it_is_celebrated():
    row = greeting(is_enabled=False)
    born(29, 2)
    [day] = coming(row, datetime(2027, 2, 10, 15, tzinfo=UTC))
    assert (day.date, day.people) == (date(2027, 2, 28), 1)
