"""The pages of mailboxes: what is typed goes in and never comes out, and a test says what the server answers."""

import pytest
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.urls import reverse

from campaigns.models import EventMailbox, Lane, Mailbox
from tests.factories import make_campaign, make_contact, make_event

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]
STORED = "smtp+tls://caja:s3creto@mail.example.org:587"


def make_mailbox(**fields):
    return Mailbox.objects.create(**{"name": "Festival", "from_address": "entradas@example.org"} | fields)


def page(mailbox=None):
    if mailbox is None:
        return reverse("admin:campaigns_mailbox_add")
    return reverse("admin:campaigns_mailbox_change", args=[mailbox.pk])


def typed(**fields):
    values = {"name": "Festival", "from_address": "entradas@example.org", "reply_to": "", "is_enabled": "on"}
    return values | {"new_url": ""} | fields


def content(response):
    return response.content.decode()


def test_a_new_mailbox_gets_its_server_and_its_lanes(boss):
    boss.post(page(), typed(new_url=STORED))
    mailbox = Mailbox.objects.get()
    assert mailbox.url == STORED
    assert Lane.objects.filter(mailbox=mailbox, channel="email").exists()


def test_the_password_is_on_no_page(boss):
    mailbox = make_mailbox(url=STORED)
    boss.post(page(mailbox), typed(new_url=STORED.replace("s3creto", "s3creto2")))
    shown = content(boss.get(page(mailbox)))
    assert "smtp+tls, mail.example.org:587, user caja" in shown
    history = content(boss.get(reverse("admin:campaigns_mailbox_history", args=[mailbox.pk])))
    listed = content(boss.get(reverse("admin:campaigns_mailbox_changelist")))
    assert "s3creto" not in shown + history + listed
    assert not LogEntry.objects.filter(change_message__contains="s3creto").exists()


def test_a_form_with_errors_does_not_show_what_was_typed(boss):
    response = boss.post(page(), typed(name="", new_url=STORED))
    assert response.context["errors"]
    assert "s3creto" not in content(response)


def test_what_is_stored_cannot_become_a_tag(boss):
    mailbox = make_mailbox(url="smtp+tls://%3Cb%3E:s3creto@mail.example.org")
    assert "user &lt;b&gt;" in content(boss.get(page(mailbox)))


def test_an_empty_field_keeps_the_stored_server(boss):
    mailbox = make_mailbox(url=STORED)
    boss.post(page(mailbox), typed(name="Otro"))
    mailbox.refresh_from_db()
    assert (mailbox.name, mailbox.url) == ("Otro", STORED)


def test_a_page_that_stayed_open_writes_only_what_was_typed_in_it(boss):
    mailbox = make_mailbox(url=STORED)
    shown = {f"initial-{name}": value for name, value in typed(is_enabled="True").items()}
    assert 'name="initial-is_enabled" value="True"' in content(boss.get(page(mailbox)))
    Mailbox.objects.update(is_enabled=False, from_address="otra@example.org")
    boss.post(page(mailbox), typed(reply_to="respuestas@example.org") | shown)
    mailbox.refresh_from_db()
    assert (mailbox.is_enabled, mailbox.from_address, mailbox.reply_to, mailbox.url) == (
        False,
        "otra@example.org",
        "respuestas@example.org",
        STORED,
    )


@pytest.mark.parametrize(
    ("changed", "is_tried_again"),
    [
        ({}, False),
        ({"name": "Otro", "reply_to": "respuestas@example.org"}, False),
        ({"from_address": "otra@example.org"}, True),
        ({"new_url": STORED}, True),
    ],
)
def test_e_mail_that_stopped_goes_on_only_when_the_server_or_the_sender_changed(boss, changed, is_tried_again):
    mailbox = make_mailbox(url=STORED)
    Lane.objects.filter(mailbox=mailbox).update(pause_reason="auth", is_stopped=True)
    boss.post(page(mailbox), typed(**changed))
    assert Lane.objects.filter(mailbox=mailbox, is_stopped=True).exists() is not is_tried_again


def test_the_stored_server_can_be_forgotten(boss):
    mailbox = make_mailbox(url=STORED)
    boss.post(page(mailbox), typed(use_own="on"))
    mailbox.refresh_from_db()
    assert mailbox.url == ""


