"""Writing a message and choosing its people: bug reports BR-041 to BR-052, BR-087, BR-094 and BR-146 to BR-152."""

import pytest

from campaigns.audience import people_of
from campaigns.drafts import draft_announcement, draft_tickets
from campaigns.models import Campaign, Delivery
from campaigns.preparing import prepare
from campaigns.stopping import StopPipe
from tests.bug_reports.launching import announcement, make_people, prepared
from tests.campaigns.drafting import errors, form_of, save
from tests.campaigns.driving import run_until_idle
from tests.campaigns.pages import launch_page, page, plan_of, said
from tests.closings import CLOSING, closed
from tests.factories import NOW, make_contact, make_event, make_lane, make_sender, make_ticket
from tests.fakes import FakeGateway
from tickets.preferences import without_real_links

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]


@pytest.fixture
def draft(boss):
    """An announcement for three people."""
    make_lane(sender=make_sender(state="ready"))
    people = [make_contact(name=name, email="") for name in ("Ana Uno", "Beto Dos", "Cira Tres")]
    draft = draft_announcement(name="Aviso", contacts=[person.pk for person in people], user=boss.user)
    Campaign.objects.filter(pk=draft.pk).update(body="Hola {nombre}")
    draft.refresh_from_db()
    return draft


def shown(client, campaign, **typed):
    return client.post(page("preview", campaign.pk), {"name": "x", "body": campaign.body} | typed).context["preview"]


def test_br_041_three_people_get_three_texts_and_the_preview_showed_each(boss, draft):
    previewed = {
        person.contact.phone: shown(boss, draft, **{"as": person.contact.pk}).whatsapp.text
        for person in next(people_of(draft))
    }
    boss.post(launch_page(draft), plan_of(boss, draft))
    prepare(draft.pk, budget=60, stop=StopPipe(), clock=lambda: NOW)
    gateway = FakeGateway()
    run_until_idle(gateway)
    assert {message.phone: without_real_links(message.text) for message in gateway.sent} == previewed
    assert sorted(previewed.values()) == [closed("Hola Ana"), closed("Hola Beto"), closed("Hola Cira")]


@pytest.mark.parametrize("text", ["trae tu {DNI}", "Descuento {50%", "Hola {{first_name}}"])
def test_br_042_br_052_what_cannot_be_filled_in_is_quoted_and_neither_saved_nor_tried(boss, draft, text):
    response = save(boss, draft, body=text, test_to="+573000000999", _test="1")
    quoted = text[text.index("{") :]
    assert quoted in errors(response)["body"][0]
    draft.refresh_from_db()
    assert draft.body == "Hola {nombre}"
    assert not Campaign.objects.filter(trial_of=draft).exists()


def test_br_046_br_047_the_number_that_is_shown_is_the_number_that_is_enforced(boss, draft):
    fits = "*" + "x" * (4089 - CLOSING) + "* {nombre}"
    for body, is_too_long in ((fits, False), (fits + "x", True)):
        counted = shown(boss, draft, body=body).text_length
        save(boss, draft, body=body)
        plan = boss.get(launch_page(draft)).context["plan"]
        assert (counted.longest > counted.limit) == bool(plan.numbers.too_long) == is_too_long
        assert counted.is_too_long == is_too_long
    assert [name for name, _lengths in plan.numbers.too_long] == ["Beto Dos", "Cira Tres"]


def test_br_052_a_test_to_oneself_takes_the_same_way(boss, draft):
    save(boss, draft, body="Hola {nombre}", test_to="+573000000999", _test="1")
    trial = Campaign.objects.get(trial_of=draft)
    prepare(trial.pk, budget=60, stop=StopPipe(), clock=lambda: NOW)
    gateway = FakeGateway()
    run_until_idle(gateway)
    assert [message.text for message in gateway.sent] == [closed("[TEST]\nHola Ana")]
    assert Delivery.objects.get(campaign=trial).attempts.get().outcome == "accepted"


def test_br_087_sending_to_the_new_ones_is_a_draft_of_its_own_that_repeats_nobody(boss):
    make_lane(sender=make_sender(state="ready"))
    make_people(2)
    first = prepared(announcement([], audience={"everybody": True}), NOW)
    run_until_idle(FakeGateway())
    new = make_contact(email="", name="Nueva")
    boss.post(page("duplicate", first.pk), {"form_key": "k"})
    copy = Campaign.objects.latest("pk")
    assert [person.contact for person in next(people_of(copy))] == [new]
    assert "without those whom" in boss.get(page("change", copy.pk)).content.decode()


def test_br_094_the_choice_shows_its_number_its_words_and_five_people_while_it_is_made(boss, draft):
    make_people(6)
    html = boss.post(page("count", draft.pk), {"name": "x", "body": "x", "everybody": "on"}).content.decode()
    assert "<strong>9</strong> messages" in html
    assert "Everybody in the list of contacts" in html
    assert html.count('<span class="quiet">+57') == 5


def test_br_146_thousands_of_chosen_people_are_a_number_on_the_page_and_survive_saving(boss, draft):
    people = sorted({*draft.audience["contacts"], *range(100_000, 105_000)})
    Campaign.objects.filter(pk=draft.pk).update(audience={"contacts": people})
    response = boss.get(page("change", draft.pk))
    assert len(response.content) < 200_000
    assert "5003" in response.content.decode()
    assert save(boss, draft, body="Hola").status_code == 302
    draft.refresh_from_db()
    assert draft.audience == {"contacts": people}


def test_br_147_no_field_of_the_page_lists_everybody(boss, draft):
    for number in range(60):
        make_contact(name=f"Desconocida {number}")
    assert "Desconocida" not in boss.get(page("change", draft.pk)).content.decode()


def test_br_148_the_search_finds_whom_the_campaign_may_have(boss):
    event = make_event()
    own = make_ticket(event=event, holder=make_contact(name="Persona Propia"))
    make_ticket(event=event, status="voided", holder=make_contact(name="Persona Anulada"))
    make_ticket(holder=make_contact(name="Persona Ajena"))
    draft = draft_tickets(event, user=boss.user)
    found = boss.post(page("find", draft.pk), {"name": "x", "find": "persona"}).context["found"]
    assert [one.pk for one in found.people] == [own.pk]
    assert [p.contact.name for p in shown(boss, draft, as_find="persona").people] == ["Persona Propia"]


def test_br_151_a_stale_form_changes_nothing_of_a_running_campaign(boss, draft):
    fields = form_of(boss, draft) | {"body": "Otra cosa", "test_to": "+573000000999", "_test": "1"}
    boss.post(launch_page(draft), plan_of(boss, draft))
    before = Campaign.objects.filter(pk=draft.pk).values().get()
    answer = boss.post(page("change", draft.pk), fields)
    assert "is no draft any more (sending)" in said(answer)[-1]
    assert Campaign.objects.filter(pk=draft.pk).values().get() == before
    assert not Campaign.objects.filter(trial_of=draft).exists()


def test_br_152_sending_the_page_again_repeats_nothing(boss, draft):
    test = form_of(boss, draft) | {"test_to": "+573000000999", "_test": "1"}
    for _ in range(3):
        boss.post(page("change", draft.pk), test)
        boss.post(page("duplicate", draft.pk), {"form_key": "the same"})
    assert Campaign.objects.filter(trial_of=draft).count() == 1
    assert Campaign.objects.filter(name="Copy of Aviso").count() == 1
