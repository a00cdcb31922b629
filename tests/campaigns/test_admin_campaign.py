"""The list of campaigns, and the form of a draft."""

import io

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from PIL import Image

from campaigns.drafts import draft_announcement, draft_tickets
from campaigns.models import Campaign
from tests.campaigns.drafting import errors, form_of, save
from tests.campaigns.pages import launch_page, page, said
from tests.closings import closed
from tests.factories import NOW, make_campaign, make_contact, make_delivery, make_event, make_tag

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]

LIST = "admin:campaigns_campaign_changelist"


@pytest.fixture
def draft(boss):
    tag = make_tag("Voluntarios")
    make_contact(tags=(tag,))
    return draft_announcement(name="Aviso", tags=[tag.pk], user=boss.user)


# --- the list ------------------------------------------------------------------------------------------------------


def test_the_progress_of_each_is_counted(boss):
    campaign = make_campaign(status="sending")
    for status, sent in (("sent", NOW), ("failed", None), ("uncertain", None), ("pending", None)):
        make_delivery(campaign=campaign, status=status, sent_at=sent)
    html = boss.get(reverse(LIST)).content.decode()
    assert "3 of 4 (75 %)</span> <small>1 failed, 1 uncertain</small>" in html


def test_a_longer_list_costs_no_more_queries(boss):
    def cost():
        with CaptureQueriesContext(connection) as queries:
            boss.get(reverse(LIST))
        return len(queries)

    make_delivery()
    before = cost()
    for _ in range(5):
        make_delivery(campaign=make_campaign(status="sending", event=make_event()))
    assert cost() == before


def test_the_list_does_not_read_the_ids_of_an_audience(boss, draft):
    with CaptureQueriesContext(connection) as queries:
        boss.get(reverse(LIST))
    assert not [q["sql"] for q in queries if '"campaigns_campaign"."audience"' in q["sql"]]


def test_the_list_filters_by_status_and_kind(boss, draft):
    make_campaign(name="Otra", status="sending")
    html = boss.get(reverse(LIST), {"status__exact": "draft", "kind__exact": "announcement"}).content.decode()
    assert "Aviso" in html
    assert "Otra" not in html


def test_nothing_is_deleted_here(boss, draft):
    assert boss.post(reverse("admin:campaigns_campaign_delete", args=[draft.pk]), {"post": "yes"}).status_code == 403
    assert Campaign.objects.exists()


def test_a_draft_offers_its_next_step(boss, draft):
    assert launch_page(draft) in boss.get(reverse(LIST)).content.decode()


def test_who_may_not_launch_is_not_sent_to_a_page_that_is_closed_to_them(staff, draft):
    client = staff("campaigns.view_campaign", "campaigns.change_campaign")
    html = client.get(reverse(LIST)).content.decode()
    assert "Aviso" in html
    assert launch_page(draft) not in html


# --- the draft -----------------------------------------------------------------------------------------------------


def test_a_draft_is_written_and_goes_on_to_its_launch(boss, draft):
    answer = save(boss, draft, body="Hola {nombre}", link="example.com/programa", _launch="1")
    assert answer.headers["Location"] == launch_page(draft)
    draft.refresh_from_db()
    assert (draft.body, draft.link) == ("Hola {nombre}", "https://example.com/programa")


def test_all_that_is_wrong_with_all_texts_is_listed_and_quoted(boss, draft):
    response = save(boss, draft, body="Hola {nombr} y {{apodo}}", subject="{codigo}", email_body="{0}")
    found = errors(response)
    assert "“{nombr}”" in found["body"][0]
    assert "{nombre}" in found["body"][0]  # the suggestion
    assert "“{{apodo}}”" in found["body"][1]
    assert "“{codigo}”" in found["subject"][0]
    assert "“{0}”" in found["email_body"][0]
    draft.refresh_from_db()
    assert draft.body == ""


