"""The frame of every page: the strict policy holds, the language is chosen, the demonstration says so."""

import re

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.urls import reverse

from tests.factories import make_contact, make_event, make_sender, make_ticket
from tests.staff import sign_in_owner

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]

PAGES = [
    "admin:login",
    "admin:index",
    "admin:password_change",
    "admin:tickets_event_changelist",
    "admin:tickets_event_add",
    "admin:tickets_contact_changelist",
    "admin:tickets_contact_add",
    "admin:tickets_ticket_changelist",
    "admin:tickets_ticket_add",
    "admin:tickets_tag_changelist",
    "admin:tickets_checkin_changelist",
    "admin:tickets_import_changelist",
    "admin:tickets_import_add",
    "admin:whatsapp_sender_changelist",
    "admin:whatsapp_sender_add",
    "admin:auth_user_changelist",
    "admin:auth_user_add",
    "admin:auth_group_add",
    "admin:django_q_success_changelist",
    "admin:django_q_failure_changelist",
    "admin:django_q_schedule_add",
    "admin:django_q_ormq_changelist",
]


def _page(client, name):
    if name != "admin:login":
        sign_in_owner(client)
    response = client.get(reverse(name))
    assert response.status_code == 200
    return response.content.decode()


@pytest.mark.parametrize("name", PAGES)
def test_pages_keep_to_the_strict_policy(client, name):
    make_ticket()
    make_sender()
    page = _page(client, name)
    assert not re.search(r"<style|\sstyle=|\son\w+=|javascript:", page)
    inline = [tag for tag in re.findall(r"<script[^>]*>", page) if "src=" not in tag and "application/json" not in tag]
    assert inline == []


@pytest.mark.parametrize("name", PAGES)
def test_pages_ask_no_other_site_for_anything(client, name):
    page = _page(client, name)
    loaded = re.findall(r'<(?:script|link|img|use|iframe)[^>]*?(?:src|href)="([^"]+)"', page)
    assert loaded
    assert [address for address in loaded if not address.startswith(("/", "data:"))] == []


def test_every_file_that_a_page_loads_exists(client):
    page = _page(client, "admin:tickets_contact_add")
    files = re.findall(r'(?:src|href)="/static/([^"#?]+)', page)
    assert len(files) > 10
    assert [name for name in files if finders.find(name) is None] == []


def test_every_icon_that_the_menu_uses_is_in_the_sprite(client):
    names = set(re.findall(r'icons\.svg#([\w-]+)"', _page(client, "admin:index")))
    sprite = (settings.BASE_DIR / "static/pregonero/icons.svg").read_text()
    assert len(names) > 12
    assert {name for name in names if f'id="{name}"' not in sprite} == set()


def test_vendored_htmx_has_the_checksum_that_is_written_down():
    import hashlib

    folder = settings.BASE_DIR / "static/vendor"
    content = (folder / "htmx/htmx.min.js").read_bytes()
    assert hashlib.sha256(content).hexdigest() in (folder / "README.md").read_text()
    assert b"sourceMappingURL" not in content


def test_htmx_may_not_evaluate_or_leave_the_site(client):
    page = _page(client, "admin:index")
    assert '"allowEval":false,"selfRequestsOnly":true' in page


def test_the_login_page_has_no_menu_and_can_change_the_language(client):
    page = _page(client, "admin:login")
    assert 'id="p-side"' not in page
    assert f'action="{reverse("set_language")}"' in page


def test_choosing_english_lasts_and_comes_back_to_the_same_page(client):
    there = reverse("admin:tickets_event_changelist")
    sign_in_owner(client)
    answer = client.post(reverse("set_language"), {"language": "en", "next": there})
    assert (answer.status_code, answer["Location"]) == (302, there)
    assert client.get(there)["Content-Language"] == "en"


def test_spanish_is_the_default_whatever_the_browser_says(client):
    answer = client.get(reverse("admin:login"), headers={"accept-language": "en"})
    assert answer["Content-Language"] == "es"


@pytest.mark.parametrize("demo", [True, False])
def test_only_a_demonstration_says_that_it_is_one(client, settings, demo):
    settings.DEMO = demo
    assert ('class="p-band p-band-accent"' in _page(client, "admin:index")) is demo


def test_an_empty_list_says_what_to_do_next(client):
    page = _page(client, "admin:tickets_event_changelist")
    assert 'class="p-empty"' in page
    assert f'href="{reverse("admin:tickets_event_add")}"' in page


def test_a_search_without_result_offers_the_way_back(client):
    make_contact(name="Lucía")
    sign_in_owner(client)
    page = client.get(reverse("admin:tickets_contact_changelist"), {"q": "zzz"}).content.decode()
    assert '<a class="p-button" href="?">' in page


def test_filters_are_drop_downs_that_close_each_other(client):
    make_event()
    page = _page(client, "admin:tickets_event_changelist")
    assert '<details class="p-filter" name="p-filter">' in page


def test_nobody_sees_a_page_without_signing_in(client):
    for name in PAGES[1:]:
        answer = client.get(reverse(name))
        assert (answer.status_code, reverse("admin:login") in answer["Location"]) == (302, True)


def test_the_icon_is_found_under_the_name_that_browsers_guess(client):
    assert client.get("/favicon.ico")["Location"].endswith("pregonero/logo.svg")
