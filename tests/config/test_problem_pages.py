"""What somebody sees when a page is not for them, not there, or broken: a sentence and a way on."""

import pytest
from django.template.loader import get_template
from django.test import Client
from django.urls import reverse

from tests.staff import sign_in

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