def test_names_of_an_event_need_an_event(boss, draft):
    assert "body" in errors(save(boss, draft, body="Nos vemos en {evento}"))
    event = make_event()
    assert save(boss, draft, body="Nos vemos en {evento}", event=event.pk).status_code == 302


def test_a_name_that_stands_in_for_the_subject_is_checked_too(boss, draft):
    assert "name" in errors(save(boss, draft, name="Aviso {x}", body="Hola"))
    assert save(boss, draft, name="Aviso {x}", subject="Hola", body="Hola").status_code == 302


def test_a_text_is_required(boss, draft):
    assert "body" in errors(save(boss, draft))


def test_what_the_run_writes_is_out_of_reach(boss, draft):
    save(
        boss,
        draft,
        body="Hola",
        status="sending",
        kind="tickets",
        priority="0",
        launched_at="2026-01-01",
        audience="{}",
    )
    draft.refresh_from_db()
    assert (draft.status, draft.kind, draft.priority, draft.launched_at) == ("draft", "announcement", 20, None)
    assert draft.audience["tags"]


def test_tags_are_chosen_and_people_that_were_ticked_stay(boss):
    contact, tag = make_contact(), make_tag()
    draft = draft_announcement(name="Aviso", contacts=[contact.pk])
    save(boss, draft, body="Hola", tags=[tag.pk])
    draft.refresh_from_db()
    assert draft.audience == {"contacts": [contact.pk], "tags": [tag.pk]}


def test_everybody_has_to_be_asked_for(boss, draft):
    save(boss, draft, body="Hola", everybody="on")
    draft.refresh_from_db()
    assert draft.audience["everybody"] is True


def test_a_ticket_campaign_keeps_its_tickets(boss):
    draft = draft_tickets(make_event())
    save(boss, draft, body="Otra cosa {codigo}", everybody="on", holders_event=make_event().pk)
    draft.refresh_from_db()
    assert (draft.audience, draft.body) == ({"event_tickets": True}, "Otra cosa {codigo}")


def test_the_last_moment_is_an_hour_of_the_chosen_place(boss, draft):
    save(boss, draft, body="Hola", zone="Europe/Madrid", not_after="2026-12-01T20:00")
    draft.refresh_from_db()
    assert draft.not_after.isoformat() == "2026-12-01T19:00:00+00:00"
    assert form_of(boss, draft)["not_after"].isoformat() == "2026-12-01T20:00:00"


def test_a_picture_is_drawn_anew_and_shown_to_staff_only(boss, draft, client):
    file = io.BytesIO()
    Image.new("RGB", (40, 30), "red").save(file, "PNG")
    file.seek(0)
    file.name = "foto.png"
    save(boss, draft, body="Hola", image=file)
    shown = boss.get(page("picture", draft.pk))
    assert b"".join(shown.streaming_content)[:3] == b"\xff\xd8\xff"
    assert client.get(page("picture", draft.pk)).status_code == 302


def test_a_file_that_is_no_picture_is_refused(boss, draft):
    file = io.BytesIO(b"%PDF-1.7")
    file.name = "foto.png"
    assert "image" in errors(save(boss, draft, body="Hola", image=file))


def test_a_form_that_is_older_than_the_launch_changes_nothing(boss, draft):
    fields = form_of(boss, draft)
    Campaign.objects.filter(pk=draft.pk).update(status="sending", launched_at=NOW, body="Hola")
    answer = boss.post(page("change", draft.pk), fields | {"body": "Otra cosa"})
    assert answer.headers["Location"] == page("change", draft.pk)
    assert "is no draft any more (sending)" in said(answer)[0]
    draft.refresh_from_db()
    assert (draft.status, draft.body) == ("sending", "Hola")


