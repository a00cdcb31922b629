"""What somebody sees when a page is not for them, not there, or broken: a sentence and a way on."""

import pytest
from django.template.loader import get_template
from django.test import Client
from django.urls import reverse

from config.middleware import ZeroByteMiddleware
from tests.factories import make_contact
from tests.staff import sign_in, sign_in_owner

pytestmark = pytest.mark.django_db


def _way_on(page):
    return f'href="{reverse("admin:index")}"' in page


def test_not_allowed(client):
    sign_in(client)
    answer = client.get(reverse("admin:tickets_event_changelist"))
    assert (answer.status_code, _way_on(answer.content.decode())) == (403, True)


def test_not_there(client):
    answer = client.get("/nowhere/")
    assert (answer.status_code, _way_on(answer.content.decode())) == (404, True)


def test_a_form_that_grew_old():
    answer = Client(enforce_csrf_checks=True).post(reverse("admin:login"), {})
    assert (answer.status_code, _way_on(answer.content.decode())) == (403, True)


def test_broken_without_anything_but_the_template():
    assert _way_on(get_template("500.html").render())


@pytest.mark.parametrize(
    "path",
    [
        "tickets/contact/?q=An%00a",
        "tickets/contact/{pk}/merge/?q=An%00a",
        "tickets/contact/{pk}/merge/?with=1%00",
        "tickets/historyentry/?action=%00launched&person=%00",
        "campaigns/campaign/?q=%00",
        "campaigns/delivery/?q=%00&status__exact=sent%00",
    ],
)
def test_a_zero_byte_in_an_address_is_passed_over(client, path):
    """PostgreSQL takes it in no text, and answers with an error."""
    ana = make_contact(name="Ana")
    sign_in_owner(client)
    assert client.get("/admin/" + path.format(pk=ana.pk)).status_code in (200, 302)
    assert "Ana" in client.get("/admin/tickets/contact/?q=An%00a").content.decode()


@pytest.mark.parametrize("typed", ["An%00a", "An%0%000a", "An%0%0%0000a", "%00%00Ana%00"])
def test_to_take_out_a_zero_byte_joins_no_halves_of_another(rf, typed):
    assert ZeroByteMiddleware(lambda request: request.GET["q"])(rf.get(f"/?q={typed}")) == "Ana"


def test_a_zero_byte_in_the_key_of_a_form_makes_no_error(client):
    sign_in_owner(client)
    assert (
        client.post(reverse("admin:campaigns_campaign_add"), {"form_key": "a\0b", "name": "Aviso"}).status_code == 200
    )
