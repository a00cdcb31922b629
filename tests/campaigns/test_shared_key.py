"""Pages and worker with two different keys say so."""

import pytest
from django.urls import reverse

from campaigns import shared_key
from campaigns.checks import check_shared_key
from campaigns.models import Installation
from campaigns.tick import tick
from tests.factories import NOW, make_user

pytestmark = pytest.mark.django_db


def test_before_the_first_tick_nothing_is_known_and_nothing_is_wrong():
    assert (shared_key.differs(), check_shared_key(None)) == (False, [])


def test_the_same_key_on_both_sides_is_right():
    tick(now=NOW)
    assert (shared_key.differs(), check_shared_key(None)) == (False, [])


def test_another_key_is_told_by_the_check_and_on_every_page(client, settings):
    tick(now=NOW)
    settings.SECRET_KEY = "another-" + "y" * 50
    assert [problem.id for problem in check_shared_key(None)] == ["campaigns.E008"]
    client.force_login(make_user())
    assert "SECRET_KEY" in client.get(reverse("admin:index")).content.decode()


def test_a_worker_that_was_given_the_right_key_clears_it(settings):
    Installation.objects.update_or_create(pk=1, defaults={"identity": "x", "key_mark": "0" * 32})
    assert shared_key.differs()
    shared_key.note()
    assert not shared_key.differs()


def test_the_mark_does_not_hold_the_key(settings):
    assert settings.SECRET_KEY not in shared_key.mark()
    assert len(shared_key.mark()) == 32
