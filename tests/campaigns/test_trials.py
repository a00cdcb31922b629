"""Tests of a message: sent as all are, marked, and in no number of the campaign that they test."""

from dataclasses import replace

import pytest
from django.core.exceptions import ValidationError
from django.core.files.storage import default_storage
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation

from campaigns.audience import Person, people_of
from campaigns.drafts import draft_announcement, draft_tickets
from campaigns.models import Campaign, Delivery
from campaigns.preparing import prepare
from campaigns.progress import totals_by_state
from campaigns.stopping import StopPipe
from campaigns.trials import CODE, TOKEN, SentAlready, address_of, send_trial
from tests.campaigns.drafting import errors, form_of, save
from tests.campaigns.driving import run_until_idle
from tests.campaigns.pages import page, said
from tests.closings import CLOSING, closed, letter_closed
from tests.factories import NOW, make_contact, make_event, make_lane, make_sender, make_settings, make_tag, make_ticket
from tests.fakes import FakeGateway
from tests.history import told
from tests.tickets.cards import decoded, opened
from tickets.masks import masked
from tickets.models import Contact, HistoryEntry

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]

NUMBER = "+573000000999"


def written(trial):
    prepare(trial.pk, budget=60, stop=StopPipe(), clock=lambda: NOW)
    return Delivery.objects.get(campaign=trial)


def trial_of(campaign, person=None, to=NUMBER, key="k"):
    person = person or Person(make_contact(name="Ana Prueba"), None, "whatsapp", "", None)
    return send_trial(campaign, address_of(to), person, user=None, key=key, now=NOW)


@pytest.fixture
def draft(boss):
    """An announcement for one person, and a number that sends."""
    make_lane(sender=make_sender(state="ready"))
    ana = make_contact(name="Ana Prueba", attributes={"mesa": "7"})
    draft = draft_announcement(name="Aviso", contacts=[ana.pk], user=boss.user)
    Campaign.objects.filter(pk=draft.pk).update(body="Hola {nombre}, mesa {mesa}")
    draft.refresh_from_db()
    return draft


def test_it_leaves_on_the_same_way_marked_and_in_front_of_all_others(draft):
    person = next(people_of(draft))[0]
    delivery = written(trial_of(draft, person))
    assert (delivery.address, delivery.priority, delivery.contact) == (NUMBER, 0, None)
    gateway = FakeGateway()
    run_until_idle(gateway)
    assert [(m.phone, m.text) for m in gateway.sent] == [(NUMBER, closed("[TEST]\nHola Ana, mesa 7"))]
    delivery.refresh_from_db()
    assert delivery.status == "sent"


def test_nothing_of_it_is_counted_with_the_campaign(draft):
    written(trial_of(draft))
    run_until_idle(FakeGateway())
    draft.refresh_from_db()
    assert draft.status == "draft"
    assert totals_by_state([draft.pk]) == {draft.pk: {}}
    assert [person.skip for person in next(people_of(draft))] == [None]


def test_an_address_gets_an_e_mail_with_a_marked_subject(draft):
    Campaign.objects.filter(pk=draft.pk).update(subject="Para {nombre}", email_body="Estimada {nombre}")
    draft.refresh_from_db()
    delivery = written(trial_of(draft, to="Jefa@Example.com"))
    assert (delivery.channel, delivery.address) == ("email", "jefa@example.com")
    assert (delivery.subject, delivery.text) == ("[TEST] Para Ana", letter_closed("[TEST]\nEstimada Ana"))


def test_the_mark_is_in_the_language_of_whoever_sends_the_test(draft):
    with translation.override("es"):
        delivery = written(trial_of(draft, to="jefa@example.com"))
    assert (delivery.subject, delivery.text) == ("[PRUEBA] Aviso", letter_closed("[PRUEBA]\nHola Ana, mesa"))


def test_a_subject_that_has_no_room_for_the_mark_is_sent_as_it_is(draft):
    """Cut in the middle of a placeholder it would be no text at all."""
    subject = "x" * 191 + "{nombre}"
    Campaign.objects.filter(pk=draft.pk).update(subject=subject)
    draft.refresh_from_db()
    delivery = written(trial_of(draft, to="jefa@example.com"))
    assert (delivery.subject, delivery.status) == ("x" * 191 + "Ana", "pending")
    assert delivery.text.startswith("[TEST]\n")


@pytest.mark.parametrize(("length", "is_marked"), [(4096 - 7, True), (4096 - 6, False), (4096, False)])
def test_a_text_that_fits_without_the_mark_is_never_too_long_as_a_test(draft, length, is_marked):
    Campaign.objects.filter(pk=draft.pk).update(body="{nombre}" + "x" * (length - len("Ana") - CLOSING))
    draft.refresh_from_db()
    delivery = written(trial_of(draft, Person(make_contact(name="Ana"), None, "email", "", None)))
    assert (delivery.status, delivery.text.startswith("[TEST]\nAna")) == ("pending", is_marked)


