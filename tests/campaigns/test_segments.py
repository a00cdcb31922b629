"""Segments in campaigns: chosen on the page of the draft, asked at the launch, and not deleted under it."""

import pytest
from django.urls import reverse

from tests.campaigns.pages import page, said
from tests.factories import NOW, make_campaign, make_contact
from tickets.models import Segment

pytestmark = pytest.mark.django_db


@pytest.fixture
def english():
    return Segment.objects.create(name="En inglés", rules={"language": "en"})


def test_a_draft_is_for_a_segment(boss, english):
    make_contact(name="Ana", language="en")
    make_contact(name="Leo")
    draft = make_campaign(name="Aviso", audience={})
    shown = boss.get(page("change", draft.pk)).content.decode()
    assert "People of one of these segments" in shown
    form = {"name": "Aviso", "channels": "whatsapp", "body": "Hola {nombre}", "segments": [english.pk]}
    counted = boss.post(page("count", draft.pk), form).content.decode()
    assert "<strong>1</strong> message" in counted
    assert "Whoever is in the segment “En inglés”" in counted
    draft.audience = {"segments": [english.pk]}
    draft.save()
    again = boss.get(page("change", draft.pk)).content.decode()
    assert f'name="segments" value="{english.pk}" id="id_segments_0" checked' in again.replace(' class="vText"', "")


def delete(client, segment):
    return client.post(reverse("admin:tickets_segment_delete", args=[segment.pk]), {"post": "yes"})


@pytest.mark.parametrize(
    "state",
    [
        {"status": "draft"},
        {"status": "scheduled", "launched_at": None, "prepared_at": None, "scheduled_at": NOW},
        {"status": "sending", "prepared_at": None},
    ],
)
def test_a_segment_that_is_still_to_be_asked_is_not_deleted(boss, english, state):
    make_campaign(name="Aviso", audience={"segments": [english.pk]}, **state)
    sentence = "“En inglés” is not deleted, because these use it: “Aviso”. Choose other people there first."
    assert said(delete(boss, english)) == [sentence]
    assert said(boss.get(reverse("admin:tickets_segment_delete", args=[english.pk])))[-1] == sentence
    assert Segment.objects.exists()


def test_one_that_only_finished_campaigns_used_is_deleted(boss, english):
    make_campaign(audience={"segments": [english.pk]}, status="finished", finished_at=NOW)
    make_campaign(audience={"segments": [english.pk + 1]})
    delete(boss, english)
    assert not Segment.objects.exists()