def test_another_server_and_none_cannot_be_wanted_at_once(boss):
    mailbox = make_mailbox(url=STORED)
    response = boss.post(page(mailbox), typed(new_url=STORED, use_own="on"))
    assert response.context["adminform"].form.errors.as_data()["use_own"][0].code == "both"


def test_saving_does_not_lose_a_server_that_cannot_be_read(boss):
    mailbox = make_mailbox(url=STORED)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE campaigns_mailbox SET url = 'enc:other-key'")
    boss.post(page(mailbox), typed(name="Otro"))
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, url FROM campaigns_mailbox")
        assert cursor.fetchone() == ("Otro", "enc:other-key")
    assert "cannot be read" in content(boss.get(page(mailbox)))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("new_url", "https://example.org"),
        ("from_address", "nadie"),
        ("from_address", "a@example.org, b@example.org"),
        ("from_address", "Festival, cine <a@example.org>"),
        ("from_address", "maría@example.org"),
    ],
)
def test_what_does_not_do_is_said_at_its_field(boss, field, value):
    response = boss.post(page(), typed(**{field: value}))
    assert response.context["adminform"].form.errors.as_data()[field][0].code == "invalid"
    assert not Mailbox.objects.exists()


def test_a_name_with_accents_is_a_sender(boss):
    boss.post(page(), typed(from_address="Compañía <entradas@example.org>"))
    assert Mailbox.objects.get().from_address == "Compañía <entradas@example.org>"


def test_a_test_says_that_the_server_took_it(boss, post_office):
    boss.user.email = "jefa@example.org"
    boss.user.save(update_fields=["email"])
    server = post_office()
    mailbox = make_mailbox(url=f"smtp://127.0.0.1:{server.port}")
    Lane.objects.filter(mailbox=mailbox).update(pause_reason="auth", is_stopped=True)
    response = boss.post(reverse("admin:campaigns_mailbox_test", args=[mailbox.pk]), follow=True)
    assert [message.level_tag for message in response.context["messages"]] == ["success"]
    assert b"To: jefa@example.org\r\n" in server.messages[0]
    assert not Lane.objects.filter(mailbox=mailbox, is_stopped=True).exists()


@pytest.mark.parametrize(
    ("script", "words"),
    [
        ({"MAIL": ["550 5.7.1 not yours"]}, "does not let this sender send"),
        ({"GREETING": ["421 later"]}, "asks us to wait"),
        ({"RCPT": ["550 5.1.1 nobody"]}, "did not take"),
        ({"MAIL": ["530 log in"]}, "did not let us in"),
    ],
)
def test_a_test_says_what_is_wrong(boss, post_office, script, words):
    boss.user.email = "jefa@example.org"
    boss.user.save(update_fields=["email"])
    server = post_office(**script)
    mailbox = make_mailbox(url=f"smtp://127.0.0.1:{server.port}")
    Lane.objects.filter(mailbox=mailbox).update(pause_reason="auth", is_stopped=True)
    response = boss.post(reverse("admin:campaigns_mailbox_test", args=[mailbox.pk]), follow=True)
    [message] = response.context["messages"]
    assert message.level_tag == "error"
    assert words in str(message)
    assert Lane.objects.filter(mailbox=mailbox, is_stopped=True).exists()


def test_somebody_without_an_address_is_told_so(boss):
    mailbox = make_mailbox()
    response = boss.post(reverse("admin:campaigns_mailbox_test", args=[mailbox.pk]), follow=True)
    assert [message.level_tag for message in response.context["messages"]] == ["error"]


def test_the_installation_s_own_sender_can_be_tested_too(boss, mailoutbox):
    boss.user.email = "jefa@example.org"
    boss.user.save(update_fields=["email"])
    Lane.objects.filter(channel="email").update(pause_reason="auth", is_stopped=True)
    boss.post(reverse("admin:campaigns_mailbox_test_own"))
    assert [message.to for message in mailoutbox] == [["jefa@example.org"]]
    assert not Lane.objects.filter(channel="email", is_stopped=True).exists()


