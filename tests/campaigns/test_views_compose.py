"""The page on which a message is written: whom it is for, how many they are, how it arrives, and how long it is."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from PIL import Image

from campaigns.drafts import draft_announcement, draft_tickets
from campaigns.models import Campaign
from campaigns.rendering import length_of
from tests.campaigns.drafting import errors, form_of, save
from tests.campaigns.pages import page, plan_of, said
from tests.closings import CLOSING, closed, letter_closed
from tests.factories import (
    NOW,
    make_campaign,
    make_contact,
    make_delivery,
    make_event,
    make_sender,
    make_tag,
    make_ticket,
)
from tickets.models import HistoryEntry

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]

MOST_QUERIES = 15  # of one page
TEXT = {"name": "x", "body": "Hola {nombre}"}


@pytest.fixture
def draft(boss):
    """An announcement for one person who was chosen by name."""
    make_sender(state="ready")
    ana = make_contact(name="Ana Prueba")
    return draft_announcement(name="Aviso", contacts=[ana.pk], user=boss.user)


def count(client, campaign, **typed):
    return client.post(page("count", campaign.pk), TEXT | typed).context["audience"]


def preview(client, campaign, **typed):
    return client.post(page("preview", campaign.pk), TEXT | typed).context["preview"]


def stored(draft):
    return Campaign.objects.get(pk=draft.pk).audience


# --- how many


def test_the_count_follows_what_is_ticked_and_keeps_nothing(boss, draft):
    tag = make_tag()
    make_contact(tags=(tag,))
    make_contact(tags=(tag,), phone="")
    found = count(boss, draft, tags=[tag.pk])
    assert (found.whatsapp, found.email) == (2, 0)  # with the one who was chosen by name
    assert [(s.reason, s.number) for s in found.skipped] == [("Has no WhatsApp number", 1)]
    found = count(boss, draft, tags=[tag.pk], channels="email")
    assert (found.whatsapp, found.email) == (0, 3)
    assert stored(draft) == {"contacts": draft.audience["contacts"]}


def test_the_number_on_the_page_is_the_number_on_the_button(boss, draft):
    tag = make_tag()
    for _ in range(3):
        make_contact(tags=(tag,))
    save(boss, draft, body="Hola {nombre}", tags=[tag.pk], channels="both")
    shown = boss.get(page("change", draft.pk)).context["audience"].head.messages
    assert str(shown) == plan_of(boss, draft)["expected"] == "8"


def test_five_people_are_shown_who_would_get_it(boss, draft):
    for number in range(7):
        make_contact(name=f"Persona {number}", phone="" if number < 3 else f"+5730000008{number:02d}")
    sample = count(boss, draft, everybody="on").sample
    assert [person.contact.name for person in sample] == [
        "Ana Prueba",
        "Persona 3",
        "Persona 4",
        "Persona 5",
        "Persona 6",
    ]


def test_nobody_is_said_so(boss):
    draft = draft_announcement(name="x")
    html = boss.post(page("count", draft.pk), TEXT).content.decode()
    assert "Choose people, and see here how many they are." in html


def test_in_a_long_list_the_page_comes_first_and_the_count_after_it(boss, draft, monkeypatch):
    monkeypatch.setattr("campaigns.admin.draft.LONG_LIST", 0)
    shown = boss.get(page("change", draft.pk))
    assert (shown.context["audience"], shown.context["preview"]) == (None, None)
    assert 'hx-trigger="load, change from:#k-whom' in shown.content.decode()
    assert boss.get(page("change", draft.pk), {"count": 1}).context["audience"].head.messages == 1  # without JavaScript
    assert save(boss, draft, body="Hola {nombr}").context["audience"].head.messages == 1


def test_a_list_is_not_long_because_its_numbers_are(boss, draft):
    make_contact(pk=1_000_000)
    assert boss.get(page("change", draft.pk)).context["audience"].head.messages == 1


@pytest.mark.parametrize("size", [3, 30])
def test_a_bigger_audience_costs_the_count_no_more(boss, draft, size, django_assert_max_num_queries):
    for _ in range(size):
        make_contact()
    with django_assert_max_num_queries(8):
        assert count(boss, draft, everybody="on", channels="both").head.people == size + 1


# --- for whom


def test_the_whole_choice_is_stored_and_shown_again(boss, draft):
    event, tags, before = make_event(), [make_tag(), make_tag()], make_campaign(status="finished", finished_at=NOW)
    chosen = {
        "tags": [tags[0].pk],
        "no_tags": [tags[1].pk],
        "holders_event": event.pk,
        "ticket_state": "outside",
        "not_reached_by": [before.pk],
    }
    assert save(boss, draft, body="Hola", **chosen).status_code == 302
    expected = {
        "contacts": draft.audience["contacts"],
        "tags": [tags[0].pk],
        "no_tags": [tags[1].pk],
        "holders": {"event": event.pk, "state": "outside"},
        "not_reached_by": [before.pk],
    }
    assert stored(draft) == expected
    assert save(boss, draft, body="Hola").status_code == 302  # what the page shows, sent back
    assert stored(draft) == expected


def test_drafts_and_tests_are_no_campaigns_that_reached_somebody(boss, draft):
    trial = make_campaign(status="finished", finished_at=NOW, trial_of=draft)
    other = make_campaign()
    html = boss.get(page("change", draft.pk)).content.decode()
    assert f'name="not_reached_by" value="{trial.pk}"' not in html
    assert f'name="not_reached_by" value="{other.pk}"' not in html
    assert "not_reached_by" in errors(save(boss, draft, body="Hola", not_reached_by=[other.pk]))


def test_people_are_found_and_added_one_by_one(boss, draft):
    beto = make_contact(name="Beto Prueba")
    found = boss.post(page("find", draft.pk), TEXT | {"find": "beto"})
    assert [one.name for one in found.context["found"].people] == ["Beto Prueba"]
    again = boss.post(page("find", draft.pk), TEXT | {"find": "ana", "add": [beto.pk]})
    assert [(one.name, one.is_added) for one in again.context["found"].people] == [
        ("Beto Prueba", True),  # ticked before the next search, and still there
        ("Ana Prueba", False),
    ]
    assert count(boss, draft, add=[beto.pk]).head.messages == 2
    save(boss, draft, body="Hola", add=[beto.pk])
    assert stored(draft) == {"contacts": [*draft.audience["contacts"], beto.pk]}


def test_people_are_taken_out_one_by_one_and_all_at_once(boss, draft):
    [ana] = draft.audience["contacts"]
    save(boss, draft, body="Hola", add=[make_contact().pk, make_contact().pk])
    save(boss, draft, body="Hola", drop=[ana])
    assert ana not in stored(draft)["contacts"]
    assert len(stored(draft)["contacts"]) == 2
    save(boss, draft, body="Hola", drop_all="1")
    assert stored(draft) == {}


def test_ids_that_are_none_are_passed_over(boss, draft):
    typed = {"add": ["x", "-1", "٣", "9" * 40], "tags": ["x"], "holders_event": "x", "ticket_state": "x", "as": "٣"}
    assert count(boss, draft, **typed).head.people == 1
    assert preview(boss, draft, **typed).person.contact.name == "Ana Prueba"


def test_a_ticket_draft_is_for_the_event_or_for_chosen_tickets(boss):
    event = make_event()
    tickets = [make_ticket(event=event) for _ in range(3)]
    draft = draft_tickets(event, user=boss.user)
    assert count(boss, draft, scope="event").head.messages == 3
    assert count(boss, draft, scope="chosen").head.messages == 0
    # Whoever adds people does not mean everybody any more.
    assert count(boss, draft, scope="event", add=[tickets[0].pk]).head.messages == 1
    save(boss, draft, add=[tickets[0].pk])
    assert stored(draft) == {"tickets": [tickets[0].pk]}
    save(boss, draft, scope="event", ticket_state="undelivered")
    assert stored(draft) == {"event_tickets": True, "tickets": [tickets[0].pk], "ticket_state": "undelivered"}


def test_tickets_are_found_by_their_code_and_only_those_of_the_event(boss):
    event = make_event()
    ticket, foreign = make_ticket(event=event), make_ticket()
    draft = draft_tickets(event, user=boss.user)
    for code, names in ((ticket.code, [ticket.holder.name]), (foreign.code, [])):
        found = boss.post(page("find", draft.pk), TEXT | {"find": code}).context["found"]
        assert [one.name for one in found.people] == names
    assert count(boss, draft, add=[foreign.pk]).head.messages == 0


# --- people of a list


def test_a_file_adds_people_and_tells_who_is_not_known(boss, draft):
    beto = make_contact(phone="+573000000777", email="")
    file = SimpleUploadedFile("lista.csv", b"Nombre;Celular\nBeto;300 000 0777\nNadie;300 000 0888\n")
    answer = save(boss, draft, body="Hola", people_file=file)
    assert said(answer)[0] == "Of 2 lines of the list: 1 was added. 1 is not among the contacts."
    assert stored(draft) == {"contacts": [*draft.audience["contacts"], beto.pk]}
    html = boss.get(page("change", draft.pk)).content.decode()
    assert "<li>300 000 0888</li>" in html
    assert "300 000 0888" not in boss.get(page("add")).content.decode()


def test_what_is_pasted_does_the_same(boss, draft):
    beto = make_contact(email="beto@example.com")
    answer = save(boss, draft, body="Hola", people_text="BETO@example.com\n")
    assert said(answer)[0] == "Of 1 line of the list: 1 was added."
    assert beto.pk in stored(draft)["contacts"]


def test_a_bad_file_loses_nothing_that_was_typed(boss, draft):
    file = SimpleUploadedFile("lista.xlsx", b"PK\x03\x04....")
    response = save(boss, draft, body="Hola {nombre}, y adiós", people_file=file)
    assert "spreadsheet" in errors(response)["people_file"][0]
    assert "Hola {nombre}, y adiós" in response.content.decode()
    assert Campaign.objects.get(pk=draft.pk).body == ""


# --- how it arrives


def test_anybody_of_the_audience_can_be_searched_for(boss, draft):
    make_contact(name="Zoe Fuera")
    people = [make_contact(name=f"Persona {n:02d}").pk for n in range(12)]
    typed = {"add": people, "as_find": "persona 11"}
    found = preview(boss, draft, **typed)
    assert [person.contact.name for person in found.people] == ["Persona 11"]
    assert found.whatsapp.text == closed("Hola Persona")
    assert preview(boss, draft, **typed | {"as_find": "zoe"}).found_nobody
    # Chosen once, shown also when somebody else is searched for.
    assert preview(boss, draft, **typed | {"as": people[9], "as_find": ""}).person.contact.name == "Persona 09"


def test_somebody_outside_the_audience_is_not_shown(boss, draft):
    other = make_contact(name="Zoe Fuera")
    assert preview(boss, draft, **{"as": other.pk}).person.contact.name == "Ana Prueba"


def test_both_channels_stand_side_by_side(boss, draft):
    html = boss.post(page("preview", draft.pk), TEXT | {"body": "Hola *{nombre}*", "subject": "Para {nombre}"})
    text = html.content.decode()
    assert "Hola <strong>Ana</strong>" in text
    assert "Para Ana" in text
    assert "Hola Ana" in text  # the e-mail, without the marks


def test_all_marks_of_the_toolbar_are_shown_and_taken_out_of_the_e_mail(boss, draft):
    shown = boss.post(page("preview", draft.pk), TEXT | {"body": "*a* _b_ ~c~ ```d```"})
    assert "<strong>a</strong> <em>b</em> <s>c</s> <code>d</code>" in shown.content.decode()
    assert shown.context["preview"].email.text == letter_closed("a b c d")


def test_a_chosen_picture_shortens_what_fits_before_it_is_saved(boss, draft):
    assert preview(boss, draft).text_length.limit == 4096
    assert preview(boss, draft, has_picture="1").text_length.limit == 1024
    assert Campaign.objects.get(pk=draft.pk).image == ""


def test_the_toolbar_offers_what_this_message_may_use(boss, draft):
    make_contact(attributes={"mesa": "1"})
    event = make_event()
    without = boss.post(page("preview", draft.pk), TEXT).content.decode()
    assert 'data-insert="{mesa}"' in without
    assert 'data-insert="{evento}"' not in without
    assert 'data-insert="{evento}"' in boss.post(page("preview", draft.pk), TEXT | {"event": event.pk}).content.decode()


# --- how long it is


@pytest.mark.parametrize(
    "body",
    ["Hola {nombre}", "Hola {nombre} 👩‍👩‍👧 🇨🇴", "*Hola*\r\n{nombre|amigo}", "{nombre}" + "x" * 1019 + "{nombre}"],
)
def test_the_counter_is_what_the_launch_enforces(boss, draft, body):
    length = preview(boss, draft, body=body, link="https://example.com/x", link_text="Ver").text_length
    save(boss, draft, body=body, link="https://example.com/x", link_text="Ver")
    plan = boss.get(page("launch", draft.pk)).context["plan"]
    assert length.now == length_of(plan.samples[0].text)
    assert length.is_too_long == bool(plan.numbers.too_long)


def test_the_longest_of_them_counts_and_is_named(boss, draft):
    long = make_contact(name="Maximiliana Prueba")
    length = preview(boss, draft, add=[long.pk], body="{nombre}" + "x" * (1013 - CLOSING), has_picture="1").text_length
    assert (length.now, length.longest, length.limit, length.name) == (1016, 1024, 1024, "Maximiliana Prueba")
    assert not length.is_too_long
    assert preview(
        boss, draft, add=[long.pk], body="{nombre}" + "x" * (1014 - CLOSING), has_picture="1"
    ).text_length.is_too_long


def test_a_channel_without_a_limit_has_no_counter(boss, draft):
    shown = preview(boss, draft, channels="email", subject="s" * 201)
    assert shown.text_length is None
    assert (shown.subject_length.now, shown.subject_length.limit) == (201, 200)


# --- the page


def test_save_and_look_keeps_the_person_and_the_search(boss, draft):
    """Without JavaScript this is how one looks."""
    answer = save(boss, draft, body="Hola {nombre}", find="ana", as_find="an a", _continue="1")
    assert answer.headers["Location"].endswith("?as_find=an+a&find=ana")
    shown = boss.get(answer.headers["Location"])
    assert shown.context["found"].search == "ana"
    assert shown.context["preview"].whatsapp.text == closed("Hola Ana")


def test_what_cannot_be_saved_is_counted_and_shown_as_it_was_typed(boss, draft):
    tag = make_tag()
    make_contact(tags=(tag,))
    shown = save(boss, draft, body="Hola {nombr}", tags=[tag.pk])
    assert shown.context["audience"].head.messages == 2
    assert "“{nombr}”" in shown.context["preview"].problems[0]


@pytest.mark.parametrize("kind", ["announcement", "tickets"])
def test_the_page_keeps_its_budget(boss, draft, kind):
    tags, event = [make_tag() for _ in range(12)], make_event()
    for number in range(40):
        contact = make_contact(tags=(tags[number % 12],), attributes={"mesa": str(number)})
        make_ticket(event=event, holder=contact)
        make_campaign(status="finished", finished_at=NOW)
    if kind == "tickets":
        draft = draft_tickets(event, user=boss.user)
    else:
        chosen = {"tags": [tags[0].pk], "no_tags": [tags[1].pk], "holders_event": event.pk, "channels": "both"}
        save(boss, draft, body="Hola {nombre}", add=[contact.pk], **chosen)
    with CaptureQueriesContext(connection) as queries:
        response = boss.get(page("change", draft.pk))
    assert len(response.content) < 200_000
    assert len(queries) <= MOST_QUERIES, "\n".join(query["sql"][:300] for query in queries)


def test_hundreds_of_tags_are_a_list_and_not_a_thousand_boxes(boss, draft):
    for number in range(300):
        make_tag(f"Etiqueta {number}")
    response = boss.get(page("change", draft.pk))
    assert len(response.content) < 200_000


def test_what_no_database_can_be_asked_for_is_left_out_of_a_search(boss, draft):
    """PostgreSQL takes no NUL in a text."""
    zoe = make_contact(name="Zoe Muestra")
    draft.audience = {"contacts": [zoe.pk]}
    draft.save()
    assert preview(boss, draft, as_find="zoe\x00").person.contact == zoe
    found = boss.post(page("find", draft.pk), TEXT | {"find": "\x00zoe"}).context["found"]
    assert [one.pk for one in found.people] == [zoe.pk]


@pytest.mark.parametrize("name", ["preview", "count", "find"])
def test_what_is_typed_is_for_those_who_write(staff, client, draft, name):
    assert staff("campaigns.view_campaign").post(page(name, draft.pk), TEXT).status_code == 403
    assert (
        staff("campaigns.view_campaign", "campaigns.change_campaign").post(page(name, draft.pk), TEXT).status_code
        == 200
    )
    assert staff("campaigns.view_campaign", "campaigns.add_campaign").post(page(f"{name}_new"), TEXT).status_code == 200
    assert client.post(page(name, draft.pk), TEXT).status_code == 302


@pytest.mark.parametrize("name", ["preview", "count", "find"])
def test_a_get_is_no_way_to_ask(boss, draft, name):
    assert boss.get(page(name, draft.pk)).status_code == 405


def test_whoever_may_only_look_sees_the_message_and_no_fields(staff, draft):
    html = staff("campaigns.view_campaign").get(page("change", draft.pk)).content.decode()
    assert 'name="body"' not in html
    assert "As it arrives at Ana Prueba" in html


def test_a_picture_says_where_it_was_taken_to_nobody(boss, draft):
    taken = Image.new("RGB", (2400, 300), "red")
    exif = taken.getexif()
    exif[0x010F] = "Cámara de prueba"
    file = io.BytesIO()
    taken.save(file, "JPEG", exif=exif)
    save(boss, draft, body="Hola", image=SimpleUploadedFile("foto.jpg", file.getvalue()))
    kept = Image.open(Campaign.objects.get(pk=draft.pk).image)
    assert (kept.format, kept.size, dict(kept.getexif())) == ("JPEG", (1200, 150), {})


def test_a_new_announcement_sent_twice_is_one_draft(boss):
    fields = {"name": "Nueva", "body": "Hola", "zone": "America/Bogota"}
    fields["form_key"] = form_key(boss.get(page("add")))
    first, second = (boss.post(page("add"), fields | {"_launch": "1"}) for _ in range(2))
    made = Campaign.objects.get()
    assert first.headers["Location"] == page("launch", made.pk)
    assert second.headers["Location"] == page("change", made.pk)


def form_key(response):
    return response.context["adminform"].form["form_key"].value()


def test_the_same_page_sent_twice_is_no_quarrel(boss, draft):
    fields = form_of(boss, draft) | {"body": "Hola"}
    assert boss.post(page("change", draft.pk), fields).status_code == 302
    assert boss.post(page("change", draft.pk), fields).status_code == 302


def test_nor_is_it_with_a_last_moment(boss, draft):
    limit = {"zone": "America/Bogota", "not_after": "2026-12-01T20:00"}
    fields = form_of(boss, draft) | limit | {"body": "Hola"}
    assert boss.post(page("change", draft.pk), fields).status_code == 302
    assert boss.post(page("change", draft.pk), fields).status_code == 302


def picture(colour):
    file = io.BytesIO()
    Image.new("RGB", (40, 30), colour).save(file, "PNG")
    return SimpleUploadedFile("foto.png", file.getvalue())


def test_nor_is_it_with_a_picture(boss, draft):
    fields = form_of(boss, draft) | {"body": "Hola"}
    assert boss.post(page("change", draft.pk), fields | {"image": picture("red")}).status_code == 302
    first = Campaign.objects.get(pk=draft.pk).image.name
    entries = HistoryEntry.objects.count()
    assert boss.post(page("change", draft.pk), fields | {"image": picture("red")}).status_code == 302
    assert Campaign.objects.get(pk=draft.pk).image.name == first
    assert HistoryEntry.objects.count() == entries


def test_another_picture_in_the_same_place_is_another_message(boss, draft):
    save(boss, draft, body="Hola", image=picture("red"))
    before = Campaign.objects.get(pk=draft.pk)
    with before.image.open("rb") as file:
        was = file.read()
    save(boss, draft, image=picture("blue"))
    after = Campaign.objects.get(pk=draft.pk)
    assert after.image.name != before.image.name
    with after.image.open("rb") as file:
        assert file.read() != was


@pytest.mark.parametrize("change", [{"channels": "email"}, {"audience": {"everybody": True}}, {"name": "Otro"}])
def test_what_somebody_else_changed_is_not_undone_unseen(boss, draft, change):
    fields = form_of(boss, draft)
    Campaign.objects.filter(pk=draft.pk).update(**change)
    response = boss.post(page("change", draft.pk), fields | {"body": "Mía"})
    assert errors(response).as_data()["seen"][0].code == "stale"
    assert Campaign.objects.get(pk=draft.pk).body == ""


def test_a_list_of_deliveries_is_no_part_of_the_page(boss, draft):
    make_delivery(campaign=make_campaign(status="sending"))
    assert "_set-TOTAL_FORMS" not in boss.get(page("change", draft.pk)).content.decode()


@pytest.mark.parametrize("may_launch", [True, False])
def test_only_who_may_launch_is_led_on_to_it(staff, draft, may_launch):
    rights = {"campaigns.view_campaign", "campaigns.add_campaign", "campaigns.change_campaign"}
    client = staff(*rights, *({"campaigns.launch_campaign"} if may_launch else ()))
    for address in (page("add"), page("change", draft.pk)):
        html = client.get(address).content.decode()
        assert ('name="_launch"' in html, 'name="_save"' in html) == (may_launch, True)