def test_a_launch_between_reading_and_writing_wins(boss, draft, monkeypatch):
    """The form was valid, and then somebody was faster."""
    from campaigns.forms import CampaignForm

    put_audience = CampaignForm.put_audience

    def launch_first(form):
        Campaign.objects.filter(pk=draft.pk).update(status="sending", launched_at=NOW)
        put_audience(form)

    monkeypatch.setattr(CampaignForm, "put_audience", launch_first)
    answer = save(boss, draft, body="Otra cosa")
    assert "is no draft any more" in said(answer)[0]
    draft.refresh_from_db()
    assert draft.body == ""


def test_a_form_that_is_older_than_somebody_elses_is_refused(boss, draft):
    fields = form_of(boss, draft)
    save(boss, draft, body="De otra persona")
    response = boss.post(page("change", draft.pk), fields | {"body": "Mía"})
    assert errors(response).as_data()["seen"][0].code == "stale"
    assert "Somebody changed this draft" in response.content.decode()


def test_a_new_announcement_is_a_draft_of_its_author(boss):
    tag = make_tag()
    fields = {"name": "Nueva", "body": "Hola {nombre}", "tags": [tag.pk], "zone": "America/Bogota"}
    answer = boss.post(page("add"), fields | {"_launch": "1"})
    draft = Campaign.objects.get()
    assert answer.headers["Location"] == launch_page(draft)
    assert (draft.kind, draft.status, draft.created_by) == ("announcement", "draft", boss.user)
    assert draft.audience == {"tags": [tag.pk]}


def test_adding_needs_its_permission(staff):
    assert staff("campaigns.view_campaign").get(page("add")).status_code == 403


def test_whoever_may_only_look_sees_a_draft_and_cannot_change_it(staff, draft):
    client = staff("campaigns.view_campaign")
    response = client.get(page("change", draft.pk))
    assert response.status_code == 200
    assert 'name="_launch"' not in response.content.decode()
    assert client.post(page("change", draft.pk), {"body": "x"}).status_code == 403


def test_the_history_of_a_campaign_opens(boss, draft):
    save(boss, draft, body="Hola")
    assert boss.get(page("history", draft.pk)).status_code == 200
    assert boss.get(page("history", make_campaign(status="sending").pk)).status_code == 200


# --- the preview ---------------------------------------------------------------------------------------------------


def test_the_preview_shows_what_is_typed_as_one_of_its_people(boss, draft):
    html = boss.post(
        page("preview", draft.pk), {"name": "x", "body": "Hola *{nombre}*", "tags": draft.audience["tags"]}
    )
    assert "Hola <strong>Persona</strong>" in html.content.decode()
    draft.refresh_from_db()
    assert draft.body == ""


def test_another_person_can_be_chosen(boss):
    first, second = make_contact(name="Ana Prueba"), make_contact(name="Beto Prueba")
    draft = draft_announcement(name="x", contacts=[first.pk, second.pk])
    shown = boss.post(page("preview", draft.pk), {"name": "x", "body": "Hola {nombre}", "as": second.pk})
    assert shown.context["preview"].whatsapp.text == closed("Hola Beto")


def test_the_preview_of_a_new_announcement_invents_somebody(boss):
    shown = boss.post(page("preview_new"), {"name": "x", "body": "Hola {nombre}"})
    assert shown.context["preview"].whatsapp.text == closed("Hola Ana")


def test_the_preview_lists_what_is_wrong(boss, draft):
    shown = boss.post(page("preview", draft.pk), {"name": "x", "body": "Hola {nombr}"})
    assert "“{nombr}”" in shown.content.decode()


def test_the_preview_is_for_those_who_write(staff, draft):
    assert staff("campaigns.view_campaign").post(page("preview", draft.pk), {"body": "x"}).status_code == 403


def test_a_session_that_ended_does_not_cost_the_text(client, draft):
    client.cookies["django_language"] = "en"
    answer = client.post(page("preview", draft.pk), {"body": "x"}, headers={"HX-Request": "true"})
    assert "Copy your text" in answer.content.decode()
    assert "HX-Redirect" not in answer.headers