@pytest.mark.parametrize(("length", "is_marked"), [(200 - 7, True), (200 - 6, False), (200, False)])
def test_a_subject_that_fits_without_the_mark_is_never_too_long_as_a_test(draft, length, is_marked):
    Campaign.objects.filter(pk=draft.pk).update(subject="{apodo}" + "x" * 150)
    draft.refresh_from_db()
    ana = make_contact(name="Ana", nickname="A" * (length - 150))
    delivery = written(trial_of(draft, Person(ana, None, "email", "", None), to="jefa@example.com"))
    assert (delivery.status, delivery.subject.startswith("[TEST] A")) == ("pending", is_marked)


def test_a_test_of_tickets_opens_no_door_and_leaves_the_ticket_unsent(boss):
    make_lane(sender=make_sender(state="ready"))
    ticket = make_ticket(event=make_event(), holder=make_contact(name="Ana Prueba"))
    campaign = draft_tickets(ticket.event, user=boss.user)
    person = next(people_of(campaign))[0]
    delivery = written(trial_of(campaign, person))
    assert CODE in delivery.text
    assert ticket.code not in delivery.text
    assert ticket.token not in delivery.text
    assert (delivery.ticket, delivery.attach_qr) == (None, False)
    assert delivery.image  # a QR of the same kind, which no door takes
    run_until_idle(FakeGateway())
    assert [person.skip for person in next(people_of(campaign))] == [None]


def test_the_same_page_sends_one_test(draft):
    trial_of(draft, key="once")
    with pytest.raises(SentAlready):
        trial_of(draft, key="once")
    assert Campaign.objects.filter(trial_of=draft).count() == 1


def test_a_deleted_contact_is_no_reason_for_a_test_and_stays_one_for_others(draft):
    from campaigns.audience_rules import reason_to_skip
    from tests.factories import make_delivery

    delivery = make_delivery()
    assert reason_to_skip(delivery, delivery.campaign) == "contact_deleted"
    delivery = written(trial_of(draft))
    assert reason_to_skip(delivery, delivery.campaign) is None


@pytest.mark.parametrize("typed", ["", "  ", "12", "ana@", "hola"])
def test_what_is_no_address_is_refused_with_a_sentence(typed):
    with pytest.raises(ValidationError) as refused:
        address_of(typed)
    assert refused.value.messages[0].endswith(".")


# --- from the page


def send(client, campaign, to=NUMBER, **changes):
    return save(client, campaign, body="Hola {nombre}", test_to=to, _test="1", **changes)


def test_the_button_saves_what_is_typed_and_sends_it_as_the_chosen_person(boss, draft):
    other = make_contact(name="Beto Prueba")
    chosen = [*draft.audience["contacts"], other.pk]
    Campaign.objects.filter(pk=draft.pk).update(audience={"contacts": chosen})
    answer = send(boss, draft, **{"as": other.pk})
    assert answer.headers["Location"] == f"{page('change', draft.pk)}?as={other.pk}#c-test"
    assert "as Beto Prueba would get it" in said(answer)[0]
    trial = Campaign.objects.get(trial_of=draft)
    assert (trial.priority, trial.created_by, trial.launched_by) == (0, boss.user, boss.user)
    assert written(trial).text == closed("[TEST]\nHola Beto")
    html = boss.get(page("change", draft.pk)).content.decode()
    assert NUMBER in html
    assert page("change", trial.pk) in html


def test_pressed_twice_it_sends_once_and_says_so(boss, draft):
    fields = form_of(boss, draft) | {"body": "Hola {nombre}", "test_to": NUMBER, "_test": "1"}
    boss.post(page("change", draft.pk), fields)
    second = boss.post(page("change", draft.pk), fields)
    assert "was sent already" in said(second)[-1]
    assert Campaign.objects.filter(trial_of=draft).count() == 1


def test_it_is_in_the_history_once_and_without_the_whole_number(boss, draft):
    before = HistoryEntry.objects.count()
    fields = form_of(boss, draft) | {"test_to": NUMBER, "_test": "1"}
    for _press in range(2):
        boss.post(page("change", draft.pk), fields)
    assert told()[before:] == [("jefa", "tried", [f"Address: {masked(NUMBER)}"])]
    assert NUMBER not in masked(NUMBER)


def test_a_new_announcement_is_saved_and_tried_at_once(boss, draft):
    fields = {"name": "Nueva", "body": "Hola {nombre}", "zone": "America/Bogota", "form_key": "abc", "test_to": NUMBER}
    boss.post(page("add"), fields | {"_test": "1"})
    boss.post(page("add"), fields | {"_test": "1"})
    made = Campaign.objects.get(name="Nueva")
    assert Campaign.objects.filter(trial_of=made).count() == 1


def test_a_bad_address_loses_nothing_that_was_typed(boss, draft):
    response = send(boss, draft, to="12")
    assert "test_to" in errors(response)
    assert "Hola {nombre}" in response.content.decode()
    assert not Campaign.objects.filter(trial_of=draft).exists()


