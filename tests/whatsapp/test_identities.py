"""Who is behind an id that is no number: learnt from what names both, and never guessed."""

from datetime import timedelta

import pytest

from tests.factories import NOW
from whatsapp.identities import learn, phone_of, phones_of
from whatsapp.models import ChatIdentity

pytestmark = pytest.mark.django_db

LID, ANA, EVA = "100000000000001@lid", "+573000000011", "+573000000012"


def test_an_id_is_learnt_once():
    assert learn([(LID, ANA), (LID, ANA)], NOW) == 1
    assert learn([(LID, ANA)], NOW + timedelta(days=1)) == 0
    assert ChatIdentity.objects.values_list("chat_id", "phone", "learnt_at").get() == (LID, ANA, NOW)
    assert phone_of(LID) == ANA


def test_a_newer_number_takes_the_place_of_an_older():
    learn([(LID, ANA)], NOW)
    later = NOW + timedelta(days=1)
    assert learn([(LID, EVA)], later) == 1
    assert ChatIdentity.objects.values_list("phone", "learnt_at").get() == (EVA, later)


@pytest.mark.parametrize(
    "pair",
    [
        ("", ANA),
        (LID, ""),
        (LID, "573000000011"),
        (LID, "100000000000001@lid"),
        ("573000000011@c.us", ANA),
        ("573000000011:7@s.whatsapp.net", ANA),
        ("573000000011", ANA),
        ("120363000000000001@g.us", ANA),
        ("status@broadcast", ANA),
        ("a\x00b@lid", ANA),
        ("x" * 201, ANA),
    ],
)
def test_what_is_no_id_of_one_person_beside_a_number_teaches_nothing(pair):
    assert learn([pair], NOW) == 0
    assert not ChatIdentity.objects.exists()


def test_the_id_of_meta_is_one_too():
    learn([("CO.900100200", ANA)], NOW)
    assert phone_of("CO.900100200") == ANA


def test_an_id_that_says_its_number_needs_no_learning():
    assert phone_of("573000000011@c.us") == ANA
    assert phones_of(["573000000011@c.us", LID]) == {"573000000011@c.us": ANA}


def test_nobody_is_behind_an_unknown_id():
    assert phone_of(LID) == ""
    assert phone_of("") == ""


def test_many_are_learnt_and_found_at_once(django_assert_num_queries):
    pairs = {f"{number}@lid": f"+57300{number:07d}" for number in range(1200)}
    assert learn(pairs.items(), NOW) == 1200
    with django_assert_num_queries(3):
        assert learn(pairs.items(), NOW) == 0
    assert phones_of(pairs) == pairs
