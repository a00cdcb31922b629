"""The language is a person's own: Spanish until they choose, then theirs on every device."""

import pytest
from django.test import Client
from django.urls import reverse

from config.models import Preference
from tests.factories import make_user
from tests.staff import sign_in

pytestmark = pytest.mark.django_db

HOME = "/admin/"


def _choose(client, language):
    return client.post(reverse("set_language"), {"language": language, "next": HOME})


def _language(client):
    return client.get(HOME)["Content-Language"]


def _device_of(user):
    client = Client(headers={"accept-language": "en"})
    client.force_login(user)
    return client


def test_spanish_until_somebody_chooses(client):
    sign_in(client)
    assert _language(client) == "es"


def test_the_choice_follows_to_a_device_that_is_signed_in_already(client):
    user = sign_in(client)
    other = _device_of(user)
    _choose(client, "en")
    assert (_language(client), _language(other)) == ("en", "en")
    _choose(other, "es")
    assert _language(client) == "es"


def test_the_choice_is_the_persons_and_not_the_computers(client):
    sign_in(client)
    _choose(client, "en")
    client.logout()
    assert client.get(reverse("admin:login"))["Content-Language"] == "es"
    sign_in(client)
    assert _language(client) == "es"


def test_the_login_page_can_change_its_language_before_anybody_is_there(client):
    _choose(client, "en")
    assert client.get(reverse("admin:login"))["Content-Language"] == "en"
    assert Preference.objects.count() == 0


def test_what_somebody_chose_wins_over_the_computer(client):
    Preference.objects.create(user=sign_in(client), language="es")
    client.cookies["django_language"] = "en"
    assert _language(client) == "es"


def test_choosing_twice_leaves_one_choice(client):
    user = sign_in(client)
    _choose(client, "en")
    _choose(client, "en")
    assert list(Preference.objects.values_list("user", "language")) == [(user.pk, "en")]


@pytest.mark.parametrize("language", ["xx", "", "en-us\r\nx: y"])
def test_a_language_that_does_not_exist_changes_nothing(client, language):
    sign_in(client)
    _choose(client, language)
    assert (_language(client), Preference.objects.count()) == ("es", 0)


def test_looking_at_the_address_changes_nothing(client):
    sign_in(client)
    client.get(reverse("set_language"), {"language": "en"})
    assert (_language(client), Preference.objects.count()) == ("es", 0)


def test_the_choice_costs_no_question_of_its_own(django_assert_num_queries):
    """It comes with the person."""
    user = make_user(is_superuser=False)
    client = _device_of(user)
    with django_assert_num_queries(2):  # the session and the person
        client.get(reverse("admin:jsi18n"))
    _choose(client, "en")
    with django_assert_num_queries(2):
        assert client.get(reverse("admin:jsi18n"))["Content-Language"] == "en"


def test_a_stranger_costs_no_question(client, django_assert_num_queries):
    with django_assert_num_queries(0):
        client.get("/nowhere/")


def test_somebody_who_was_switched_off_is_out_at_once(client):
    user = sign_in(client)
    user.is_active = False
    user.save()
    assert client.get(HOME).status_code == 302