def test_in_safe_mode_a_test_goes_to_the_test_address(boss, mailoutbox, settings):
    boss.user.email = "jefa@example.org"
    boss.user.save(update_fields=["email"])
    settings.OVERRIDE_RECIPIENTS = ["pruebas@example.org"]
    boss.post(reverse("admin:campaigns_mailbox_test_own"))
    settings.OVERRIDE_RECIPIENTS = ["+573001112233"]
    boss.post(reverse("admin:campaigns_mailbox_test_own"))
    assert [message.to for message in mailoutbox] == [["pruebas@example.org"]]


def test_a_test_is_a_post_of_somebody_who_may_change_mailboxes(staff, boss, mailoutbox):
    mailbox = make_mailbox()
    looking = staff("campaigns.view_mailbox")
    for address in (
        reverse("admin:campaigns_mailbox_test", args=[mailbox.pk]),
        reverse("admin:campaigns_mailbox_test_own"),
    ):
        assert boss.get(address).status_code == 405
        assert looking.post(address).status_code == 403
    assert mailoutbox == []


def test_who_may_only_look_sees_the_server_and_no_field_for_it(staff):
    mailbox = make_mailbox(url=STORED)
    shown = content(staff("campaigns.view_mailbox").get(page(mailbox)))
    assert "smtp+tls, mail.example.org:587, user caja" in shown
    assert "new_url" not in shown
    assert "s3creto" not in shown


def test_mailboxes_are_switched_off_and_not_deleted(boss):
    mailbox = make_mailbox()
    assert boss.post(reverse("admin:campaigns_mailbox_delete", args=[mailbox.pk])).status_code == 403


def test_the_menu_leads_to_the_mailboxes(boss):
    assert reverse("admin:campaigns_mailbox_changelist") in content(boss.get(reverse("admin:index")))


# --- the choice on the page of an event


def event_typed(event, **fields):
    values = {
        "name": event.name,
        "venue": event.venue,
        "address": "",
        "description": "",
        "starts_at": "2027-01-10T20:00",
        "ends_at": "2027-01-10T23:00",
        "timezone": "America/Bogota",
        "capacity": "",
        "is_active": "on",
        "ticket_text": event.ticket_text,
        "email_subject": event.email_subject,
        "email_text": event.email_text,
        "slug": event.slug,
        "types-TOTAL_FORMS": "0",
        "types-INITIAL_FORMS": "0",
    }
    return values | fields


def event_page(event):
    return reverse("admin:tickets_event_change", args=[event.pk])


def test_an_event_can_have_a_mailbox_and_lose_it_again(boss):
    event, mailbox = make_event(), make_mailbox()
    assert boss.post(event_page(event), event_typed(event, mailbox=mailbox.pk)).status_code == 302
    assert EventMailbox.objects.get().mailbox == mailbox
    boss.post(event_page(event), event_typed(event, mailbox=""))
    assert not EventMailbox.objects.exists()


def test_a_mailbox_out_of_use_is_offered_only_where_it_is_chosen(boss):
    event, other = make_event(), make_event()
    EventMailbox.objects.create(event=event, mailbox=make_mailbox(is_enabled=False))
    choices = [boss.get(event_page(e)).context["adminform"].form.fields["mailbox"].queryset for e in (event, other)]
    assert [found.count() for found in choices] == [1, 0]


def test_without_mailboxes_the_form_of_an_event_asks_nothing(boss):
    event = make_event()
    assert 'name="mailbox"' not in content(boss.get(event_page(event)))
    assert boss.post(event_page(event), event_typed(event)).status_code == 302


def test_who_may_only_look_at_an_event_sees_its_mailbox(staff):
    event = make_event()
    EventMailbox.objects.create(event=event, mailbox=make_mailbox())
    assert "Festival" in content(staff("tickets.view_event").get(event_page(event)))


def test_the_launch_page_and_the_campaign_page_say_from_whom_e_mails_come(boss):
    event = make_event()
    EventMailbox.objects.create(event=event, mailbox=make_mailbox())
    make_contact()
    draft = make_campaign(
        event=event, channels="email", subject="Hola", audience={"everybody": True}, launched_at=None, prepared_at=None
    )
    assert "entradas@example.org" in content(boss.get(reverse("admin:campaigns_campaign_launch", args=[draft.pk])))
    sent = make_campaign(event=event, channels="email", status="finished", finished_at=draft.created_at)
    assert "entradas@example.org" in content(boss.get(reverse("admin:campaigns_campaign_change", args=[sent.pk])))