def test_without_a_number_in_use_it_says_so(boss, draft):
    from whatsapp.models import Sender

    Sender.objects.update(is_enabled=False)
    assert "no WhatsApp number in use" in said(send(boss, draft))[0]
    assert not Campaign.objects.filter(trial_of=draft).exists()


def test_closed_hours_are_said(boss, draft):
    make_settings(window_from="18:00", window_to="20:00", window_timezone="America/Bogota")
    assert "It leaves at this time: 18:00 (Bogotá)." in said(send(boss, draft))[0]
    boss.cookies["django_language"] = "es"
    make_settings(window_from="08:00", window_to="09:00")  # of tomorrow
    assert "Sale a esta hora: 26 nov 2026, 08:00 (Bogotá)." in said(send(boss, draft, to="+573001112244"))[0]


def test_it_has_a_permission_of_its_own(staff, draft):
    writer = staff("campaigns.view_campaign", "campaigns.change_campaign")
    assert 'name="_test"' not in writer.get(page("change", draft.pk)).content.decode()
    send(writer, draft)
    assert not Campaign.objects.filter(trial_of=draft).exists()
    tester = staff("campaigns.view_campaign", "campaigns.change_campaign", "campaigns.send_trial")
    assert 'name="_test"' in tester.get(page("change", draft.pk)).content.decode()
    send(tester, draft)
    assert Campaign.objects.filter(trial_of=draft).exists()


def test_tests_are_not_in_the_list_of_campaigns_and_have_their_page(boss, draft):
    send(boss, draft)
    trial = Campaign.objects.get(trial_of=draft)
    assert page("change", trial.pk) not in boss.get(page("changelist")).content.decode()
    assert boss.get(page("change", trial.pk)).status_code == 200
    assert boss.get(page("duplicate", trial.pk)).status_code == 404


def test_the_list_of_campaigns_counts_and_finds_no_tests(boss, draft):
    send(boss, draft)
    for asked in ({}, {"q": draft.name}, {"status__exact": "sending"}):
        shown = boss.get(page("changelist"), asked).context["cl"]
        assert [campaign.trial_of_id for campaign in shown.result_list] == [None] * shown.result_count
        assert shown.result_count == (0 if "status__exact" in asked else 1)


def test_a_test_reaches_nobody_for_the_audience_of_another_campaign(boss, draft):
    """Neither is it offered there, nor does it count where it is named all the same."""
    ana = Contact.objects.get(name="Ana Prueba")
    trial = trial_of(draft, next(people_of(draft))[0], to=ana.phone)
    written(trial)
    run_until_idle(FakeGateway())
    assert Delivery.objects.get(campaign=trial).status == "sent"
    offered = boss.get(page("change", draft.pk)).context["adminform"].form.fields["not_reached_by"].queryset
    assert trial not in offered
    other = draft_announcement(name="Otro", contacts=[ana.pk], user=boss.user)
    other.audience |= {"not_reached_by": [draft.pk, trial.pk]}
    assert [person.contact for person in next(people_of(other))] == [ana]


def test_lists_of_messages_and_calls_show_tests_and_mark_them(boss, draft):
    written(trial_of(draft))
    run_until_idle(FakeGateway())
    mark = ">Test</span>"
    for name in ("delivery", "deliveryattempt"):
        html = boss.get(reverse(f"admin:campaigns_{name}_changelist")).content.decode()
        assert html.count(mark) == 1
    Campaign.objects.exclude(trial_of=None).update(trial_of=None)
    assert mark not in boss.get(reverse("admin:campaigns_delivery_changelist")).content.decode()


def test_many_tests_cost_no_more_queries(boss, draft):
    def cost():
        with CaptureQueriesContext(connection) as queries:
            boss.get(page("change", draft.pk))
        return len(queries)

    send(boss, draft)
    before = cost()
    for _ in range(3):
        send(boss, draft)
    assert cost() == before


def test_a_tag_of_its_own_is_no_part_of_the_draft(boss, draft):
    """Saving with the button keeps the audience as it was."""
    tag = make_tag()
    send(boss, draft, tags=[tag.pk])
    draft.refresh_from_db()
    assert draft.audience["tags"] == [tag.pk]
    assert "trial" not in draft.audience


def test_a_test_of_tickets_carries_a_picture_of_the_same_kind_with_nobodys_name(boss):
    make_lane(sender=make_sender(state="ready"))
    ticket = make_ticket(event=make_event(), holder=make_contact(name="Ana Prueba"))
    campaign = draft_tickets(ticket.event, user=boss.user)
    person = next(people_of(campaign))[0]
    first = written(trial_of(campaign, person))
    second = written(trial_of(campaign, replace(person, contact=make_contact(name="Otra")), key="again"))
    with default_storage.open(first.image) as file:
        picture = opened(file.read())

    assert (picture.format, picture.height > picture.width) == ("JPEG", True)
    assert decoded(picture) == [f"http://localhost:8000/t/{TOKEN}/"]
    assert second.image == first.image  # so that it can stay when a person is forgotten
